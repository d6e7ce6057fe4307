//! Having the tenant judge a code, and what its answers mean.

use pod_core::ports::CheckError;
use pod_core::{Code, Contact, Deadline};
use pod_http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::Application;
use crate::connection::ConnectionName;
use crate::error::{Refusal, TenantError};
use crate::tenant::{Answer, Tenant};

const PLACE: &str = "/oauth/token";
const GRANT: &str = "http://auth0.com/oauth/grant-type/passwordless/otp";

/// What a code was sent for.
pub(super) enum Sent<'a> {
    /// A contact, by a passwordless connection.
    To(&'a Contact, &'a ConnectionName),
    /// A session.
    In(&'a SecretString),
}

/// What the tenant gives for a code. There is an access token, too, that
/// nobody has a use for.
#[derive(Deserialize)]
struct Granted {
    id_token: String,
}

/// Exchanges a code for an ID token, once: a code is spent by being tried.
pub(super) async fn judge(
    tenant: &Tenant,
    application: &Application,
    sent: &Sent<'_>,
    code: &Code,
    deadline: Deadline,
) -> Result<SecretString, CheckError> {
    let mut form = vec![
        ("grant_type", GRANT),
        ("client_id", application.client.as_str()),
        ("client_secret", application.secret.expose()),
        ("otp", code.expose()),
        ("scope", "openid"),
    ];
    match sent {
        Sent::To(contact, connection) => {
            form.push(("username", contact.expose()));
            form.push(("realm", connection.as_str()));
        }
        Sent::In(session) => form.push(("auth_session", session.expose_secret())),
    }
    let request = tenant.http.post(tenant.domain.at(PLACE)).form(&form);
    let answer = tenant.ask(request, deadline.instant()).await?;
    if answer.status != StatusCode::OK {
        return Err(refused(sent, &answer));
    }
    let granted: Granted = serde_json::from_slice(&answer.body)
        .map_err(|_| TenantError::NotUnderstood { place: PLACE })?;
    Ok(granted.id_token.into())
}

/// A wrong, late, used or exhausted code, a customer who is blocked, and
/// whatever else the tenant may say of a code are all refusals. What it says
/// of the application is a fault.
fn refused(sent: &Sent<'_>, answer: &Answer) -> CheckError {
    let refusal = Refusal::of(&answer.body);
    let words = &*refusal.error_description;
    let status = answer.status;
    let error = match (status.as_u16(), &*refusal.error) {
        (429, "too_many_attempts") => return CheckError::Refused,
        (429, _) => answer.limited(),
        (401, "access_denied") if words == "Unauthorized" => TenantError::Credentials,
        (400..=403, "invalid_client") => TenantError::Credentials,
        (400..=403, "unauthorized_client") => TenantError::NoGrant,
        (400..=403, "mfa_required") => TenantError::SecondFactor,
        (400..=403, "invalid_request") if matches!(sent, Sent::In(_)) => {
            return CheckError::Refused;
        }
        (
            400..=403,
            ""
            | "invalid_request"
            | "invalid_scope"
            | "unsupported_grant_type"
            | "invalid_connection"
            | "bad.connection",
        ) => TenantError::of_status(PLACE, status, refusal.word()),
        (400 | 401 | 403, _) => return CheckError::Refused,
        _ => TenantError::of_status(PLACE, status, refusal.word()),
    };
    error.into()
}

impl From<TenantError> for CheckError {
    fn from(error: TenantError) -> Self {
        Self::Fault(error.into())
    }
}
