//! Tokens for a one-time code: of the connections `sms` and `email`, or of a
//! challenge of a database user.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Request;
use crate::auth0::issue::{granted, known_audience};
use crate::auth0::otp::Guess;
use crate::auth0::passwordless::{Realm, new_user};
use crate::auth0::refresh::{Family, Rotation};
use crate::auth0::refusal::Refusal;
use crate::auth0::state::{State, is_enabled};
use crate::auth0::user::User;

pub(super) fn grant(mut request: Request<'_>) -> Result<Value, Refusal> {
    let audience = request.parameters.owned("audience");
    known_audience(request.state, audience.as_deref())?;
    let user = match request.parameters.get("auth_session") {
        Some(session) => of_session(&mut request, session)?,
        None => of_realm(&mut request)?,
    };
    let Request {
        tenant,
        state,
        by,
        parameters,
    } = request;
    allowed(state, &user)?;
    state.note_login(&user, &by.ip, tenant.now());
    let asked = parameters.get("scope").unwrap_or("openid");
    let now = tenant.now();
    let family = Family {
        scope: granted(state, &by.client, audience.as_deref(), asked),
        client: by.id().to_owned(),
        user,
        audience,
        auth_time: now.as_second(),
        session: tenant.random().letters(32)?,
        began: now,
    };
    let number = state.families.begin(family.clone());
    tenant.tokens(state, number, &family, None, Rotation::Replaced)
}

/// The classic way: a contact, a code, and a realm.
fn of_realm(request: &mut Request<'_>) -> Result<String, Refusal> {
    let Request {
        tenant,
        state,
        by,
        parameters,
    } = request;
    let realm = parameters.need("realm")?;
    let username = parameters.need("username")?;
    let code = parameters.need("otp")?;
    let realm = state
        .connection(realm)
        .filter(|connection| is_enabled(connection, by.id()))
        .and_then(Realm::of)
        .ok_or_else(|| {
            Refusal::bad(
                "invalid_request",
                format!("the connection was not found: {realm}"),
            )
        })?;
    let username = realm.tidy(username);
    if state.is_locked_out(&username, &by.ip) {
        return Err(Refusal::too_many_attempts());
    }
    let known = state.known_as(&realm.name, realm.field, &username);
    if let Some(user) = known.map(|user| user.id.clone()) {
        blocked(state, &user)?;
    }
    let now = tenant.now();
    let key = (realm.name.clone(), username.clone());
    let challenge = state.codes.sent.get_mut(&key);
    let (guess, reserved) = challenge.map_or((Guess::Wrong, String::new()), |challenge| {
        (challenge.guess(code, now), challenge.reserved.clone())
    });
    state.count_login(&username, &by.ip, guess != Guess::Right);
    let words = match guess {
        Guess::Right => {
            let user = match state.known_as(&realm.name, realm.field, &username) {
                Some(user) => user.id.clone(),
                None => new_user(state, &realm, &username, &reserved, now),
            };
            if let Some(known) = state.user_mut(&user) {
                known.confirm(&realm.name, realm.field, &username, realm.verified);
            }
            return Ok(user);
        }
        Guess::Wrong => realm.wrong,
        Guess::Exhausted => {
            "You've reached the maximum number of attempts. Please try to login again."
        }
        Guess::Expired => "The verification code has expired. Please try to login again.",
    };
    Err(Refusal::grant(words))
}

/// The newer way: a code, for a session that only this client has.
fn of_session(request: &mut Request<'_>, session: &str) -> Result<String, Refusal> {
    let code = request.parameters.need("otp")?;
    let now = request.tenant.now();
    let client = request.by.id();
    let sessions = &mut request.state.codes.sessions;
    let known = sessions
        .get_mut(session)
        .filter(|known| known.client == client);
    let user = known.and_then(|known| {
        let guess = known.challenge.guess(code, now);
        known.user.clone().filter(|_| guess == Guess::Right)
    });
    user.ok_or_else(|| Refusal::bad("invalid_request", "Invalid or expired OTP or session."))
}

fn blocked(state: &State, user: &str) -> Result<(), Refusal> {
    if state.user(user).is_some_and(User::is_blocked) {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "unauthorized",
            "user is blocked",
        ));
    }
    Ok(())
}

/// A user who was blocked meanwhile, or of whom more is asked, gets nothing.
fn allowed(state: &State, user: &str) -> Result<(), Refusal> {
    let Some(user) = state.user(user) else {
        return Err(Refusal::grant("The user does not exist."));
    };
    if user.is_blocked() {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "access_denied",
            "user is blocked",
        ));
    }
    if user.needs_second_factor() {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "mfa_required",
            "Multifactor authentication required",
        )
        .with("mfa_token", format!("Fe26.2*pod*{}", user.id))
        .with("mfa_requirements", json!({"challenge": [{"type": "otp"}]})));
    }
    Ok(())
}
