//! `POST /oauth/token`: every grant that is used here.

mod client_credentials;
mod code;
mod passwordless;
mod refresh;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Tenant;
use super::parameters::{Authenticated, Parameters, authenticate};
use super::refusal::Refusal;
use super::seed::PASSWORDLESS;
use super::state::State as Held;

/// A request for tokens, of a client that has shown who it is.
struct Request<'a> {
    tenant: &'a Tenant,
    state: &'a mut Held,
    by: Authenticated,
    parameters: &'a Parameters,
}

pub(super) async fn token(
    State(tenant): State<Tenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let parameters = Parameters::of_body(&headers, &body)?;
    let grant = parameters.need("grant_type")?;
    let mut state = tenant.state();
    let by = authenticate(&state, &headers, &parameters)?;
    let handle = match grant {
        "authorization_code" => code::grant,
        "refresh_token" => refresh::grant,
        "client_credentials" => client_credentials::grant,
        PASSWORDLESS => passwordless::grant,
        other => {
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "unsupported_grant_type",
                format!("Unsupported grant type: {other}"),
            ));
        }
    };
    by.allow(grant)?;
    let tokens = handle(Request {
        tenant: &tenant,
        state: &mut state,
        by,
        parameters: &parameters,
    })?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(tokens)).into_response())
}

/// `POST /oauth/revoke`: ends what a refresh token belongs to. A token that is
/// not known is as good as revoked (RFC 7009, 2.2).
pub(super) async fn revoke(
    State(tenant): State<Tenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let parameters = Parameters::of_body(&headers, &body)?;
    let mut state = tenant.state();
    let by = authenticate(&state, &headers, &parameters)?;
    let token = parameters.need("token")?;
    state.families.revoke_token(token, by.id());
    Ok(Json(json!({})))
}
