//! Codes by the real couriers, from one process to another.

use serde_json::json;

use crate::stage::http;
use crate::stage::process::{Program, run};
use crate::stage::settings::Settings;
use crate::stage::world::{Served, World};

const ORDER: &str = "alexa, ask pizza on demand to get me a large pizza with onions";
const CODE: &str = "alexa, tell pizza on demand the code is {code}";
const STATUS: &str = "alexa, ask pizza on demand what is the status of my order";

/// A world, a pod that sends its codes itself, and somebody who talks.
struct Scene {
    world: World,
    served: Served,
    talk: Program,
}

impl Scene {
    fn open() -> Self {
        Self::with(|settings| settings)
    }

    fn with(changed: impl FnOnce(Settings) -> Settings) -> Self {
        let world = World::start();
        let settings = changed(world.settings().at_a_known_port());
        let served = Served::start(world.folder(), &settings);
        let line = format!(
            "simulate --url {} --skill-url {}",
            world.url(),
            served.skill()
        );
        let talk = Program::start(world.folder(), &line, &Settings::none());
        Self {
            world,
            served,
            talk,
        }
    }

    fn trouble(&self, times: u32, trouble: &serde_json::Value) {
        let url = format!("{}/emulator/twilio/troubles", self.world.url());
        let ordered = json!({"times": times, "trouble": trouble});
        assert_eq!(http::post_json(&url, &ordered).status, 204);
    }

    fn callback(&self) -> String {
        self.served.skill().replace("/alexa", "/twilio/status")
    }
}

#[test]
fn a_code_by_text_message_confirms_and_is_reported_as_delivered() {
    let mut scene = Scene::open();

    scene.talk.type_line(ORDER);
    scene.talk.says("ending in 4 2. It is good for");
    scene.talk.says("SMS");
    scene.talk.type_line(CODE);
    scene.talk.says("is confirmed");

    let delivered = r#"pod_message_reports_total{outcome="delivered"} 1"#;
    crate::stage::process::wait(|| {
        let metrics = scene.served.metrics();
        metrics.iter().any(|line| line == delivered).then_some(())
    })
    .expect("a report");
    let metrics = scene.served.metrics();
    for line in [
        r#"pod_codes_by_country_total{country="US",code="sent"} 1"#,
        r#"pod_codes_by_country_total{country="US",code="used"} 1"#,
    ] {
        assert!(metrics.iter().any(|known| known == line), "{metrics:?}");
    }
}

#[test]
fn a_text_message_that_is_refused_is_followed_by_an_email() {
    let mut scene = Scene::open();
    scene.trouble(1, &json!({"refuse": 21610}));

    scene.talk.type_line(ORDER);
    scene.talk.says("I could not reach");
    scene.talk.says("e-mail address that begins with");
    scene.talk.type_line(CODE);
    scene.talk.says("is confirmed");

    let fell_back = r#"pod_fallbacks_total{channel="email"} 1"#;
    let metrics = scene.served.metrics();
    assert!(metrics.iter().any(|line| line == fell_back), "{metrics:?}");
}

#[test]
fn a_text_message_that_is_lost_is_followed_by_an_email_and_the_status_says_so() {
    let mut scene = Scene::open();
    scene.trouble(1, &json!({"lose": 30005}));

    scene.talk.type_line(ORDER);
    scene.talk.says("ending in 4 2. It is good for");
    scene.served.program().logs("the code was sent another way");
    scene.talk.type_line(STATUS);
    scene.talk.says("I could not reach");
    scene.talk.type_line(CODE);
    scene.talk.says("is confirmed");
}

#[test]
fn a_lost_text_message_with_the_fallback_off_leaves_the_order_undelivered() {
    let mut scene = Scene::with(|settings| {
        let settings = settings.with("POD_EMAIL_FALLBACK", "off");
        settings.without("POD_SMTP_URL").without("POD_MAIL_FROM")
    });
    scene.trouble(1, &json!({"lose": 30006}));

    scene.talk.type_line(ORDER);
    scene.talk.says("ending in 4 2. It is good for");
    scene.served.program().logs("no other way to send the code");
    scene.talk.type_line(STATUS);
    scene
        .talk
        .says("Say: Alexa, ask pizza on demand to send the");
}

