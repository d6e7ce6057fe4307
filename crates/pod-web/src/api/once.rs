//! Requests that are carried out once: `Idempotency-Key`
//! (draft-ietf-httpapi-idempotency-key-header-07).

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use pod_core::ports::{Claim, Repeat, Reply};
use pod_core::{BeginRequestError, CustomerId, Timestamp};
use serde::{Deserialize, Serialize};

use super::Api;
use super::problem::{Kind, PROBLEM, Problem};
use crate::names;

/// How long a repeat of a request may come.
const KEEP: Duration = Duration::from_hours(24);

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// An answer as it is kept for repeats of its request.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// What of an answer a repeat has to have as well.
const HEADERS: [HeaderName; 2] = [CONTENT_TYPE, LOCATION];

impl Api {
    /// What names a request; `None` if nothing does.
    pub(super) fn claim(
        &self,
        customer: &CustomerId,
        headers: &HeaderMap,
        what: &str,
        body: &[u8],
    ) -> Result<Option<Claim>, Problem> {
        let mut keys = headers.get_all(&KEY).iter();
        let Some(key) = keys.next() else {
            return Ok(None);
        };
        let invalid = || {
            Problem::new(
                Kind::InvalidRequest,
                "Send one Idempotency-Key of 1 to 255 visible ASCII characters.",
            )
        };
        let key = key.to_str().map_err(|_| invalid())?;
        let fits = (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        if !fits || keys.next().is_some() {
            return Err(invalid());
        }
        let mut said = what.as_bytes().to_vec();
        said.push(b'\n');
        said.extend_from_slice(body);
        Ok(Some(Claim {
            key: names::request("api", customer, key).ok_or_else(invalid)?,
            digest: self.pod().request_digest(&said),
            keep_until: self.now() + KEEP,
        }))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.ports.clock.now()
    }

    /// Begins a request whose use case does not begin it by itself.
    pub(super) async fn begin(&self, claim: Option<&Claim>) -> Result<(), BeginRequestError> {
        match claim {
            Some(claim) => self.pod().begin_request(claim).await,
            None => Ok(()),
        }
    }

    /// Keeps the answer to a request for its repeats. If that fails, a repeat
    /// is told that there is no answer yet, and has no effect.
    pub(super) async fn keep(
        &self,
        customer: &CustomerId,
        claim: Option<&Claim>,
        answer: Answer,
    ) -> Response {
        if let Some(claim) = claim
            && let Some(reply) = answer.reply()
        {
            let pod = self.pod();
            let _ = pod.finish_request(&claim.key, Some(customer), &reply).await;
        }
        answer.response()
    }
}

/// An answer that can be kept.
pub(super) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    pub(super) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: String::new(),
        }
    }

    pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        let mut answer = Self::empty(status);
        let json = HeaderValue::from_static("application/json");
        answer.headers.insert(CONTENT_TYPE, json);
        answer.body = serde_json::to_string(body).unwrap_or_default();
        answer
    }

    pub(super) fn located(mut self, path: &str) -> Self {
        if let Ok(path) = HeaderValue::from_str(path) {
            self.headers.insert(LOCATION, path);
        }
        self
    }

    pub(super) fn problem(problem: &Problem, base: &str) -> Self {
        let shown = problem.shown(base);
        let status = StatusCode::from_u16(shown.status);
        let mut answer = Self::json(status.unwrap_or_default(), &shown);
        let json = HeaderValue::from_static(PROBLEM);
        answer.headers.insert(CONTENT_TYPE, json);
        if let Some(wait) = problem.wait() {
            answer.headers.insert(RETRY_AFTER, wait.into());
        }
        answer
    }

    fn reply(&self) -> Option<Reply> {
        let headers = HEADERS.iter().filter_map(|name| {
            let value = self.headers.get(name)?.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        });
        let kept = Kept {
            status: self.status.as_u16(),
            headers: headers.collect(),
            body: self.body.clone(),
        };
        serde_json::to_vec(&kept).ok().map(Reply::new)
    }

    fn response(self) -> Response {
        (self.status, self.headers, self.body).into_response()
    }
}

/// The answer to a request that is not carried out.
pub(super) fn not_begun(error: BeginRequestError) -> Result<Response, Problem> {
    match error {
        BeginRequestError::Repeated(Repeat::Answered(reply)) => {
            replayed(&reply).ok_or_else(|| Problem::new(Kind::Internal, "Use another key."))
        }
        BeginRequestError::Repeated(Repeat::Unfinished) => Err(Problem::new(
            Kind::RequestInProgress,
            "Wait for its answer, or look at the orders: it may have had its effect.",
        )
        .retry_after(Duration::from_secs(1))),
        BeginRequestError::Repeated(Repeat::OtherRequest) => Err(Problem::new(
            Kind::KeyReused,
            "Use a new key for each request that is not a repeat.",
        )),
        BeginRequestError::Fault(fault) => Err(Problem::from(&fault)),
    }
}

fn replayed(reply: &Reply) -> Option<Response> {
    let kept: Kept = serde_json::from_slice(reply.as_bytes()).ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in kept.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.insert(name, HeaderValue::from_str(&value).ok()?);
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    let status = StatusCode::from_u16(kept.status).ok()?;
    Some((status, headers, kept.body).into_response())
}
