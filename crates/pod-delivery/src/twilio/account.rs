//! An account at Twilio, and how it is asked.

use std::fmt;
use std::time::Instant;

use pod_core::{Deadline, Fault, PhoneNumber};
use pod_http::{Answer, AskError, Http, Request};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use thiserror::Error;
use tokio::time::sleep;
use url::Url;

use super::error::{self, Refused, TwilioError};
use crate::asking::{LARGEST, pause};

/// Twilio's name for something: two letters and 32 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct TwilioSid(Box<str>);

/// Not Twilio's name for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("write it as Twilio shows it: {0} and 32 hexadecimal digits")]
pub struct InvalidTwilioSid(&'static str);

impl TwilioSid {
    /// Reads the name of an account, `AC...`.
    ///
    /// # Errors
    ///
    /// [`InvalidTwilioSid`] if it is none.
    pub fn account(raw: &str) -> Result<Self, InvalidTwilioSid> {
        Self::parse("AC", raw)
    }

    /// Reads the name of an API key, `SK...`.
    ///
    /// # Errors
    ///
    /// [`InvalidTwilioSid`] if it is none.
    pub fn api_key(raw: &str) -> Result<Self, InvalidTwilioSid> {
        Self::parse("SK", raw)
    }

    /// Reads the name of a messaging service, `MG...`.
    ///
    /// # Errors
    ///
    /// [`InvalidTwilioSid`] if it is none.
    pub fn messaging_service(raw: &str) -> Result<Self, InvalidTwilioSid> {
        Self::parse("MG", raw)
    }

    /// Reads the name of a Verify service, `VA...`.
    ///
    /// # Errors
    ///
    /// [`InvalidTwilioSid`] if it is none.
    pub fn verify_service(raw: &str) -> Result<Self, InvalidTwilioSid> {
        Self::parse("VA", raw)
    }

    /// Reads the name of a verification, `VE...`.
    pub(crate) fn verification(raw: &str) -> Result<Self, InvalidTwilioSid> {
        Self::parse("VE", raw)
    }

    fn parse(kind: &'static str, raw: &str) -> Result<Self, InvalidTwilioSid> {
        let digits = raw.strip_prefix(kind).ok_or(InvalidTwilioSid(kind))?;
        if digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(raw.into()))
        } else {
            Err(InvalidTwilioSid(kind))
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TwilioSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TwilioSid({}..)", &self.0[..6])
    }
}

/// How an account's owner is known to Twilio.
#[derive(Debug, Clone)]
pub enum TwilioCredentials {
    /// By the account's auth token.
    AuthToken(SecretString),
    /// By an API key, which can be revoked alone.
    ApiKey {
        /// Its name.
        sid: TwilioSid,
        /// Its secret.
        secret: SecretString,
    },
}

/// Whom text messages are from.
#[derive(Debug, Clone)]
pub enum TwilioSender {
    /// A number, short code or name, which the account owns.
    From(Box<str>),
    /// A messaging service, which chooses among its numbers.
    MessagingService(TwilioSid),
}

impl TwilioSender {
    /// Reads a number in the form of E.164, a short code of 3 to 8 digits, or
    /// a name of 1 to 11 letters, digits and spaces, one of them a letter.
    ///
    /// # Errors
    ///
    /// A sentence if it is none of them.
    pub fn from(raw: &str) -> Result<Self, &'static str> {
        let number = PhoneNumber::parse(raw).is_ok_and(|number| number.expose() == raw);
        let short_code = (3..=8).contains(&raw.len()) && raw.bytes().all(|b| b.is_ascii_digit());
        let name = (1..=11).contains(&raw.len())
            && raw.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ')
            && raw.bytes().any(|b| b.is_ascii_alphabetic());
        if number || short_code || name {
            Ok(Self::From(raw.into()))
        } else {
            Err(
                "write a number such as +14155550142, a short code, or a name of at most 11 \
                 letters and digits",
            )
        }
    }
}

