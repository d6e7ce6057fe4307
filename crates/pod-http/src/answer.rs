//! What came of a request.

use std::error::Error as StdError;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use reqwest::{RequestBuilder, Response};
use thiserror::Error;
use tokio::time::timeout;

/// How long what comes after a status that is no success is waited for.
const BRIEFLY: Duration = Duration::from_secs(1);

/// What somebody answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    body: Option<Vec<u8>>,
}

/// Why there is no answer. Nothing in it tells the address.
#[derive(Debug, Error)]
pub enum AskError {
    /// Nothing was sent.
    #[error("the server could not be reached: check its address and the network")]
    Unreachable(#[source] Box<dyn StdError + Send + Sync>),
    /// Something may have been sent.
    #[error("the server did not answer in time: check the network, or try again")]
    TooSlow,
    /// Something may have been sent.
    #[error("the connection to the server broke: check the network, or try again")]
    Broken(#[source] Box<dyn StdError + Send + Sync>),
}

impl AskError {
    /// Whether it is known that the request never left.
    #[must_use]
    pub fn never_left(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }
}

impl From<reqwest::Error> for AskError {
    fn from(error: reqwest::Error) -> Self {
        let is_connect = error.is_connect();
        let cause = error.without_url().into();
        if is_connect {
            Self::Unreachable(cause)
        } else {
            Self::Broken(cause)
        }
    }
}

/// Reads a body; `None` if it is longer than that.
async fn read(answer: &mut Response, most: usize) -> Result<Option<Vec<u8>>, AskError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        // Counted as it comes in: what is announced binds nobody.
        if body.len() + chunk.len() > most {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder, most: usize) -> Result<Self, AskError> {
        let mut answer = request.send().await?;
        let status = answer.status();
        let headers = std::mem::take(answer.headers_mut());
        let body = if status.is_success() {
            read(&mut answer, most).await?
        } else {
            // The status says what went wrong, whether or not more comes.
            let rest = timeout(BRIEFLY, read(&mut answer, most)).await;
            rest.ok().and_then(Result::ok).flatten()
        };
        Ok(Self {
            status,
            headers,
            body,
        })
    }

    /// The body; `None` if it was longer than the one who asked had a use for.
    #[must_use]
    pub fn whole(self) -> Option<Vec<u8>> {
        self.body
    }

    /// The body; empty if it was longer than the one who asked had a use for.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name)?.to_str().ok()?;
        Some(value.trim())
    }

    /// How long the server asks to be left alone, if it says so in seconds.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.header("retry-after")?.parse().ok()?;
        Some(Duration::from_secs(seconds))
    }
}
