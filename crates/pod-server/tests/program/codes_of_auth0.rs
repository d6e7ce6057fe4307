//! Orders whose codes Auth0 sends, while the tenant is in trouble.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::stage::http;
use crate::stage::process::{Program, run, wait};
use crate::stage::settings::Settings;
use crate::stage::world::{Served, World};

const ORDER: &str = "alexa, ask pizza on demand to get me a small pizza";
const CODE: &str = "alexa, tell pizza on demand the code is {code}";

/// A world, a pod that has Auth0 send its codes, and somebody who talks.
struct Scene {
    world: World,
    served: Served,
}

impl Scene {
    fn open() -> Self {
        let world = World::start_with("--challenger auth0");
        let served = Served::start(world.folder(), &world.settings().at_free_ports());
        Self { world, served }
    }

    fn talk(&self) -> Program {
        let line = format!(
            "simulate --url {} --skill-url {}",
            self.world.url(),
            self.served.skill()
        );
        Program::start(self.world.folder(), &line, &Settings::none())
    }

    fn trouble(&self, path: &str, times: u32, trouble: &Value) {
        let url = format!("{}/emulator/troubles", self.world.url());
        let ordered = json!({"path": path, "times": times, "trouble": trouble});
        assert_eq!(http::post_json(&url, &ordered).status, 204);
    }

    /// Waits until the pod has fetched the tenant's keys.
    fn has_keys(&self) {
        let fetched = wait(|| (self.requests("/.well-known/jwks.json") > 0).then_some(()));
        fetched.expect("it fetches them when it starts");
        std::thread::sleep(Duration::from_millis(500));
    }

    fn end_troubles(&self) {
        let url = format!("{}/emulator/troubles", self.world.url());
        assert_eq!(http::delete(&url).status, 204);
    }

    fn requests(&self, path: &str) -> u64 {
        let counted = http::get(&format!("{}/emulator/requests", self.world.url()));
        counted.json()[path].as_u64().unwrap_or(0)
    }
}

#[test]
fn a_tenant_that_takes_three_seconds_a_call_is_answered_for_in_time() {
    let scene = Scene::open();
    let mut talk = scene.talk();
    scene.has_keys();
    scene.trouble("/", 1000, &json!({"delay_milliseconds": 3000}));

    let began = Instant::now();
    talk.type_line(ORDER);
    talk.says("right now");
    let took = began.elapsed();
    scene.end_troubles();
    talk.type_line(ORDER);
    talk.says("I sent a code");
    talk.type_line(CODE);
    talk.says("Your order is confirmed");

    // Alexa waits for eight seconds.
    assert!(took < Duration::from_secs(7), "{took:?}");
    assert_eq!(talk.finish().code, Some(0));
}

#[test]
fn the_code_of_one_order_does_not_confirm_another_whose_code_could_not_be_sent() {
    let scene = Scene::open();
    let mut talk = scene.talk();
    talk.type_line(ORDER);
    talk.says("I sent a code");
    // By text message and by e-mail.
    scene.trouble("/passwordless/start", 2, &json!({"status": 503}));

    talk.type_line("alexa, ask pizza on demand to get me a large pizza with sausage");
    talk.says("I cannot send codes right now");
    talk.type_line(CODE);
    talk.type_line("alexa, ask pizza on demand what is the status of my order");
    let ended = talk.finish();

    assert!(
        !ended.out.contains("large pizza with sausage is confirmed"),
        "{ended:?}"
    );
    assert!(
        !ended.out.contains("confirmed: a large pizza with sausage"),
        "{ended:?}"
    );
}

#[test]
fn whatever_goes_wrong_at_the_tenant_is_a_sentence_and_costs_no_order() {
    let scene = Scene::open();
    let mut talk = scene.talk();
    talk.type_line(ORDER);
    talk.says("I sent a code");

    for trouble in [json!({"status": 500}), json!("lost")] {
        scene.trouble("/oauth/token", 1, &trouble);
        talk.type_line(CODE);
        talk.says("I could not finish checking your code");
    }
    let asked = scene.requests("/oauth/token");
    scene.end_troubles();
    talk.type_line(CODE);
    talk.says("Your order is confirmed");

    assert!(asked >= 2, "{asked}");
    assert_eq!(talk.finish().code, Some(0));
}

#[test]
fn a_device_whose_token_lacks_the_scope_is_asked_to_link_its_account() {
    let world = World::start_with("--challenger auth0");
    let settings = world.settings().with("POD_ALEXA_SCOPE", "order:flowers");
    let served = Served::start(world.folder(), &settings.at_free_ports());
    let line = format!(
        "simulate --url {} --skill-url {}",
        world.url(),
        served.skill()
    );
    let mut talk = Program::start(world.folder(), &line, &Settings::none());

    talk.type_line(ORDER);
    talk.says("link");

    assert!(!talk.finish().out.contains("SMS"));
}

#[test]
fn a_token_of_another_application_is_not_accepted() {
    let world = World::start_with("--challenger auth0");
    let settings = world
        .settings()
        .with("POD_ALEXA_CLIENT_ID", "another-client");
    let served = Served::start(world.folder(), &settings.at_free_ports());
    let line = format!(
        "simulate --url {} --skill-url {}",
        world.url(),
        served.skill()
    );
    let mut talk = Program::start(world.folder(), &line, &Settings::none());

    talk.type_line(ORDER);
    talk.says("link");

    assert!(!talk.finish().out.contains("SMS"));
}

#[test]
fn who_has_codes_sent_to_what_customers_edit_is_warned() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::least()
        .with("APP_CLIENT_ID", "backend")
        .with("APP_CLIENT_SECRET", "hush-hush")
        .with("AUTH0_TRUST_USER_METADATA", "yes");

    let served = Served::start(folder.path(), &settings).stop();
    let checked = run(folder.path(), "check", &settings);

    assert!(
        served.err.contains("AUTH0_TRUST_USER_METADATA"),
        "{served:?}"
    );
    assert!(checked.out.contains("customers can edit"), "{checked:?}");
    assert!(!served.err.contains("hush-hush"), "{served:?}");
}
