//! The customers of an Auth0 tenant: where a code can reach them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pod_core::ports::{Clock, Customers};
use pod_core::{Contact, CustomerId, Deadline, Fault};
use pod_http::Http;

use crate::client::{ClientId, ClientSecret};
use crate::directory::Directory;
use crate::domain::Auth0Domain;
use crate::error::TenantError;
use crate::management::Management;
use crate::tenant::Tenant;

/// Where customers are looked up, and as which application.
#[derive(Debug, Clone)]
pub struct CustomersConfig {
    /// The tenant: its own domain, since the Management API issues no tokens
    /// for custom ones.
    pub domain: Auth0Domain,
    /// The back end's application: machine to machine, with the scope
    /// `read:users`. Where codes go out by [`Auth0Passwordless`] in its
    /// classic mode, it needs `create:users` and `update:users`, too.
    ///
    /// [`Auth0Passwordless`]: crate::Auth0Passwordless
    pub client: ClientId,
    /// The application's secret.
    pub secret: ClientSecret,
    /// How long a profile is used once it was read; zero to read it for each
    /// question. [`CustomersConfig::KEEP`] is a good time.
    pub keep: Duration,
    /// Whether a telephone in `user_metadata` counts as the customer's.
    ///
    /// **Dangerous:** customers can write what they like there, and so can
    /// whoever gets into an account: codes then go to a telephone that nobody
    /// has verified. Leave it off, and put numbers into `app_metadata`.
    pub trust_user_metadata: bool,
}

impl CustomersConfig {
    /// For so long a profile may be used unless there is a reason for another
    /// time: half a minute.
    pub const KEEP: Duration = Duration::from_secs(30);
}

/// Knows customers by the Management API of an Auth0 tenant: by the telephones
/// and addresses that the tenant has verified or its administrator has entered
/// (`app_metadata.phone_number`), telephones first.
///
/// It has to be used within a Tokio runtime.
#[derive(Clone)]
pub struct Auth0Customers {
    directory: Directory,
}

impl Auth0Customers {
    /// Makes a directory that asks by this way out; nothing is fetched yet.
    #[must_use]
    pub fn new(config: CustomersConfig, http: Http, clock: Arc<dyn Clock>) -> Self {
        let tenant = Tenant {
            domain: config.domain,
            http,
            clock,
        };
        let management = Management::new(tenant, config.client, config.secret);
        Self {
            directory: Directory::new(management, config.keep, config.trust_user_metadata),
        }
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }
}

impl fmt::Debug for Auth0Customers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth0Customers")
            .field("domain", &self.directory.management().tenant().domain)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Customers for Auth0Customers {
    async fn contacts(
        &self,
        customer: &CustomerId,
        deadline: Deadline,
    ) -> Result<Vec<Contact>, Fault> {
        let profile = self
            .directory
            .profile(customer, deadline)
            .await
            .map_err(TenantError::shared_fault)?;
        Ok(profile.map_or_else(Vec::new, |profile| profile.contacts()))
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.directory.forget(customer);
        Ok(())
    }
}
