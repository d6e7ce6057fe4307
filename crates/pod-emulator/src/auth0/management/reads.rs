//! What a tenant has none of: tools that read a whole tenant ask for it, and
//! get an empty list of the right shape.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::caller::{Caller, malformed, query};
use super::paging::page;
use super::problem::Problem;
use crate::auth0::Tenant;

/// Lists that are arrays, or pages when pages are asked for.
const LISTS: [(&str, &str); 14] = [
    ("roles", "roles"),
    ("rules", "rules"),
    ("hooks", "hooks"),
    ("rules-configs", "rules_configs"),
    ("organizations", "organizations"),
    ("custom-domains", "custom_domains"),
    ("log-streams", "log_streams"),
    ("self-service-profiles", "self_service_profiles"),
    ("guardian/factors", "factors"),
    ("guardian/policies", "policies"),
    ("device-credentials", "device_credentials"),
    ("logs", "logs"),
    ("forms", "forms"),
    ("flows", "flows"),
];

/// Lists that are always within an object.
const WITHIN: [(&str, &str); 14] = [
    ("actions/actions", "actions"),
    ("actions/triggers", "triggers"),
    ("actions/modules", "modules"),
    ("flows/vault/connections", "connections"),
    ("network-acls", "network_acls"),
    ("user-attribute-profiles", "user_attribute_profiles"),
    ("token-exchange-profiles", "token_exchange_profiles"),
    ("connection-profiles", "connection_profiles"),
    (
        "connections-directory-provisionings",
        "directory_provisionings",
    ),
    ("branding/phone/templates", "templates"),
    ("event-streams", "eventStreams"),
    ("keys/encryption", "keys"),
    ("rate-limit-policies", "rate_limit_policies"),
    ("risk-assessments", "risk_assessments"),
];

/// What is kept as it was sent, and given back: it changes nothing here.
const KEPT: [&str; 4] = [
    "guardian/",
    "prompts/",
    "risk-assessments/",
    "supplemental-signals",
];

/// Records of which there is one, as nobody has ever changed them.
const SINGLES: [(&str, &str); 5] = [
    (
        "guardian/factors/phone/message-types",
        r#"{"message_types": []}"#,
    ),
    (
        "guardian/factors/phone/selected-provider",
        r#"{"provider": "auth0"}"#,
    ),
    ("supplemental-signals", r#"{"akamai_enabled": false}"#),
    ("risk-assessments/settings", r#"{"enabled": false}"#),
    (
        "risk-assessments/settings/new-device",
        r#"{"remember_for": 30}"#,
    ),
];

pub(super) async fn anything_else(
    State(tenant): State<Tenant>,
    _caller: Caller,
    method: Method,
    Path(path): Path<String>,
    RawQuery(wanted): RawQuery,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let query = query(wanted)?;
    let mut state = tenant.state();
    let changes = method == Method::PUT || method == Method::PATCH;
    if changes && KEPT.iter().any(|kept| path.starts_with(kept)) {
        let given: Value = serde_json::from_slice(&body).map_err(|_| malformed())?;
        state.others.insert(path, given.clone());
        return Ok(Json(given));
    }
    if let Some(kept) = state.others.get(&path).filter(|_| method == Method::GET) {
        return Ok(Json(kept.clone()));
    }
    let missing = || {
        Err(Problem::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "Not Found",
        ))
    };
    if method != Method::GET {
        return missing();
    }
    if let Some((_, key)) = LISTS.iter().find(|(known, _)| *known == path) {
        return Ok(Json(page(key, Vec::new(), &query)));
    }
    if let Some((_, key)) = WITHIN.iter().find(|(known, _)| *known == path) {
        return Ok(Json(json!({
            *key: [], "start": 0, "limit": 100, "length": 0, "total": 0,
        })));
    }
    if path.starts_with("actions/triggers/") {
        return Ok(Json(
            json!({"bindings": [], "total": 0, "page": 0, "per_page": 50}),
        ));
    }
    if let Some((_, value)) = SINGLES.iter().find(|(known, _)| *known == path) {
        return Ok(Json(
            serde_json::from_str(value).unwrap_or_else(|_| json!({})),
        ));
    }
    if path.starts_with("prompts/") || path.starts_with("guardian/factors/") {
        return Ok(Json(json!({})));
    }
    missing()
}
