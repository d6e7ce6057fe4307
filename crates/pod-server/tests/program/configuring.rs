//! What `serve` makes of its configuration, good and bad.

use crate::stage::http;
use crate::stage::process::{Ended, run};
use crate::stage::proxy::Proxy;
use crate::stage::settings::{SECRETS, Settings};
use crate::stage::world::{Served, World};

/// What a `serve` says that does not start for its configuration.
fn problems(settings: &Settings) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let Ended { code, out, err } = run(folder.path(), "serve", settings);
    assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "it leaves files behind");
    let (first, rest) = err.split_once('\n').unwrap();
    assert!(
        first.starts_with("pod-server: the configuration has "),
        "{err}"
    );
    rest.lines().map(|line| line.trim().to_owned()).collect()
}

fn subjects(settings: &Settings) -> Vec<String> {
    let subject = |problem: &String| problem.split(' ').next().unwrap().to_owned();
    problems(settings).iter().map(subject).collect()
}

#[test]
fn whatever_is_missing_is_named_at_once() {
    assert_eq!(
        subjects(&Settings::none()),
        [
            "POD_ALEXA_SKILL_ID",
            "POD_CODE_KEYS",
            "AUTH0_DOMAIN",
            "API_ID"
        ]
    );
}

#[test]
fn whatever_is_wrong_is_named_at_once() {
    let wrong = Settings::none()
        .with("POD_ALEXA_SKILL_ID", "one,,two")
        .with("POD_CODE_KEYS", SECRETS[0])
        .with("AUTH0_DOMAIN", "http://pizza.eu.auth0.com")
        .with("API_ID", " ")
        .with("POD_LISTNE", "127.0.0.1:0");

    assert_eq!(
        subjects(&wrong),
        [
            "POD_LISTNE",
            "POD_ALEXA_SKILL_ID",
            "POD_CODE_KEYS",
            "AUTH0_DOMAIN",
            "API_ID"
        ]
    );
}

#[test]
fn with_what_it_needs_it_starts_and_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    let mut served = Served::start(folder.path(), &Settings::least());

    let ready = served.admin_answer("/readyz");
    let nothing = http::get(served.skill());
    served.program().logs("no courier is configured");
    let ended = served.stop();

    assert_eq!((ready.status, ready.body.as_str()), (200, "ready\n"));
    assert_eq!(nothing.status, 405);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""), "{ended:?}");
    assert!(folder.path().join("pod.db").exists());
}

#[test]
fn settings_come_from_a_file_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let text = "pod_alexa_skill_id = 'amzn1.ask.skill.1'\napi_id = 'x'\npod_listne = ''\n";
    std::fs::write(folder.path().join("pod.toml"), text).unwrap();
    std::fs::write(folder.path().join("other.toml"), "api_id = 'x'").unwrap();
    let told = |line| run(folder.path(), line, &Settings::none()).err;

    let usual = told("serve");
    let named = told("serve --config other.toml");
    let missing = told("serve --config missing.toml");

    assert!(
        usual.contains("pod_listne in pod.toml is no setting"),
        "{usual}"
    );
    assert!(!usual.contains("POD_ALEXA_SKILL_ID"), "{usual}");
    assert!(named.contains("POD_ALEXA_SKILL_ID is not set"), "{named}");
    assert!(!named.contains("API_ID"), "{named}");
    assert!(missing.contains("missing.toml cannot be read"), "{missing}");
}

#[test]
fn an_address_that_is_taken_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let ended = run(
        folder.path(),
        "serve",
        &Settings::least().with("POD_LISTEN", &address),
    );

    assert_eq!(ended.code, Some(1), "{ended:?}");
    let told = format!("{address} cannot be listened on");
    assert!(ended.err.contains(&told), "{ended:?}");
    assert!(
        ended.err.contains("choose another address"),
        "{}",
        ended.err
    );
}

#[test]
fn certificates_are_fetched_through_the_proxy_that_is_named() {
    let world = World::start();
    let settings = world.settings().at_free_ports();
    let proxy = Proxy::start(settings.get("HTTPS_PROXY"), false);
    let credentials = format!("ada:{}", SECRETS[2]);
    let settings = settings.with("HTTPS_PROXY", proxy.url(&credentials));
    let served = Served::start(world.folder(), &settings);
    let before = proxy.heads();

    let first = served.post(&world.composed("alexa, open pizza on demand"));
    let second = served.post(&world.composed("alexa, open pizza on demand"));
    let ended = served.stop();

    assert_eq!(before, [""; 0], "nothing is fetched before it is needed");
    assert_eq!((first.status, second.status), (200, 200), "{ended:?}");
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1, "{heads:?}");
    assert!(
        heads[0].starts_with("CONNECT s3.amazonaws.com:443 HTTP/1.1\r\n"),
        "{heads:?}"
    );
    let authorization = heads[0].to_lowercase();
    assert!(authorization.contains("proxy-authorization: basic "));
}

#[test]
fn a_route_to_the_outside_that_leads_nowhere_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let empty = file("empty.pem", "no certificate\n");
    let with = |name: &str, value: &str| problems(&Settings::least().with(name, value));

    for (name, value, why) in [
        ("POD_ALEXA_TRUST_ANCHORS", empty.as_str(), "PEM"),
        ("POD_ALEXA_TRUST_ANCHORS", "/nowhere.pem", "cannot be read"),
        ("SSL_CERT_FILE", &empty, "PEM"),
        ("SSL_CERT_FILE", "/nowhere.pem", "cannot be read"),
        ("SSL_CERT_DIR", "/nowhere", "cannot be read"),
        ("HTTPS_PROXY", "ftp://127.0.0.1:1", "http://host:port"),
        ("https_proxy", "http://", "http://host:port"),
    ] {
        let told = with(name, value);

        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with(&format!("{name} is wrong: ")),
            "{told:?}"
        );
        assert!(told[0].contains(why), "{told:?}");
    }
    let secret = format!("socks5://ada:{}@127.0.0.1:1", SECRETS[2]);
    assert_eq!(with("HTTPS_PROXY", &secret).len(), 1);
}

#[test]
fn names_that_resemble_a_setting_are_named_and_strangers_are_not() {
    let crowded = Settings::none()
        .with("API_SIGNNG_KEY", "x")
        .with("PUSHER_KYE", "x")
        .with("TWILIO_AUTH_TOKNE", "x")
        .with("APP_ENV", "production")
        .with("API_URL", "https://elsewhere.example");

    let told = problems(&crowded);

    let named: Vec<&str> = told
        .iter()
        .filter_map(|problem| problem.split(' ').next())
        .filter(|name| !["POD_ALEXA_SKILL_ID", "POD_CODE_KEYS"].contains(name))
        .filter(|name| !["AUTH0_DOMAIN", "API_ID"].contains(name))
        .collect();
    assert_eq!(
        named,
        ["API_SIGNNG_KEY", "PUSHER_KYE", "TWILIO_AUTH_TOKNE"],
        "{told:?}"
    );
}
