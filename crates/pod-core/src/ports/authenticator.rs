//! The port that finds out who is calling.

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use crate::deadline::Deadline;
use crate::fault::Fault;
use crate::ids::CustomerId;

/// An access token as a caller presents it.
#[derive(Debug, Clone)]
pub struct AccessToken(SecretString);

/// Not an access token; what was given is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an access token is 1 to 16384 visible ASCII characters")]
pub struct InvalidAccessToken;

impl AccessToken {
    /// Reads a token.
    ///
    /// # Errors
    ///
    /// [`InvalidAccessToken`] unless it is 1 to 16384 visible ASCII
    /// characters (RFC 6750, 2.1).
    pub fn parse(raw: &str) -> Result<Self, InvalidAccessToken> {
        let fits = (1..=16_384).contains(&raw.len()) && raw.bytes().all(|b| b.is_ascii_graphic());
        if fits {
            Ok(Self(raw.into()))
        } else {
            Err(InvalidAccessToken)
        }
    }

    /// The token, to verify or to send it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What a token allows, as words between spaces (RFC 6749, 3.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(Box<str>);

impl Scopes {
    /// Reads the words; more or fewer spaces do not matter.
    #[must_use]
    pub fn parse(raw: &str) -> Self {
        Self(raw.into())
    }

    /// Whether `scope` is among the words.
    #[must_use]
    pub fn contain(&self, scope: &str) -> bool {
        self.0.split_ascii_whitespace().any(|word| word == scope)
    }

    /// Holds that `scope` is among the words: what a route does that not
    /// every token may use.
    ///
    /// # Errors
    ///
    /// [`InsufficientScope`] if it is not.
    pub fn require(&self, scope: &str) -> Result<(), InsufficientScope> {
        if self.contain(scope) {
            Ok(())
        } else {
            Err(InsufficientScope(scope.into()))
        }
    }
}

/// A good token that does not allow what it was used for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the access token lacks the scope {0}")]
pub struct InsufficientScope(Box<str>);

impl InsufficientScope {
    /// The scope that is missing.
    #[must_use]
    pub fn missing(&self) -> &str {
        &self.0
    }
}

/// Who is calling, and what the token allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The customer the token was issued for.
    pub customer: CustomerId,
    /// What the token allows.
    pub scopes: Scopes,
}

/// Finds out who is calling.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// Verifies a token and says whose it is.
    ///
    /// # Errors
    ///
    /// [`AuthenticateError::Rejected`] if the token is forged, expired, for
    /// somebody else or not a token; [`AuthenticateError::Fault`] if it could
    /// not be verified before the deadline.
    async fn authenticate(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> Result<Caller, AuthenticateError>;
}

/// Why it is not known who is calling.
#[derive(Debug, Error)]
pub enum AuthenticateError {
    /// The token is not good: the caller has to get another one.
    #[error("the access token was rejected")]
    Rejected,
    /// The token could not be verified.
    #[error(transparent)]
    Fault(#[from] Fault),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_required_to_the_letter() {
        let scopes = Scopes::parse(" openid  order:pizza\tread:orders ");

        assert_eq!(scopes.require("order:pizza"), Ok(()));
        assert_eq!(scopes.require("read:orders"), Ok(()));
        for lacking in [
            "",
            " ",
            "order",
            "Order:pizza",
            "order:pizza2",
            "openid order:pizza",
        ] {
            let refused = scopes.require(lacking).unwrap_err();
            assert_eq!(refused.missing(), lacking);
        }
        assert!(Scopes::default().require("order:pizza").is_err());
    }
}
