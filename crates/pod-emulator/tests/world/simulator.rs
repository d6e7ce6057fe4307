//! The simulator: a conversation as its page holds it, and the page itself.

use std::net::SocketAddr;

use axum::Router;
use hyper::{Method, StatusCode};
use pod_emulator::{CERTIFICATE_URL, DeviceSetup, Emulator, EmulatorConfig};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::inbox::{ada, deliver};
use crate::support::{Skill, ask, config, exchange};

/// A world whose simulator is served where a pod serves it.
struct Served {
    emulator: Emulator,
    skill: Skill,
    address: SocketAddr,
}

impl Served {
    async fn start() -> Self {
        let skill = Skill::start().await;
        let house = vec![
            DeviceSetup::linked("kitchen", "auth0|ada"),
            DeviceSetup {
                locale: "en-GB".to_owned(),
                ..DeviceSetup::signed_in(
                    "office",
                    "grace@example.com",
                    pod_emulator::GRACE_PASSWORD,
                )
            },
            DeviceSetup::unlinked("hallway"),
        ];
        let emulator = Emulator::start(EmulatorConfig {
            devices: house,
            ..config(&skill.url())
        })
        .await
        .unwrap();
        let pod = Router::new().nest_service("/pod/simulator", emulator.simulator());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, pod).into_future());
        Self {
            emulator,
            skill,
            address,
        }
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let path = format!("/pod/simulator/{path}");
        ask(self.address, Method::POST, &path, Some(body)).await
    }

    async fn say(&self, utterance: &str) -> (StatusCode, Value) {
        let said = json!({"device": "kitchen", "utterance": utterance});
        self.post("say", said).await
    }

    async fn get(&self, path: &str) -> Value {
        let path = format!("/pod/simulator/{path}");
        ask(self.address, Method::GET, &path, None).await.1
    }

    async fn file(&self, path: &str) -> (hyper::http::response::Parts, String) {
        let path = format!("/pod/simulator{path}");
        let (head, body) = exchange(self.address, Method::GET, &path, None).await;
        (head, String::from_utf8(body.to_vec()).unwrap())
    }
}

