//! How the Authentication API says no.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use pod_core::Fault;
use serde_json::{Value, json};

use super::TenantError;
use super::limits::Standing;

/// An error of OAuth 2.0, with Auth0's status and words.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    pub(super) error: &'static str,
    pub(super) description: String,
    more: Vec<(&'static str, Value)>,
    limit: Option<Standing>,
}

impl Refusal {
    pub(super) fn new(
        status: StatusCode,
        error: &'static str,
        description: impl Into<String>,
    ) -> Self {
        Self {
            status,
            error,
            description: description.into(),
            more: Vec::new(),
            limit: None,
        }
    }

    /// 400.
    pub(super) fn bad(error: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, description)
    }

    /// 403: a code, a token or a password that is no good.
    pub(super) fn grant(description: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "invalid_grant", description)
    }

    /// 403: a client may not use a grant.
    pub(super) fn grant_type(grant: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "unauthorized_client",
            format!("Grant type '{grant}' not allowed for the client."),
        )
        .with(
            "error_uri",
            "https://auth0.com/docs/clients/client-grant-types",
        )
    }

    /// 401: no client, or no secret.
    pub(super) fn client() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Client authentication failed.",
        )
    }

    /// 429, for an address that asked too often.
    pub(super) fn too_often(standing: Standing) -> Self {
        let mut refusal = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            "Global limit has been reached",
        );
        refusal.limit = Some(standing);
        refusal
    }

    /// 429, for a user whose login failed too often.
    pub(super) fn too_many_attempts() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_attempts",
            "Your account has been blocked after multiple consecutive login attempts. \
             We've sent you a notification via your preferred contact method with instructions \
             on how to unblock it.",
        )
    }

    pub(super) fn with(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.more.push((field, value.into()));
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({"error": self.error, "error_description": self.description});
        for (field, value) in self.more {
            body[field] = value;
        }
        let mut headers = HeaderMap::new();
        if let Some(limit) = self.limit {
            limit.write(&mut headers);
        }
        (self.status, headers, Json(body)).into_response()
    }
}

impl From<TenantError> for Refusal {
    fn from(error: TenantError) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            error.to_string(),
        )
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        TenantError::from(fault).into()
    }
}
