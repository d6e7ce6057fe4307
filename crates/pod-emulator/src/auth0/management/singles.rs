//! Records of which a tenant has one: settings, attack protection, branding,
//! and the provider of e-mail.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::caller::{Caller, object, query};
use super::paging::shown;
use super::problem::Problem;
use crate::auth0::Tenant;
use crate::auth0::record::Record;

/// The records that are always there, and the last word of their scopes.
const ALWAYS: [(&str, &str); 8] = [
    (
        "attack-protection/brute-force-protection",
        "attack_protection",
    ),
    (
        "attack-protection/suspicious-ip-throttling",
        "attack_protection",
    ),
    (
        "attack-protection/breached-password-detection",
        "attack_protection",
    ),
    ("attack-protection/bot-detection", "attack_protection"),
    ("attack-protection/captcha", "attack_protection"),
    ("tenants/settings", "tenant_settings"),
    ("branding", "branding"),
    ("prompts", "prompts"),
];

/// The one that comes and goes.
const EMAIL: &str = "emails/provider";

/// What is changed one level deep.
const MERGED: [&str; 2] = ["flags", "credentials"];

pub(super) fn routes(mut router: Router<Tenant>) -> Router<Tenant> {
    for (path, scope) in ALWAYS {
        router = router.route(&format!("/api/v2/{path}"), always(path, scope));
    }
    router.route(
        &format!("/api/v2/{EMAIL}"),
        get(read_email)
            .post(create_email)
            .patch(update_email)
            .delete(delete_email),
    )
}

fn always(path: &'static str, scope: &'static str) -> MethodRouter<Tenant> {
    let read = move |State(tenant): State<Tenant>, caller: Caller, RawQuery(wanted): RawQuery| async move {
        caller.may(&[&format!("read:{scope}")])?;
        let query = query(wanted)?;
        let state = tenant.state();
        let record = state.singles.get(path).cloned().unwrap_or_default();
        Ok::<_, Problem>(Json(shown(&record, &query)))
    };
    let update = move |State(tenant): State<Tenant>, caller: Caller, body: Bytes| async move {
        caller.may(&[&format!("update:{scope}")])?;
        let patch = object(&body)?;
        let mut state = tenant.state();
        let record = state.singles.entry(path.to_owned()).or_default();
        record.patch(patch, &MERGED);
        Ok::<_, Problem>(Json(record.to_value()))
    };
    get(read).patch(update)
}

async fn read_email(
    State(tenant): State<Tenant>,
    caller: Caller,
    RawQuery(wanted): RawQuery,
) -> Result<Json<Value>, Problem> {
    caller.may(&["read:email_provider"])?;
    let query = query(wanted)?;
    let state = tenant.state();
    let record = state.singles.get(EMAIL).ok_or_else(none)?;
    Ok(Json(shown(&without_secrets(record), &query)))
}

async fn create_email(
    State(tenant): State<Tenant>,
    caller: Caller,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    caller.may(&["create:email_provider"])?;
    let mut record = Record::of(Value::Object(object(&body)?));
    if record.text("name").is_empty() {
        return Err(Problem::payload("Missing required property: name"));
    }
    record.set_default("enabled", true);
    let mut state = tenant.state();
    if state.singles.contains_key(EMAIL) {
        return Err(Problem::conflict(
            "email_provider_conflict",
            "An email provider has already been configured.",
        ));
    }
    let answer = without_secrets(&record).to_value();
    state.singles.insert(EMAIL.to_owned(), record);
    Ok((StatusCode::CREATED, Json(answer)))
}

async fn update_email(
    State(tenant): State<Tenant>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    caller.may(&["update:email_provider"])?;
    let patch = object(&body)?;
    let mut state = tenant.state();
    let record = state.singles.get_mut(EMAIL).ok_or_else(none)?;
    record.patch(patch, &MERGED);
    Ok(Json(without_secrets(record).to_value()))
}

async fn delete_email(State(tenant): State<Tenant>, caller: Caller) -> Result<StatusCode, Problem> {
    caller.may(&["delete:email_provider"])?;
    tenant.state().singles.remove(EMAIL);
    Ok(StatusCode::NO_CONTENT)
}

fn none() -> Problem {
    Problem::missing(
        "inexistent_email_provider",
        "There is not a configured email provider",
    )
}

/// Passwords and keys go in and never come out.
fn without_secrets(record: &Record) -> Record {
    let mut shown = record.clone();
    if let Value::Object(credentials) = record.get("credentials") {
        let kept = credentials.iter().filter(|(name, _)| {
            ["smtp_host", "smtp_port", "smtp_user", "region", "domain"].contains(&name.as_str())
        });
        let kept: serde_json::Map<_, _> = kept
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        shown.set("credentials", json!(kept));
    }
    shown
}
