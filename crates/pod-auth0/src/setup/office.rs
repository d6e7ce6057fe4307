//! The administrator's way to the Management API: patient, and frank about
//! what it was refused.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pod_core::Deadline;
use pod_http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;
use tokio::time::sleep;
use url::Url;

use crate::error::TenantError;
use crate::management::Management;

/// How long one call may take, waiting until it is taken included.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long to wait before a call that came too early is made again.
const PAUSE: Duration = Duration::from_millis(500);

/// How often a call is made at most that comes too early.
const TRIES: u32 = 10;

/// Why the Management API did not do what it was asked.
#[derive(Debug, Error)]
pub(super) enum OfficeError {
    #[error(
        "the setup client does not have the scopes it needs ({0}): grant them in Auth0's dashboard, Applications > APIs > Auth0 Management API > Machine to Machine Applications"
    )]
    Scope(String),
    #[error("the setup client may not use the Management API: authorize it there")]
    NotAuthorized,
    #[error("Auth0 answered {status}: {message}")]
    Refused { status: StatusCode, message: String },
    #[error("Auth0 answered something that cannot be understood: check AUTH0_DOMAIN")]
    NotUnderstood,
    #[error(transparent)]
    Tenant(#[from] TenantError),
    #[error("{}", with_causes(&**.0))]
    Shared(Arc<TenantError>),
}

/// What the Management API says instead of what it was asked for.
#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    message: String,
    #[serde(default, rename = "errorCode")]
    code: String,
}

/// The Management API, for the administrator's client.
pub(super) struct Office {
    management: Management,
}

impl Office {
    pub(super) fn new(management: Management) -> Self {
        Self { management }
    }

    /// A place in the API; `path` has to be encoded.
    pub(super) fn at(&self, path: &str) -> Url {
        self.management.at(path)
    }

    /// Reads a record; `None` if there is none.
    pub(super) async fn read(&self, url: Url) -> Result<Option<Value>, OfficeError> {
        match self.ask(Method::GET, url, None).await {
            Err(OfficeError::Refused { status, .. }) if status == StatusCode::NOT_FOUND => Ok(None),
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(error),
        }
    }

    /// Reads all pages of a list, whose key in a page is this.
    pub(super) async fn list(&self, url: Url, key: &str) -> Result<Vec<Value>, OfficeError> {
        let mut all = Vec::new();
        for page in 0_u32.. {
            let mut url = url.clone();
            url.query_pairs_mut()
                .append_pair("page", &page.to_string())
                .append_pair("per_page", "100")
                .append_pair("include_totals", "true");
            let mut answer = self.ask(Method::GET, url, None).await?;
            let total = answer["total"].as_u64();
            let items = match answer.get_mut(key).map(Value::take) {
                Some(Value::Array(items)) => items,
                _ => match answer {
                    Value::Array(items) => items,
                    _ => return Err(OfficeError::NotUnderstood),
                },
            };
            let last = items.is_empty();
            all.extend(items);
            if last || total.is_none_or(|total| all.len() as u64 >= total) {
                break;
            }
        }
        Ok(all)
    }

    /// Makes a call, as often as it comes too early; an answer that says
    /// nothing is `null`.
    pub(super) async fn ask(
        &self,
        method: Method,
        url: Url,
        body: Option<Value>,
    ) -> Result<Value, OfficeError> {
        let deadline = Deadline::at(Instant::now() + PATIENCE);
        for _ in 1..TRIES {
            let (method, url, body) = (method.clone(), url.clone(), body.clone());
            match self.ask_once(method, url, body, deadline).await {
                Err(OfficeError::Tenant(TenantError::Limited(_)))
                    if !deadline.remaining(Instant::now()).is_zero() =>
                {
                    sleep(PAUSE).await;
                }
                answer => return answer,
            }
        }
        self.ask_once(method, url, body, deadline).await
    }

    async fn ask_once(
        &self,
        method: Method,
        url: Url,
        body: Option<Value>,
        deadline: Deadline,
    ) -> Result<Value, OfficeError> {
        let answer = self.management.ask(method, url, body, deadline).await;
        let answer = answer.map_err(|error| match &*error {
            TenantError::NoManagement => OfficeError::NotAuthorized,
            _ => OfficeError::Shared(error),
        })?;
        let status = answer.status;
        if status.is_success() {
            if answer.body.is_empty() {
                return Ok(Value::Null);
            }
            return serde_json::from_slice(&answer.body).map_err(|_| OfficeError::NotUnderstood);
        }
        let Refusal { message, code } = serde_json::from_slice(&answer.body).unwrap_or_default();
        Err(match status {
            StatusCode::TOO_MANY_REQUESTS => answer.limited().into(),
            StatusCode::FORBIDDEN if code == "insufficient_scope" => {
                OfficeError::Scope(scopes(&message))
            }
            _ => OfficeError::Refused {
                status,
                message: if message.is_empty() {
                    "it gave no reason".to_owned()
                } else {
                    message
                },
            },
        })
    }
}

/// An error in one line.
fn with_causes(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}

/// The scopes that a refusal names.
fn scopes(message: &str) -> String {
    let named = message
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|word| word.contains(':') && !word.ends_with(':'));
    let named: Vec<&str> = named.collect();
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scopes_that_are_missing_are_named() {
        assert_eq!(
            scopes("Insufficient scope, expected any of: create:clients,update:clients"),
            "create:clients, update:clients"
        );
        assert_eq!(scopes(""), "");
    }
}
