//! Tokens for an authorization code: once, to the client it was given to, from
//! where it was sent to, by who asked for it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Request;
use crate::auth0::logins::Authorized;
use crate::auth0::refresh::{Family, Rotation};
use crate::auth0::refusal::Refusal;

/// How long a code may be on its way.
const LIFETIME: SignedDuration = SignedDuration::from_mins(1);

pub(super) fn grant(request: Request<'_>) -> Result<Value, Refusal> {
    let Request {
        tenant,
        state,
        by,
        parameters,
    } = request;
    let code = parameters.need("code")?;
    let invalid = || Refusal::grant("Invalid authorization code");
    let known = state.logins.codes.get(code).ok_or_else(invalid)?;
    if let Some(family) = known.used {
        // Who replays it may be the thief or the robbed: nobody keeps tokens.
        state.families.revoke(family);
        return Err(invalid());
    }
    let age = tenant.now().duration_since(known.at);
    if known.asked.client != by.id() || age >= LIFETIME {
        return Err(invalid());
    }
    let redirect_uri = parameters.get("redirect_uri").unwrap_or_default();
    if redirect_uri != known.asked.redirect_uri {
        return Err(Refusal::grant(format!(
            "The redirect URI is wrong. You sent {redirect_uri}, and we expected {}",
            known.asked.redirect_uri
        )));
    }
    if !is_proved(known, parameters.get("code_verifier")) {
        return Err(Refusal::grant("Failed to verify code verifier"));
    }
    let Authorized {
        asked,
        user,
        auth_time,
        session,
        ..
    } = known.clone();
    let family = Family {
        client: asked.client,
        user,
        audience: asked.audience,
        scope: asked.scope,
        auth_time,
        session,
        began: tenant.now(),
    };
    let number = state.families.begin(family.clone());
    if let Some(known) = state.logins.codes.get_mut(code) {
        known.used = Some(number);
    }
    tenant.tokens(
        state,
        number,
        &family,
        asked.nonce.as_deref(),
        Rotation::Replaced,
    )
}

/// Whether the verifier fits the challenge; a verifier without a challenge is
/// an attempt to do without one.
fn is_proved(known: &Authorized, verifier: Option<&str>) -> bool {
    match (&known.asked.challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == *challenge
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}
