//! Fetching certificates from where Amazon keeps them.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use pod_http::{AskError, Http, StatusCode};
use thiserror::Error;
use url::Url;

use super::CertificateUrl;

/// Hands out certificate chains: Amazon's host, or what stands in for it.
#[async_trait]
pub trait CertificateHost: Send + Sync {
    /// Fetches the file at this address, once, before the deadline.
    ///
    /// # Errors
    ///
    /// [`FetchError`] unless the whole file came, with status 200.
    async fn fetch(&self, url: &CertificateUrl, deadline: Instant) -> Result<Vec<u8>, FetchError>;
}

/// Why a certificate could not be fetched.
#[derive(Clone, Debug, Error)]
pub enum FetchError {
    /// The host answered with another status than 200.
    #[error("the certificate host answered {0}")]
    Status(u16),
    /// The file is longer than any chain of certificates.
    #[error("the certificate host sent more than 64 KB")]
    TooLarge,
    /// The file did not come in time.
    #[error("the certificate host was too slow")]
    TimedOut,
    /// There was no answer, or it broke off.
    #[error("the certificate host could not be reached")]
    Unreachable(#[source] Arc<dyn StdError + Send + Sync>),
}

impl From<AskError> for FetchError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::TooSlow => Self::TimedOut,
            AskError::Unreachable(cause) | AskError::Broken(cause) => Self::unreachable(cause),
        }
    }
}

impl FetchError {
    /// Says that there was no answer, and why.
    pub fn unreachable(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Unreachable(cause.into().into())
    }
}

/// Amazon's certificate host, over HTTPS.
#[derive(Clone, Debug)]
pub struct HttpsHost {
    http: Http,
}

impl HttpsHost {
    const MAX_BYTES: usize = 64 * 1_024;

    /// Fetches by this way out; nothing is connected yet.
    #[must_use]
    pub fn new(http: Http) -> Self {
        Self { http }
    }
}

#[async_trait]
impl CertificateHost for HttpsHost {
    async fn fetch(&self, url: &CertificateUrl, deadline: Instant) -> Result<Vec<u8>, FetchError> {
        let url = Url::parse(url.as_str()).map_err(FetchError::unreachable)?;
        let answer = self.http.get(url).ask(deadline, Self::MAX_BYTES).await?;
        if answer.status != StatusCode::OK {
            return Err(FetchError::Status(answer.status.as_u16()));
        }
        answer.whole().ok_or(FetchError::TooLarge)
    }
}
