//! Fetching the keys that a tenant publishes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pod_core::{BoxError, Fault};
use pod_http::{AskError, Http, StatusCode};
use thiserror::Error;
use url::Url;

use super::set::KeySet;
use crate::AUTH0;

/// The longest a fetch may take, whoever waits for it.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Far more than any tenant publishes: Auth0's two keys are 3 KB.
const LARGEST: usize = 256 * 1024;

/// Where a tenant publishes its keys.
#[derive(Debug)]
pub(crate) struct KeySource {
    http: Http,
    url: Url,
}

/// Why there are no keys.
#[derive(Debug, Error)]
pub(crate) enum FetchError {
    #[error("{url} could not be reached: check the domain and the network")]
    Transport {
        url: Url,
        #[source]
        cause: BoxError,
    },
    #[error("the tenant's keys did not come in time: check the network, or try again")]
    TooSlow,
    #[error("fetching the tenant's keys was interrupted: try again")]
    Interrupted,
    #[error("{url} answered {status} and no keys: check the domain")]
    Status { url: Url, status: StatusCode },
    #[error("{url} answered more than {LARGEST} bytes: check the domain")]
    TooLarge { url: Url },
    #[error("{url} answered something that is no set of keys: check the domain")]
    NotKeys {
        url: Url,
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
    pub(crate) fn new(http: Http, url: Url) -> Self {
        Self { http, url }
    }

    /// Fetches the keys, in two seconds or not at all.
    pub(crate) async fn fetch(&self) -> Result<KeySet, FetchError> {
        let request = self.http.get(self.url.clone());
        let answer = request.ask(Instant::now() + TIMEOUT, LARGEST).await;
        let answer = answer.map_err(|error| self.transport(error))?;
        if answer.status != StatusCode::OK {
            return Err(FetchError::Status {
                url: self.url.clone(),
                status: answer.status,
            });
        }
        let body = answer.whole().ok_or_else(|| FetchError::TooLarge {
            url: self.url.clone(),
        })?;
        KeySet::parse(&body).map_err(|cause| FetchError::NotKeys {
            url: self.url.clone(),
            cause,
        })
    }

    fn transport(&self, error: AskError) -> FetchError {
        match error {
            AskError::TooSlow => FetchError::TooSlow,
            AskError::Unreachable(cause) | AskError::Broken(cause) => FetchError::Transport {
                url: self.url.clone(),
                cause,
            },
        }
    }
}
