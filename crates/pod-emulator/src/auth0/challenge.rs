//! `POST /otp/challenge`: a code for a database user, bound to a session that
//! the client keeps.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use pod_core::{Contact, EmailAddress, PhoneNumber};
use serde_json::json;

use super::Tenant;
use super::limits::Limited;
use super::message;
use super::otp::{Challenge, Session};
use super::parameters::{Parameters, authenticate};
use super::refusal::Refusal;
use super::seed::PASSWORDLESS;
use super::state::DATABASE;

/// How long these codes are good for.
const LIFETIME: SignedDuration = SignedDuration::from_mins(5);
const DIGITS: usize = 6;

pub(super) async fn challenge(
    State(tenant): State<Tenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let parameters = Parameters::of_body(&headers, &body)?;
    let mut state = tenant.state();
    let by = authenticate(&state, &headers, &parameters)?;
    by.allow(PASSWORDLESS)?;
    let (field, contact) = contact(&parameters)?;
    let name = parameters.get("connection").unwrap_or_default();
    let method = if field == "email" {
        "options/authentication_methods/email_otp/enabled"
    } else {
        "options/authentication_methods/phone_otp/enabled"
    };
    let usable = state
        .database_of(by.id(), Some(name))
        .is_some_and(|connection| {
            connection.text("strategy") == DATABASE && connection.at(method) == true
        });
    if !usable {
        return Err(Refusal::bad(
            "invalid_connection",
            "The connection does not exist, is not enabled for the client, or does not allow one-time codes.",
        ));
    }
    let now = tenant.now();
    let standing = state.limits.take(Limited::Codes, &by.ip, now);
    if standing.exceeded {
        return Err(Refusal::too_often(standing));
    }
    // Nobody is told whether there is such a user: the answer is the same.
    let user = state
        .known_as(name, field, contact.expose())
        .filter(|user| !user.is_blocked())
        .map(|user| user.id.clone());
    let code = tenant.random().digits(DIGITS)?;
    let session = tenant.random().letters(48)?;
    if user.is_some() {
        tenant
            .inbox()
            .take(contact, message::text("", &code, &headers));
    }
    let expires = now.saturating_add(LIFETIME).unwrap_or(now);
    let waiting = Session {
        client: by.id().to_owned(),
        user,
        challenge: Challenge::new(code, expires, String::new()),
    };
    state.codes.sessions.insert(session.clone(), waiting);

    let mut response = Json(json!({"auth_session": session})).into_response();
    standing.write(response.headers_mut());
    Ok(response)
}

/// The contact of a request, which has to have exactly one.
fn contact(parameters: &Parameters) -> Result<(&'static str, Contact), Refusal> {
    let mut wrong = Vec::new();
    let mut note = |field: &str, message: &str| {
        wrong.push(json!({"field": field, "message": message}));
    };
    if parameters.get("connection").is_none() {
        note("connection", "connection is required");
    }
    if let Some(method) = parameters.get("delivery_method")
        && !["text", "voice"].contains(&method)
    {
        note("delivery_method", "delivery_method must be text or voice");
    }
    let contact = match (parameters.get("email"), parameters.get("phone_number")) {
        (Some(email), None) => EmailAddress::parse(&email.to_lowercase())
            .map(|address| ("email", Contact::Email(address)))
            .map_err(|_| note("email", "email must be a valid address")),
        (None, Some(number)) => PhoneNumber::parse(number)
            .map(|number| ("phone_number", Contact::Phone(number)))
            .map_err(|_| note("phone_number", "phone_number must be in E.164 format")),
        (None, None) | (Some(_), Some(_)) => {
            note("email", "one of email and phone_number is required");
            Err(())
        }
    };
    match contact {
        Ok(contact) if wrong.is_empty() => Ok(contact),
        _ => Err(Refusal::bad("invalid_request", "The request is not valid.")
            .with("validation_errors", wrong)),
    }
}
