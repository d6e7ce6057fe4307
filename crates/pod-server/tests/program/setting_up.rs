//! Setting a tenant up, as its administrator does.

use serde_json::{Value, json};

use crate::stage::http;
use crate::stage::process::{Ended, run};
use crate::stage::settings::Settings;
use crate::stage::world::{Served, World};

const REDIRECTS: &str = "--alexa-vendor-id M2ABC";

/// An empty tenant, seen by its administrator.
struct Office {
    world: World,
    token: String,
}

impl Office {
    fn open() -> Self {
        let world = World::start_with("--empty-tenant");
        let settings = world.settings();
        let request = json!({
            "grant_type": "client_credentials",
            "client_id": settings.get("SETUP_CLIENT_ID"),
            "client_secret": settings.get("SETUP_CLIENT_SECRET"),
            "audience": format!("{}/api/v2/", world.url()),
        });
        let granted = http::post_json(&format!("{}/oauth/token", world.url()), &request).json();
        let token = granted["access_token"].as_str().expect("a token");
        Self {
            token: token.to_owned(),
            world,
        }
    }

    /// The settings of whoever sets up: `POD_CODE_KEYS` is not among them.
    fn settings(&self) -> Settings {
        self.world.settings().without("POD_CODE_KEYS")
    }

    fn set_up(&self, options: &str) -> Ended {
        let line = format!("setup auth0 {options}");
        let ended = run(self.world.folder(), &line, &self.settings());
        assert!(!ended.out.contains("setup-secret"), "{ended:?}");
        assert!(!ended.err.contains("setup-secret"), "{ended:?}");
        ended
    }

    fn list(&self, path: &str) -> Vec<Value> {
        let found = http::get_as(&self.token, &format!("{}/api/v2/{path}", self.world.url()));
        found.json().as_array().expect("a list").clone()
    }

    fn named(&self, path: &str, name: &str) -> Value {
        let list = self.list(path);
        let found = list.iter().find(|record| record["name"] == name);
        found
            .unwrap_or_else(|| panic!("no {name} in {list:?}"))
            .clone()
    }

    fn change(&self, path: &str, body: &Value) {
        let url = format!("{}/api/v2/{path}", self.world.url());
        let answer = http::patch_json_as(&self.token, &url, body);
        assert!(answer.status < 300, "{}", answer.status);
    }

    fn trouble(&self, path: &str) {
        let url = format!("{}/emulator/troubles", self.world.url());
        let trouble = json!({"path": path, "times": 1, "trouble": {"status": 500}});
        assert_eq!(http::post_json(&url, &trouble).status, 204);
    }

    fn environment(&self) -> String {
        std::fs::read_to_string(self.world.folder().join("pod.env")).expect("pod.env")
    }
}

fn done(ended: &Ended) -> usize {
    ended
        .out
        .lines()
        .filter(|line| line.starts_with("done "))
        .count()
}

#[test]
fn a_plan_is_shown_and_done_and_then_there_is_nothing_to_do() {
    let office = Office::open();

    let planned = office.set_up("--dry-run");
    assert_eq!(planned.code, Some(0), "{planned:?}");
    assert!(planned.out.contains("create the application \"pod Alexa\""));
    assert!(planned.out.contains("Nothing was done"));
    assert!(office.list("connections").is_empty());
    assert!(!office.world.folder().join("pod.env").exists());

    let first = office.set_up(REDIRECTS);
    let again = office.set_up(REDIRECTS);

    assert_eq!((first.code, done(&first)), (Some(0), 11), "{first:?}");
    assert_eq!((again.code, done(&again)), (Some(0), 0), "{again:?}");
    assert!(again.out.starts_with("There is nothing to do"), "{again:?}");
    let audience = "authorize?audience=https%3A%2F%2Fpod.localtest.me";
    assert!(first.out.contains(audience), "{first:?}");
}

