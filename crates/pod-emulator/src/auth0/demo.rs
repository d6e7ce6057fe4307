//! The demo's own part of a tenant: its API, clients, connections and
//! customers.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::record::Record;
use super::seed::{
    ADA_PASSWORD, ALEXA_CLIENT, ALEXA_REDIRECTS, ALEXA_SECRET, BACKEND_CLIENT, BACKEND_SECRET,
    GRACE_PASSWORD, PASSWORDLESS, WEB_CLIENT, WEB_SECRET, add, client,
};
use super::setup::TenantSetup;
use super::state::{Kind, State, time};
use super::user::{Identity, User};

pub(super) fn fill(state: &mut State, setup: &TenantSetup, issuer: &str, audience: &str) {
    add(
        state,
        Kind::ResourceServers,
        json!({
            "id": "00000000000000000000a001", "name": "pod", "identifier": audience,
            "is_system": false, "signing_alg": "RS256", "allow_offline_access": true,
            "skip_consent_for_verifiable_first_party_clients": true,
            "token_lifetime": 86_400, "token_lifetime_for_web": 7200, "token_dialect": "access_token",
            "scopes": [{"value": "order:pizza", "description": "Order pizza"}],
        }),
    );
    let alexa = json!({
        "callbacks": ALEXA_REDIRECTS, "token_endpoint_auth_method": "client_secret_basic",
        "refresh_token": {
            "rotation_type": "rotating", "expiration_type": "expiring", "leeway": 60,
            "token_lifetime": 31_557_600, "idle_token_lifetime": 2_592_000,
            "infinite_token_lifetime": false, "infinite_idle_token_lifetime": false,
        },
    });
    let web = json!({
        "callbacks": setup.web_callbacks, "allowed_logout_urls": setup.web_logout_urls,
    });
    let backend = json!({"is_token_endpoint_ip_header_trusted": true});
    let clients = [
        client(
            (ALEXA_CLIENT, ALEXA_SECRET, "pod Alexa"),
            "regular_web",
            &["authorization_code", "refresh_token"],
            &alexa,
        ),
        client(
            (WEB_CLIENT, WEB_SECRET, "pod web"),
            "regular_web",
            &["authorization_code"],
            &web,
        ),
        client(
            (BACKEND_CLIENT, BACKEND_SECRET, "pod back end"),
            "regular_web",
            &["client_credentials", PASSWORDLESS],
            &backend,
        ),
    ];
    for client in clients {
        add(state, Kind::Clients, client);
    }
    add(
        state,
        Kind::ClientGrants,
        json!({
            "id": "cgr_000000000000a001", "client_id": BACKEND_CLIENT,
            "audience": format!("{issuer}api/v2/"),
            "scope": ["read:users", "create:users", "update:users"],
        }),
    );
    for connection in connections() {
        add(state, Kind::Connections, connection);
    }
}

fn connections() -> [Value; 3] {
    let totp = json!({"length": 6, "time_step": 300});
    [
        json!({
            "id": "con_000000000000a001", "name": "POD-DB", "strategy": "auth0",
            "options": {
                "disable_signup": true, "brute_force_protection": true,
                "disable_self_service_change_password": false,
                "authentication_methods": {
                    "password": {"enabled": true},
                    "email_otp": {"enabled": true}, "phone_otp": {"enabled": true},
                },
            },
            "enabled_clients": [ALEXA_CLIENT, WEB_CLIENT, BACKEND_CLIENT], "realms": ["POD-DB"],
            "is_domain_connection": false,
        }),
        json!({
            "id": "con_000000000000a002", "name": "sms", "strategy": "sms",
            "options": {
                "name": "sms", "disable_signup": false, "brute_force_protection": true,
                "syntax": "liquid", "totp": totp, "provider": "sms_gateway",
                "template": "Your verification code is: {{ code }}",
            },
            "enabled_clients": [BACKEND_CLIENT], "realms": ["sms"], "is_domain_connection": false,
        }),
        json!({
            "id": "con_000000000000a003", "name": "email", "strategy": "email",
            "options": {
                "name": "email", "disable_signup": false, "brute_force_protection": true,
                "totp": totp,
                "email": {
                    "from": "pod@pod.localtest.me", "subject": "Your verification code",
                    "syntax": "liquid", "body": "Your verification code is: {{ code }}",
                },
            },
            "enabled_clients": [BACKEND_CLIENT], "realms": ["email"], "is_domain_connection": false,
        }),
    ]
}

/// Ada, who can be telephoned and written to, and Grace, who can be written
/// to. Neither has
/// an account of the other kind, nor of `sms` and `email`.
pub(super) fn people(state: &mut State, now: Timestamp) {
    let now = time(now);
    let of = |name: &str, password: &str, more: Value| {
        let mut profile = Record::of(more);
        profile.set("name", format!("{name}@example.com"));
        profile.set("nickname", name);
        profile.set("email", format!("{name}@example.com"));
        profile.set("created_at", now.as_str());
        profile.set("updated_at", now.as_str());
        profile.set("user_metadata", json!({}));
        profile.set("app_metadata", json!({}));
        User {
            id: format!("auth0|{name}"),
            profile,
            identities: vec![Identity {
                connection: "POD-DB".to_owned(),
                provider: "auth0".to_owned(),
                user_id: name.to_owned(),
                profile: Record::default(),
            }],
            password: Some(password.into()),
        }
    };
    state.users = vec![
        of(
            "ada",
            ADA_PASSWORD,
            json!({
                "email_verified": true, "phone_number": "+14155550142", "phone_verified": true,
            }),
        ),
        of("grace", GRACE_PASSWORD, json!({"email_verified": true})),
    ];
}
