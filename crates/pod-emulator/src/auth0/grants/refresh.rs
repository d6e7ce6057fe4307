//! Tokens for a refresh token, which is replaced where the client rotates.

use serde_json::Value;

use super::Request;
use crate::auth0::issue::has;
use crate::auth0::refresh::Family;
use crate::auth0::refusal::Refusal;
use crate::auth0::user::User;

pub(super) fn grant(request: Request<'_>) -> Result<Value, Refusal> {
    let Request {
        tenant,
        state,
        by,
        parameters,
    } = request;
    let token = parameters.need("refresh_token")?;
    let invalid = || Refusal::grant("Unknown or invalid refresh token.");
    let (number, family, rotation) = state
        .families
        .use_refresh(token, &by.client, tenant.now())
        .ok_or_else(invalid)?;
    if state.user(&family.user).is_none_or(User::is_blocked) {
        return Err(invalid());
    }
    let scope = match parameters.get("scope") {
        None => family.scope.clone(),
        // Less than before is fine, more is left out.
        Some(asked) => asked
            .split_whitespace()
            .filter(|scope| has(&family.scope, scope))
            .collect::<Vec<_>>()
            .join(" "),
    };
    let narrowed = Family { scope, ..family };
    tenant.tokens(state, number, &narrowed, None, rotation)
}
