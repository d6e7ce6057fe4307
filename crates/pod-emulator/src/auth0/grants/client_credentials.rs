//! Tokens for machines: for the Management API, or for an API.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Request;
use crate::auth0::issue::{Access, known_audience};
use crate::auth0::refusal::Refusal;

pub(super) fn grant(request: Request<'_>) -> Result<Value, Refusal> {
    let Request {
        tenant,
        state,
        by,
        parameters,
    } = request;
    let denied =
        |description: String| Refusal::new(StatusCode::FORBIDDEN, "access_denied", description);
    let Some(audience) = parameters.get("audience") else {
        return Err(denied(
            "No audience parameter was provided, and no default audience has been configured"
                .to_owned(),
        ));
    };
    known_audience(state, Some(audience))?;
    let Some(grant) = state.grant(by.id(), audience) else {
        return Err(denied(format!(
            "Client is not authorized to access \"{audience}\". You need to create a \
             \"client-grant\" associated to this API. See: \
             https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants"
        )));
    };
    let asked: Option<Vec<&str>> = parameters
        .get("scope")
        .map(|scope| scope.split_whitespace().collect());
    let scopes: Vec<&str> = grant
        .texts("scope")
        .filter(|scope| asked.as_ref().is_none_or(|asked| asked.contains(scope)))
        .collect();
    let scope = scopes.join(" ");
    let (access_token, lifetime) = tenant.access_token(
        state,
        &Access {
            subject: &format!("{}@clients", by.id()),
            client: by.id(),
            audience,
            scope: &scope,
            gty: Some("client-credentials"),
        },
    )?;
    Ok(json!({
        "access_token": access_token, "token_type": "Bearer",
        "expires_in": lifetime, "scope": scope,
    }))
}
