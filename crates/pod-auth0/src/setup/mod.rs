//! Setting a tenant up for pod: what is missing is made, what differs is
//! mended, and what is pod's no business stays as it is.

mod blueprint;
mod compare;
mod office;
mod plan;
mod survey;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use pod_core::ports::Clock;
use pod_http::{Http, Method};
use secrecy::SecretString;
use serde_json::{Value, json};
use thiserror::Error;

use crate::client::{ClientId, ClientSecret};
use crate::domain::Auth0Domain;
use crate::management::Management;
use crate::tenant::Tenant;
pub use blueprint::{Blueprint, Smtp, TestUser, Twilio, TwilioSender};
use blueprint::{Role, Way};
use office::{Office, OfficeError};
use plan::{Action, Made};
pub use plan::{Plan, Step};
use survey::Survey;

/// The scopes of the Management API that setting up needs.
pub const SETUP_SCOPES: [&str; 18] = [
    "read:resource_servers",
    "create:resource_servers",
    "update:resource_servers",
    "read:clients",
    "create:clients",
    "update:clients",
    "read:client_keys",
    "read:client_grants",
    "create:client_grants",
    "update:client_grants",
    "read:connections",
    "create:connections",
    "update:connections",
    "read:attack_protection",
    "update:attack_protection",
    "read:users",
    "create:users",
    "update:users",
];

/// Which tenant is set up, and as whom.
#[derive(Debug, Clone)]
pub struct SetupConfig {
    /// The tenant: its own domain.
    pub domain: Auth0Domain,
    /// The administrator's application: machine to machine, with
    /// [`SETUP_SCOPES`]; and with those of `phone_providers`,
    /// `email_provider` for providers.
    pub client: ClientId,
    /// Its secret.
    pub secret: ClientSecret,
}

/// Sets a tenant up.
///
/// It has to be used within a Tokio runtime.
pub struct Auth0Setup {
    office: Office,
}

/// What a tenant has been given that pod and Alexa need to know.
pub struct Credentials {
    /// The id of the application that customers link their accounts by.
    pub alexa_client: String,
    /// The id of the web page's application.
    pub web_client: String,
    /// Its secret.
    pub web_secret: SecretString,
    /// The id of the back end's application.
    pub back_end_client: String,
    /// Its secret.
    pub back_end_secret: SecretString,
}

/// Why a tenant was not set up.
#[derive(Debug, Error)]
pub enum SetupError {
    /// Something could not be read; nothing was done.
    #[error("{what} of the tenant could not be read, and nothing was changed: {why}")]
    Reading {
        /// What.
        what: &'static str,
        /// Why, and what to do.
        why: String,
    },
    /// Two applications have the name of pod's.
    #[error(
        "two applications are called {name:?}, and pod cannot tell which is its own: rename one of them"
    )]
    Ambiguous {
        /// The name.
        name: String,
    },
    /// A step failed.
    #[error("setting up stopped at a step that failed ({step}): {why}")]
    Step {
        /// The step.
        step: String,
        /// Why, and what to do.
        why: String,
        /// What had been done.
        done: Vec<String>,
        /// What has not been done, the step itself first.
        left: Vec<String>,
    },
    /// Everything was done, but the secret of an application cannot be read.
    #[error("the secret of an application of pod's cannot be read: {0}")]
    Secret(&'static str),
}

impl fmt::Debug for Auth0Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth0Setup")
    }
}

impl Auth0Setup {
    /// Prepares for a tenant, by this way out; nothing is fetched yet.
    #[must_use]
    pub fn new(config: SetupConfig, http: Http, clock: Arc<dyn Clock>) -> Self {
        let tenant = Tenant {
            domain: config.domain,
            http,
            clock,
        };
        let management = Management::new(tenant, config.client, config.secret);
        Self {
            office: Office::new(management),
        }
    }

    /// Finds out what there is to do. Nothing is changed.
    ///
    /// # Errors
    ///
    /// [`SetupError::Reading`] and [`SetupError::Ambiguous`].
    pub async fn plan(&self, wanted: &Blueprint) -> Result<Plan, SetupError> {
        let survey = Survey::of(&self.office, wanted).await?;
        Ok(Plan::of(wanted, &survey))
    }

