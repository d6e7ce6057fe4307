//! An app at Pusher, or at a server of its protocol.

use secrecy::SecretString;
use thiserror::Error;

use crate::server::PusherServer;

/// The longest name that a server has to understand.
const LONGEST: usize = 64;

/// The app that orders are announced by.
#[derive(Debug, Clone)]
pub struct PusherConfig {
    /// The app's id.
    pub app_id: PusherAppId,
    /// The app's key: every page that listens knows it.
    pub key: PusherKey,
    /// The app's secret, which signs what is announced and who may listen.
    pub secret: SecretString,
    /// Where the app is.
    pub server: PusherServer,
}

/// Not the id or the key of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("write it as the app's page shows it: letters, digits, - and _, 64 at most")]
pub struct InvalidPusherName;

/// The id of an app: a number at Pusher, other servers have words too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PusherAppId(Box<str>);

impl PusherAppId {
    /// Reads an id.
    ///
    /// # Errors
    ///
    /// [`InvalidPusherName`] unless it is 1 to 64 ASCII letters, digits, `-`
    /// and `_`.
    pub fn parse(raw: &str) -> Result<Self, InvalidPusherName> {
        name(raw).map(Self)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key of an app: it names the app to whoever listens, and is no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PusherKey(Box<str>);

impl PusherKey {
    /// Reads a key.
    ///
    /// # Errors
    ///
    /// [`InvalidPusherName`] unless it is 1 to 64 ASCII letters, digits, `-`
    /// and `_`.
    pub fn parse(raw: &str) -> Result<Self, InvalidPusherName> {
        name(raw).map(Self)
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What needs no escaping, in a path, in a query or in JSON.
fn name(raw: &str) -> Result<Box<str>, InvalidPusherName> {
    let of_a_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if (1..=LONGEST).contains(&raw.len()) && raw.bytes().all(of_a_name) {
        Ok(raw.into())
    } else {
        Err(InvalidPusherName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_keys_are_names_that_need_no_escaping() {
        for raw in ["3", "278d425bdf160c739803", "app-id", "app_key"] {
            assert_eq!(PusherAppId::parse(raw).unwrap().as_str(), raw);
            assert_eq!(PusherKey::parse(raw).unwrap().as_str(), raw);
        }
        let long = "a".repeat(LONGEST + 1);
        for raw in [
            "", " 3", "3/events", "..", "a&b", "a:b", "a\"b", "a%20", "é", &long,
        ] {
            assert_eq!(PusherAppId::parse(raw), Err(InvalidPusherName), "{raw:?}");
            assert_eq!(PusherKey::parse(raw), Err(InvalidPusherName), "{raw:?}");
        }
    }

    #[test]
    fn the_secret_does_not_show_itself() {
        let config = PusherConfig {
            app_id: PusherAppId::parse("3").unwrap(),
            key: PusherKey::parse("278d425bdf160c739803").unwrap(),
            secret: "7ad3773142a6692b25b8".into(),
            server: PusherServer::cluster("eu").unwrap(),
        };

        assert!(!format!("{config:?}").contains("7ad377"));
    }
}
