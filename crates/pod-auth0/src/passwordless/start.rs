//! Having the tenant send a code, and what its answers mean.

use pod_core::Contact;
use pod_core::ports::{ChallengeError, ChallengeRequest};
use pod_http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Application;
use crate::connection::ConnectionName;
use crate::error::{Refusal, TenantError};
use crate::tenant::{Answer, Tenant};

const START: &str = "/passwordless/start";
const CHALLENGE: &str = "/otp/challenge";

/// What Twilio says of a telephone that no message will reach: it is none
/// (21211, 21614), its country is not served (21408), it said STOP (21610), or
/// no way leads there (21612).
const UNREACHABLE: [u32; 5] = [21_211, 21_408, 21_610, 21_612, 21_614];

#[derive(Deserialize)]
struct Begun {
    auth_session: String,
}

/// What is wrong with a request's fields.
#[derive(Default, Deserialize)]
struct Invalid {
    #[serde(default)]
    validation_errors: Vec<InvalidField>,
}

#[derive(Deserialize)]
struct InvalidField {
    #[serde(default)]
    field: String,
}

/// The field that a contact is sent in.
fn field(contact: &Contact) -> &'static str {
    match contact {
        Contact::Phone(_) => "phone_number",
        Contact::Email(_) => "email",
    }
}

/// Sends a code by a passwordless connection. It replaces whatever code went
/// to the contact before.
pub(super) async fn start(
    tenant: &Tenant,
    application: &Application,
    connection: &ConnectionName,
    contact: &Contact,
    request: &ChallengeRequest<'_>,
) -> Result<(), ChallengeError> {
    let body = json!({
        "client_id": application.client.as_str(),
        "client_secret": application.secret.expose(),
        "connection": connection.as_str(),
        "send": "code",
        field(contact): contact.expose(),
    });
    let answer = send(tenant, START, &body, request).await?;
    match answer.status {
        StatusCode::OK => Ok(()),
        _ => Err(refused(START, connection, &answer)),
    }
}

/// Sends a code to a user of a database connection, and gives the session that
/// the code belongs to.
pub(super) async fn begin(
    tenant: &Tenant,
    application: &Application,
    connection: &ConnectionName,
    request: &ChallengeRequest<'_>,
) -> Result<SecretString, ChallengeError> {
    let contact = request.contact;
    let mut body = json!({
        "client_id": application.client.as_str(),
        "client_secret": application.secret.expose(),
        "connection": connection.as_str(),
        "allow_signup": false,
        field(contact): contact.expose(),
    });
    if let Contact::Phone(_) = contact {
        body["delivery_method"] = "text".into();
    }
    let answer = send(tenant, CHALLENGE, &body, request).await?;
    if answer.status != StatusCode::OK {
        return Err(refused(CHALLENGE, connection, &answer));
    }
    let begun: Begun = serde_json::from_slice(&answer.body)
        .map_err(|_| TenantError::NotUnderstood { place: CHALLENGE })?;
    Ok(begun.auth_session.into())
}

/// Nothing is sent twice, unless the tenant said that it did nothing.
async fn send(
    tenant: &Tenant,
    place: &'static str,
    body: &Value,
    request: &ChallengeRequest<'_>,
) -> Result<Answer, TenantError> {
    let built = tenant
        .http
        .post(tenant.domain.at(place))
        .header("x-request-language", request.language.as_str())
        .json(body);
    let deadline = request.deadline;
    tenant
        .ask_patiently(built, deadline.instant(), deadline)
        .await
}

fn refused(place: &'static str, connection: &ConnectionName, answer: &Answer) -> ChallengeError {
    let Refusal {
        error,
        error_description: words,
    } = &Refusal::of(&answer.body);
    let name = || connection.as_str().into();
    let status = answer.status;
    let error = match (status.as_u16(), &**error) {
        (429, _) => answer.limited(),
        (400..=403, _) if words.contains("user is blocked") => {
            return ChallengeError::Undeliverable;
        }
        (400..=403, _) if words.contains("ublic signup is disabled") => {
            TenantError::NoSignUp(name())
        }
        (400, "bad.phone_number" | "bad.email") => return ChallengeError::Undeliverable,
        (400, "invalid_request") if is_contacts_fault(&answer.body) => {
            return ChallengeError::Undeliverable;
        }
        (400, "sms_provider_error") => match provider_code(words) {
            Some(code) if UNREACHABLE.contains(&code) => return ChallengeError::Undeliverable,
            code => TenantError::Provider(code),
        },
        (400, "bad.connection" | "invalid_connection") => TenantError::Connection(name()),
        (401, _) => TenantError::Credentials,
        (403, "unauthorized_client") => TenantError::NoGrant,
        (_, error) => TenantError::of_status(place, status, crate::error::Word::of(error)),
    };
    error.into()
}

/// Whether a request was invalid because of its contact.
fn is_contacts_fault(body: &[u8]) -> bool {
    let invalid: Invalid = serde_json::from_slice(body).unwrap_or_default();
    let mut fields = invalid.validation_errors.iter();
    fields.any(|invalid| ["phone_number", "email"].contains(&&*invalid.field))
}

/// The number in `<what the provider says> (Code: <number>)`.
fn provider_code(words: &str) -> Option<u32> {
    let (_, code) = words.rsplit_once("(Code: ")?;
    let (code, _) = code.split_once(')')?;
    code.parse().ok().filter(|code| *code < 100_000)
}

impl From<TenantError> for ChallengeError {
    fn from(error: TenantError) -> Self {
        Self::Fault(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_code_is_the_number_at_the_end() {
        for (words, code) in [
            ("The number is not valid. (Code: 21211)", Some(21_211)),
            ("(Code: 1) is not it (Code: 30003)", Some(30_003)),
            ("no code", None),
            ("(Code: )", None),
            ("(Code: 21211", None),
            ("(Code: +14155550142)", None),
            ("(Code: 14155550142)", None),
            ("(Code: 4155550)", None),
        ] {
            assert_eq!(provider_code(words), code, "{words}");
        }
    }
}
