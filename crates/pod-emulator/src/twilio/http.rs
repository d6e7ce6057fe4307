//! Twilio over HTTP: which path is answered by whom, and who may ask.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use super::problem::Problem;
use super::{
    TWILIO_ACCOUNT, TWILIO_KEY, TWILIO_KEY_SECRET, TWILIO_TOKEN, Twilio, TwilioTrouble, messages,
    verify,
};

pub(crate) fn router(twilio: Twilio) -> Router {
    Router::new()
        .route(
            "/2010-04-01/Accounts/{account}/Messages.json",
            get(messages::list).post(messages::create),
        )
        .route("/v2/Services/{service}", get(verify::service))
        .route("/v2/Services/{service}/Verifications", post(verify::create))
        .route(
            "/v2/Services/{service}/Verifications/{sid}",
            post(verify::change),
        )
        .route(
            "/v2/Services/{service}/VerificationCheck",
            post(verify::check),
        )
        .route(
            "/emulator/twilio/troubles",
            post(trouble).delete(end_troubles),
        )
        .with_state(twilio)
}

/// Proof that the account's owner asks.
pub(super) struct Owner;

impl<S: Send + Sync> FromRequestParts<S> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let basic = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Basic "))
            .and_then(|value| BASE64_STANDARD.decode(value).ok())
            .unwrap_or_default();
        let known = [
            (TWILIO_ACCOUNT, TWILIO_TOKEN),
            (TWILIO_KEY, TWILIO_KEY_SECRET),
        ];
        let is_known = known
            .iter()
            .any(|(user, password)| basic == format!("{user}:{password}").as_bytes());
        if is_known {
            Ok(Self)
        } else {
            Err(Problem(20003))
        }
    }
}

/// A form: Twilio reads nothing else.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// A field that is there and not empty.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter();
        let (_, value) = fields.find(|(known, _)| known == name)?;
        Some(&**value).filter(|value| !value.is_empty())
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(IntoResponse::into_response)?;
        let fields = url::form_urlencoded::parse(&body);
        Ok(Self(fields.into_owned().collect()))
    }
}

/// A trouble to come: how often, and which.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ordered {
    times: u32,
    trouble: TwilioTrouble,
}

async fn trouble(State(twilio): State<Twilio>, Json(ordered): Json<Ordered>) -> StatusCode {
    twilio.trouble(ordered.times, ordered.trouble);
    StatusCode::NO_CONTENT
}

async fn end_troubles(State(twilio): State<Twilio>) -> StatusCode {
    twilio.end_troubles();
    StatusCode::NO_CONTENT
}
