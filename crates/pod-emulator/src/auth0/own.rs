//! What no tenant has: doors of the emulator's own, for testing from outside.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use super::trouble::Wanted as WantedTrouble;
use super::{LIFETIME, Tenant};

/// The scope of a linked account when none is asked for.
const SCOPE: &str = "openid offline_access order:pizza";

#[derive(Deserialize)]
pub(super) struct Wanted {
    scope: Option<String>,
    lifetime: Option<i64>,
}

#[derive(Serialize)]
struct Issued {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
}

/// No tenant hands out tokens for the asking.
pub(super) async fn token(
    State(tenant): State<Tenant>,
    Path(sub): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let scope = wanted.scope.unwrap_or_else(|| SCOPE.to_owned());
    let lifetime = wanted.lifetime.map_or(LIFETIME, SignedDuration::from_secs);
    match tenant.issue_token(&sub, &scope, lifetime) {
        Ok(token) => Json(Issued {
            access_token: token.expose_secret().to_owned(),
            token_type: "Bearer",
            expires_in: lifetime.as_secs(),
            scope,
        })
        .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

/// A tenant's keys are rotated by its administrator.
pub(super) async fn rotate(State(tenant): State<Tenant>) -> Response {
    match tenant.rotate().await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

/// How often each path was asked for.
pub(super) async fn requests(State(tenant): State<Tenant>) -> Json<BTreeMap<String, u64>> {
    Json(tenant.troubles().requests())
}

/// A trouble to come: for whom, how often, and which.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ordered {
    path: String,
    times: u32,
    trouble: WantedTrouble,
}

pub(super) async fn trouble(
    State(tenant): State<Tenant>,
    Json(ordered): Json<Ordered>,
) -> StatusCode {
    tenant.trouble(&ordered.path, ordered.times, ordered.trouble.into());
    StatusCode::NO_CONTENT
}

pub(super) async fn end_troubles(State(tenant): State<Tenant>) -> StatusCode {
    tenant.end_troubles();
    StatusCode::NO_CONTENT
}
