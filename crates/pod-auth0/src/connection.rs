//! The connections of a tenant: each has a name.

use thiserror::Error;

/// The name of a connection, such as `sms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionName(Box<str>);

/// Not the name of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "write the connection's name as Auth0 shows it: 1 to 128 letters, digits and hyphens, no hyphen first or last"
)]
pub struct InvalidConnectionName;

impl ConnectionName {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`InvalidConnectionName`] unless it is 1 to 128 ASCII letters, digits
    /// and hyphens, and starts and ends with none.
    pub fn parse(raw: &str) -> Result<Self, InvalidConnectionName> {
        let fits = (1..=128).contains(&raw.len())
            && raw.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !raw.starts_with('-')
            && !raw.ends_with('-');
        if fits {
            Ok(Self(raw.into()))
        } else {
            Err(InvalidConnectionName)
        }
    }

    /// The connection of text messages that Auth0 makes: `sms`.
    #[must_use]
    pub fn sms() -> Self {
        Self("sms".into())
    }

    /// The connection of e-mails that Auth0 makes: `email`.
    #[must_use]
    pub fn email() -> Self {
        Self("email".into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_letters_digits_and_hyphens() {
        for raw in ["sms", "POD-DB", "Username-Password-Authentication", "7"] {
            assert_eq!(ConnectionName::parse(raw).unwrap().as_str(), raw);
        }
        for raw in [
            "",
            "-sms",
            "sms-",
            "my sms",
            "sms\n",
            "smś",
            &"x".repeat(129),
        ] {
            assert_eq!(
                ConnectionName::parse(raw),
                Err(InvalidConnectionName),
                "{raw:?}"
            );
        }
    }
}
