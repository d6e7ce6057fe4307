//! How the Management API says no.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pod_core::Fault;
use serde_json::json;

/// An error in the Management API's shape.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: Option<&'static str>,
    message: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: Some(code),
            message: message.into(),
        }
    }

    /// 400: the payload is not what it should be.
    pub(super) fn payload(what: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_body",
            format!("Payload validation error: '{what}'."),
        )
    }

    /// 401, which has no code.
    pub(super) fn token(message: &str) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: None,
            message: message.to_owned(),
        }
    }

    pub(super) fn missing(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    pub(super) fn no_user() -> Self {
        Self::missing("inexistent_user", "The user does not exist.")
    }

    pub(super) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "statusCode": self.status.as_u16(),
            "error": self.status.canonical_reason().unwrap_or_default(),
            "message": self.message,
        });
        if let Some(code) = self.code {
            body["errorCode"] = code.into();
        }
        (self.status, Json(body)).into_response()
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            fault.to_string(),
        )
    }
}
