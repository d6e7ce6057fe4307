//! Challenges by Auth0 Passwordless: the tenant makes, sends and judges the
//! codes.

mod handle;
mod judge;
mod linking;
mod start;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use pod_core::ports::{ChallengeError, ChallengeRequest, Challenger, CheckError, Entropy};
use pod_core::{Attempt, Code, CodeAccepted, Contact, Deadline, Handle};
use secrecy::{ExposeSecret, SecretString};

use crate::client::{ClientId, ClientSecret};
use crate::connection::ConnectionName;
use crate::customers::Auth0Customers;
use crate::directory::Directory;
use crate::error::TenantError;
use crate::id_token::{IdTokenError, IdTokenRules};
use crate::keys::{KeySource, Keys};
use crate::profile::as_kept;
use crate::tenant::Tenant;
use handle::{Kept, Tag};
use judge::{Sent, judge};
use linking::{Link, Linking};

/// Which application has codes sent, and how.
#[derive(Debug, Clone)]
pub struct PasswordlessConfig {
    /// The back end's application, with the grant Passwordless OTP.
    pub client: ClientId,
    /// The application's secret.
    pub secret: ClientSecret,
    /// The way in which codes are sent.
    pub mode: PasswordlessMode,
}

/// The ways in which Auth0 sends codes. How many digits they have and how long
/// they live is a setting of the tenant's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordlessMode {
    /// By passwordless connections. A code belongs to a contact, not to an
    /// order: the newest one sent there is the right one. The contact becomes
    /// an identity of the customer's at the tenant.
    Classic {
        /// The connection of text messages.
        sms: ConnectionName,
        /// The connection of e-mails.
        email: ConnectionName,
    },
    /// By a database connection that allows one-time codes, for customers who
    /// are its users. A code belongs to a session, and so to an order.
    OtpChallenge {
        /// The database connection.
        database: ConnectionName,
    },
}

impl Default for PasswordlessMode {
    /// Classic, with the connections that Auth0 makes.
    fn default() -> Self {
        Self::Classic {
            sms: ConnectionName::sms(),
            email: ConnectionName::email(),
        }
    }
}

/// Challenges customers by codes of the tenant's own.
///
/// A code is right if the tenant, for it, issues an ID token of the very
/// customer who placed the order. In the classic way, an order is refused
/// without a question once sending a code for another order of the customer
/// was begun: the tenant would hold that one's code for the right one.
///
/// Nothing that was sent is sent again by itself. The lifetime that an order's
/// code should have does not reach the tenant: give its connections the same.
///
/// It has to be used within a Tokio runtime.
pub struct Auth0Passwordless {
    tenant: Tenant,
    application: Application,
    mode: PasswordlessMode,
    directory: Directory,
    linking: Linking,
    keys: Keys,
    entropy: Arc<dyn Entropy>,
}

/// The back end, as the tenant knows it.
struct Application {
    client: ClientId,
    secret: ClientSecret,
}

impl Auth0Passwordless {
    /// Makes a challenger for these customers, at their tenant; nothing is
    /// fetched yet.
    #[must_use]
    pub fn new(
        config: PasswordlessConfig,
        customers: &Auth0Customers,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let directory = customers.directory();
        let tenant = directory.management().tenant().clone();
        let source = KeySource::new(tenant.http.clone(), tenant.domain.jwks_url());
        Self {
            keys: Keys::new(source, tenant.clock.clone()),
            linking: Linking::new(directory.clone()),
            directory: directory.clone(),
            application: Application {
                client: config.client,
                secret: config.secret,
            },
            mode: config.mode,
            tenant,
            entropy,
        }
    }

    /// Sends a code by a passwordless connection, once the contact is an
    /// identity of the customer's.
    async fn start(
        &self,
        connection: &ConnectionName,
        request: &ChallengeRequest<'_>,
    ) -> Result<Kept, ChallengeError> {
        let contact = as_kept(request.contact);
        let linked = self
            .linking
            .ensure(
                &request.order.customer,
                connection,
                &contact,
                request.deadline,
            )
            .await
            .map_err(TenantError::shared_fault)?;
        if linked == Link::NotTheirs {
            return Err(ChallengeError::Undeliverable);
        }
        let mut nonce = [0; 16];
        self.entropy.fill(&mut nonce)?;
        start::start(
            &self.tenant,
            &self.application,
            connection,
            &contact,
            request,
        )
        .await?;
        let tag = Tag::new(&self.application.secret, nonce, request.order.id, &contact);
        Ok(Kept::Classic(tag))
    }

