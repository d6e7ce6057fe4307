//! The account a customer linked to the skill, and the token it gives.

use std::fmt;

use jiff::Timestamp;
use secrecy::SecretString;

use crate::openid::{LIFETIME, Tenant, TenantError};

/// How long before it expires a token is renewed.
const MARGIN: i64 = 60;

/// Whether the customer has linked an account.
#[derive(Clone, Default)]
pub enum Account {
    /// Not linked: requests carry no token.
    #[default]
    NotLinked,
    /// Linked: Amazon gets and renews tokens at the tenant.
    Linked {
        /// The tenant.
        tenant: Tenant,
        /// Whose account.
        subject: String,
        /// What the customer agreed to.
        scope: String,
    },
    /// Linked, with a token of the caller's choice that is never renewed.
    Token(SecretString),
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotLinked => "NotLinked",
            Self::Linked { .. } => "Linked",
            Self::Token(_) => "Token",
        })
    }
}

/// The token in use, kept until shortly before it expires, as Amazon does.
#[derive(Default)]
pub(super) struct Tokens {
    account: Account,
    current: Option<(SecretString, Timestamp)>,
}

impl Tokens {
    pub(super) fn of(account: Account) -> Self {
        Self {
            account,
            current: None,
        }
    }

    pub(super) fn token(&mut self, now: Timestamp) -> Result<Option<&SecretString>, TenantError> {
        match &self.account {
            Account::NotLinked => Ok(None),
            Account::Token(token) => Ok(Some(token)),
            Account::Linked {
                tenant,
                subject,
                scope,
            } => {
                let fresh = |until: &Timestamp| now.as_second() + MARGIN < until.as_second();
                if !self.current.as_ref().is_some_and(|(_, until)| fresh(until)) {
                    let token = tenant.issue_token(subject, scope, LIFETIME)?;
                    let until = now.saturating_add(LIFETIME).unwrap_or(now);
                    self.current = Some((token, until));
                }
                Ok(self.current.as_ref().map(|(token, _)| token))
            }
        }
    }
}
