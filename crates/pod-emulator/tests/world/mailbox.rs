//! The mail server, as a client meets it on the wire.

use pod_core::{Contact, EmailAddress};
use pod_emulator::{Emulator, MAIL_PASSWORD, MAIL_USER};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::config;

const MAIL: &str = "Subject: Hello\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
                    Caf\u{e9}\r\n..leading dot\r\n@pod.example.com #482913\r\n.\r\n";

async fn start() -> Emulator {
    let config = config("http://127.0.0.1:9/pod/alexa");
    Emulator::start(config).await.unwrap()
}

struct Client(TcpStream);

impl Client {
    async fn connect(world: &Emulator) -> Self {
        let stream = TcpStream::connect(world.mailbox().address()).await.unwrap();
        let mut client = Self(stream);
        assert!(client.hear().await.starts_with("220 "));
        client
    }

    async fn hear(&mut self) -> String {
        let mut buffer = [0; 1024];
        let read = self.0.read(&mut buffer).await.unwrap();
        String::from_utf8_lossy(&buffer[..read]).into_owned()
    }

    /// Says a line, and gives the reply.
    async fn say(&mut self, line: &str) -> String {
        self.0.write_all(line.as_bytes()).await.unwrap();
        self.0.write_all(b"\r\n").await.unwrap();
        self.hear().await
    }
}

fn grace() -> Contact {
    Contact::Email(EmailAddress::parse("grace@example.com").unwrap())
}

#[tokio::test]
async fn a_mail_goes_to_the_inbox_as_its_text() {
    let world = start().await;
    let mut client = Client::connect(&world).await;

    assert!(client.say("EHLO test").await.contains("AUTH PLAIN LOGIN"));
    assert!(
        client
            .say("MAIL FROM:<codes@example.com>")
            .await
            .starts_with("250")
    );
    assert!(
        client
            .say("rcpt to:<grace@example.com>")
            .await
            .starts_with("250")
    );
    assert!(client.say("DATA").await.starts_with("354"));
    assert!(client.say(MAIL.trim_end()).await.starts_with("250"));
    assert!(client.say("QUIT").await.starts_with("221"));

    let message = world.inbox().latest_for(&grace()).unwrap();
    assert_eq!(
        message.expose_text(),
        "Caf\u{e9}\n.leading dot\n@pod.example.com #482913"
    );
    assert_eq!(message.code().unwrap().expose(), "482913");
    assert_eq!(world.mailbox().received(), 1);
}

#[tokio::test]
async fn commands_out_of_turn_are_refused_and_cost_nothing() {
    let world = start().await;
    let mut client = Client::connect(&world).await;
    for (line, reply) in [
        ("RCPT TO:<grace@example.com>", "503"),
        ("DATA", "503"),
        ("MAIL FROM:nobody", "500"),
        ("HELO test", "250"),
        ("MAIL FROM:<codes@example.com> SIZE=1000", "250"),
        ("RCPT TO:grace", "501"),
        ("DATA", "503"),
        ("RCPT TO:<grace@bounce.localtest.me>", "550"),
        ("RCPT TO:<grace@example.com>", "250"),
        ("RSET", "250"),
        ("DATA", "503"),
        ("NOOP", "250"),
        ("DANCE", "500"),
        ("AUTH CRAM-MD5", "504"),
    ] {
        let heard = client.say(line).await;
        assert!(heard.starts_with(reply), "{line}: {heard}");
    }
    assert_eq!(world.mailbox().received(), 0);
}

#[tokio::test]
async fn users_are_known_by_their_password() {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    let world = start().await;
    let plain = |user: &str, password: &str| {
        let response = BASE64_STANDARD.encode(format!("\0{user}\0{password}"));
        format!("AUTH PLAIN {response}")
    };
    let mut client = Client::connect(&world).await;
    let wrong = client.say(&plain(MAIL_USER, "wrong")).await;
    let right = client.say(&plain(MAIL_USER, MAIL_PASSWORD)).await;
    assert!(
        wrong.starts_with("535") && right.starts_with("235"),
        "{wrong}{right}"
    );

    assert!(client.say("AUTH LOGIN").await.starts_with("334"));
    let user = BASE64_STANDARD.encode(MAIL_USER);
    assert!(client.say(&user).await.starts_with("334"));
    let password = BASE64_STANDARD.encode(MAIL_PASSWORD);
    assert!(client.say(&password).await.starts_with("235"));
}

#[tokio::test]
async fn the_next_recipients_are_answered_as_scripted() {
    let world = start().await;
    world.mailbox().refuse("450 4.7.1 Later", 1);
    let mut client = Client::connect(&world).await;
    client.say("MAIL FROM:<codes@example.com>").await;

    let first = client.say("RCPT TO:<grace@example.com>").await;
    let second = client.say("RCPT TO:<grace@example.com>").await;
    world.mailbox().refuse("550 5.1.1 No", u32::MAX);
    let third = client.say("RCPT TO:<grace@example.com>").await;
    world.mailbox().accept();
    let fourth = client.say("RCPT TO:<grace@example.com>").await;

    let replies = [first, second, third, fourth].map(|reply| reply[..3].to_owned());
    assert_eq!(replies, ["450", "250", "550", "250"]);
}

#[tokio::test]
async fn killed_it_leaves_everybody_and_revived_it_answers_again() {
    let world = start().await;
    let mut client = Client::connect(&world).await;

    world.mailbox().kill();
    assert_eq!(client.hear().await, "");
    let refused = TcpStream::connect(world.mailbox().address()).await;
    assert!(refused.is_err());
    world.mailbox().revive().await.unwrap();

    Client::connect(&world).await;
    assert_eq!(world.mailbox().connections(), 2);
}

#[tokio::test]
async fn a_line_or_a_mail_without_an_end_is_not_taken_for_ever() {
    let world = start().await;
    let mut client = Client::connect(&world).await;
    client.0.write_all(&[b'x'; 4096]).await.unwrap();
    assert_eq!(client.hear().await, "");

    let mut client = Client::connect(&world).await;
    client.say("MAIL FROM:<codes@example.com>").await;
    client.say("RCPT TO:<grace@example.com>").await;
    client.say("DATA").await;
    let line = [b"x".repeat(1000), b"\r\n".to_vec()].concat();
    let mut heard = String::new();
    for _ in 0..1100 {
        if client.0.write_all(&line).await.is_err() {
            break;
        }
    }
    let _closed = client.0.read_to_string(&mut heard).await;
    assert!(heard.is_empty() || heard.starts_with("552"), "{heard}");
    assert_eq!(world.mailbox().received(), 0);
}
