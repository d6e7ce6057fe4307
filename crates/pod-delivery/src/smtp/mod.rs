//! Codes by e-mail, handed over to a mail server by SMTP.

mod connections;
mod message;
mod url;

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use lettre::Message;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::TlsParameters;
use lettre::transport::smtp::extension::ClientId;
use pod_core::ports::{Courier, DeliverError, Delivery};
use pod_core::{Contact, Deadline, Fault};
use secrecy::ExposeSecret;
use thiserror::Error;
use tokio::time::{sleep, timeout_at};

use self::connections::{Connections, Protection, SendError, Server};
use self::url::Security;
pub use self::url::{InvalidSmtpUrl, SmtpUrl};
use crate::words::Words;

const SMTP: &str = "smtp";

/// How long to wait before the second try of a mail that the server did not
/// want yet.
const PAUSE: Duration = Duration::from_millis(500);

/// How e-mail is sent.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// The mail server.
    pub server: SmtpUrl,
    /// Whom mails are from.
    pub from: MailFrom,
    /// How many connections there are at most.
    pub connections: u32,
}

/// Whom mails are from: `Pizza on Demand <codes@example.com>`, or the address
/// alone.
#[derive(Debug, Clone)]
pub struct MailFrom(Mailbox);

/// Not somebody whom mails can be from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("write an address such as codes@example.com, or Pizza on Demand <codes@example.com>")]
pub struct InvalidMailFrom;

impl MailFrom {
    /// Reads a name and an address, or an address.
    ///
    /// # Errors
    ///
    /// [`InvalidMailFrom`] if it is neither.
    pub fn parse(raw: &str) -> Result<Self, InvalidMailFrom> {
        let mailbox: Mailbox = raw.parse().map_err(|_| InvalidMailFrom)?;
        let plain = |text: &str| !text.chars().any(char::is_control);
        if plain(raw) && mailbox.email.domain().contains('.') {
            Ok(Self(mailbox))
        } else {
            Err(InvalidMailFrom)
        }
    }
}

/// Carries codes by e-mail. Connections are kept and used again.
#[derive(Clone)]
pub struct SmtpCourier {
    connections: Arc<Connections>,
    from: Mailbox,
    words: Words,
}

/// Why the server did not take a mail. Nothing in it is a customer's: servers
/// repeat addresses in what they say.
#[derive(Debug, Error)]
enum MailError {
    #[error("the mail server did not answer in time: check POD_SMTP_URL and the network")]
    TooSlow,
    #[error(
        "the mail server could not be reached or broke off: check POD_SMTP_URL and the network"
    )]
    Connection,
    #[error(
        "no protected connection to the mail server could be made: check that it speaks TLS, and \
         that its certificate is trusted"
    )]
    Tls,
    #[error("the mail server did not accept user and password (status {0}): check POD_SMTP_URL")]
    Login(u16),
    #[error("the mail server will not take the mail yet (status {0}): try again later")]
    NotYet(u16),
    #[error(
        "the mail server does not take mail from this sender (status {0}): check POD_MAIL_FROM, \
         and that the server may send for its domain"
    )]
    Sender(u16),
    #[error("the mail server does not work as pod needs it to (status {0:?}): check POD_SMTP_URL")]
    Unsuitable(Option<u16>),
    #[error("the e-mail could not be written: check POD_MAIL_FROM")]
    Written(#[source] lettre::error::Error),
}

impl From<MailError> for Fault {
    fn from(error: MailError) -> Self {
        match error {
            MailError::TooSlow | MailError::Connection | MailError::NotYet(_) => {
                Fault::unavailable(SMTP, error)
            }
            MailError::Tls
            | MailError::Login(_)
            | MailError::Sender(_)
            | MailError::Unsuitable(_)
            | MailError::Written(_) => Fault::broken(SMTP, error),
        }
    }
}

/// What a server's refusal means.
enum Refused {
    /// The contact cannot be reached.
    Contact,
    /// Nothing was taken, and it may be later.
    NotYet(MailError),
    /// Anything else.
    Other(MailError),
}

impl SmtpCourier {
    /// Sends mails in these words. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`Fault`] if no protected connection can be made from this machine.
    pub fn new(config: SmtpConfig, words: Words) -> Result<Self, Fault> {
        let SmtpUrl {
            host,
            port,
            security,
            login,
        } = config.server;
        let tls =
            || TlsParameters::new(host.clone()).map_err(|_| Fault::broken(SMTP, MailError::Tls));
        let protection = match security {
            Security::Implicit => Protection::Implicit(tls()?),
            Security::Required => Protection::Required(tls()?),
            Security::None => Protection::None,
        };
        let from = config.from.0;
        let login = login.map(|(user, password)| {
            let password = password.expose_secret().to_owned();
            Credentials::new(user, password)
        });
        let server = Server {
            host,
            port,
            protection,
            login,
            hello: ClientId::Domain(from.email.domain().to_owned()),
        };
        Ok(Self {
            connections: Arc::new(Connections::new(server, config.connections)),
            from,
            words,
        })
    }

