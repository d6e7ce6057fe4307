//! One request.

use std::fmt;
use std::time::Instant;

use reqwest::RequestBuilder;
use serde::Serialize;
use tokio::time::timeout_at;

use crate::answer::{Answer, AskError};

/// A request that has not been made yet.
#[must_use = "nothing is asked before it is made"]
pub struct Request {
    request: RequestBuilder,
    is_protected: bool,
}

impl Request {
    pub(crate) fn new(request: RequestBuilder, is_protected: bool) -> Self {
        Self {
            request,
            is_protected,
        }
    }

    fn with(self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        Self {
            request: change(self.request),
            ..self
        }
    }

    /// Adds a header.
    pub fn header(self, name: &'static str, value: &str) -> Self {
        self.with(|request| request.header(name, value))
    }

    /// Says who asks, by a token.
    pub fn bearer(self, token: &str) -> Self {
        self.with(|request| request.bearer_auth(token))
    }

    /// Says who asks, by a name and a password.
    pub fn basic(self, name: &str, password: &str) -> Self {
        self.with(|request| request.basic_auth(name, Some(password)))
    }

    /// Hands over a form.
    pub fn form(self, form: &(impl Serialize + ?Sized)) -> Self {
        self.with(|request| request.form(form))
    }

    /// Hands over JSON.
    pub fn json(self, body: &(impl Serialize + ?Sized)) -> Self {
        self.with(|request| request.json(body))
    }

    /// Hands over bytes of this kind.
    pub fn body(self, kind: &'static str, bytes: Vec<u8>) -> Self {
        self.with(|request| request.header("content-type", kind).body(bytes))
    }

    /// The same request, to be made a second time; `None` for one that cannot
    /// even be made once.
    #[must_use]
    pub fn again(&self) -> Option<Self> {
        Some(Self {
            request: self.request.try_clone()?,
            is_protected: self.is_protected,
        })
    }

    /// Makes the request, once, and reads of its answer so many bytes at most.
    ///
    /// # Errors
    ///
    /// [`AskError`] if the whole answer did not come in time. A request that
    /// others could read on the way is not made.
    pub async fn ask(self, until: Instant, most: usize) -> Result<Answer, AskError> {
        if !self.is_protected {
            return Err(AskError::Unreachable(
                "plain http is for loopback addresses only".into(),
            ));
        }
        timeout_at(until.into(), Answer::of(self.request, most))
            .await
            .map_err(|_| AskError::TooSlow)?
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request(..)")
    }
}
