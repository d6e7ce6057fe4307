//! Forms, as long as they are small and come at once.

use std::time::Duration;

use axum::Form;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::App;

/// How long a form may take to arrive.
const READING: Duration = Duration::from_secs(2);

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
