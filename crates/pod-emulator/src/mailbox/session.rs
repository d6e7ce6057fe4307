//! One conversation with a client, by RFC 5321.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::{MAIL_PASSWORD, MAIL_USER, Mailbox};

/// More than any line has (RFC 5321, 4.5.3.1.6).
const LONGEST_LINE: u64 = 2048;

/// More than any mail of a shop's.
const LARGEST: usize = 1024 * 1024;

/// What the client has said so far.
#[derive(Default)]
struct Envelope {
    from: bool,
    recipients: Vec<String>,
}

/// Talks to a client until it leaves. What goes wrong with its connection is
/// no news.
pub(super) async fn session(mailbox: Mailbox, stream: TcpStream) {
    let mut client = Client(BufReader::new(stream));
    let _ = converse(&mailbox, &mut client).await;
}

struct Client(BufReader<TcpStream>);

impl Client {
    async fn say(&mut self, reply: &str) -> std::io::Result<()> {
        self.0.write_all(format!("{reply}\r\n").as_bytes()).await?;
        self.0.flush().await
    }

    /// The next line without its end; none if there is no whole one.
    async fn line(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        (&mut self.0)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
            .await?;
        if line.pop() != Some(b'\n') {
            return Ok(None);
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(line))
    }
}

async fn converse(mailbox: &Mailbox, client: &mut Client) -> std::io::Result<()> {
    client.say("220 mail.localtest.me ESMTP").await?;
    let mut envelope = Envelope::default();
    while let Some(line) = client.line().await? {
        if mailbox.is_silent() {
            continue;
        }
        let line = String::from_utf8_lossy(&line).into_owned();
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                client
                    .say(
                        "250-mail.localtest.me\r\n250-PIPELINING\r\n250-8BITMIME\r\n\
                         250-SMTPUTF8\r\n250-SIZE 1048576\r\n250 AUTH PLAIN LOGIN",
                    )
                    .await?;
            }
            "HELO" => client.say("250 mail.localtest.me").await?,
            "AUTH" => authenticate(client, rest).await?,
            "MAIL" if address(rest, "FROM:").is_some() => {
                envelope = Envelope {
                    from: true,
                    recipients: Vec::new(),
                };
                client.say("250 2.1.0 OK").await?;
            }
            "RCPT" if !envelope.from => client.say("503 5.5.1 MAIL first").await?,
            "RCPT" => match address(rest, "TO:").map(|to| (mailbox.refusal(&to), to)) {
                None => client.say("501 5.1.3 No such address").await?,
                Some((Some(reply), _)) => client.say(&reply).await?,
                Some((None, to)) => {
                    envelope.recipients.push(to);
                    client.say("250 2.1.5 OK").await?;
                }
            },
            "DATA" if envelope.recipients.is_empty() => {
                client.say("503 5.5.1 RCPT first").await?;
            }
            "DATA" => {
                client.say("354 Go ahead").await?;
                let Some(mail) = data(client).await? else {
                    return client.say("552 5.3.4 Too large").await;
                };
                let Envelope { recipients, .. } = std::mem::take(&mut envelope);
                match mailbox.take(&recipients, &mail) {
                    Ok(()) => client.say("250 2.0.0 Taken").await?,
                    Err(()) => client.say("554 5.6.0 No mail").await?,
                }
            }
            "RSET" => {
                envelope = Envelope::default();
                client.say("250 2.0.0 OK").await?;
            }
            "NOOP" => client.say("250 2.0.0 OK").await?,
            "QUIT" => return client.say("221 2.0.0 Bye").await,
            _ => client.say("500 5.5.2 What?").await?,
        }
    }
    Ok(())
}

/// `FROM:<ada@example.com> BODY=8BITMIME` has an address; an empty one is one.
fn address(rest: &str, keyword: &str) -> Option<String> {
    let start = rest.get(..keyword.len())?;
    if !start.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let rest = rest[keyword.len()..].trim_start().strip_prefix('<')?;
    let (address, _) = rest.split_once('>')?;
    Some(address.to_owned())
}

/// PLAIN and LOGIN (RFC 4954; RFC 4616).
async fn authenticate(client: &mut Client, rest: &str) -> std::io::Result<()> {
    let decoded = |line: &[u8]| BASE64_STANDARD.decode(line).unwrap_or_default();
    let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
    let known = match mechanism.to_ascii_uppercase().as_str() {
        "PLAIN" => {
            let mut response = initial.as_bytes().to_vec();
            if response.is_empty() {
                client.say("334 ").await?;
                response = client.line().await?.unwrap_or_default();
            }
            decoded(&response) == format!("\0{MAIL_USER}\0{MAIL_PASSWORD}").as_bytes()
        }
        "LOGIN" => {
            client.say("334 VXNlcm5hbWU6").await?;
            let user = client.line().await?.unwrap_or_default();
            client.say("334 UGFzc3dvcmQ6").await?;
            let password = client.line().await?.unwrap_or_default();
            decoded(&user) == MAIL_USER.as_bytes() && decoded(&password) == MAIL_PASSWORD.as_bytes()
        }
        _ => return client.say("504 5.5.4 No such mechanism").await,
    };
    if known {
        client.say("235 2.7.0 Welcome").await
    } else {
        client.say("535 5.7.8 Wrong user or password").await
    }
}

/// Reads a mail to the dot at its end, the doubled dots made one again; none
/// if it is too large.
async fn data(client: &mut Client) -> std::io::Result<Option<Vec<u8>>> {
    let mut mail = Vec::new();
    while let Some(line) = client.line().await? {
        match line.as_slice() {
            b"." => return Ok(Some(mail)),
            [b'.', rest @ ..] => mail.extend_from_slice(rest),
            line => mail.extend_from_slice(line),
        }
        mail.extend_from_slice(b"\r\n");
        if mail.len() > LARGEST {
            return Ok(None);
        }
    }
    Err(std::io::ErrorKind::UnexpectedEof.into())
}
