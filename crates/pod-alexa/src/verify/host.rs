//! Fetching certificates from where Amazon keeps them.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use thiserror::Error;
use tokio::time::timeout_at;

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

impl FetchError {
    /// Says that there was no answer, and why.
    pub fn unreachable(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Unreachable(cause.into().into())
    }
}

/// How to reach the certificate host.
///
/// By default as the environment says: the system's authorities or
/// `SSL_CERT_FILE`, `HTTPS_PROXY`, `NO_PROXY`.
#[derive(Clone, Default)]
pub struct Route {
    /// A proxy to go through, whatever the environment says: its URL.
    pub proxy: Option<String>,
    /// The authorities that may vouch for the host, as PEM, in place of the
    /// system's.
    pub authorities: Option<Vec<u8>>,
}

/// A route that leads nowhere.
#[derive(Debug, Error)]
pub enum InvalidRoute {
    /// The proxy is not a URL. It is not shown: it may have a password in it.
    #[error("the proxy for certificates is not a URL: write it as http://host:port")]
    Proxy,
    /// The authorities cannot be read.
    #[error("the authorities for the certificate host are not PEM certificates: name at least one")]
    Authorities,
    /// TLS cannot be set up.
    #[error(
        "certificates cannot be fetched: check the system's trusted certificates, or SSL_CERT_FILE"
    )]
    Tls(#[source] Box<dyn StdError + Send + Sync>),
}

/// Amazon's certificate host, over HTTPS.
#[derive(Clone, Debug)]
pub struct HttpsHost {
    client: reqwest::Client,
}

impl HttpsHost {
    const MAX_BYTES: usize = 64 * 1_024;

    /// Prepares to fetch; nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`InvalidRoute`] if the proxy or the authorities cannot be read, or the
    /// system trusts nobody.
    pub fn new(route: &Route) -> Result<Self, InvalidRoute> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one client of this adapter; `fetch` times each of its requests"
        )]
        let mut client = reqwest::Client::builder()
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .pool_max_idle_per_host(1);
        if let Some(proxy) = &route.proxy {
            client =
                client.proxy(reqwest::Proxy::all(proxy.as_str()).map_err(|_| InvalidRoute::Proxy)?);
        }
        if let Some(pem) = &route.authorities {
            let authorities = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|_| InvalidRoute::Authorities)?;
            if authorities.is_empty() {
                return Err(InvalidRoute::Authorities);
            }
            client = client.tls_certs_only(authorities);
        }
        let client = client
            .build()
            .map_err(|error| InvalidRoute::Tls(error.into()))?;
        Ok(Self { client })
    }

    async fn download(&self, url: &CertificateUrl) -> Result<Vec<u8>, FetchError> {
        let lost = |error: reqwest::Error| FetchError::unreachable(error.without_url());
        let mut answer = self.client.get(url.as_str()).send().await.map_err(lost)?;
        if answer.status() != http::StatusCode::OK {
            return Err(FetchError::Status(answer.status().as_u16()));
        }

        let mut file = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(lost)? {
            // Counted as it comes in: what the host announces binds it to nothing.
            if file.len() + chunk.len() > Self::MAX_BYTES {
                return Err(FetchError::TooLarge);
            }
            file.extend_from_slice(&chunk);
        }
        Ok(file)
    }
}

#[async_trait]
impl CertificateHost for HttpsHost {
    async fn fetch(&self, url: &CertificateUrl, deadline: Instant) -> Result<Vec<u8>, FetchError> {
        timeout_at(deadline.into(), self.download(url))
            .await
            .unwrap_or(Err(FetchError::TimedOut))
    }
}