    /// Tries the server: connects, signs in, and says goodbye.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it does not take mail from here.
    pub async fn check(&self, deadline: Deadline) -> Result<(), Fault> {
        let tried = self.connections.check();
        match timeout_at(deadline.instant().into(), tried).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(SendError::Mail(error))) => Err(error.into()),
            Ok(Err(SendError::Smtp(error))) => Err(match refused(&error) {
                Refused::Contact => MailError::Unsuitable(status(&error)).into(),
                Refused::NotYet(error) | Refused::Other(error) => error.into(),
            }),
            Err(_) => Err(MailError::TooSlow.into()),
        }
    }

    /// Sends a mail, and once more if the server did not want it yet.
    async fn send(&self, mail: &Message, until: Instant) -> Result<(), Refused> {
        match self.send_once(mail).await {
            Err(Refused::NotYet(_)) if Instant::now() + PAUSE < until => {
                sleep(PAUSE).await;
                self.send_once(mail).await
            }
            sent => sent,
        }
    }

    async fn send_once(&self, mail: &Message) -> Result<(), Refused> {
        let sent = self.connections.send(mail).await;
        sent.map_err(|error| match error {
            SendError::Smtp(error) => refused(&error),
            SendError::Mail(error) => Refused::Other(error),
        })
    }
}

fn status(error: &SmtpError) -> Option<u16> {
    error.status().map(u16::from)
}

/// Whether the server refuses the sender rather than the recipient: 5.7.x is
/// security or policy (RFC 3463, 3.8).
fn is_policy(error: &SmtpError) -> bool {
    let said = error.source().map(ToString::to_string);
    said.is_some_and(|said| said.starts_with("5.7."))
}

/// RFC 5321, 4.2.1 and 4.2.2; RFC 4954, 6.
fn refused(error: &SmtpError) -> Refused {
    match status(error) {
        Some(status @ (530 | 534 | 535 | 538)) => Refused::Other(MailError::Login(status)),
        Some(status @ 500..=504) => Refused::Other(MailError::Unsuitable(Some(status))),
        Some(status @ 554) => Refused::Other(MailError::Sender(status)),
        Some(status @ 550..=599) if is_policy(error) => Refused::Other(MailError::Sender(status)),
        Some(500..=599) => Refused::Contact,
        Some(status @ 400..=499) => Refused::NotYet(MailError::NotYet(status)),
        _ if error.is_timeout() => Refused::Other(MailError::TooSlow),
        _ if error.is_tls() => Refused::Other(MailError::Tls),
        status if error.is_client() => Refused::Other(MailError::Unsuitable(status)),
        _ => Refused::Other(MailError::Connection),
    }
}

#[async_trait]
impl Courier for SmtpCourier {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let Contact::Email(address) = delivery.contact else {
            return Err(DeliverError::Undeliverable);
        };
        // Some addresses that are right cannot be told to a mail server.
        let Ok(to) = address.expose().parse() else {
            return Err(DeliverError::Undeliverable);
        };
        let to = Mailbox::new(None, to);
        let mail = message::write(&self.from, to, &self.words.mail(delivery), delivery)
            .map_err(|error| Fault::from(MailError::Written(error)))?;
        let deadline = delivery.deadline;
        let until = deadline.for_one_contact(delivery.others_left, Instant::now());
        match timeout_at(until.into(), self.send(&mail, until)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Refused::Contact)) => Err(DeliverError::Undeliverable),
            Ok(Err(Refused::NotYet(error) | Refused::Other(error))) => {
                Err(Fault::from(error).into())
            }
            Err(_) => Err(Fault::from(MailError::TooSlow).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_are_from_an_address_that_may_have_a_name() {
        for raw in [
            "codes@example.com",
            "Pizza on Demand <codes@example.com>",
            "\"Pizza, on Demand\" <codes@example.com>",
        ] {
            assert!(MailFrom::parse(raw).is_ok(), "{raw}");
        }
        for raw in [
            "",
            "codes",
            "codes@localhost",
            "a@example.com, b@example.com",
            "Pizza <codes@example.com>\r\nBcc: x@example.com",
        ] {
            assert!(MailFrom::parse(raw).is_err(), "{raw:?}");
        }
    }
}