#[test]
fn each_application_may_do_what_it_is_for_and_nothing_else() {
    let office = Office::open();
    office.set_up(REDIRECTS);

    let id = |name: &str| office.named("clients", name)["client_id"].clone();
    let grants = office.list("client-grants");
    let of_back_end: Vec<&Value> = grants
        .iter()
        .filter(|grant| grant["client_id"] == id("pod back end"))
        .collect();

    let alexa = office.named("clients", "pod Alexa");
    assert_eq!(
        alexa["grant_types"],
        json!(["authorization_code", "refresh_token"])
    );
    assert_eq!(alexa["callbacks"].as_array().map(Vec::len), Some(3));
    assert_eq!(alexa["refresh_token"]["rotation_type"], "rotating");
    let web = office.named("clients", "pod web");
    assert_eq!(web["grant_types"], json!(["authorization_code"]));
    assert_eq!(of_back_end.len(), 1);
    assert_eq!(
        of_back_end[0]["scope"],
        json!(["read:users", "create:users", "update:users"])
    );
    for client in ["pod Alexa", "pod web"] {
        assert!(grants.iter().all(|grant| grant["client_id"] != id(client)));
    }
    let sms = office.named("connections", "sms");
    assert_eq!(sms["enabled_clients"], json!([id("pod back end")]));
    assert_eq!(
        sms["options"]["totp"],
        json!({"length": 6, "time_step": 300})
    );
    let api = office.named("resource-servers", "pod");
    assert_eq!(api["signing_alg"], "RS256");
    assert_eq!(api["allow_offline_access"], true);
}

#[test]
fn what_somebody_changed_is_repaired_and_what_is_theirs_stays() {
    let office = Office::open();
    office.set_up(REDIRECTS);
    let alexa = office.named("clients", "pod Alexa");
    let sms = office.named("connections", "sms");
    let path = format!("clients/{}", alexa["client_id"].as_str().unwrap());
    let grants = ["authorization_code", "refresh_token", "password"];
    office.change(
        &path,
        &json!({"grant_types": grants, "logo_uri": "https://x.example/l.png"}),
    );
    let connection = format!("connections/{}", sms["id"].as_str().unwrap());
    let mut options = sms["options"].clone();
    options["template"] = json!("Mine: {{ code }}");
    options["totp"]["length"] = json!(4);
    office.change(&connection, &json!({"options": options}));
    let enabled = json!([{"client_id": alexa["client_id"], "status": true}]);
    office.change(&format!("{connection}/clients"), &enabled);
    let protection = "attack-protection/brute-force-protection";
    office.change(protection, &json!({"enabled": false}));

    let planned = office.set_up(&format!("{REDIRECTS} --dry-run"));
    let repaired = office.set_up(REDIRECTS);

    for change in [
        "change the application \"pod Alexa\": grant_types",
        "change the connection sms: options",
        "no longer let \"pod Alexa\" use the connection sms",
        "change the protection brute-force-protection: enabled",
    ] {
        assert!(planned.out.contains(change), "{change}: {planned:?}");
    }
    assert_eq!(
        (repaired.code, done(&repaired)),
        (Some(0), 4),
        "{repaired:?}"
    );
    let alexa = office.named("clients", "pod Alexa");
    assert_eq!(
        alexa["grant_types"],
        json!(["authorization_code", "refresh_token"])
    );
    assert_eq!(alexa["logo_uri"], "https://x.example/l.png");
    let options = office.named("connections", "sms")["options"].clone();
    assert_eq!(options["totp"]["length"], 6);
    assert_eq!(options["template"], "Mine: {{ code }}");
    assert_eq!(done(&office.set_up(REDIRECTS)), 0);
}

