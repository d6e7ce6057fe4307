//! `GET /authorize`: what a client may ask for, and where the answer goes.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use url::Url;

use super::Tenant;
use super::issue::{granted, known_audience};
use super::logins::{Asked, Authorized, Browser};
use super::page;
use super::parameters::Parameters;
use super::record::Record;
use super::refusal::Refusal;
use super::state::State as Held;

/// The name of the cookie of a browser that is signed in.
const COOKIE: &str = "auth0";

/// Where an answer goes: back to the client, once it is known to be its place.
struct Return<'a> {
    redirect_uri: &'a str,
    state: Option<&'a str>,
    issuer: Option<&'a str>,
}

impl Return<'_> {
    fn with(&self, answer: &[(&str, &str)]) -> Response {
        let state = self.state.map(|state| ("state", state));
        let issuer = self.issuer.map(|issuer| ("iss", issuer));
        let pairs = answer.iter().copied().chain(state).chain(issuer);
        redirect_with(self.redirect_uri, pairs)
    }
}

pub(super) async fn get(
    State(tenant): State<Tenant>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    answer(&tenant, query.unwrap_or_default().as_bytes(), &headers)
}

pub(super) async fn post(
    State(tenant): State<Tenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&tenant, &body, &headers)
}

fn answer(tenant: &Tenant, form: &[u8], headers: &HeaderMap) -> Response {
    let parameters = match Parameters::of_form(form) {
        Ok(parameters) => parameters,
        Err(refusal) => return page::error(StatusCode::BAD_REQUEST, &refusal.description),
    };
    let mut state = tenant.state();
    let client_id = parameters.get("client_id").unwrap_or_default();
    let Some(client) = state.client(client_id).cloned() else {
        return page::error(
            StatusCode::BAD_REQUEST,
            &format!("Unknown client: {client_id}"),
        );
    };
    let redirect_uri = parameters.get("redirect_uri").unwrap_or_default();
    if !client.texts("callbacks").any(|known| known == redirect_uri) {
        return page::error(
            StatusCode::FORBIDDEN,
            &format!(
                "Callback URL mismatch. The provided redirect_uri is not in the list of allowed \
                 callback URLs: {redirect_uri}"
            ),
        );
    }
    let back = Return {
        redirect_uri,
        state: parameters.get("state"),
        issuer: issuer_of_answers(tenant, &state),
    };
    let refused = |refusal: &Refusal| {
        back.with(&[
            ("error", refusal.error),
            ("error_description", &refusal.description),
        ])
    };
    let asked = match read(tenant, &state, &client, &parameters) {
        Ok(asked) => asked,
        Err(refusal) => return refused(&refusal),
    };
    match signed_in(tenant, &state, &parameters, &asked, headers) {
        Ok(Some(browser)) => match authorize(tenant, &mut state, asked, &browser) {
            Ok(response) => response,
            Err(refusal) => refused(&refusal),
        },
        Ok(None) => match tenant.random().letters(48) {
            Ok(waiting) => {
                let page = format!("{}u/login?state={waiting}", tenant.issuer());
                state.logins.waiting.insert(waiting, asked);
                redirect(&page)
            }
            Err(fault) => refused(&fault.into()),
        },
        Err(refusal) => refused(&refusal),
    }
}

/// Reads what the client asks for.
fn read(
    tenant: &Tenant,
    state: &Held,
    client: &Record,
    parameters: &Parameters,
) -> Result<Asked, Refusal> {
    if parameters.get("response_type") != Some("code") {
        return Err(Refusal::bad(
            "unsupported_response_type",
            "Only response_type=code is supported here.",
        ));
    }
    let code = "authorization_code";
    if !client.texts("grant_types").any(|grant| grant == code) {
        return Err(Refusal::grant_type(code));
    }
    let audience = parameters.owned("audience");
    known_audience(state, audience.as_deref())?;
    let asked = parameters.get("scope").unwrap_or_default();
    let scope = granted(state, client, audience.as_deref(), asked);
    let database = state.database_of(client.text("client_id"), parameters.get("connection"));
    let connection = database
        .ok_or_else(|| Refusal::bad("invalid_request", "no connections enabled for the client"))?;
    Ok(Asked {
        client: client.text("client_id").to_owned(),
        redirect_uri: parameters.need("redirect_uri")?.to_owned(),
        state: parameters.owned("state"),
        nonce: parameters.owned("nonce"),
        challenge: challenge(client, parameters)?,
        audience,
        scope,
        connection: connection.text("name").to_owned(),
        login_hint: parameters.owned("login_hint"),
        at: tenant.now(),
    })
}