/// An account at Twilio.
#[derive(Debug, Clone)]
pub struct TwilioAccount {
    /// The account.
    pub sid: TwilioSid,
    /// How its owner is known.
    pub credentials: TwilioCredentials,
    /// Where Twilio is, in place of its own addresses: for tests.
    pub base_url: Option<Url>,
}

/// An account that can be asked.
#[derive(Clone)]
pub(super) struct Twilio {
    account: TwilioAccount,
    http: Http,
}

impl Twilio {
    pub(super) fn new(account: TwilioAccount, http: Http) -> Self {
        Self { account, http }
    }

    pub(super) fn account(&self) -> &TwilioSid {
        &self.account.sid
    }

    /// Asks for something below one of Twilio's addresses.
    pub(super) fn post(
        &self,
        host: &str,
        path: &str,
        form: &impl Serialize,
    ) -> Result<Request, TwilioError> {
        Ok(self.known(self.http.post(self.url(host, path)?).form(form)))
    }

    /// Looks whether something is there, which changes nothing.
    pub(super) async fn check(
        &self,
        host: &str,
        path: &str,
        deadline: Deadline,
    ) -> Result<(), Fault> {
        let request = self.known(self.http.get(self.url(host, path)?));
        let answer = ask(request, deadline.instant()).await?;
        if answer.status.is_success() {
            return Ok(());
        }
        Err(match error::refused(&answer) {
            Refused::Contact => TwilioError::NotUnderstood.into(),
            Refused::Other { error, .. } => error.into(),
        })
    }

    fn url(&self, host: &str, path: &str) -> Result<Url, TwilioError> {
        let url = match &self.account.base_url {
            Some(base) => format!("{}{path}", base.as_str().trim_end_matches('/')),
            None => format!("https://{host}{path}"),
        };
        Url::parse(&url).map_err(|error| AskError::Unreachable(error.into()).into())
    }

    fn known(&self, request: Request) -> Request {
        match &self.account.credentials {
            TwilioCredentials::AuthToken(token) => {
                request.basic(self.account.sid.as_str(), token.expose_secret())
            }
            TwilioCredentials::ApiKey { sid, secret } => {
                request.basic(sid.as_str(), secret.expose_secret())
            }
        }
    }
}

/// Makes a request, and once more if it is known that nothing was done: it
/// never left, or Twilio has too many at once (20429, "never processed").
/// Whatever else failed may have been done, and is not repeated: there is no
/// idempotency key.
pub(super) async fn ask(request: Request, until: Instant) -> Result<Answer, TwilioError> {
    let again = request.again();
    let first = request.ask(until, LARGEST).await;
    let undone = match &first {
        Ok(answer) => TwilioError::is_throttled(answer),
        Err(error) => error.never_left(),
    };
    let pause = pause(first.as_ref().ok());
    match again {
        Some(again) if undone && Instant::now() + pause < until => {
            sleep(pause).await;
            Ok(again.ask(until, LARGEST).await?)
        }
        _ => Ok(first?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_is_two_letters_and_32_digits() {
        let sid = |kind: &str| format!("{kind}0123456789abcdefABCDEF0123456789");
        assert!(TwilioSid::account(&sid("AC")).is_ok());
        assert!(TwilioSid::messaging_service(&sid("MG")).is_ok());
        let error = TwilioSid::account(&sid("SK")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "write it as Twilio shows it: AC and 32 hexadecimal digits"
        );
        for raw in ["", "AC", "AC0123", &sid("ac"), &format!("{}0", sid("AC"))] {
            assert!(TwilioSid::account(raw).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn messages_are_from_a_number_a_short_code_or_a_name() {
        for raw in ["+15005550006", "12345", "Pizza", "Pizza 24"] {
            assert!(TwilioSender::from(raw).is_ok(), "{raw}");
        }
        for raw in [
            "",
            "15005550006",
            "+1 500 555 0006",
            "12",
            "Pizza on Demand",
            "Pizza!",
        ] {
            assert!(TwilioSender::from(raw).is_err(), "{raw}");
        }
    }
}
