//! The applications that a tenant knows: each has an id, and most a secret.

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// The id of an application, its `client_id`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientId(Box<str>);

/// Not the id of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "write the client id as Auth0 shows it with the application: 1 to 255 visible ASCII characters"
)]
pub struct InvalidClientId;

impl ClientId {
    /// Reads an id.
    ///
    /// # Errors
    ///
    /// [`InvalidClientId`] unless it is 1 to 255 visible ASCII characters.
    pub fn parse(raw: &str) -> Result<Self, InvalidClientId> {
        if is_visible(raw, 255) {
            Ok(Self(raw.into()))
        } else {
            Err(InvalidClientId)
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The secret of an application, its `client_secret`.
#[derive(Debug, Clone)]
pub struct ClientSecret(SecretString);

/// Not the secret of an application; what was given is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "write the client secret as Auth0 shows it with the application: 1 to 1024 visible ASCII characters"
)]
pub struct InvalidClientSecret;

impl ClientSecret {
    /// Takes a secret.
    ///
    /// # Errors
    ///
    /// [`InvalidClientSecret`] unless it is 1 to 1024 visible ASCII
    /// characters.
    pub fn parse(secret: SecretString) -> Result<Self, InvalidClientSecret> {
        if is_visible(secret.expose_secret(), 1024) {
            Ok(Self(secret))
        } else {
            Err(InvalidClientSecret)
        }
    }

    /// The secret, to send it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

fn is_visible(raw: &str, most: usize) -> bool {
    (1..=most).contains(&raw.len()) && raw.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_auth0_shows_is_read_and_what_was_copied_badly_is_not() {
        assert_eq!(
            ClientId::parse("Vp0oZ3aLq7Yw").unwrap().as_str(),
            "Vp0oZ3aLq7Yw"
        );
        for raw in ["", " Vp0o", "Vp0o\n", "Vp 0o", "Vp0ö", &"x".repeat(256)] {
            assert_eq!(ClientId::parse(raw), Err(InvalidClientId), "{raw:?}");
        }
        for raw in ["", "secret ", "s\u{0}", &"x".repeat(1025)] {
            let refused = ClientSecret::parse(raw.into()).unwrap_err();
            assert_eq!(refused, InvalidClientSecret, "{raw:?}");
        }
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = ClientSecret::parse("hush-hush-7".into()).unwrap();

        assert!(!format!("{secret:?}").contains("hush"));
        assert_eq!(secret.expose(), "hush-hush-7");
    }
}
