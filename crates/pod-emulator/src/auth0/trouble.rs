//! What can go wrong with a tenant when somebody wants to see it, and how
//! often it was asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::Tenant;

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The answer is right, but late.
    Delay(Duration),
    /// 429, with `x-ratelimit-reset` so many seconds from now.
    TooManyRequests {
        /// How long to wait, in seconds.
        reset_in: i64,
    },
    /// An error of the server, with a page of its own instead of JSON.
    Status(u16),
    /// The connection is closed without an answer.
    Lost,
    /// An answer with this text, whatever was asked.
    Text {
        /// The status.
        status: u16,
        /// The body, sent as JSON whether it is or not.
        body: String,
    },
}

/// Put into a response to say that it must never be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LostConnection;

/// The troubles to come, and the count of requests.
#[derive(Clone, Default)]
pub(crate) struct Troubles(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    coming: VecDeque<Coming>,
    requests: BTreeMap<String, u64>,
}

struct Coming {
    path: String,
    times: u32,
    trouble: Trouble,
}

impl Troubles {
    pub(super) fn add(&self, path: &str, times: u32, trouble: Trouble) {
        self.inner().coming.push_back(Coming {
            path: path.to_owned(),
            times,
            trouble,
        });
    }

    pub(super) fn clear(&self) {
        self.inner().coming.clear();
    }

    pub(super) fn count(&self, path: &str) -> u64 {
        let inner = self.inner();
        let asked = inner.requests.iter();
        asked
            .filter(|(asked, _)| asked.starts_with(path))
            .map(|(_, count)| count)
            .sum()
    }

    pub(super) fn requests(&self) -> BTreeMap<String, u64> {
        self.inner().requests.clone()
    }

    /// Counts a request, and takes the trouble that waits for it.
    fn take(&self, path: &str) -> Option<Trouble> {
        let mut inner = self.inner();
        *inner.requests.entry(path.to_owned()).or_default() += 1;
        let coming = inner
            .coming
            .iter_mut()
            .find(|coming| coming.times > 0 && path.starts_with(&coming.path))?;
        // So many times are for ever.
        if coming.times < u32::MAX {
            coming.times -= 1;
        }
        Some(coming.trouble.clone())
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a request and lets it through, or gives it its trouble.
pub(super) async fn layer(State(tenant): State<Tenant>, request: Request, next: Next) -> Response {
    match tenant.troubles().take(request.uri().path()) {
        None => next.run(request).await,
        Some(Trouble::Delay(delay)) => {
            tokio::time::sleep(delay).await;
            next.run(request).await
        }
        Some(Trouble::TooManyRequests { reset_in }) => {
            let reset = tenant.now().as_second().saturating_add(reset_in);
            let management = request.uri().path().starts_with("/api/v2/");
            too_many(management, reset)
        }
        Some(Trouble::Status(status)) => (
            status_of(status),
            [(header::CONTENT_TYPE, "text/html")],
            "<html><body><h1>Something went wrong</h1></body></html>",
        )
            .into_response(),
        Some(Trouble::Lost) => {
            let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
            response.extensions_mut().insert(LostConnection);
            response
        }
        Some(Trouble::Text { status, body }) => (
            status_of(status),
            [(header::CONTENT_TYPE, "application/json")],
            body,
        )
            .into_response(),
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// 429 in the words of the API that was asked.
fn too_many(management: bool, reset: i64) -> Response {
    let body = if management {
        json!({
            "statusCode": 429, "error": "Too Many Requests",
            "message": "Global limit has been reached", "errorCode": "too_many_requests",
        })
    } else {
        json!({
            "error": "too_many_requests", "error_description": "Global limit has been reached",
        })
    };
    let headers = [
        ("x-ratelimit-limit", HeaderValue::from_static("2")),
        ("x-ratelimit-remaining", HeaderValue::from_static("0")),
        ("x-ratelimit-reset", HeaderValue::from(reset)),
    ];
    (StatusCode::TOO_MANY_REQUESTS, headers, axum::Json(body)).into_response()
}

/// A trouble as it is asked for over HTTP.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Wanted {
    DelayMilliseconds(u64),
    TooManyRequests { reset_in: i64 },
    Status(u16),
    Lost,
    Text { status: u16, body: String },
}

impl From<Wanted> for Trouble {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::DelayMilliseconds(delay) => Self::Delay(Duration::from_millis(delay)),
            Wanted::TooManyRequests { reset_in } => Self::TooManyRequests { reset_in },
            Wanted::Status(status) => Self::Status(status),
            Wanted::Lost => Self::Lost,
            Wanted::Text { status, body } => Self::Text { status, body },
        }
    }
}