#[test]
fn a_failure_in_the_middle_says_how_far_it_came_and_the_next_run_goes_on() {
    let office = Office::open();
    office.trouble("/api/v2/client-grants");

    let failed = office.set_up(REDIRECTS);
    let file = office.world.folder().join("pod.env").exists();
    let again = office.set_up(REDIRECTS);

    assert_eq!((failed.code, done(&failed)), (Some(1), 10), "{failed:?}");
    assert!(
        failed.out.contains("10 steps were done and stay."),
        "{failed:?}"
    );
    assert!(
        failed
            .out
            .contains("  - let \"pod back end\" use the Management API"),
        "{failed:?}"
    );
    assert!(
        failed.err.contains("setting up stopped at a step"),
        "{failed:?}"
    );
    assert!(!file);
    assert_eq!((again.code, done(&again)), (Some(0), 1), "{again:?}");
}

#[test]
fn the_environment_that_is_written_is_what_serve_needs() {
    let office = Office::open();
    let settings = office.settings();
    let skill = settings.get("POD_ALEXA_SKILL_ID").to_owned();
    let without = office.set_up(REDIRECTS);
    assert!(without.out.contains("--public-url"), "{without:?}");
    assert!(!office.environment().contains("POD_WEB_"));
    let options = format!("{REDIRECTS} --public-url https://pod.example.com/");
    let set_up = office.set_up(&options);
    assert!(
        set_up.out.contains("set -a; . ./pod.env; set +a"),
        "{set_up:?}"
    );
    let keys = |environment: &str| {
        let line = environment
            .lines()
            .find(|line| line.starts_with("POD_CODE_KEYS="));
        line.expect("keys").to_owned()
    };
    let first = office.environment();
    office.set_up(REDIRECTS);

    let written: String = first
        .lines()
        .filter(|line| !line.starts_with('#'))
        .fold(String::new(), |text, line| text + line + "\n");
    let environment = Settings::of_lines(&written);
    assert_eq!(environment.get("POD_PUBLIC_URL"), "https://pod.example.com");
    let web = office.named("clients", "pod web");
    assert_eq!(environment.get("POD_WEB_CLIENT_ID"), web["client_id"]);
    let secrets = ["APP_CLIENT_SECRET", "POD_WEB_CLIENT_SECRET"];
    let secrets = secrets.map(|name| environment.get(name).to_owned());
    let served = Served::start(office.world.folder(), &environment.at_free_ports());
    let served = served.stop();

    assert_eq!(served.code, Some(0), "{served:?}");
    assert!(first.contains(&format!("POD_ALEXA_SKILL_ID={skill}")));
    assert_eq!(keys(&first), keys(&office.environment()), "keys are kept");
    for secret in secrets {
        assert!(!set_up.out.contains(&secret) && !set_up.err.contains(&secret));
        assert!(!served.err.contains(&secret), "{served:?}");
    }
}

#[test]
fn a_client_that_may_too_little_hears_which_scopes_it_needs() {
    let office = Office::open();
    let grants = office.list("client-grants");
    let grant = grants[0]["id"].as_str().unwrap();
    office.change(
        &format!("client-grants/{grant}"),
        &json!({"scope": ["read:resource_servers"]}),
    );

    let ended = office.set_up(REDIRECTS);

    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("nothing was changed"), "{ended:?}");
    assert!(ended.err.contains("read:clients"), "{ended:?}");
}

#[test]
fn a_wrong_secret_and_missing_settings_are_told_in_sentences() {
    let office = Office::open();
    let wrong = office
        .settings()
        .with("SETUP_CLIENT_SECRET", "hush-hush-hush");

    let refused = run(office.world.folder(), "setup auth0", &wrong);
    let nothing = run(office.world.folder(), "setup auth0", &Settings::none());

    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.err.contains("copy both from the application"),
        "{refused:?}"
    );
    assert!(!refused.err.contains("hush"), "{refused:?}");
    assert_eq!(nothing.code, Some(2), "{nothing:?}");
    for name in [
        "AUTH0_DOMAIN",
        "API_ID",
        "SETUP_CLIENT_ID",
        "SETUP_CLIENT_SECRET",
    ] {
        assert!(
            nothing.err.contains(&format!("{name} is not set")),
            "{nothing:?}"
        );
    }
}