/// The names of the checks that failed.
fn failed(answer: &Value) -> Vec<&str> {
    let checks = answer["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 7);
    let failed = checks.iter().filter(|check| check["passed"] == false);
    failed
        .map(|check| check["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_order_and_its_code_are_said_in_the_browser() {
    let served = Served::start().await;
    served.skill.will_say("I sent a code to your phone.", false);
    served.skill.will_say("Your order is confirmed.", true);

    let (_, ordered) = served
        .say("alexa, ask corner shop to get me a big basket with figs")
        .await;
    let (messages, ()) = tokio::join!(served.get("inbox?after=0&wait=20"), async {
        deliver(served.emulator.inbox(), &ada(), "482913").await;
    });
    let (status, confirmed) = served.say("the code is 4 8 2 9 1 3").await;

    assert_eq!(ordered["speech"], "I sent a code to your phone.");
    assert_eq!(ordered["session_open"], true);
    assert_eq!(messages[0]["to"], "…42");
    assert!(messages[0]["text"].as_str().unwrap().contains("482913"));
    assert_eq!(
        (status, &confirmed["speech"]),
        (StatusCode::OK, &json!("Your order is confirmed."))
    );
    let slots = &confirmed["request"]["request"]["intent"]["slots"];
    assert_eq!(slots["Code"]["value"], "482913");
    assert_eq!(confirmed["session_open"], false);
}

#[tokio::test]
async fn what_went_over_the_wire_is_told_as_it_was_sent() {
    let served = Served::start().await;
    served.skill.will_say("Welcome.", false);

    let (_, heard) = served.say("open corner shop").await;

    let received = served.skill.received().pop().unwrap();
    let body: Value = serde_json::from_slice(&received.body).unwrap();
    assert_eq!(heard["request"], body);
    for name in ["Signature-256", "SignatureCertChainUrl"] {
        assert_eq!(
            heard["signature_headers"][name],
            received.headers[name].to_str().unwrap()
        );
    }
    assert_eq!(
        heard["signature_headers"]["SignatureCertChainUrl"],
        CERTIFICATE_URL
    );
    assert_eq!(heard["status"], 200);
    assert_eq!(heard["response"]["response"]["shouldEndSession"], false);
    assert_eq!(failed(&heard), [""; 0]);
}

#[tokio::test]
async fn a_skill_that_refuses_or_fails_is_told_from_one_that_is_not_asked() {
    let served = Served::start().await;
    served.skill.will_answer(StatusCode::BAD_REQUEST, json!({}));
    served
        .skill
        .will_answer(StatusCode::OK, json!({"version": "1.0"}));

    let (refused, heard) = served.say("open corner shop").await;
    let (invalid, unheard) = served.say("open corner shop").await;
    let (not_asked, nothing) = served.say("get me a big basket").await;

    assert_eq!((refused, &heard["status"]), (StatusCode::OK, &json!(400)));
    assert_eq!(failed(&heard), ["The skill's own verdict"]);
    assert_eq!(invalid, StatusCode::BAD_GATEWAY);
    assert_eq!(unheard["request"]["request"]["type"], "LaunchRequest");
    assert_eq!(failed(&unheard), ["The skill's own verdict"]);
    assert_eq!(not_asked, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        nothing.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["error"]
    );
}

#[tokio::test]
async fn a_session_that_nobody_answers_is_closed_once() {
    let served = Served::start().await;
    served.skill.will_say("Welcome.", false);
    served
        .skill
        .will_answer(StatusCode::OK, json!({"version": "1.0", "response": {}}));
    served.say("open corner shop").await;
    let open = served.get("state").await;

    let kitchen = || json!({"device": "kitchen"});
    let (left, heard) = served.post("leave", kitchen()).await;
    let (again, nothing) = served.post("leave", kitchen()).await;

    assert_eq!(open["devices"][0]["session_open"], true);
    assert_eq!(left, StatusCode::OK);
    assert_eq!(
        heard["request"]["request"]["reason"],
        "EXCEEDED_MAX_REPROMPTS"
    );
    assert_eq!((again, nothing), (StatusCode::NO_CONTENT, json!("")));
    assert_eq!(
        served.get("state").await["devices"][0]["session_open"],
        false
    );
}

#[tokio::test]
async fn the_house_is_shown_with_names_and_with_the_logins_that_a_demo_gives_away() {
    let served = Served::start().await;

    let state = served.get("state").await;

    let device = |name: &str, locale: &str, customer: Option<&str>, login: Option<[&str; 2]>| {
        json!({
            "name": name, "locale": locale, "customer": customer, "login": login,
            "session_open": false,
        })
    };
    let grace = ["grace@example.com", pod_emulator::GRACE_PASSWORD];
    let expected = json!({
        "shop": "Pizza on demand",
        "invocation": "corner shop",
        "locales": [
            "en-US", "en-AU", "en-CA", "en-GB", "en-IN", "de-DE", "es-ES", "fr-FR", "hi-IN",
            "it-IT", "ja-JP", "pt-BR",
        ],
        "devices": [
            device("kitchen", "en-US", Some("ada"), None),
            device("office", "en-GB", Some("grace"), Some(grace)),
            device("hallway", "en-US", None, None),
        ],
    });
    assert_eq!(state, expected);
}

#[tokio::test]
async fn a_device_is_set_to_another_language_and_stays_so() {
    let served = Served::start().await;
    served.skill.will_say("Welcome.", true);
    served.skill.will_say("Welcome.", true);
    let say = |locale: &str| {
        let utterance = "open corner shop";
        json!({"device": "kitchen", "utterance": utterance, "locale": locale})
    };

    let (status, heard) = served.post("say", say("de-DE")).await;
    let (_, again) = served.say("open corner shop").await;
    let (strange, why) = served.post("say", say("tlh")).await;

    assert_eq!(status, StatusCode::OK);
    for heard in [heard, again] {
        assert_eq!(heard["request"]["request"]["locale"], "de-DE");
    }
    let state = served.get("state").await;
    assert_eq!(state["devices"][0]["locale"], "de-DE");
    assert_eq!(strange, StatusCode::BAD_REQUEST);
    assert!(why["error"].as_str().unwrap().contains("en-US"), "{why}");
    assert_eq!(served.skill.received().len(), 2);
}

#[tokio::test]
async fn a_device_that_is_not_there_is_named_as_such() {
    let served = Served::start().await;

    let said = json!({"device": "cellar", "utterance": "open corner shop"});
    let (said, words) = served.post("say", said).await;
    let (left, _) = served.post("leave", json!({"device": "cellar"})).await;
    let (strange, _) = served
        .post(
            "say",
            json!({"device": "kitchen", "utterance": "help", "skill_url": "http://127.0.0.1:1/"}),
        )
        .await;

    assert_eq!((said, left), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!(
        words["error"],
        "there is no such device; there are hallway, kitchen, office"
    );
    assert_eq!(strange, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(served.skill.received().is_empty());
}

#[tokio::test]
async fn the_page_is_whole_and_takes_nothing_from_elsewhere() {
    let served = Served::start().await;

    let (bare, _) = served.file("").await;
    let (head, page) = served.file("/").await;
    let (style_head, style) = served.file("/simulator.css").await;
    let (script_head, script) = served.file("/simulator.js").await;

    assert_eq!(bare.status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(bare.headers["location"], "simulator/");
    let policy = head.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    assert!(!policy.contains("unsafe"));
    for (head, kind) in [
        (&head, "text/html"),
        (&style_head, "text/css"),
        (&script_head, "text/javascript"),
    ] {
        assert_eq!(head.status, StatusCode::OK);
        assert!(
            head.headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with(kind)
        );
        assert_eq!(head.headers["x-content-type-options"], "nosniff");
    }
    for text in [&page, &style, &script] {
        for elsewhere in [
            "http:",
            "https:",
            "\"//",
            "url(",
            "@import",
            "innerHTML",
            "eval(",
        ] {
            assert!(!text.contains(elsewhere), "{elsewhere}");
        }
    }
    for inline in ["<style", " style=", " onclick=", " onload=", "javascript:"] {
        assert!(!page.contains(inline), "{inline}");
    }
    let scripts: Vec<_> = page.split("<script").skip(1).collect();
    assert_eq!(scripts.len(), 1);
    assert!(scripts[0].contains("src=\"simulator.js\"></script>"));
    for id in script
        .split("at(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
}

#[tokio::test]
async fn answers_with_codes_and_tokens_are_not_kept_by_browsers() {
    let served = Served::start().await;

    for path in ["/inbox", "/state"] {
        let (head, _) = served.file(path).await;
        assert_eq!(head.headers["cache-control"], "no-store", "{path}");
    }
}
