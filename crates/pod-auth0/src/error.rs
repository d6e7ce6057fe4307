//! What goes wrong at the tenant, and whether it may pass.

use std::sync::Arc;

use jiff::Timestamp;
use pod_core::{BoxError, Fault};
use pod_http::{AskError, StatusCode};
use serde::Deserialize;
use thiserror::Error;

use crate::AUTH0;

/// Why the tenant did not do what it was asked. Nothing in it is a customer's:
/// of what the tenant answers, only plain words get through.
#[derive(Debug, Error)]
pub(crate) enum TenantError {
    #[error("the tenant did not answer in time: check the network, or try again")]
    TooSlow,
    #[error("asking the tenant was interrupted: try again")]
    Interrupted,
    #[error("the tenant could not be reached: check the domain and the network")]
    Unreachable(#[source] BoxError),
    #[error("the tenant was asked too often and takes no more calls{}", until(*.0))]
    Limited(Option<Timestamp>),
    #[error("{place} answered {status}: try again later")]
    Failed {
        place: &'static str,
        status: StatusCode,
    },
    #[error(
        "{place} answered {status} ({word}), which it should not: check the domain and the application's settings"
    )]
    Unexpected {
        place: &'static str,
        status: StatusCode,
        word: Word,
    },
    #[error("{place} answered something that cannot be understood: check the domain")]
    NotUnderstood { place: &'static str },
    #[error(
        "the tenant does not accept the client id with its secret: copy both from the application's settings"
    )]
    Credentials,
    #[error(
        "the application may not use the Management API: authorize it there, with the scopes read:users, create:users and update:users"
    )]
    NoManagement,
    #[error(
        "the Management API refused a token that was issued for it: check that the domain is the tenant's own and not a custom one"
    )]
    TokenRefused,
    #[error(
        "the application may not use one-time codes: enable the grant Passwordless OTP in its settings"
    )]
    NoGrant,
    #[error("the connection {0:?} cannot be used: enable it, and for this application")]
    Connection(Box<str>),
    #[error(
        "the connection {0:?} does not take new users: switch Disable Sign Ups off, or customers cannot be sent codes"
    )]
    NoSignUp(Box<str>),
    #[error("the tenant's provider did not take the message{}: check the provider in the tenant's settings, or try again", numbered(*.0))]
    Provider(Option<u32>),
    #[error(
        "the tenant asks for another factor beside the code (mfa_required): leave this application out of multi-factor authentication"
    )]
    SecondFactor,
    #[error(
        "the tenant answered with an ID token that is not good: check the domain, and that the application signs with RS256"
    )]
    IdToken,
    #[error("the tenant answered for another customer")]
    OtherCustomer,
    #[error("the code was sent in another way than the one that is configured: order again")]
    Handle,
    #[error("the tenant's name for the challenge is too long to keep")]
    Session,
}

fn until(at: Option<Timestamp>) -> String {
    at.map_or_else(
        || ": try again later".to_owned(),
        |at| format!(" until {at}: try again then"),
    )
}

fn numbered(code: Option<u32>) -> String {
    code.map(|code| format!(" (code {code})"))
        .unwrap_or_default()
}

impl TenantError {
    fn is_temporary(&self) -> bool {
        match self {
            Self::TooSlow
            | Self::Interrupted
            | Self::Unreachable(_)
            | Self::Limited(_)
            | Self::Failed { .. }
            | Self::Provider(_) => true,
            Self::Unexpected { .. }
            | Self::NotUnderstood { .. }
            | Self::Credentials
            | Self::NoManagement
            | Self::TokenRefused
            | Self::NoGrant
            | Self::Connection(_)
            | Self::NoSignUp(_)
            | Self::SecondFactor
            | Self::IdToken
            | Self::OtherCustomer
            | Self::Handle
            | Self::Session => false,
        }
    }

    /// The error of a status that has no meaning of its own.
    pub(crate) fn of_status(place: &'static str, status: StatusCode, word: Word) -> Self {
        if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
            Self::Failed { place, status }
        } else {
            Self::Unexpected {
                place,
                status,
                word,
            }
        }
    }

    /// The fault of everybody who waited for the same answer.
    pub(crate) fn shared_fault(self: Arc<Self>) -> Fault {
        if self.is_temporary() {
            Fault::unavailable(AUTH0, self)
        } else {
            Fault::broken(AUTH0, self)
        }
    }
}

impl From<AskError> for TenantError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::TooSlow => Self::TooSlow,
            AskError::Unreachable(cause) | AskError::Broken(cause) => Self::Unreachable(cause),
        }
    }
}

impl From<TenantError> for Fault {
    fn from(error: TenantError) -> Self {
        Arc::new(error).shared_fault()
    }
}

/// What the Authentication API says instead of what it was asked for (RFC
/// 6749, 5.2). The description may name a contact: it is read, never shown.
#[derive(Default, Deserialize)]
pub(crate) struct Refusal {
    #[serde(default)]
    pub(crate) error: String,
    #[serde(default)]
    pub(crate) error_description: String,
}

impl Refusal {
    /// Reads a body; whatever it is not is empty.
    pub(crate) fn of(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    pub(crate) fn word(&self) -> Word {
        Word::of(&self.error)
    }
}

/// An error's name, if it is one: small letters, dots and underscores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word(Box<str>);

impl Word {
    pub(crate) fn of(raw: &str) -> Self {
        let plain = |b: u8| b.is_ascii_lowercase() || b == b'_' || b == b'.';
        let is_name = (1..=40).contains(&raw.len()) && raw.bytes().all(plain);
        Self(if is_name { raw } else { "no reason" }.into())
    }
}

impl std::fmt::Display for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_of_errors_are_shown() {
        for name in ["invalid_grant", "bad.connection"] {
            assert_eq!(Word::of(name).to_string(), name);
        }
        for other in ["", "+14155550142", "Bad Request", "a@b.c", &"x".repeat(41)] {
            assert_eq!(Word::of(other).to_string(), "no reason", "{other:?}");
        }
    }
}
