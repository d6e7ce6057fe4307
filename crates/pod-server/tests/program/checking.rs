//! `check`: what it says of good and of bad configurations.

use crate::stage::process::{Ended, run};
use crate::stage::settings::{SECRETS, Settings};
use crate::stage::world::World;

/// The verdict on a subject, and what was said of it.
fn line<'r>(ended: &'r Ended, subject: &str) -> (&'r str, &'r str) {
    let lines = ended.out.lines().filter_map(|line| {
        let (verdict, rest) = line.split_once(' ')?;
        let said = rest.trim_start().strip_prefix(subject)?;
        said.starts_with(' ').then(|| (verdict, said.trim_start()))
    });
    let found: Vec<_> = lines.collect();
    assert_eq!(found.len(), 1, "{subject}:\n{}\n{}", ended.out, ended.err);
    found[0]
}

#[test]
fn in_a_good_world_everything_works() {
    let world = World::start();
    let credentials = format!("http://ada:{}@", SECRETS[2]);
    let proxy = world.settings().get("HTTPS_PROXY").to_owned();
    let settings = world
        .settings()
        .with("HTTPS_PROXY", proxy.replace("http://", &credentials));
    let migrated = run(world.folder(), "migrate", &settings);
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    let before = world.database();

    let ended = run(world.folder(), "check", &settings);

    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.ends_with("everything that was tried works\n"));
    for subject in [
        "configuration",
        "trust anchors",
        "trust store",
        "proxy",
        "database",
        "Auth0's keys",
        "Auth0's customers",
        "Auth0's API",
        "Twilio",
        "Twilio's reports",
        "mail server",
        "web app",
        "Amazon's host",
    ] {
        assert_eq!(line(&ended, subject).0, "ok", "{subject}:\n{}", ended.out);
    }
    assert!(!ended.out.contains("courier"), "{}", ended.out);
    let (_, said) = line(&ended, "proxy");
    assert!(said.contains(&proxy), "{said}");
    let (_, said) = line(&ended, "trust store");
    assert!(said.contains("SSL_CERT_FILE"), "{said}");
    assert!(world.database() == before, "the database was changed");
}

#[test]
fn suppliers_that_do_not_answer_are_named_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::least().with("HTTPS_PROXY", "http://127.0.0.1:1");

    let ended = run(folder.path(), "check", &settings);

    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.ends_with("2 things are wrong\n"), "{}", ended.out);
    let (verdict, said) = line(&ended, "Auth0's keys");
    assert_eq!(verdict, "WRONG");
    assert!(said.contains("http://127.0.0.1:1/.well-known"), "{said}");
    let (verdict, said) = line(&ended, "Amazon's host");
    assert_eq!(verdict, "WRONG");
    assert!(said.contains("HTTPS_PROXY"), "{said}");
    let (verdict, said) = line(&ended, "database");
    assert_eq!(verdict, "note");
    assert!(said.contains("`serve` creates it"), "{said}");
    assert!(!folder.path().join("pod.db").exists());
}

#[test]
fn a_web_app_that_nobody_could_sign_in_to_is_wrong() {
    let world = World::start();
    let good = world.settings();
    for (settings, remedy) in [
        (
            good.clone().with("POD_WEB_CLIENT_SECRET", "hush-hush-hush"),
            "its secret",
        ),
        (
            good.clone().with("POD_WEB_CLIENT_ID", "nobody"),
            "check the client id",
        ),
        (
            good.clone()
                .with("POD_PUBLIC_URL", "https://elsewhere.example"),
            "https://elsewhere.example/pod/app/oidc/callback is one of its allowed callback URLs",
        ),
    ] {
        let ended = run(world.folder(), "check", &settings);

        assert_eq!(ended.code, Some(1), "{ended:?}");
        let (verdict, said) = line(&ended, "web app");
        assert_eq!(verdict, "WRONG", "{said}");
        assert!(said.contains(remedy), "{said}");
        assert!(!said.contains("hush"), "{said}");
    }
}

#[test]
fn a_pusher_that_cannot_be_reached_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::least()
        .with("PUSHER_APPID", "3")
        .with("PUSHER_KEY", "278d425bdf160c739803")
        .with("PUSHER_SECRET", "hush-hush-hush")
        .with("PUSHER_HOST", "http://127.0.0.1:1");

    let ended = run(folder.path(), "check", &settings);

    let (verdict, said) = line(&ended, "Pusher");
    assert_eq!(verdict, "WRONG", "{said}");
    assert!(said.contains("PUSHER_HOST"), "{said}");
    assert!(!said.contains("hush"), "{said}");
}

#[test]
fn a_database_that_serve_could_not_use_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("text.db"), "text ".repeat(300)).unwrap();
    let verdict = |url: &str| {
        let settings = Settings::least().with("POD_DATABASE_URL", url);
        let ended = run(folder.path(), "check", &settings);
        let (verdict, said) = line(&ended, "database");
        (verdict.to_owned(), said.to_owned())
    };

    let (missing, why) = verdict("sqlite://nowhere/pod.db");
    assert_eq!(missing, "WRONG", "{why}");
    assert!(why.contains("nowhere"), "{why}");
    let (no_folder, why) = verdict("sqlite://text.db/pod.db");
    assert_eq!(no_folder, "WRONG", "{why}");
    let (foreign, why) = verdict("sqlite://text.db");
    assert_eq!(foreign, "WRONG", "{why}");
    assert!(why.contains("is not a SQLite database"), "{why}");
    assert!(!folder.path().join("nowhere").exists());
}

