//! Users: made, read, changed and deleted by the administrator.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::caller::{Caller, object, query};
use super::paging::shown;
use super::problem::Problem;
use crate::auth0::Tenant;
use crate::auth0::record::Record;
use crate::auth0::state::{DATABASE, State as Held, time};
use crate::auth0::user::{Identity, User};

/// What is changed one level deep.
const METADATA: [&str; 2] = ["app_metadata", "user_metadata"];

/// The fields that contacts are in.
const CONTACTS: [&str; 3] = ["email", "phone_number", "username"];

pub(super) async fn create(
    State(tenant): State<Tenant>,
    caller: Caller,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    caller.may(&["create:users"])?;
    let mut given = Record::of(Value::Object(object(&body)?));
    let connection = given.text("connection").to_owned();
    if connection.is_empty() {
        return Err(Problem::payload("Missing required property: connection"));
    }
    // Looking and adding are one step: the lock is kept between them.
    let mut state = tenant.state();
    let strategy = strategy_of(&state, &connection)?;
    needs(&given, &strategy)?;
    let email = given.text("email").to_lowercase();
    if !email.is_empty() {
        given.set("email", email);
    }
    free(&state, &connection, &given, None)?;
    let user_id = match given.text("user_id") {
        "" => tenant.random().hex(24)?,
        chosen => chosen.to_owned(),
    };
    let identity = Identity {
        connection,
        provider: strategy,
        user_id,
        profile: Record::default(),
    };
    if state.user(&identity.subject()).is_some() {
        return Err(exists());
    }
    let password = given.text("password").to_owned();
    for field in ["connection", "password", "user_id", "verify_email"] {
        given.remove(field);
    }
    let name = CONTACTS
        .iter()
        .map(|field| given.text(field).to_owned())
        .find(|name| !name.is_empty())
        .unwrap_or_default();
    let nickname = name.split('@').next().unwrap_or_default().to_owned();
    given.set_default("name", name);
    given.set_default("nickname", nickname);
    for contact in ["email", "phone"] {
        let field = if contact == "email" {
            "email"
        } else {
            "phone_number"
        };
        if !given.text(field).is_empty() {
            given.set_default(&format!("{contact}_verified"), false);
        }
    }
    given.set("created_at", time(tenant.now()));
    given.set("updated_at", time(tenant.now()));
    let user = User {
        id: identity.subject(),
        profile: given,
        identities: vec![identity],
        password: (!password.is_empty()).then(|| password.into()),
    };
    let created = user.to_record().to_value();
    state.users.push(user);
    Ok((StatusCode::CREATED, Json(created)))
}

pub(super) async fn read(
    State(tenant): State<Tenant>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(wanted): RawQuery,
) -> Result<Json<Value>, Problem> {
    caller.may(&["read:users", "read:current_user"])?;
    let query = query(wanted)?;
    let state = tenant.state();
    let user = state.user(&id).ok_or_else(Problem::no_user)?;
    Ok(Json(shown(&user.to_record(), &query)))
}

pub(super) async fn update(
    State(tenant): State<Tenant>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    caller.may(&["update:users"])?;
    let mut patch = object(&body)?;
    let mut state = tenant.state();
    let user = state.user(&id).ok_or_else(Problem::no_user)?;
    let connection = user.identities[0].connection.clone();
    let given = Record::of(Value::Object(patch.clone()));
    free(&state, &connection, &given, Some(&id))?;
    let user = state.user_mut(&id).ok_or_else(Problem::no_user)?;
    if let Some(Value::String(password)) = patch.remove("password") {
        user.password = Some(password.into());
    }
    for field in [
        "connection",
        "client_id",
        "verify_email",
        "verify_phone_number",
    ] {
        patch.remove(field);
    }
    tidy(&mut patch);
    user.profile.patch(patch, &METADATA);
    user.profile.set("updated_at", time(tenant.now()));
    Ok(Json(user.to_record().to_value()))
}

pub(super) async fn delete(
    State(tenant): State<Tenant>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.may(&["delete:users", "delete:current_user"])?;
    let mut state = tenant.state();
    state.users.retain(|user| user.id != id);
    state.families.revoke_all_of(&id);
    state
        .logins
        .browsers
        .retain(|_, browser| browser.user != id);
    // A user who never was is deleted as well.
    Ok(StatusCode::NO_CONTENT)
}

fn tidy(patch: &mut Map<String, Value>) {
    if let Some(Value::String(email)) = patch.get_mut("email") {
        *email = email.to_lowercase();
    }
}

fn strategy_of(state: &Held, connection: &str) -> Result<String, Problem> {
    state
        .connection(connection)
        .map(|connection| connection.text("strategy").to_owned())
        .ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "inexistent_connection",
                "The connection does not exist.",
            )
        })
}

/// What a user of a connection must have.
fn needs(given: &Record, strategy: &str) -> Result<(), Problem> {
    let has = |field: &str| !given.text(field).is_empty();
    let missing = match strategy {
        "sms" if !has("phone_number") => "phone_number",
        "email" if !has("email") => "email",
        DATABASE if !CONTACTS.iter().any(|field| has(field)) => "email",
        DATABASE if !has("password") => "password",
        _ => return Ok(()),
    };
    Err(Problem::payload(&format!(
        "Missing required property: {missing}"
    )))
}

/// Whether the contacts are nobody else's in this connection, linked accounts
/// included.
fn free(
    state: &Held,
    connection: &str,
    given: &Record,
    except: Option<&str>,
) -> Result<(), Problem> {
    let taken = CONTACTS.iter().any(|field| {
        let contact = given.text(field);
        let owner = state.known_as(connection, field, contact);
        !contact.is_empty() && owner.is_some_and(|owner| Some(owner.id.as_str()) != except)
    });
    if taken { Err(exists()) } else { Ok(()) }
}

fn exists() -> Problem {
    Problem::conflict("auth0_idp_error", "The user already exists.")
}

/// The blocks of a user whose logins failed too often.
pub(super) fn blocked_for(state: &Held, user: &User) -> Value {
    let protection = "attack-protection/brute-force-protection";
    let most = state
        .setting(protection, "max_attempts")
        .as_u64()
        .unwrap_or(10);
    let known = |name: &str| {
        CONTACTS.iter().any(|field| {
            user.identities
                .iter()
                .any(|identity| user.is_known_as(&identity.connection, field, name))
        })
    };
    state
        .failures
        .iter()
        .filter(|((name, _), count)| **count >= most && known(name))
        .map(|((name, ip), _)| json!({"identifier": name, "ip": ip}))
        .collect()
}
