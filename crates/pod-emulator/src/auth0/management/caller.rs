//! Who calls the Management API, what that client may do, and how often.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::problem::Problem;
use crate::auth0::Tenant;
use crate::auth0::limits::Limited;
use crate::auth0::parameters::Parameters;
use crate::auth0::userinfo::bearer;

/// The bearer of a good token for the Management API.
pub(super) struct Caller {
    scopes: Vec<String>,
}

impl Caller {
    pub(super) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }

    /// Demands one of these scopes.
    pub(super) fn may(&self, any_of: &[&str]) -> Result<(), Problem> {
        if any_of.iter().any(|scope| self.has(scope)) {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            format!("Insufficient scope, expected any of: {}", any_of.join(",")),
        ))
    }
}

impl FromRequestParts<Tenant> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        tenant: &Tenant,
    ) -> Result<Self, Self::Rejection> {
        let token =
            bearer(&parts.headers).ok_or_else(|| Problem::token("Missing authentication"))?;
        let claims = tenant
            .open(token)
            .ok_or_else(|| Problem::token("Invalid token"))?;
        if tenant.has_expired(&claims) {
            return Err(Problem::token(
                "Expired token received for JSON Web Token validation",
            ));
        }
        let audience = format!("{}api/v2/", tenant.issuer());
        let meant = match &claims["aud"] {
            Value::Array(all) => all.iter().any(|one| *one == audience),
            one => *one == audience,
        };
        if !meant {
            return Err(Problem::token(&format!("Bad audience: {}", claims["aud"])));
        }
        let scope = claims["scope"].as_str().unwrap_or_default();
        let scopes = scope.split_whitespace().map(str::to_owned).collect();
        Ok(Self { scopes })
    }
}

/// Counts a request against the limit of the whole API, and tells how it
/// stands.
pub(super) async fn limit(State(tenant): State<Tenant>, request: Request, next: Next) -> Response {
    let standing = {
        let now = tenant.now();
        tenant.state().limits.take(Limited::Management, "", now)
    };
    let mut response = if standing.exceeded {
        Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            "Global limit has been reached",
        )
        .into_response()
    } else {
        next.run(request).await
    };
    standing.write(response.headers_mut());
    response
}

/// Reads a query.
pub(super) fn query(query: Option<String>) -> Result<Parameters, Problem> {
    Parameters::of_form(query.unwrap_or_default().as_bytes()).map_err(|refusal| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid_query_string",
            refusal.description,
        )
    })
}

/// Reads a payload, which is an object.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    serde_json::from_slice(body).map_err(|_| malformed())
}

/// 400: the payload cannot be read at all.
pub(super) fn malformed() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid_body",
        "Invalid request payload JSON format",
    )
}
