//! What an error looks like to a program: a problem by RFC 9457.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The media type of a problem.
pub(super) const PROBLEM: &str = "application/problem+json";

/// What went wrong, as its `type` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    InvalidRequest,
    Unauthenticated,
    CodeRequired,
    InsufficientScope,
    NoOrder,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    Superseded,
    RequestInProgress,
    CodeExpired,
    TooLarge,
    UnsupportedMediaType,
    WrongCode,
    Undeliverable,
    KeyReused,
    Locked,
    TooManySends,
    TooManyRequests,
    Internal,
    SupplierUnavailable,
}

impl Kind {
    pub(super) const ALL: [Self; 21] = [
        Self::InvalidRequest,
        Self::Unauthenticated,
        Self::CodeRequired,
        Self::InsufficientScope,
        Self::NoOrder,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::Superseded,
        Self::RequestInProgress,
        Self::CodeExpired,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::WrongCode,
        Self::Undeliverable,
        Self::KeyReused,
        Self::Locked,
        Self::TooManySends,
        Self::TooManyRequests,
        Self::Internal,
        Self::SupplierUnavailable,
    ];

    /// The last part of its `type`, its status, its title.
    pub(super) fn facts(self) -> (&'static str, StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::InvalidRequest => (
                "invalid-request",
                S::BAD_REQUEST,
                "The request is not valid",
            ),
            Self::Unauthenticated => (
                "unauthenticated",
                S::UNAUTHORIZED,
                "An access token is needed",
            ),
            Self::CodeRequired => (
                "code-required",
                S::UNAUTHORIZED,
                "The code of the order is needed",
            ),
            Self::InsufficientScope => (
                "insufficient-scope",
                S::FORBIDDEN,
                "The access token does not allow this",
            ),
            Self::NoOrder => ("no-order", S::NOT_FOUND, "There is no such order"),
            Self::NotFound => ("not-found", S::NOT_FOUND, "There is nothing here"),
            Self::MethodNotAllowed => (
                "method-not-allowed",
                S::METHOD_NOT_ALLOWED,
                "That cannot be done here",
            ),
            Self::RequestTimeout => (
                "request-timeout",
                S::REQUEST_TIMEOUT,
                "The request did not arrive in time",
            ),
            Self::Superseded => ("superseded", S::CONFLICT, "A newer order took its place"),
            Self::RequestInProgress => (
                "request-in-progress",
                S::CONFLICT,
                "The first request of this Idempotency-Key has no answer yet",
            ),
            Self::CodeExpired => ("code-expired", S::GONE, "The time for the code is up"),
            Self::TooLarge => (
                "too-large",
                S::PAYLOAD_TOO_LARGE,
                "The request is too large",
            ),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                S::UNSUPPORTED_MEDIA_TYPE,
                "The body has to be application/json",
            ),
            Self::WrongCode => (
                "wrong-code",
                S::UNPROCESSABLE_ENTITY,
                "That is not the right code",
            ),
            Self::Undeliverable => (
                "undeliverable",
                S::UNPROCESSABLE_ENTITY,
                "The code cannot be sent",
            ),
            Self::KeyReused => (
                "idempotency-key-reused",
                S::UNPROCESSABLE_ENTITY,
                "The Idempotency-Key was used for another request",
            ),
            Self::Locked => ("locked", S::TOO_MANY_REQUESTS, "The customer is locked"),
            Self::TooManySends => (
                "too-many-sends",
                S::TOO_MANY_REQUESTS,
                "Too many codes were sent",
            ),
            Self::TooManyRequests => (
                "too-many-requests",
                S::TOO_MANY_REQUESTS,
                "There are too many requests",
            ),
            Self::Internal => ("internal", S::INTERNAL_SERVER_ERROR, "Something is broken"),
            Self::SupplierUnavailable => (
                "supplier-unavailable",
                S::SERVICE_UNAVAILABLE,
                "Somebody who is needed cannot be reached",
            ),
        }
    }
}

/// A problem, before it has an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    kind: Kind,
    detail: String,
    attempts_left: Option<u32>,
    retry_after: Option<Duration>,
    challenge: Option<String>,
    allow: Option<HeaderValue>,
}

/// A problem (RFC 9457).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ShownProblem {
    /// Which problem it is: `/pod/api/problems/wrong-code`. Programs go by it.
    #[serde(rename = "type")]
    #[schema(example = "/pod/api/problems/wrong-code")]
    pub(super) kind: String,
    /// The problem in a few words, always the same.
    #[schema(example = "That is not the right code")]
    pub(super) title: String,
    /// The status of the answer.
    #[schema(example = 422)]
    pub(super) status: u16,
    /// What to do about it, for people.
    #[schema(example = "2 attempts are left.")]
    pub(super) detail: String,
    /// How many attempts the order has left; for `wrong-code` only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) attempts_left: Option<u32>,
}

impl Problem {
    pub(super) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            attempts_left: None,
            retry_after: None,
            challenge: None,
            allow: None,
        }
    }

    pub(super) fn attempts_left(self, left: u32) -> Self {
        Self {
            attempts_left: Some(left),
            ..self
        }
    }

    pub(super) fn retry_after(self, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..self
        }
    }

    /// The same as the answer to a request that has a key: every repeat gets
    /// it, so whoever tries again needs another key.
    pub(super) fn kept(mut self) -> Self {
        if self.retry_after.is_some() {
            self.detail += " Send another Idempotency-Key then.";
        }
        self
    }

    /// What the token has to be like (RFC 6750, 3; RFC 9470, 3).
    pub(super) fn challenge(self, challenge: impl Into<String>) -> Self {
        Self {
            challenge: Some(challenge.into()),
            ..self
        }
    }

    pub(super) fn allow(self, allow: Option<HeaderValue>) -> Self {
        Self { allow, ..self }
    }

    pub(super) fn shown(&self, base: &str) -> ShownProblem {
        let (word, status, title) = self.kind.facts();
        ShownProblem {
            kind: format!("{base}/api/problems/{word}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail.clone(),
            attempts_left: self.attempts_left,
        }
    }

    /// Whole seconds to wait, rounded up: `Retry-After` has no smaller ones.
    pub(super) fn wait(&self) -> Option<u64> {
        let wait = self.retry_after?;
        Some((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
    }

    pub(super) fn response(&self, base: &str) -> Response {
        let (_, status, _) = self.kind.facts();
        let body = serde_json::to_vec(&self.shown(base)).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        let json = HeaderValue::from_static(PROBLEM);
        headers.insert(CONTENT_TYPE, json);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = self.wait() {
            headers.insert(RETRY_AFTER, wait.into());
        }
        let challenge = self.challenge.as_ref();
        if let Some(value) = challenge.and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(WWW_AUTHENTICATE, value);
        }
        if let Some(allow) = &self.allow {
            headers.insert(ALLOW, allow.clone());
        }
        response
    }
}
