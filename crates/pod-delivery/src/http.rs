//! How suppliers are reached over HTTP.

use std::time::{Duration, Instant};

use pod_core::Fault;
use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, StatusCode, redirect, retry};
use thiserror::Error;
use tokio::time::timeout_at;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// More than any answer has.
const LARGEST: usize = 64 * 1024;

/// The way to a supplier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Proxy {
    /// As the system's environment says: `HTTPS_PROXY` and `NO_PROXY`.
    #[default]
    System,
    /// Never through a proxy.
    Direct,
}

/// There is no client.
#[derive(Debug, Error)]
#[error("the system's root certificates cannot be read: install them, or see to SSL_CERT_FILE")]
struct NoClient(#[source] reqwest::Error);

/// Makes the client of one supplier; each request on it sets its own timeout.
pub(crate) fn client(adapter: &'static str, proxy: Proxy) -> Result<Client, Fault> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one client of a supplier; `ask` times each of its requests"
    )]
    let mut client = Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(redirect::Policy::none())
        .retry(retry::never());
    if proxy == Proxy::Direct {
        client = client.no_proxy();
    }
    client
        .build()
        .map_err(|error| Fault::broken(adapter, NoClient(error)))
}

/// What a supplier answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
    retry_after: Option<Duration>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub(crate) enum AskError {
    /// Nothing was sent.
    #[error("the supplier could not be reached: check its address and the network")]
    Unreachable(#[source] reqwest::Error),
    /// Something may have been sent.
    #[error("the supplier did not answer in time: check the network, or try again")]
    TooSlow,
    /// Something may have been sent.
    #[error("the connection to the supplier broke: check the network, or try again")]
    Broken(#[source] reqwest::Error),
}

impl AskError {
    /// Whether it is known that the request never left.
    pub(crate) fn never_left(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }
}

/// Makes one request, once.
pub(crate) async fn ask(request: RequestBuilder, until: Instant) -> Result<Answer, AskError> {
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
    match timeout_at(until.into(), answer).await {
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

/// How long to wait before a second try of what is known not to have been
/// done. A minute is longer than anybody waits for a code to be sent.
pub(crate) fn pause(answer: Option<&Answer>) -> Duration {
    const SHORT: Duration = Duration::from_millis(250);
    answer
        .and_then(|answer| answer.retry_after)
        .unwrap_or(SHORT)
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get("retry-after")?.to_str().ok()?.trim().parse();
    let seconds: u64 = seconds.ok()?;
    Some(Duration::from_secs(seconds.min(60)))
}
