//! What Twilio says instead of what it was asked for.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Problem(pub(super) u32);

impl Problem {
    fn status(self) -> StatusCode {
        match self.0 {
            20003 => StatusCode::UNAUTHORIZED,
            60605 => StatusCode::FORBIDDEN,
            20404 => StatusCode::NOT_FOUND,
            20429 | 60202 | 60203 | 60212 => StatusCode::TOO_MANY_REQUESTS,
            20500 => StatusCode::INTERNAL_SERVER_ERROR,
            20503 => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn message(self) -> &'static str {
        match self.0 {
            20003 => "Authenticate",
            20404 => "The requested resource was not found",
            20429 => "Too Many Requests",
            21211 => "Invalid 'To' Phone Number",
            21212 => "Invalid From Number (caller ID)",
            21408 => "Permission to send an SMS has not been enabled for the region",
            21602 => "Message body is required.",
            21603 => "A 'From' phone number is required.",
            21606 => "The 'From' number is not a valid, SMS-capable inbound number for the account",
            21609 => "Invalid StatusCallback url",
            21610 => "Attempt to send to unsubscribed recipient",
            21611 => "This 'From' number has exceeded the maximum number of queued messages",
            21612 => "The 'To' phone number is not currently reachable using the 'From' number",
            21614 => "'To' number is not a valid mobile number",
            21617 => "The concatenated message body exceeds the 1600 character limit",
            60200 => "Invalid parameter",
            60202 => "Max check attempts reached",
            60203 => "Max send attempts reached",
            60206 => "Amount and Payee are both needed for a PSD2 verification",
            _ => "The request could not be carried out",
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (Self(code), status) = (self, self.status());
        let body = json!({
            "code": code, "message": self.message(), "status": status.as_u16(),
            "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
        });
        (status, axum::Json(body)).into_response()
    }
}