#[test]
fn a_configuration_with_problems_is_told_as_serve_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::least()
        .without("API_ID")
        .with("POD_ALEXA_TRUST_ANCHORS", "/nowhere.pem")
        .with("SSL_CERT_FILE", "/nowhere.pem")
        .with("HTTPS_PROXY", "nonsense://");

    let check = run(folder.path(), "check", &settings);
    let serve = run(folder.path(), "serve", &settings);

    assert_eq!(check.code, Some(2), "{check:?}");
    assert_eq!(check.err, serve.err);
    let lines: Vec<&str> = check.err.lines().skip(1).map(str::trim).collect();
    assert_eq!(lines.len(), 4, "{lines:#?}");
    for name in [
        "API_ID",
        "POD_ALEXA_TRUST_ANCHORS",
        "SSL_CERT_FILE",
        "HTTPS_PROXY",
    ] {
        let named = lines.iter().filter(|line| line.starts_with(name));
        assert_eq!(named.count(), 1, "{name}: {lines:#?}");
    }
}

#[test]
fn no_secret_of_the_environment_is_ever_told() {
    let world = World::start();
    let proxy = world
        .settings()
        .get("HTTPS_PROXY")
        .replace("http://", &format!("http://ada:{}@", SECRETS[2]));
    let good = world
        .settings()
        .at_free_ports()
        .with("POD_CODE_KEYS", format!("k:{}", SECRETS[0]))
        .with("API_SIGNING_KEY", SECRETS[1])
        .with("HTTPS_PROXY", proxy)
        .with("POD_LOG", "trace");
    // Each secret in the place of another setting, cut, or with too much.
    let bad = Settings::none()
        .with("POD_CODE_KEYS", format!("{}:k", SECRETS[0]))
        .with("API_SIGNING_KEY_FILE", SECRETS[1])
        .with("POD_TLS_KEY", SECRETS[1])
        .with("HTTPS_PROXY", format!("nonsense://x:{}@y z", SECRETS[2]))
        .with("POD_LOG", "trace");

    // `run` itself looks for the secrets in everything that is told.
    for line in [
        "check",
        "migrate",
        "code-key",
        "contact list auth0|ada",
        "unlock auth0|ada",
        "demo --once",
    ] {
        run(world.folder(), line, &good);
    }
    for line in ["serve", "check", "migrate"] {
        run(world.folder(), line, &bad);
    }
    let served = crate::stage::world::Served::start(world.folder(), &good);
    let order = world.composed("alexa, ask pizza on demand to get me a large pizza");
    let answer = served.post(&order);
    let ended = served.stop();

    assert_eq!(answer.status, 200);
    let body: serde_json::Value = serde_json::from_str(&order.body).unwrap();
    let token = body["context"]["System"]["user"]["accessToken"].as_str();
    assert!(!ended.err.contains(token.unwrap()), "a token was logged");
    assert!(ended.err.contains("TRACE"), "everything is logged");
    assert!(!ended.err.contains("4155550142"), "a number was logged");
}

#[test]
fn what_the_back_end_may_not_do_at_the_tenant_is_named_with_a_remedy() {
    let world = World::start_with("--challenger auth0");
    let with = |more: &[(&str, &str)]| {
        let settings = more
            .iter()
            .fold(world.settings(), |settings, (name, value)| {
                settings.with(name, *value)
            });
        let ended = run(world.folder(), "check", &settings);
        assert!(!ended.out.contains("secret-that-everybody"), "{ended:?}");
        ended
    };
    let alexa = [
        ("APP_CLIENT_ID", "pod-emulator-alexa"),
        ("APP_CLIENT_SECRET", "alexa-secret-that-everybody-may-know"),
    ];
    let administrator = [
        ("APP_CLIENT_ID", "pod-emulator-setup"),
        ("APP_CLIENT_SECRET", "setup-secret-that-everybody-may-know"),
    ];

    for (settings, subject, verdict, words) in [
        (
            &[("APP_CLIENT_SECRET", "hush-hush")][..],
            "Auth0's customers",
            "WRONG",
            "copy both",
        ),
        (&alexa, "Auth0's customers", "WRONG", "authorize it there"),
        (&alexa, "Auth0's codes", "WRONG", "enable the grant"),
        (
            &[("API_ID", "https://pod.example/other")],
            "Auth0's API",
            "WRONG",
            "knows no API",
        ),
        (&administrator, "Auth0's scopes", "note", "does not need"),
    ] {
        let ended = with(settings);

        let (found, said) = line(&ended, subject);
        assert_eq!(found, verdict, "{ended:?}");
        assert!(said.contains(words), "{said}");
        assert!(!ended.out.contains("hush"), "{ended:?}");
    }
}

#[test]
fn without_a_back_end_contacts_are_said_to_be_kept_here() {
    let world = World::start();
    let settings = world
        .settings()
        .with("POD_CHALLENGER", "passcodes")
        .without("APP_CLIENT_ID")
        .without("APP_CLIENT_SECRET");

    let ended = run(world.folder(), "check", &settings);

    let (verdict, said) = line(&ended, "Auth0's customers");
    assert_eq!(verdict, "note");
    assert!(said.contains("contact add"), "{said}");
}
