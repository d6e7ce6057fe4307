//! Trying what the back end needs of a tenant, without changing anything
//! there.

use pod_core::ports::CheckError;
use pod_core::{Code, Contact, CustomerId, Deadline, EmailAddress, Fault, PhoneNumber};
use secrecy::SecretString;

use crate::AUTH0;
use crate::authenticator::Audience;
use crate::customers::Auth0Customers;
use crate::error::TenantError;
use crate::passwordless::{Auth0Passwordless, PasswordlessMode};

/// What the Management API lets the back end do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The scopes it has, in the tenant's order.
    pub scopes: Vec<String>,
    /// Whether the tenant knows the API that access tokens are for.
    pub knows_api: bool,
}

impl Granted {
    /// The scopes that looking customers up takes.
    pub const FOR_CUSTOMERS: [&str; 1] = ["read:users"];

    /// The scopes that codes by [`Auth0Passwordless`] take in its classic
    /// mode, those for customers included.
    pub const FOR_CODES: [&str; 3] = ["read:users", "create:users", "update:users"];

    /// Those of `needed` that it has not.
    #[must_use]
    pub fn lacks<'n>(&self, needed: &[&'n str]) -> Vec<&'n str> {
        let has = |scope: &str| self.scopes.iter().any(|had| had == scope);
        needed.iter().filter(|scope| !has(scope)).copied().collect()
    }

    /// How many it has that are not `needed`.
    #[must_use]
    pub fn beyond(&self, needed: &[&str]) -> usize {
        let scopes = self.scopes.iter();
        scopes.filter(|scope| !needed.contains(&&***scope)).count()
    }
}

impl Auth0Customers {
    /// Gets a token of the Management API, reads a user whom nobody knows, and
    /// asks whether the tenant knows the API.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the client may not do that, or the tenant does not answer
    /// by the deadline; its source is a sentence that says what to do.
    pub async fn check_access(&self, api: &Audience, deadline: Deadline) -> Result<Granted, Fault> {
        let management = self.directory().management();
        let scopes = management
            .scopes(deadline)
            .await
            .map_err(TenantError::shared_fault)?;
        let nobody = CustomerId::parse("auth0|nobody-for-pod-to-check")
            .map_err(|error| Fault::broken(AUTH0, error))?;
        management
            .profile(&nobody, false, deadline)
            .await
            .map_err(TenantError::shared_fault)?;
        let knows_api = management.knows_api(api.as_str(), deadline).await?;
        Ok(Granted { scopes, knows_api })
    }
}

impl Auth0Passwordless {
    /// Asks the tenant to judge a code that nobody was sent, in each way in
    /// which codes go out: it has to call it wrong. Nothing is sent; the
    /// tenant counts a failed attempt of a contact that is nobody's.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the client may not have codes judged, a connection is not
    /// enabled for it, or the tenant does not answer by the deadline; its
    /// source is a sentence that says what to do.
    pub async fn check_access(&self, deadline: Deadline) -> Result<(), Fault> {
        let broken = |error: &'static str| Fault::broken(AUTH0, error);
        let code = Code::parse("000000").map_err(|_| broken("there is no such code"))?;
        let tried = match self.mode() {
            PasswordlessMode::Classic { .. } => {
                let phone = PhoneNumber::parse("+14155550100").map(Contact::Phone);
                let email = EmailAddress::parse("nobody@example.com").map(Contact::Email);
                let (Ok(phone), Ok(email)) = (phone, email) else {
                    return Err(broken("there is no such contact"));
                };
                let by_phone = self.judge_for(&phone, &code, deadline).await;
                match by_phone {
                    Err(CheckError::Refused) => self.judge_for(&email, &code, deadline).await,
                    other => other,
                }
            }
            PasswordlessMode::OtpChallenge { .. } => {
                let session = SecretString::from("no-session-of-anybody");
                self.judge_in(&session, &code, deadline).await
            }
        };
        match tried {
            Err(CheckError::Fault(fault)) => Err(fault),
            Err(CheckError::Refused) => Ok(()),
            Ok(_) => Err(broken("the tenant took a code that nobody was sent")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_held_against_what_is_needed() {
        let granted = Granted {
            scopes: vec!["read:users".to_owned(), "delete:users".to_owned()],
            knows_api: true,
        };

        assert_eq!(
            granted.lacks(&Granted::FOR_CODES),
            ["create:users", "update:users"]
        );
        assert_eq!(granted.beyond(&Granted::FOR_CODES), 1);
        assert!(granted.lacks(&Granted::FOR_CUSTOMERS).is_empty());
    }
}
