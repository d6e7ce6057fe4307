//! What is in a tenant when it starts: the demo's clients, connections and
//! customers, or nothing but the administrator's own client.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::record::Record;
use super::setup::TenantSetup;
use super::state::{Kind, State};
use super::{TenantContents, demo};

/// The client that customers link their accounts through.
pub const ALEXA_CLIENT: &str = "pod-emulator-alexa";
/// The secret of [`ALEXA_CLIENT`]: for everybody to see, as nothing here is
/// secret.
pub const ALEXA_SECRET: &str = "alexa-secret-that-everybody-may-know";
/// Where Amazon takes customers back to, in its three regions.
pub const ALEXA_REDIRECTS: [&str; 3] = [
    "https://pitangui.amazon.com/api/skill/link/M2PODEMULATOR",
    "https://layla.amazon.com/api/skill/link/M2PODEMULATOR",
    "https://alexa.amazon.co.jp/api/skill/link/M2PODEMULATOR",
];
/// The client of the web page.
pub const WEB_CLIENT: &str = "pod-emulator-web";
/// The secret of [`WEB_CLIENT`].
pub const WEB_SECRET: &str = "web-secret-that-everybody-may-know";
/// The client of the back end: Management API and one-time codes.
pub const BACKEND_CLIENT: &str = "pod-emulator-backend";
/// The secret of [`BACKEND_CLIENT`].
pub const BACKEND_SECRET: &str = "backend-secret-that-everybody-may-know";
/// The administrator's client, which may do everything.
pub const SETUP_CLIENT: &str = "pod-emulator-setup";
/// The secret of [`SETUP_CLIENT`].
pub const SETUP_SECRET: &str = "setup-secret-that-everybody-may-know";
/// The password of `auth0|ada`, whose login is `ada@example.com`.
pub const ADA_PASSWORD: &str = "Analytical-Engine-1843";
/// The password of `auth0|grace`, whose login is `grace@example.com`.
pub const GRACE_PASSWORD: &str = "Harvard-Mark-I-1944";

/// The grant of one-time codes.
pub(super) const PASSWORDLESS: &str = "http://auth0.com/oauth/grant-type/passwordless/otp";

/// The lists and single records that scopes of the Management API are for.
const RESOURCES: [&str; 26] = [
    "users",
    "users_app_metadata",
    "user_idp_tokens",
    "clients",
    "client_keys",
    "client_credentials",
    "connections",
    "connections_options",
    "resource_servers",
    "client_grants",
    "branding",
    "phone_providers",
    "email_provider",
    "email_templates",
    "attack_protection",
    "tenant_settings",
    "rules",
    "hooks",
    "actions",
    "roles",
    "organizations",
    "prompts",
    "custom_domains",
    "log_streams",
    "guardian_factors",
    "self_service_profiles",
];

/// Every scope of the Management API that is known here.
pub(super) fn management_scopes() -> impl Iterator<Item = String> {
    RESOURCES.iter().flat_map(|resource| {
        ["read", "create", "update", "delete"].map(|verb| format!("{verb}:{resource}"))
    })
}

/// Fills a new tenant.
pub(super) fn fill(
    state: &mut State,
    setup: &TenantSetup,
    (issuer, audience): (&str, &str),
    now: Timestamp,
) {
    administration(state, issuer);
    if setup.contents == TenantContents::Demo {
        demo::fill(state, setup, issuer, audience);
        demo::people(state, now);
    }
}

pub(super) fn add(state: &mut State, kind: Kind, record: Value) {
    state.list_mut(kind).push(Record::of(record));
}

fn administration(state: &mut State, issuer: &str) {
    let management = format!("{issuer}api/v2/");
    let scopes: Vec<String> = management_scopes().collect();
    let described = scopes
        .iter()
        .map(|scope| json!({"value": scope, "description": scope}))
        .collect::<Value>();
    add(
        state,
        Kind::ResourceServers,
        json!({
            "id": "000000000000000000000001", "name": "Auth0 Management API",
            "identifier": management, "is_system": true, "signing_alg": "RS256",
            "allow_offline_access": false, "skip_consent_for_verifiable_first_party_clients": false,
            "token_lifetime": 86_400, "token_lifetime_for_web": 7200, "scopes": described,
        }),
    );
    add(
        state,
        Kind::Clients,
        client(
            (SETUP_CLIENT, SETUP_SECRET, "Administrator"),
            "non_interactive",
            &["client_credentials"],
            &json!({}),
        ),
    );
    // Every tenant has one: it stands for all clients, and nobody signs in to
    // it.
    let all = client(
        ("pod-emulator-global", "", "All Applications"),
        "regular_web",
        &[],
        &json!({"global": true}),
    );
    add(state, Kind::Clients, all);
    add(
        state,
        Kind::ClientGrants,
        json!({
            "id": "cgr_0000000000000001", "client_id": SETUP_CLIENT,
            "audience": management, "scope": scopes,
        }),
    );
    let singles = [
        (
            "attack-protection/brute-force-protection",
            json!({
                "enabled": true, "shields": ["block", "user_notification"],
                "mode": "count_per_identifier_and_ip", "allowlist": [], "max_attempts": 10,
            }),
        ),
        (
            "attack-protection/suspicious-ip-throttling",
            json!({
                "enabled": true, "shields": ["admin_notification", "block"], "allowlist": [],
                "stage": {
                    "pre-login": {"max_attempts": 100, "rate": 864_000},
                    "pre-user-registration": {"max_attempts": 50, "rate": 1200},
                },
            }),
        ),
        (
            "attack-protection/breached-password-detection",
            json!({
                "enabled": false, "shields": [], "admin_notification_frequency": [],
                "method": "standard",
                "stage": {"pre-user-registration": {"shields": []}, "pre-change-password": {"shields": []}},
            }),
        ),
        (
            "attack-protection/bot-detection",
            json!({
                "bot_detection_level": "medium", "challenge_password_policy": "never",
                "challenge_passwordless_policy": "never", "challenge_password_reset_policy": "never",
                "allowlist": [], "monitoring_mode_enabled": false,
            }),
        ),
        (
            "attack-protection/captcha",
            json!({"active_provider_id": "auth_challenge", "auth_challenge": {"fail_open": false}}),
        ),
        (
            "tenants/settings",
            json!({
                "friendly_name": "pod emulator", "enabled_locales": ["en"], "allowed_logout_urls": [],
                "flags": {}, "session_lifetime": 168, "idle_session_lifetime": 72,
                "session_lifetime_in_minutes": 10_080, "idle_session_lifetime_in_minutes": 4320,
            }),
        ),
        ("branding", json!({})),
        (
            "prompts",
            json!({"universal_login_experience": "new", "identifier_first": false}),
        ),
    ];
    for (path, record) in singles {
        state.singles.insert(path.to_owned(), Record::of(record));
    }
}

pub(super) fn client(
    (id, secret, name): (&str, &str, &str),
    app_type: &str,
    grants: &[&str],
    more: &Value,
) -> Value {
    let mut client = json!({
        "client_id": id, "client_secret": secret, "name": name, "app_type": app_type,
        "grant_types": grants, "callbacks": [], "allowed_logout_urls": [],
        "token_endpoint_auth_method": "client_secret_post", "oidc_conformant": true,
        "is_first_party": true, "is_token_endpoint_ip_header_trusted": false, "global": false,
        "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 36_000, "secret_encoded": false},
        "refresh_token": {"rotation_type": "non-rotating", "expiration_type": "non-expiring"},
    });
    if let (Value::Object(client), Value::Object(more)) = (&mut client, more) {
        client.extend(more.clone());
    }
    client
}