#[test]
fn after_setting_up_everything_that_check_tries_works() {
    let office = Office::open();
    office.set_up(&format!("{REDIRECTS} --public-url https://pod.example.com"));
    let written = office.environment();
    let settings = written
        .lines()
        .filter_map(|line| line.split_once('='))
        .fold(
            office
                .settings()
                .without("SETUP_CLIENT_ID")
                .without("SETUP_CLIENT_SECRET"),
            |settings, (name, value)| settings.with(name, value),
        );

    let checked = run(office.world.folder(), "check", &settings);

    assert_eq!(checked.code, Some(0), "{checked:?}");
    for subject in ["customers", "API", "codes"] {
        assert!(
            checked.out.contains(&format!("ok     Auth0's {subject}")),
            "{checked:?}"
        );
    }
    assert!(checked.out.contains("ok     web app"), "{checked:?}");
    assert!(!checked.out.contains("does not need"), "{checked:?}");
}

#[test]
fn a_test_user_and_carriers_of_messages_are_set_up_once_and_no_secret_is_told() {
    let office = Office::open();
    let secrets = ["hush-token", "hush-mail", "Hush-password-1843"];
    let account = format!("AC{}", "0a".repeat(16));
    let settings = office
        .settings()
        .with("TWILIO_ACCOUNT_SID", &*account)
        .with("TWILIO_AUTH_TOKEN", secrets[0])
        .with("TWILIO_FROM", "+14155550199")
        .with(
            "POD_SMTP_URL",
            format!("smtps://pod:{}@mail.example", secrets[1]),
        )
        .with("POD_MAIL_FROM", "pizza@shop.example")
        .with("SETUP_TEST_PASSWORD", secrets[2]);
    let line = format!(
        "setup auth0 {REDIRECTS} --test-user charles@example.com --test-phone +14155550143"
    );

    let first = run(office.world.folder(), &line, &settings);
    let again = run(office.world.folder(), &line, &settings);

    assert_eq!((first.code, done(&first)), (Some(0), 14), "{first:?}");
    assert_eq!((again.code, done(&again)), (Some(0), 0), "{again:?}");
    for told in [&first.out, &first.err, &again.out, &again.err] {
        assert!(
            secrets.iter().all(|secret| !told.contains(secret)),
            "{told}"
        );
        assert!(!told.contains("charles@"), "{told}");
        assert!(!told.contains("5550143"), "{told}");
    }
    let users = office.list("users");
    assert_eq!(users.len(), 1);
    assert_eq!(users[0]["app_metadata"]["phone_number"], "+14155550143");
    let url = format!("{}/api/v2/branding/phone/providers", office.world.url());
    let providers = http::get_as(&office.token, &url).json();
    assert_eq!(providers["providers"][0]["configuration"]["sid"], account);
    let url = format!("{}/api/v2/emails/provider", office.world.url());
    let provider = http::get_as(&office.token, &url).json();
    assert_eq!(provider["credentials"]["smtp_host"], "mail.example");
}

#[test]
fn what_cannot_be_set_up_whole_is_not_begun() {
    let office = Office::open();
    let half = office.settings().with("TWILIO_FROM", "+14155550199");

    let user = office.set_up("--test-user charles@example.com");
    let half = run(office.world.folder(), "setup auth0", &half);
    let nowhere = office.set_up("--env-file /nowhere/pod.env");

    assert_eq!(user.code, Some(1), "{user:?}");
    assert!(user.err.contains("SETUP_TEST_PASSWORD"), "{user:?}");
    assert_eq!(half.code, Some(2), "{half:?}");
    assert!(
        half.err.contains("TWILIO_ACCOUNT_SID is not set"),
        "{half:?}"
    );
    assert_eq!(nowhere.code, Some(1), "{nowhere:?}");
    assert!(nowhere.err.contains("--env-file"), "{nowhere:?}");
    assert!(office.list("connections").is_empty());
}
