//! Tests of the whole configuration.

mod app;
mod delivery;

use std::fs;
use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::*;
use crate::system::OsEntropy;

const KEYS: &str = "2026-11:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// What is required, and nothing else.
fn least() -> Vec<(String, String)> {
    [
        ("POD_ALEXA_SKILL_ID", "amzn1.ask.skill.1"),
        ("POD_CODE_KEYS", KEYS),
        ("AUTH0_DOMAIN", "pizza.eu.auth0.com"),
        ("API_ID", "https://pod.example/api"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn with(more: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let mut variables = least();
    for (name, value) in more {
        variables.retain(|(known, _)| known != name);
        variables.push(((*name).to_owned(), (*value).to_owned()));
    }
    read(&variables)
}

fn read(variables: &[(String, String)]) -> Result<Config, ConfigError> {
    let var = |name: &str| {
        let found = variables.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    };
    Config::read(&Source::new(
        var,
        variables.iter().map(|(name, _)| name.clone()),
    ))
}

fn problems(result: Result<Config, ConfigError>) -> Vec<String> {
    let error = result.map(|_| ()).unwrap_err();
    error.problems().iter().map(ToString::to_string).collect()
}

fn file(directory: &Path, name: &str, text: &str) -> String {
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn what_is_required_is_enough() {
    let config = with(&[]).unwrap();

    assert_eq!(config.listen.to_string(), "127.0.0.1:7100");
    assert_eq!(config.admin_listen.to_string(), "127.0.0.1:7101");
    assert_eq!(config.base_path.as_str(), "/pod");
    assert_eq!(config.database.to_string(), "sqlite://pod.db");
    assert!(config.tls.is_none());
    assert!(config.identity.signing_key.is_none());
    assert_eq!(config.menu, Menu::default());
    assert_eq!(config.policy(), Policy::default());
}

#[test]
fn whatever_is_missing_is_named_at_once() {
    assert_eq!(
        problems(read(&[])),
        [
            "POD_ALEXA_SKILL_ID is not set: copy the skill's id from the Alexa developer console",
            "POD_CODE_KEYS is not set: `pod-server code-key` makes one",
            "AUTH0_DOMAIN is not set: write the tenant's domain, such as pizza.eu.auth0.com",
            "API_ID is not set: copy the API's identifier from Auth0's dashboard",
        ]
    );
}

#[test]
fn whatever_is_wrong_is_named_at_once() {
    let all_wrong = with(&[
        ("POD_LISTEN", "nowhere"),
        ("POD_ADMIN_LISTEN", "7101"),
        ("POD_BASE_PATH", "pod"),
        ("POD_DATABASE_URL", "postgres://localhost/pod"),
        ("POD_TLS_CERT", "/nowhere/cert.pem"),
        ("POD_ALEXA_SKILL_ID", "a,,b"),
        ("POD_ALEXA_TRUST_ANCHORS", "/nowhere/roots.pem"),
        ("POD_CHALLENGER", "nobody"),
        ("POD_CODE_KEYS", "k:AAAA"),
        ("POD_CODE_DIGITS", "4"),
        ("POD_CODE_TTL", "601"),
        ("POD_SMS_COUNTRIES", "USA"),
        ("POD_MENU", "/nowhere/menu.toml"),
        ("AUTH0_DOMAIN", "http://pizza.eu.auth0.com"),
        ("API_SIGNING_KEY", "short"),
        ("POD_LOG", "loud"),
    ]);

    let told = problems(all_wrong);
    let subjects: Vec<&str> = told
        .iter()
        .filter_map(|problem| problem.split(' ').next())
        .collect();
    assert_eq!(
        subjects,
        [
            "POD_LISTEN",
            "POD_ADMIN_LISTEN",
            "POD_BASE_PATH",
            "POD_TLS_CERT",
            "POD_TLS_KEY",
            "POD_DATABASE_URL",
            "POD_ALEXA_SKILL_ID",
            "POD_ALEXA_TRUST_ANCHORS",
            "POD_CHALLENGER",
            "POD_CODE_KEYS",
            "POD_CODE_DIGITS",
            "POD_CODE_TTL",
            "POD_SMS_COUNTRIES",
            "POD_MENU",
            "AUTH0_DOMAIN",
            "API_SIGNING_KEY",
            "POD_LOG",
        ]
    );
    let text = told.join("\n");
    for secret in ["AAAA", "short\"", "short "] {
        assert!(!text.contains(&format!("k:{secret}")), "{text}");
    }
}

#[test]
fn everything_that_can_be_set_arrives() {
    let directory = tempfile::tempdir().unwrap();
    let menu = file(
        directory.path(),
        "menu.toml",
        "currency = 'EUR'\n[[sizes]]\nname = 'Large'\nprice = '15.50'",
    );

    let config = with(&[
        ("POD_LISTEN", "0.0.0.0:80"),
        ("POD_ADMIN_LISTEN", "[::1]:81"),
        ("POD_BASE_PATH", "/"),
        ("POD_DATABASE_URL", "sqlite:///var/lib/pod/pod.db"),
        ("POD_CHALLENGER", "passcodes"),
        ("POD_CODE_DIGITS", "4-as-in-2017"),
        ("POD_CODE_TTL", "60"),
        ("POD_SMS_COUNTRIES", "US,CA"),
        ("POD_MENU", &menu),
        ("API_SIGNING_KEY", "0123456789abcdef0123456789abcdef"),
        ("POD_LOG", "debug"),
    ])
    .unwrap();

    assert_eq!(config.listen.to_string(), "0.0.0.0:80");
    assert_eq!(config.admin_listen.to_string(), "[::1]:81");
    assert_eq!(config.base_path.as_str(), "");
    assert_eq!(config.database.path(), Path::new("/var/lib/pod/pod.db"));
    assert_eq!(config.menu.currency().as_str(), "EUR");
    assert!(config.identity.signing_key.is_some());
    let policy = config.policy();
    assert!(policy.digits.is_weak());
    assert_eq!(policy.lifetime.get(), Duration::from_mins(1));
    assert_eq!(policy.sms_countries.unwrap().len(), 2);
}

#[test]
fn a_secret_may_be_in_a_file_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let keys = file(directory.path(), "keys", &format!("{KEYS}\n"));
    let empty = file(directory.path(), "empty", "\n");

    let from_file = with(&[("POD_CODE_KEYS", ""), ("POD_CODE_KEYS_FILE", &keys)]).unwrap();

    assert_eq!(format!("{:?}", from_file.codes.keys), r#"["2026-11"]"#);
    assert_eq!(
        problems(with(&[("POD_CODE_KEYS_FILE", &keys)])),
        ["POD_CODE_KEYS_FILE is set beside POD_CODE_KEYS: keep one of the two"]
    );
    assert_eq!(
        problems(with(&[
            ("POD_CODE_KEYS", ""),
            ("POD_CODE_KEYS_FILE", &empty)
        ])),
        ["POD_CODE_KEYS_FILE is wrong: the file is empty"]
    );
}

#[test]
fn a_secret_in_the_wrong_place_is_not_shown() {
    const SECRET: &str = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0";

    for settings in [
        vec![("POD_CODE_KEYS", ""), ("POD_CODE_KEYS_FILE", SECRET)],
        vec![("API_SIGNING_KEY_FILE", SECRET)],
        vec![("POD_TLS_KEY", SECRET), ("POD_TLS_CERT", "/dev/null")],
        vec![("POD_CODE_KEYS", &format!("{SECRET}:2026-11"))],
    ] {
        let told = problems(with(&settings)).join("\n");

        assert!(!told.is_empty());
        assert!(!told.contains(SECRET), "{told}");
    }
}

#[test]
fn a_fresh_key_is_a_key() {
    let key = fresh_code_key("2026-11", &OsEntropy).unwrap();

    assert!(with(&[("POD_CODE_KEYS", key.expose_secret())]).is_ok());
}

#[test]
fn a_certificate_needs_its_own_key() {
    let directory = tempfile::tempdir().unwrap();
    let made = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (one, other) = (made(), made());
    let cert = file(directory.path(), "cert.pem", &one.cert.pem());
    let key = file(
        directory.path(),
        "key.pem",
        &one.signing_key.serialize_pem(),
    );
    let strange = file(
        directory.path(),
        "strange.pem",
        &other.signing_key.serialize_pem(),
    );
    let pair = |key: &str| with(&[("POD_TLS_CERT", &cert), ("POD_TLS_KEY", key)]);

    assert!(pair(&key).unwrap().tls.is_some());
    assert!(
        problems(pair(&strange))[0]
            .starts_with("POD_TLS_KEY is wrong: the certificate and the key do not go together")
    );
    assert!(problems(pair(&cert))[0].contains("there is no private key in it"));
    assert_eq!(
        problems(with(&[("POD_TLS_CERT", &cert)])),
        ["POD_TLS_KEY is not set, but POD_TLS_CERT is: set both or neither"]
    );
}

#[test]
fn trust_anchors_are_certificates() {
    let directory = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["root".to_owned()]).unwrap();
    let good = file(directory.path(), "roots.pem", &made.cert.pem());
    let bad = file(directory.path(), "bad.pem", "roots");

    let config = with(&[("POD_ALEXA_TRUST_ANCHORS", &good)]).unwrap();

    assert!(config.alexa.trust_anchors.is_some());
    assert_eq!(
        problems(with(&[("POD_ALEXA_TRUST_ANCHORS", &bad)])),
        [format!(
            "POD_ALEXA_TRUST_ANCHORS is wrong: {bad} has no PEM certificate in it"
        )]
    );
}

#[test]
fn the_store_commands_need_the_database_only() {
    let none = Source::new(|_| None, []);

    let config = StoreConfig::read(&none).unwrap();

    assert_eq!(config.database, Database::default());
}

const BACK_END: [(&str, &str); 2] = [
    ("APP_CLIENT_ID", "backend"),
    ("APP_CLIENT_SECRET", "secret-of-the-backend"),
];

#[test]
fn the_back_end_of_auth0_is_a_client_with_its_secret() {
    assert!(with(&[]).unwrap().identity.back_end.is_none());

    let back_end = with(&BACK_END).unwrap().identity.back_end.unwrap();

    assert_eq!(back_end.client.as_str(), "backend");
    assert_eq!(back_end.keep, Duration::from_secs(30));
    assert!(!back_end.trust_user_metadata);
    for one in &BACK_END {
        let told = problems(with(std::slice::from_ref(one)));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("is not set: `pod-server setup auth0`"));
        assert!(!told[0].contains(one.1), "{told:?}");
    }
}

#[test]
fn auth0_cannot_send_codes_without_a_client() {
    let told = problems(with(&[("POD_CHALLENGER", "auth0")]));

    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("APP_CLIENT_ID is not set"));
    assert!(told[1].starts_with("APP_CLIENT_SECRET is not set"));
}

#[test]
fn a_setting_of_auth0_that_would_be_ignored_is_a_problem() {
    let told = problems(with(&[
        ("AUTH0_PROFILE_TTL", "10"),
        ("AUTH0_TRUST_USER_METADATA", "yes"),
        ("AUTH0_OTP_DATABASE", "POD-DB"),
    ]));

    let subjects: Vec<&str> = told
        .iter()
        .filter_map(|problem| problem.split(' ').next())
        .collect();
    assert_eq!(
        subjects,
        [
            "AUTH0_OTP_DATABASE",
            "AUTH0_PROFILE_TTL",
            "AUTH0_TRUST_USER_METADATA"
        ]
    );
}

#[test]
fn tokens_need_the_scope_of_orders_unless_the_configuration_says_otherwise() {
    let scope = |more: &[(&str, &str)]| with(more).unwrap().identity.scope;

    assert_eq!(scope(&[]).as_str(), Some("order:pizza"));
    assert_eq!(
        scope(&[("POD_ALEXA_SCOPE", "order:flowers")]).as_str(),
        Some("order:flowers")
    );
    assert_eq!(scope(&[("POD_ALEXA_SCOPE", "none")]), Scope::none());
    let clients = with(&[("POD_ALEXA_CLIENT_ID", "one, two")]).unwrap();
    assert_eq!(clients.identity.clients.len(), 2);
}