/// Reads the code challenge: by SHA-256 or not at all, since a plain one is
/// there for everybody to read.
fn challenge(client: &Record, parameters: &Parameters) -> Result<Option<String>, Refusal> {
    let bad = |description| Err(Refusal::bad("invalid_request", description));
    match (
        parameters.get("code_challenge"),
        parameters.get("code_challenge_method"),
    ) {
        (None, None) if client.text("token_endpoint_auth_method") == "none" => {
            bad("Parameter 'code_challenge' is required for this client")
        }
        (None, None) => Ok(None),
        (None, Some(_)) => bad("Missing required parameter: code_challenge"),
        (Some(challenge), Some("S256")) => {
            let fits = challenge.len() == 43
                && challenge
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            if fits {
                Ok(Some(challenge.to_owned()))
            } else {
                bad("Parameter 'code_challenge' must be a base64url-encoded SHA-256")
            }
        }
        (Some(_), _) => bad("Parameter 'code_challenge_method' must be 'S256'"),
    }
}

/// The browser's login, if there is one that is good enough.
fn signed_in(
    tenant: &Tenant,
    state: &Held,
    parameters: &Parameters,
    asked: &Asked,
    headers: &HeaderMap,
) -> Result<Option<Browser>, Refusal> {
    let oldest = parameters
        .get("max_age")
        .and_then(|age| age.parse::<i64>().ok())
        .map(|age| tenant.now().as_second() - age);
    let browser = cookie(headers)
        .and_then(|cookie| state.logins.browsers.get(cookie))
        .filter(|browser| browser.connection == asked.connection)
        .filter(|browser| oldest.is_none_or(|oldest| browser.auth_time >= oldest))
        .filter(|browser| {
            state
                .user(&browser.user)
                .is_some_and(|user| !user.is_blocked())
        });
    match parameters.get("prompt") {
        None | Some("consent") => Ok(browser.cloned()),
        Some("login" | "select_account") => Ok(None),
        Some("none") => browser
            .cloned()
            .map(Some)
            .ok_or_else(|| Refusal::bad("login_required", "Login required")),
        Some(other) => Err(Refusal::bad(
            "invalid_request",
            format!("Invalid prompt: {other}"),
        )),
    }
}

/// Gives the client a code.
pub(super) fn authorize(
    tenant: &Tenant,
    state: &mut Held,
    asked: Asked,
    browser: &Browser,
) -> Result<Response, Refusal> {
    let code = tenant.random().letters(43)?;
    let response = Return {
        redirect_uri: &asked.redirect_uri,
        state: asked.state.as_deref(),
        issuer: issuer_of_answers(tenant, state),
    }
    .with(&[("code", &code)]);
    let authorized = Authorized {
        asked,
        user: browser.user.clone(),
        auth_time: browser.auth_time,
        session: browser.session.clone(),
        at: tenant.now(),
        used: None,
    };
    state.logins.codes.insert(code, authorized);
    Ok(response)
}

/// The issuer, if the tenant is set to name itself in its answers (RFC 9207).
fn issuer_of_answers<'t>(tenant: &'t Tenant, state: &Held) -> Option<&'t str> {
    names_itself(state).then(|| tenant.issuer())
}

pub(super) fn names_itself(state: &Held) -> bool {
    state.setting(
        "tenants/settings",
        "authorization_response_iss_parameter_supported",
    ) == &Value::Bool(true)
}

/// The cookie of a browser that is signed in.
pub(super) fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split("; "))
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
}

/// The header that signs a browser in, or out with an empty value.
pub(super) fn set_cookie(tenant: &Tenant, value: &str) -> String {
    let secure = if tenant.issuer().starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    let end = if value.is_empty() { "; Max-Age=0" } else { "" };
    format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{end}")
}

/// Sends a browser to an address, with more parameters.
pub(super) fn redirect_with<'a>(
    to: &str,
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> Response {
    match Url::parse(to) {
        Ok(mut url) => {
            let mut pairs = pairs.peekable();
            if pairs.peek().is_some() {
                url.query_pairs_mut().extend_pairs(pairs);
            }
            redirect(url.as_str())
        }
        Err(_) => page::error(StatusCode::BAD_REQUEST, "The address to go to is none."),
    }
}

pub(super) fn redirect(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (
            StatusCode::FOUND,
            [
                (header::LOCATION, to),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ],
        )
            .into_response(),
        Err(_) => page::error(StatusCode::BAD_REQUEST, "The address to go to is none."),
    }
}
