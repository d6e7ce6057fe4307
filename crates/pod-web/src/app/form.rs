//! Forms, as long as they are small and come at once; sent twice, they have
//! one effect.

use std::time::Duration;

use axum::Form;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use pod_core::ports::Claim;
use pod_core::{CustomerId, Fault};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::App;
use crate::names;

/// How long a form may take to arrive.
const READING: Duration = Duration::from_secs(2);

/// How long a form that was sent may be sent again.
const ONCE: Duration = Duration::from_hours(1);

/// What somebody filled in.
pub(super) struct Filled<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Filled<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        match timeout(READING, Form::<T>::from_request(request, app)).await {
            Ok(Ok(Form(filled))) => Ok(Self(filled)),
            Ok(Err(refused)) => Err(refused.into_response()),
            Err(_) => Err(StatusCode::REQUEST_TIMEOUT.into_response()),
        }
    }
}

/// A name for the forms of a page, as it is shown now.
pub(super) fn once(app: &App) -> Result<String, Fault> {
    let mut random = [0; 16];
    app.0.ports.entropy.fill(&mut random)?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}

/// What names a form that was sent, with what it said; `None` for one without
/// a name.
pub(super) fn claim(
    app: &App,
    customer: &CustomerId,
    once: Option<&str>,
    said: &str,
) -> Option<Claim> {
    Some(Claim {
        key: names::request("app", customer, once?)?,
        digest: app.pod().request_digest(said.as_bytes()),
        keep_until: app.now() + ONCE,
    })
}