#[test]
fn suppliers_that_are_both_away_lose_no_order_and_the_customer_hears_what_to_do() {
    let mut scene = Scene::with(|settings| settings.with("POD_SMTP_URL", "smtp://127.0.0.1:1"));
    scene.trouble(1, &json!({"refuse": 20503}));

    scene.talk.type_line(ORDER);
    scene.talk.says("I cannot send codes right now");
    scene.talk.type_line(STATUS);
    scene
        .talk
        .says("Say: Alexa, ask pizza on demand to send the code");
}

#[test]
fn a_report_that_is_not_twilios_is_refused_and_has_no_effect() {
    let mut scene = Scene::open();
    scene.talk.type_line(ORDER);
    scene.talk.says("SMS");
    let query = "order=x&sent=1&language=en-US";
    let url = format!("{}?{query}", scene.callback());
    let form = "MessageStatus=undelivered&ErrorCode=30005";
    let kind = (
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    );
    let forged = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned();
    let signature = ("x-twilio-signature".to_owned(), forged);

    let unsigned = http::post(&url, std::slice::from_ref(&kind), form);
    let forged = http::post(&url, &[kind, signature], form);

    assert_eq!((unsigned.status, forged.status), (403, 403));
    let metrics = scene.served.metrics();
    for reason in ["not_signed", "wrong_signature"] {
        let line = format!(r#"pod_message_reports_refused_total{{reason="{reason}"}} 1"#);
        assert!(metrics.contains(&line), "{metrics:?}");
    }
    scene.talk.type_line(CODE);
    scene.talk.says("is confirmed");
}

#[test]
fn codes_of_twilio_verifys_confirm() {
    let world = World::start_with("--challenger twilio-verify");
    let served = Served::start(world.folder(), &world.settings().at_free_ports());
    let line = format!(
        "simulate --url {} --skill-url {}",
        world.url(),
        served.skill()
    );
    let mut talk = Program::start(world.folder(), &line, &Settings::none());

    talk.type_line(ORDER);
    talk.says("for the payment of 17.00 USD to Pizza on Demand");
    talk.type_line(CODE);
    talk.says("is confirmed");
}

/// A pod that keeps contacts itself, and these are Ada's.
fn with_contacts(contacts: &[&str], settings: &[(&str, &str)]) -> (World, Served, Program) {
    let world = World::start();
    let own = world.settings().at_free_ports();
    let own = own.without("APP_CLIENT_ID").without("APP_CLIENT_SECRET");
    let own = settings
        .iter()
        .fold(own, |own, (name, value)| own.with(name, *value));
    for contact in contacts {
        let line = format!("contact add auth0|ada {contact}");
        assert_eq!(run(world.folder(), &line, &own).code, Some(0));
    }
    let served = Served::start(world.folder(), &own);
    let line = format!(
        "simulate --url {} --skill-url {}",
        world.url(),
        served.skill()
    );
    let talk = Program::start(world.folder(), &line, &Settings::none());
    (world, served, talk)
}

fn refused(served: &Served, reason: &str) -> bool {
    let line = format!(r#"pod_sends_refused_total{{reason="{reason}"}} 1"#);
    served.metrics().contains(&line)
}

#[test]
fn a_landline_is_refused_counted_and_followed_by_an_email() {
    let contacts = ["+442079460000", "ada@example.com"];
    let (_world, served, mut talk) = with_contacts(&contacts, &[]);

    talk.type_line(ORDER);
    talk.says("e-mail address that begins with");

    assert!(refused(&served, "number"), "{:?}", served.metrics());
}

#[test]
fn a_country_that_is_not_sold_to_is_sent_nothing_and_counted() {
    let contacts = ["+14155550142"];
    let (_world, served, mut talk) = with_contacts(&contacts, &[("POD_SMS_COUNTRIES", "SE")]);

    talk.type_line(ORDER);
    talk.says("I know no verified phone number");

    assert!(refused(&served, "country"), "{:?}", served.metrics());
}

#[test]
fn too_many_codes_for_one_phone_are_refused_and_counted() {
    let contacts = ["+14155550142"];
    let (_world, served, mut talk) = with_contacts(&contacts, &[]);

    for _ in 0..6 {
        talk.type_line(ORDER);
    }
    talk.says("You have asked for too many codes");

    assert!(refused(&served, "quota"), "{:?}", served.metrics());
}
