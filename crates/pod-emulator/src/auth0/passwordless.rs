//! `POST /passwordless/start`: a code by text message or e-mail.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use pod_core::{Contact, EmailAddress, PhoneNumber};
use serde_json::json;

use super::Tenant;
use super::limits::Limited;
use super::message;
use super::otp::Challenge;
use super::parameters::{Authenticated, Parameters, authenticate};
use super::record::Record;
use super::refusal::Refusal;
use super::seed::PASSWORDLESS;
use super::state::{State as Held, is_enabled, time};
use super::user::{Identity, User};

/// What a request may say.
const KNOWN: [&str; 10] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "connection",
    "email",
    "phone_number",
    "send",
    "authParams",
    "captcha",
];

/// A connection that codes are sent for.
pub(super) struct Realm {
    pub(super) name: String,
    /// `sms` or `email`.
    pub(super) strategy: &'static str,
    /// The profile's field that the contact is in.
    pub(super) field: &'static str,
    /// The field that says the contact was verified.
    pub(super) verified: &'static str,
    pub(super) wrong: &'static str,
    template: String,
    digits: usize,
    lifetime: SignedDuration,
    signup: bool,
}

impl Realm {
    /// Reads a passwordless connection; there are no others here.
    pub(super) fn of(connection: &Record) -> Option<Self> {
        let (strategy, field, verified, wrong, template) = match connection.text("strategy") {
            "sms" => (
                "sms",
                "phone_number",
                "phone_verified",
                "Wrong phone number or verification code.",
                "options/template",
            ),
            "email" => (
                "email",
                "email",
                "email_verified",
                "Wrong email or verification code.",
                "options/email/body",
            ),
            _ => return None,
        };
        let number = |path| connection.at(path).as_i64();
        let digits = number("options/totp/length").unwrap_or(6).clamp(4, 40);
        let lifetime = number("options/totp/time_step").unwrap_or(180).max(60);
        Some(Self {
            name: connection.text("name").to_owned(),
            strategy,
            field,
            verified,
            wrong,
            template: connection
                .at(template)
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            digits: usize::try_from(digits).unwrap_or(6),
            lifetime: SignedDuration::from_secs(lifetime),
            signup: connection.at("options/disable_signup") != true,
        })
    }

    /// A contact as it is kept: addresses in small letters.
    pub(super) fn tidy(&self, contact: &str) -> String {
        if self.field == "email" {
            contact.trim().to_lowercase()
        } else {
            contact.trim().to_owned()
        }
    }

    /// Reads the contact of a request.
    fn contact(&self, parameters: &Parameters) -> Result<(String, Contact), Refusal> {
        let error = if self.field == "email" {
            "bad.email"
        } else {
            "bad.phone_number"
        };
        let raw = parameters.get(self.field).ok_or_else(|| {
            Refusal::bad(error, format!("Missing required property: {}", self.field))
        })?;
        let tidy = self.tidy(raw);
        if self.field == "email" {
            let address = EmailAddress::parse(&tidy).map_err(|_| {
                Refusal::bad(
                    error,
                    "Object didn't pass validation for format email: email",
                )
            })?;
            return Ok((tidy, Contact::Email(address)));
        }
        let digits = tidy.strip_prefix('+').unwrap_or_default();
        if !(1..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::bad(
                error,
                r"String does not match pattern: ^\+[0-9]{1,15}$",
            ));
        }
        let number = PhoneNumber::parse(&tidy).map_err(|_| {
            Refusal::bad(
                "sms_provider_error",
                format!("The 'To' number {tidy} is not a valid phone number. (Code: 21211)"),
            )
        })?;
        Ok((tidy, Contact::Phone(number)))
    }
}

pub(super) async fn start(
    State(tenant): State<Tenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let parameters = Parameters::of_body(&headers, &body)?;
    let strange: Vec<&str> = parameters
        .names()
        .filter(|name| !KNOWN.contains(name))
        .collect();
    if !strange.is_empty() {
        let description = format!(
            "the following properties are not allowed: {}",
            strange.join(", ")
        );
        return Err(Refusal::bad("bad.request", description));
    }
    if parameters.get("client_id").is_none() {
        return Err(Refusal::bad(
            "bad.client_id",
            "Missing required property: client_id",
        ));
    }
    let mut state = tenant.state();
    let by = authenticate(&state, &headers, &parameters)?;
    by.allow(PASSWORDLESS)?;
    let realm = realm(&state, &by, parameters.get("connection"))?;
    let (name, contact) = realm.contact(&parameters)?;
    if parameters.get("send") == Some("link") || parameters.get("send").is_none() {
        // Nobody here can follow a link: it would lead to another browser.
        if realm.strategy == "email" {
            return Err(Refusal::bad(
                "bad.request",
                "The emulator sends codes only: say \"send\": \"code\"",
            ));
        }
    }
    let now = tenant.now();
    let standing = state.limits.take(Limited::Codes, &by.ip, now);
    if standing.exceeded {
        return Err(Refusal::too_often(standing));
    }
    let known = state.known_as(&realm.name, realm.field, &name);
    if known.is_some_and(User::is_blocked) {
        return Err(Refusal::bad("unauthorized", "user is blocked"));
    }
    if known.is_none() && !realm.signup {
        return Err(Refusal::bad("bad.connection", "Public signup is disabled"));
    }
    let verified = known.is_some_and(|user| user.profile.flag(realm.verified));
    let reserved = match known.and_then(|user| user.identity_in(&realm.name)) {
        Some(identity) => identity.user_id.clone(),
        None => tenant.random().hex(24)?,
    };
    let code = tenant.random().digits(realm.digits)?;
    let text = message::text(&realm.template, &code, &headers);
    let expires = now.saturating_add(realm.lifetime).unwrap_or(now);
    let key = (realm.name.clone(), name.clone());
    state
        .codes
        .sent
        .insert(key, Challenge::new(code, expires, reserved.clone()));
    tenant.inbox().take(contact, text);

    let mut response = Json(json!({
        "_id": reserved, realm.field: name, realm.verified: verified,
    }))
    .into_response();
    standing.write(response.headers_mut());
    Ok(response)
}

/// The connection that a request names, if this client may send codes by it.
fn realm(state: &Held, by: &Authenticated, connection: Option<&str>) -> Result<Realm, Refusal> {
    let bad = |description| Refusal::bad("bad.connection", description);
    let name = connection.ok_or_else(|| bad("Missing required property: connection"))?;
    let connection = state
        .connection(name)
        .ok_or_else(|| bad("Connection does not exist"))?;
    let realm = Realm::of(connection).ok_or_else(|| {
        bad("Invalid connection strategy. It must either be a passwordless connection")
    })?;
    if !is_enabled(connection, by.id()) {
        return Err(bad("Connection is disabled"));
    }
    Ok(realm)
}

/// Signs a new user up: the first right code of a contact does that.
pub(super) fn new_user(
    state: &mut Held,
    realm: &Realm,
    contact: &str,
    id: &str,
    now: Timestamp,
) -> String {
    let mut profile = Record::default();
    profile.set(realm.field, contact);
    profile.set("name", contact);
    profile.set("created_at", time(now));
    profile.set("updated_at", time(now));
    let identity = Identity {
        connection: realm.name.clone(),
        provider: realm.strategy.to_owned(),
        user_id: id.to_owned(),
        profile: Record::default(),
    };
    let subject = identity.subject();
    state.users.push(User {
        id: subject.clone(),
        profile,
        identities: vec![identity],
        password: None,
    });
    subject
}
