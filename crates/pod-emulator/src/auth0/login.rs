//! `/u/login`: the page that asks for a password, and what becomes of one.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::SignedDuration;

use super::Tenant;
use super::authorize::{authorize, set_cookie};
use super::logins::{Asked, Browser};
use super::page;
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::state::State as Held;
use super::user::User;

/// How long somebody may look for a password.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

const WRONG: &str = "Wrong email or password.";

/// Browsers come from this machine.
const HERE: &str = "127.0.0.1";

pub(super) async fn get(State(tenant): State<Tenant>, RawQuery(query): RawQuery) -> Response {
    let parameters = Parameters::of_form(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let state = tenant.state();
    match waiting(&tenant, &state, &parameters) {
        Some((key, asked)) => {
            let username = asked.login_hint.as_deref().unwrap_or_default();
            page::login(StatusCode::OK, key, username, None)
        }
        None => gone(),
    }
}

pub(super) async fn post(State(tenant): State<Tenant>, body: Bytes) -> Response {
    let parameters = Parameters::of_form(&body).unwrap_or_default();
    let mut state = tenant.state();
    let Some((key, asked)) = waiting(&tenant, &state, &parameters) else {
        return gone();
    };
    let username = parameters
        .get("username")
        .unwrap_or_default()
        .to_lowercase();
    let password = parameters.get("password").unwrap_or_default();
    let refused = |status, words: &str| page::login(status, key, &username, Some(words));

    if state.is_locked_out(&username, HERE) {
        let words = Refusal::too_many_attempts().description;
        return refused(StatusCode::TOO_MANY_REQUESTS, &words);
    }
    let user = state
        .users
        .iter()
        .find(|user| is_called(user, &asked.connection, &username) && user.has_password(password))
        .map(|user| (user.id.clone(), user.is_blocked()));
    state.count_login(&username, HERE, user.is_none());
    let user = match user {
        None => return refused(StatusCode::BAD_REQUEST, WRONG),
        Some((_, true)) => return refused(StatusCode::UNAUTHORIZED, "user is blocked"),
        Some((user, false)) => user,
    };
    state.logins.waiting.remove(key);
    state.note_login(&user, HERE, tenant.now());
    match admit(&tenant, &mut state, asked, user) {
        Ok(response) => response,
        Err(refusal) => page::error(StatusCode::INTERNAL_SERVER_ERROR, &refusal.description),
    }
}

/// What a login page is for, while it is fresh.
fn waiting<'a>(
    tenant: &Tenant,
    state: &Held,
    parameters: &'a Parameters,
) -> Option<(&'a str, Asked)> {
    let key = parameters.get("state")?;
    let asked = state.logins.waiting.get(key)?;
    (tenant.now().duration_since(asked.at) < PATIENCE).then(|| (key, asked.clone()))
}

fn gone() -> Response {
    page::error(
        StatusCode::BAD_REQUEST,
        "This login has ended. Go back to where you came from, and try again.",
    )
}

fn is_called(user: &User, connection: &str, name: &str) -> bool {
    ["email", "phone_number", "username"]
        .iter()
        .any(|field| user.is_known_as(connection, field, name))
}

/// Signs the browser in, and gives the client its code.
fn admit(
    tenant: &Tenant,
    state: &mut Held,
    asked: Asked,
    user: String,
) -> Result<Response, Refusal> {
    let browser = Browser {
        user,
        connection: asked.connection.clone(),
        auth_time: tenant.now().as_second(),
        session: tenant.random().letters(32)?,
    };
    let cookie = tenant.random().letters(48)?;
    let mut response = authorize(tenant, state, asked, &browser)?;
    if let Ok(value) = HeaderValue::from_str(&set_cookie(tenant, &cookie)) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    state.logins.browsers.insert(cookie, browser);
    Ok(response)
}
