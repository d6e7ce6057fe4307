//! Codes by e-mail, handed over to a mail server by SMTP.

mod message;
mod url;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use pod_core::ports::{Courier, DeliverError, Delivery};
use pod_core::{Contact, Deadline, Fault};
use secrecy::ExposeSecret;
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout_at};

use self::url::Security;
pub use self::url::{InvalidSmtpUrl, SmtpUrl};
use crate::words::Words;

const SMTP: &str = "smtp";

/// How long the server may take for one of its answers.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long to wait before the second try of a mail that the server did not
/// want yet.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a connection is kept that nobody uses.
const IDLE: Duration = Duration::from_mins(1);

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
    transport: AsyncSmtpTransport<Tokio1Executor>,
    /// The pool keeps so many connections and no more, but opens others beside
    /// them: this is what bounds them.
    turns: Arc<Semaphore>,
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
    /// Sends mails in these words. Nothing is connected yet. It has to be
    /// called in a tokio runtime, in which connections are looked after.
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
        let tls = match security {
            Security::Implicit => Tls::Wrapper(tls()?),
            Security::Required => Tls::Required(tls()?),
            Security::None => Tls::None,
        };
        let from = config.from.0;
        let pool = PoolConfig::new()
            .max_size(config.connections)
            .idle_timeout(IDLE);
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)
            .port(port)
            .tls(tls)
            .timeout(Some(TIMEOUT))
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .pool_config(pool);
        if let Some((user, password)) = login {
            let password = password.expose_secret().to_owned();
            transport = transport.credentials(Credentials::new(user, password));
        }
        Ok(Self {
            transport: transport.build(),
            turns: Arc::new(Semaphore::new(config.connections as usize)),
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
        let tried = self.transport.test_connection();
        match timeout_at(deadline.instant().into(), tried).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(MailError::Connection.into()),
            Ok(Err(error)) => Err(match refused(&error) {
                Refused::Contact => MailError::Unsuitable(status(&error)).into(),
                Refused::NotYet(error) | Refused::Other(error) => error.into(),
            }),
            Err(_) => Err(MailError::TooSlow.into()),
        }
    }

    /// Sends a mail, and once more if the server did not want it yet.
    async fn send(&self, mail: Message, until: Instant) -> Result<(), DeliverError> {
        let again = mail.clone();
        match self.send_once(mail).await {
            Err(Refused::NotYet(_)) if Instant::now() + PAUSE < until => {
                sleep(PAUSE).await;
                self.send_once(again).await
            }
            sent => sent,
        }
        .map_err(|refused| match refused {
            Refused::Contact => DeliverError::Undeliverable,
            Refused::NotYet(error) | Refused::Other(error) => Fault::from(error).into(),
        })
    }

    async fn send_once(&self, mail: Message) -> Result<(), Refused> {
        let sent = self.transport.send(mail).await;
        sent.map(drop).map_err(|error| refused(&error))
    }
}

fn status(error: &SmtpError) -> Option<u16> {
    error.status().map(u16::from)
}

/// RFC 5321, 4.2.1 and 4.2.2; RFC 4954, 6.
fn refused(error: &SmtpError) -> Refused {
    match status(error) {
        Some(status @ (530 | 534 | 535 | 538)) => Refused::Other(MailError::Login(status)),
        Some(status @ 500..=504) => Refused::Other(MailError::Unsuitable(Some(status))),
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
        let until = delivery.deadline.instant();
        // It goes on to its end by itself: a connection must not be left, and
        // used again, in the middle of a mail.
        let courier = self.clone();
        let sending = tokio::spawn(async move {
            // It is never closed.
            let turn = courier.turns.acquire();
            let _turn = timeout_at(until.into(), turn)
                .await
                .map_err(|_| Fault::from(MailError::TooSlow))?;
            courier.send(mail, until).await
        });
        match timeout_at(until.into(), sending).await {
            Ok(Ok(sent)) => sent,
            Ok(Err(_)) => Err(Fault::from(MailError::Connection).into()),
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
