//! What a request carries: a form, a JSON object, or a query, and the client
//! that it comes from.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::record::Record;
use super::refusal::Refusal;
use super::state::State;

/// Parameters by name, each once.
#[derive(Debug, Clone, Default)]
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Reads a query or a form; a parameter that comes twice is refused, as
    /// RFC 6749, 3.1 asks.
    pub(super) fn of_form(form: &[u8]) -> Result<Self, Refusal> {
        let mut parameters = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(form) {
            let name = name.into_owned();
            if parameters.contains_key(&name) {
                return Err(Refusal::bad(
                    "invalid_request",
                    format!("Duplicate parameter: {name}"),
                ));
            }
            parameters.insert(name, value.into_owned());
        }
        Ok(Self(parameters))
    }

    /// Reads the body of a request: JSON if it says so, else a form.
    pub(super) fn of_body(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let kind = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Self::of_form(body);
        }
        let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
            return Err(Refusal::bad(
                "invalid_request",
                "The body is not valid JSON.",
            ));
        };
        let text = |value| match value {
            Value::String(text) => Some(text),
            Value::Null => None,
            other => Some(other.to_string()),
        };
        Ok(Self(
            fields
                .into_iter()
                .filter_map(|(name, value)| Some((name, text(value)?)))
                .collect(),
        ))
    }

    /// A parameter, unless it is missing or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A parameter that a request cannot do without.
    pub(super) fn need(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| {
            Refusal::bad(
                "invalid_request",
                format!("Missing required parameter: {name}"),
            )
        })
    }
}

/// A client that has shown who it is.
pub(super) struct Authenticated {
    pub(super) client: Record,
    /// Where the request comes from: this machine, or where a trusted client
    /// says its user is.
    pub(super) ip: String,
}

impl Authenticated {
    pub(super) fn id(&self) -> &str {
        self.client.text("client_id")
    }

    pub(super) fn allow(&self, grant: &str) -> Result<(), Refusal> {
        let allowed = self.client.texts("grant_types").any(|known| known == grant);
        if allowed {
            Ok(())
        } else {
            Err(Refusal::grant_type(grant))
        }
    }
}

/// Finds the client of a request and checks its secret, by Basic or from the
/// body. A client without authentication needs none.
pub(super) fn authenticate(
    state: &State,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Authenticated, Refusal> {
    let basic = basic(headers)?;
    let (id, secret) = match &basic {
        Some((id, secret)) => {
            let other = parameters.get("client_id").is_some_and(|other| other != id);
            if other || parameters.get("client_secret").is_some() {
                return Err(Refusal::bad(
                    "invalid_request",
                    "A client authenticates in one way only.",
                ));
            }
            (Some(id.as_str()), Some(secret.as_str()))
        }
        None => (parameters.get("client_id"), parameters.get("client_secret")),
    };
    let client = id
        .and_then(|id| state.client(id))
        .ok_or_else(Refusal::client)?
        .clone();
    let public = client.text("token_endpoint_auth_method") == "none";
    match secret {
        None if public => {}
        None => return Err(Refusal::client()),
        Some(secret) if secret == client.text("client_secret") => {}
        Some(_) => {
            return Err(Refusal::new(
                StatusCode::UNAUTHORIZED,
                "access_denied",
                "Unauthorized",
            ));
        }
    }
    let trusted = !public && client.flag("is_token_endpoint_ip_header_trusted");
    let ip = headers
        .get("auth0-forwarded-for")
        .and_then(|value| value.to_str().ok())
        .filter(|_| trusted)
        .unwrap_or("127.0.0.1")
        .to_owned();
    Ok(Authenticated { client, ip })
}

/// The id and the secret of `Authorization: Basic`, each form-encoded within
/// (RFC 6749, 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refusal> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let read = || {
        let encoded = value.to_str().ok()?.strip_prefix("Basic ")?;
        let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
        let (id, secret) = pair.split_once(':')?;
        Some((decoded(id), decoded(secret)))
    };
    read().map(Some).ok_or_else(Refusal::client)
}

fn decoded(text: &str) -> String {
    url::form_urlencoded::parse(text.as_bytes())
        .next()
        .map(|(decoded, _)| decoded.into_owned())
        .unwrap_or_default()
}
