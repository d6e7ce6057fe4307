//! `/userinfo`: what the scope of an access token lets its bearer know.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::Tenant;
use super::issue::has;

pub(super) async fn userinfo(State(tenant): State<Tenant>, headers: HeaderMap) -> Response {
    match bearer(&headers).and_then(|token| claims(&tenant, token)) {
        Some(claims) => Json(claims).into_response(),
        None => (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")],
            "Unauthorized",
        )
            .into_response(),
    }
}

/// The token of `Authorization: Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

fn claims(tenant: &Tenant, token: &str) -> Option<Value> {
    let state = tenant.state();
    if state.families.is_revoked(token) {
        return None;
    }
    let (subject, scope) = if let Some(claims) = tenant.open(token) {
        let userinfo = format!("{}userinfo", tenant.issuer());
        let meant = claims["aud"]
            .as_array()
            .is_some_and(|audiences| audiences.iter().any(|one| *one == userinfo));
        if !meant || tenant.has_expired(&claims) {
            return None;
        }
        let text = |claim: &str| claims[claim].as_str().map(str::to_owned);
        (text("sub")?, text("scope")?)
    } else {
        let family = state.families.of_access(token)?;
        (family.user.clone(), family.scope.clone())
    };
    has(&scope, "openid")
        .then(|| state.user(&subject))
        .flatten()
        .map(|user| user.claims(&scope))
}
