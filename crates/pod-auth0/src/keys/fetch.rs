//! Fetching the keys that a tenant publishes.

use std::sync::Arc;
use std::time::Duration;

use pod_core::Fault;
use reqwest::{Client, StatusCode};
use thiserror::Error;

use super::set::KeySet;
use crate::{AUTH0, http};

/// The longest a fetch may take, whoever waits for it.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Far more than any tenant publishes: Auth0's two keys are 3 KB.
const LARGEST: usize = 256 * 1024;

/// Where a tenant publishes its keys.
#[derive(Debug)]
pub(crate) struct KeySource {
    http: Client,
    url: String,
}

/// Why there are no keys.
#[derive(Debug, Error)]
pub(crate) enum FetchError {
    #[error("{url} could not be reached: check the domain and the network")]
    Transport {
        url: String,
        #[source]
        cause: reqwest::Error,
    },
    #[error("the tenant's keys did not come in time: check the network, or try again")]
    TooSlow,
    #[error("fetching the tenant's keys was interrupted: try again")]
    Interrupted,
    #[error("{url} answered {status} and no keys: check the domain")]
    Status { url: String, status: StatusCode },
    #[error("{url} answered more than {LARGEST} bytes: check the domain")]
    TooLarge { url: String },
    #[error("{url} answered something that is no set of keys: check the domain")]
    NotKeys {
        url: String,
        #[source]
        cause: serde_json::Error,
    },
    #[error("the tenant publishes no RSA key of 2048 bits or more for RS256: add one to it")]
    NoUsableKey,
}

impl FetchError {
    /// The fault of everybody who waited for the same fetch.
    pub(crate) fn into_fault(self: Arc<Self>) -> Fault {
        let temporary = match &*self {
            Self::Transport { .. } | Self::TooSlow | Self::Interrupted => true,
            Self::Status { status, .. } => {
                status.is_server_error()
                    || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(status)
            }
            Self::TooLarge { .. } | Self::NotKeys { .. } | Self::NoUsableKey => false,
        };
        if temporary {
            Fault::unavailable(AUTH0, self)
        } else {
            Fault::broken(AUTH0, self)
        }
    }
}

impl KeySource {
    pub(crate) fn new(http: Client, url: String) -> Self {
        Self { http, url }
    }

    /// Fetches the keys, in two seconds or not at all.
    pub(crate) async fn fetch(&self) -> Result<KeySet, FetchError> {
        let answer = self
            .http
            .get(&self.url)
            .timeout(TIMEOUT)
            .send()
            .await
            .map_err(|error| self.transport(error))?;
        if answer.status() != StatusCode::OK {
            let status = answer.status();
            return Err(FetchError::Status {
                url: self.url.clone(),
                status,
            });
        }
        // No more than a set of keys can have.
        let body = http::body(answer, LARGEST)
            .await
            .map_err(|error| self.transport(error))?
            .ok_or_else(|| FetchError::TooLarge {
                url: self.url.clone(),
            })?;
        KeySet::parse(&body).map_err(|cause| FetchError::NotKeys {
            url: self.url.clone(),
            cause,
        })
    }

    fn transport(&self, error: reqwest::Error) -> FetchError {
        if error.is_timeout() {
            FetchError::TooSlow
        } else {
            FetchError::Transport {
                url: self.url.clone(),
                cause: error.without_url(),
            }
        }
    }
}
