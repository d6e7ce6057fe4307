//! How the tenant is reached.

use std::time::Duration;

use pod_core::Fault;
use reqwest::{Client, Response, redirect, retry};
use thiserror::Error;

use crate::AUTH0;
use crate::domain::Auth0Domain;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The way to a tenant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Proxy {
    /// As the system's environment says: `HTTPS_PROXY` and `NO_PROXY`. A
    /// tenant on loopback is reached directly all the same.
    #[default]
    System,
    /// Never through a proxy.
    Direct,
}

/// There is no client.
#[derive(Debug, Error)]
#[error("the system's root certificates cannot be read: install them, or see to SSL_CERT_FILE")]
struct NoClient(#[source] reqwest::Error);

/// Makes the client of one tenant; each request on it sets its own timeout.
pub(crate) fn client(domain: &Auth0Domain, proxy: Proxy) -> Result<Client, Fault> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one client of a tenant; `Tenant` times each of its requests"
    )]
    let mut client = Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(redirect::Policy::none())
        .retry(retry::never());
    // No proxy can reach this machine's loopback, and the variables do not
    // leave it out by themselves.
    if proxy == Proxy::Direct || domain.is_loopback() {
        client = client.no_proxy();
    }
    client
        .build()
        .map_err(|error| Fault::broken(AUTH0, NoClient(error)))
}

/// Reads a body of at most so many bytes; `None` if it has more.
pub(crate) async fn body(
    mut answer: Response,
    most: usize,
) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > most {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}