    /// Does what is to be done, tells each step that is done to `tell`, and
    /// gives what pod and Alexa need to know. Doing it again does only what is
    /// left.
    ///
    /// # Errors
    ///
    /// All of [`SetupError`].
    pub async fn apply(
        &self,
        wanted: &Blueprint,
        mut tell: impl FnMut(&Step),
    ) -> Result<Credentials, SetupError> {
        let survey = Survey::of(&self.office, wanted).await?;
        let plan = Plan::of(wanted, &survey);
        let mut ids = Ids::of(&survey);
        for (at, step) in plan.steps.iter().enumerate() {
            if let Err(error) = self.perform(&step.action, &mut ids).await {
                let told = |steps: &[Step]| steps.iter().map(ToString::to_string).collect();
                return Err(SetupError::Step {
                    step: step.to_string(),
                    why: error.to_string(),
                    done: told(&plan.steps[..at]),
                    left: told(&plan.steps[at..]),
                });
            }
            tell(step);
        }
        ids.credentials()
    }

    async fn perform(&self, action: &Action, ids: &mut Ids) -> Result<(), OfficeError> {
        match action {
            Action::Create { place, body, made } => {
                let body = Value::Object(body.clone());
                let record = self.send(Method::POST, place, body).await?;
                match made {
                    Some(Made::Client(role)) => ids.know_client(*role, &record),
                    Some(Made::Connection(way)) => ids.know_connection(*way, &record),
                    None => {}
                }
                Ok(())
            }
            Action::Change { path, body } => {
                let body = Value::Object(body.clone());
                self.send(Method::PATCH, path, body).await.map(drop)
            }
            Action::Enable { way, clients } => {
                let changes = clients.iter().map(|(role, serves)| {
                    let client = ids.client(*role)?;
                    Ok(json!({"client_id": client, "status": serves}))
                });
                let changes: Value = changes.collect::<Result<Vec<_>, OfficeError>>()?.into();
                let path = format!("connections/{}/clients", ids.connection(*way)?);
                self.send(Method::PATCH, &path, changes).await.map(drop)
            }
            Action::Grant { scopes } => {
                let body = json!({
                    "client_id": ids.client(Role::BackEnd)?,
                    "audience": self.office.at("").as_str(),
                    "scope": scopes,
                });
                self.send(Method::POST, "client-grants", body)
                    .await
                    .map(drop)
            }
        }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Result<Value, OfficeError> {
        let url = self.office.at(path);
        self.office.ask(method, url, Some(body)).await
    }
}

/// The ids of what is there, and of what is made.
#[derive(Default)]
struct Ids {
    clients: BTreeMap<Role, String>,
    connections: BTreeMap<Way, String>,
    secrets: BTreeMap<Role, SecretString>,
}

impl Ids {
    fn of(survey: &Survey) -> Self {
        let mut ids = Self::default();
        for (role, client) in &survey.clients {
            ids.know_client(*role, client);
        }
        for (way, connection) in &survey.connections {
            ids.know_connection(*way, &connection.record);
        }
        ids
    }

    fn know_client(&mut self, role: Role, record: &Value) {
        if let Some(id) = record["client_id"].as_str() {
            self.clients.insert(role, id.to_owned());
        }
        // Only Alexa's is not for pod: somebody copies it from the dashboard.
        if let (Role::BackEnd | Role::Web, Some(secret)) = (role, record["client_secret"].as_str())
        {
            self.secrets.insert(role, secret.into());
        }
    }

    fn know_connection(&mut self, way: Way, record: &Value) {
        if let Some(id) = record["id"].as_str() {
            self.connections.insert(way, id.to_owned());
        }
    }

    fn client(&self, role: Role) -> Result<&str, OfficeError> {
        let id = self.clients.get(&role);
        id.map(String::as_str).ok_or(OfficeError::NotUnderstood)
    }

    fn connection(&self, way: Way) -> Result<&str, OfficeError> {
        let id = self.connections.get(&way);
        id.map(String::as_str).ok_or(OfficeError::NotUnderstood)
    }

    fn credentials(&self) -> Result<Credentials, SetupError> {
        let id = |role| {
            let id = self.clients.get(&role).cloned();
            id.ok_or(SetupError::Secret("its id is missing; run setup again"))
        };
        let secret = |role| {
            let secret = self.secrets.get(&role).cloned();
            secret.ok_or(SetupError::Secret(
                "give the setup client the scope read:client_keys",
            ))
        };
        Ok(Credentials {
            alexa_client: id(Role::Alexa)?,
            web_client: id(Role::Web)?,
            web_secret: secret(Role::Web)?,
            back_end_client: id(Role::BackEnd)?,
            back_end_secret: secret(Role::BackEnd)?,
        })
    }
}
