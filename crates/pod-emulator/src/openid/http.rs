//! The tenant over HTTP: discovery and keys as OpenID Connect has them, and
//! two doors of the emulator's own for testing from outside.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::SignedDuration;
use jsonwebtoken::jwk::JwkSet;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use super::{LIFETIME, Tenant};

/// The scope of a linked account when none is asked for.
const SCOPE: &str = "openid offline_access";

pub(crate) fn router(tenant: Tenant) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/.well-known/jwks.json", get(keys))
        .route("/emulator/accounts/{sub}/token", post(token))
        .route("/emulator/keys/rotate", post(rotate))
        .with_state(tenant)
}

/// What the tenant says of itself: only what it has.
#[derive(Serialize)]
struct Configuration {
    issuer: String,
    jwks_uri: String,
    response_types_supported: [&'static str; 1],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
    scopes_supported: [&'static str; 2],
}

async fn configuration(State(tenant): State<Tenant>) -> Json<Configuration> {
    Json(Configuration {
        issuer: tenant.issuer().to_owned(),
        jwks_uri: format!("{}.well-known/jwks.json", tenant.issuer()),
        response_types_supported: ["code"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
        scopes_supported: ["openid", "offline_access"],
    })
}

async fn keys(State(tenant): State<Tenant>) -> Json<JwkSet> {
    Json(tenant.keys())
}

#[derive(Deserialize)]
struct Wanted {
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

/// The emulator's own: no tenant hands out tokens for the asking.
async fn token(
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

/// The emulator's own: a tenant's keys are rotated by its administrator.
async fn rotate(State(tenant): State<Tenant>) -> Response {
    match tenant.rotate().await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}