    /// Has a code judged that was sent by a passwordless connection.
    async fn judge_classic(
        &self,
        tag: &Tag,
        attempt: &Attempt,
        code: &Code,
        deadline: Deadline,
    ) -> Result<SecretString, CheckError> {
        let order = attempt.order();
        let profile = self
            .directory
            .profile(&order.customer, deadline)
            .await
            .map_err(TenantError::shared_fault)?;
        let contacts = profile.map_or_else(Vec::new, |profile| profile.contacts());
        let sent_to = |contact: &&Contact| tag.is_of(&self.application.secret, order.id, contact);
        let contact = contacts.iter().find(sent_to).ok_or(CheckError::Refused)?;
        self.judge_for(contact, code, deadline).await
    }

    /// Has the code judged that was last sent to a contact.
    pub(crate) async fn judge_for(
        &self,
        contact: &Contact,
        code: &Code,
        deadline: Deadline,
    ) -> Result<SecretString, CheckError> {
        let connection = self.connection_of(contact).ok_or(TenantError::Handle)?;
        let sent = Sent::To(contact, connection);
        judge(&self.tenant, &self.application, &sent, code, deadline).await
    }

    /// Has the code of a session judged.
    pub(crate) async fn judge_in(
        &self,
        session: &SecretString,
        code: &Code,
        deadline: Deadline,
    ) -> Result<SecretString, CheckError> {
        let sent = Sent::In(session);
        judge(&self.tenant, &self.application, &sent, code, deadline).await
    }

    pub(crate) fn mode(&self) -> &PasswordlessMode {
        &self.mode
    }

    /// The passwordless connection of a contact, if codes go out by one.
    fn connection_of(&self, contact: &Contact) -> Option<&ConnectionName> {
        match (&self.mode, contact) {
            (PasswordlessMode::Classic { sms, .. }, Contact::Phone(_)) => Some(sms),
            (PasswordlessMode::Classic { email, .. }, Contact::Email(_)) => Some(email),
            (PasswordlessMode::OtpChallenge { .. }, _) => None,
        }
    }

    /// Holds that an ID token is good, and that it is the customer's.
    async fn verify(
        &self,
        id_token: &SecretString,
        attempt: &Attempt,
        deadline: Deadline,
    ) -> Result<(), CheckError> {
        let rules = IdTokenRules {
            issuer: self.tenant.domain.issuer(),
            client: &self.application.client,
            nonce: None,
            now: self.tenant.clock.now(),
        };
        let verified = rules
            .verify(id_token.expose_secret(), &self.keys, deadline)
            .await
            .map_err(|error| match error {
                IdTokenError::NotGood => TenantError::IdToken.into(),
                IdTokenError::Fault(fault) => fault,
            })?;
        if verified.customer == attempt.order().customer {
            Ok(())
        } else {
            Err(TenantError::OtherCustomer.into())
        }
    }
}

impl fmt::Debug for Auth0Passwordless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth0Passwordless")
            .field("domain", &self.tenant.domain)
            .field("client", &self.application.client)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Challenger for Auth0Passwordless {
    async fn challenge(&self, request: &ChallengeRequest<'_>) -> Result<Handle, ChallengeError> {
        let deadline = request.deadline;
        let until = deadline.for_one_contact(request.others_left, Instant::now());
        let request = &ChallengeRequest {
            deadline: Deadline::at(until),
            ..*request
        };
        let kept = match (&self.mode, request.contact) {
            (PasswordlessMode::Classic { sms, .. }, Contact::Phone(_)) => {
                self.start(sms, request).await?
            }
            (PasswordlessMode::Classic { email, .. }, Contact::Email(_)) => {
                self.start(email, request).await?
            }
            (PasswordlessMode::OtpChallenge { database }, _) => Kept::Session(
                start::begin(&self.tenant, &self.application, database, request).await?,
            ),
        };
        Handle::parse(&kept.text()).map_err(|_| TenantError::Session.into())
    }

    async fn check(
        &self,
        attempt: &Attempt,
        code: &Code,
        deadline: Deadline,
    ) -> Result<CodeAccepted, CheckError> {
        let kept = Kept::read(&attempt.challenge().handle).ok_or(TenantError::Handle)?;
        // The tenant would judge by the newest code that went to the contact,
        // and that may be another order's.
        if matches!(kept, Kept::Classic(_)) && attempt.is_overtaken() {
            return Err(CheckError::Refused);
        }
        // The keys first: without them the code would be spent for nothing.
        self.keys.warm(deadline).await?;
        let id_token = match &kept {
            Kept::Classic(tag) => self.judge_classic(tag, attempt, code, deadline).await?,
            Kept::Session(session) => self.judge_in(session, code, deadline).await?,
        };
        self.verify(&id_token, attempt, deadline).await?;
        Ok(CodeAccepted::assertion(attempt))
    }
}
