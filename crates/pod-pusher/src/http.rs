//! How the server is reached over HTTP.

use std::time::Duration;

use pod_core::Fault;
use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, StatusCode, redirect, retry};
use thiserror::Error;
use tokio::time::timeout;

use crate::PUSHER;
use crate::server::PusherServer;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// More than any answer has.
const LARGEST: usize = 64 * 1024;

/// The way to a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Proxy {
    /// As the system's environment says: `HTTPS_PROXY` and `NO_PROXY`. A
    /// server on loopback is reached directly all the same.
    #[default]
    System,
    /// Never through a proxy.
    Direct,
}

/// There is no client.
#[derive(Debug, Error)]
#[error("the system's root certificates cannot be read: install them, or see to SSL_CERT_FILE")]
struct NoClient(#[source] reqwest::Error);

/// Makes the client of one server; each request on it has its own timeout.
pub(crate) fn client(server: &PusherServer, proxy: Proxy) -> Result<Client, Fault> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one client of a server; `ask` times each of its requests"
    )]
    let mut client = Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(redirect::Policy::none())
        .retry(retry::never());
    // No proxy can reach this machine's loopback, and the variables do not
    // leave it out by themselves.
    if proxy == Proxy::Direct || server.is_loopback() {
        client = client.no_proxy();
    }
    client
        .build()
        .map_err(|error| Fault::broken(PUSHER, NoClient(error)))
}

/// What the server answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
    pub(crate) retry_after: Option<Duration>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub(crate) enum AskError {
    /// Nothing was sent.
    #[error(
        "the server could not be reached: check PUSHER_CLUSTER or PUSHER_HOST, and the network"
    )]
    Unreachable(#[source] reqwest::Error),
    /// Something may have been sent.
    #[error("the server did not answer in time: check the network")]
    TooSlow,
    /// Something may have been sent.
    #[error("the connection to the server broke: check the network")]
    Broken(#[source] reqwest::Error),
}

/// Makes one request, once, and waits for its answer so long at most.
pub(crate) async fn ask(request: RequestBuilder, patience: Duration) -> Result<Answer, AskError> {
    let answer = async {
        let mut answer = request.send().await?;
        let status = answer.status();
        let retry_after = retry_after(answer.headers());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LARGEST {
                // A longer answer is none.
                body.clear();
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            body,
            retry_after,
        })
    };
    match timeout(patience, answer).await {
        // The address has the request's signature.
        Ok(answer) => answer.map_err(|error: reqwest::Error| {
            if error.is_connect() {
                AskError::Unreachable(error.without_url())
            } else {
                AskError::Broken(error.without_url())
            }
        }),
        Err(_) => Err(AskError::TooSlow),
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get("retry-after")?.to_str().ok()?.trim().parse();
    seconds.ok().map(Duration::from_secs)
}
