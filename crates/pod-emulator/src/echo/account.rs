//! The account a customer linked to the skill, and the token it gives.

use std::fmt;

use jiff::Timestamp;
use secrecy::SecretString;

use super::linking::LinkedAccount;
use crate::auth0::{LIFETIME, Tenant, TenantError};

/// How long before it expires a token is renewed, in seconds.
pub(super) const MARGIN: i64 = 60;

/// Whether the customer has linked an account.
#[derive(Clone, Default)]
pub enum Account {
    /// Not linked: requests carry no token.
    #[default]
    NotLinked,
    /// Linked for the asking: nobody signs in, and the tenant writes a new
    /// token whenever one is needed.
    Linked {
        /// The tenant.
        tenant: Tenant,
        /// Whose account.
        subject: String,
        /// What the customer agreed to.
        scope: String,
    },
    /// Linked by signing in, as [`Account::link`] does: Amazon keeps tokens
    /// and renews them at the tenant.
    SignedIn(LinkedAccount),
    /// Linked, with a token of the caller's choice that is never renewed.
    Token(SecretString),
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotLinked => "NotLinked",
            Self::Linked { .. } => "Linked",
            Self::SignedIn(_) => "SignedIn",
            Self::Token(_) => "Token",
        })
    }
}

impl Account {
    /// Links an account as the Alexa app does: a browser signs in at the
    /// tenant's page, the code that comes back is exchanged for tokens, and
    /// these are renewed shortly before they expire.
    ///
    /// # Errors
    ///
    /// [`TenantError::Linking`] when the tenant does not let the customer in,
    /// or not the Alexa client, and the others when the emulator fails.
    pub async fn link(
        tenant: &Tenant,
        login: &str,
        password: &str,
        scope: &str,
    ) -> Result<Self, TenantError> {
        LinkedAccount::link(tenant, login, password, scope)
            .await
            .map(Self::SignedIn)
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

    /// Renews what is about to expire and cannot be had at once.
    pub(super) async fn renew(&self, now: Timestamp) -> Result<(), TenantError> {
        match &self.account {
            Account::SignedIn(account) => account.renew(now).await,
            Account::NotLinked | Account::Linked { .. } | Account::Token(_) => Ok(()),
        }
    }

    pub(super) fn token(&mut self, now: Timestamp) -> Result<Option<SecretString>, TenantError> {
        match &self.account {
            Account::NotLinked => Ok(None),
            Account::Token(token) => Ok(Some(token.clone())),
            Account::SignedIn(account) => Ok(account.token()),
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
                Ok(self.current.as_ref().map(|(token, _)| token.clone()))
            }
        }
    }
}
