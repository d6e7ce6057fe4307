//! Accounts of one person made one: linked, and parted again.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value;

use super::caller::{Caller, object};
use super::problem::Problem;
use crate::auth0::Tenant;
use crate::auth0::record::Record;
use crate::auth0::state::State as Held;
use crate::auth0::user::User;

/// Links a second account: by its provider and id, or by an ID token of it.
pub(super) async fn link(
    State(tenant): State<Tenant>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    caller.may(&["update:users"])?;
    let given = Record::of(Value::Object(object(&body)?));
    // Taking the one and giving it to the other are one step.
    let mut state = tenant.state();
    if state.user(&id).is_none() {
        return Err(Problem::no_user());
    }
    let secondary = secondary(&tenant, &given)?;
    if secondary == id {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid_body",
            "Main account and secondary account are the same.",
        ));
    }
    let linked = state.users.iter().any(|user| {
        let mut others = user.identities.iter().skip(1);
        others.any(|identity| identity.subject() == secondary)
    });
    if linked {
        return Err(Problem::conflict(
            "identity_conflict",
            "Specified identity is already linked.",
        ));
    }
    let joined = take(&mut state, &secondary)?;
    let primary = state.user_mut(&id).ok_or_else(Problem::no_user)?;
    let mut joined_identities = joined.identities.into_iter();
    if let Some(mut first) = joined_identities.next() {
        first.profile = joined.profile;
        primary.identities.push(first);
    }
    primary.identities.extend(joined_identities);
    Ok((StatusCode::CREATED, Json(primary.identities_shown())))
}

/// Parts an account again: it is a user of its own from then on.
pub(super) async fn unlink(
    State(tenant): State<Tenant>,
    caller: Caller,
    Path((id, provider, user_id)): Path<(String, String, String)>,
) -> Result<Json<Value>, Problem> {
    caller.may(&["update:users"])?;
    let mut state = tenant.state();
    let primary = state.user_mut(&id).ok_or_else(Problem::no_user)?;
    let place = primary
        .identities
        .iter()
        .skip(1)
        .position(|identity| identity.provider == provider && identity.user_id == user_id)
        .ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "identity_not_found",
                "The identity is not linked to the user, or is the user's own.",
            )
        })?;
    let mut identity = primary.identities.remove(place + 1);
    let shown = primary.identities_shown();
    let profile = std::mem::take(&mut identity.profile);
    state.users.push(User {
        id: identity.subject(),
        profile,
        identities: vec![identity],
        password: None,
    });
    Ok(Json(shown))
}

/// The id of the account to link.
fn secondary(tenant: &Tenant, given: &Record) -> Result<String, Problem> {
    if !given.text("link_with").is_empty() {
        return tenant
            .open(given.text("link_with"))
            .filter(|claims| !tenant.has_expired(claims))
            .and_then(|claims| claims["sub"].as_str().map(str::to_owned))
            .ok_or_else(|| {
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    "invalid_body",
                    "The link_with token is not valid.",
                )
            });
    }
    let provider = given.text("provider");
    let id = given.text("user_id");
    for (field, text) in [("provider", provider), ("user_id", id)] {
        if text.is_empty() {
            return Err(Problem::payload(&format!(
                "Missing required property: {field}"
            )));
        }
    }
    // Both `123` and `sms|123` are understood.
    let id = id
        .strip_prefix(provider)
        .and_then(|rest| rest.strip_prefix('|'))
        .unwrap_or(id);
    Ok(format!("{provider}|{id}"))
}

fn take(state: &mut Held, id: &str) -> Result<User, Problem> {
    let place = state
        .users
        .iter()
        .position(|user| user.id == id)
        .ok_or_else(Problem::no_user)?;
    Ok(state.users.remove(place))
}
