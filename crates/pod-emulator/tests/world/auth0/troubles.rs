//! What goes wrong when somebody wants it to, and the count of requests.

use std::time::Duration;

use hyper::{Method, StatusCode};
use pod_core::ports::Clock as _;
use pod_emulator::Trouble;
use serde_json::{Value, json};

use super::World;

const KEYS: &str = "/.well-known/jwks.json";

#[tokio::test]
async fn each_trouble_comes_as_often_as_it_was_ordered_and_then_all_is_well() {
    let world = World::start().await;
    let tenant = world.emulator.tenant();
    tenant.trouble(KEYS, 2, Trouble::Status(503));
    tenant.trouble("/", 1, Trouble::TooManyRequests { reset_in: 7 });
    tenant.trouble(
        KEYS,
        1,
        Trouble::Text {
            status: 200,
            body: "<wrong>".to_owned(),
        },
    );
    tenant.trouble(KEYS, 1, Trouble::Delay(Duration::from_millis(1)));

    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(world.get(KEYS).await);
    }

    let statuses: Vec<_> = answers
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect();
    assert_eq!(statuses, [503, 503, 429, 200, 200, 200]);
    let reset = (world.clock.now().as_second() + 7).to_string();
    assert_eq!(answers[2].header("x-ratelimit-reset"), reset);
    assert_eq!(answers[2].json()["error"], "too_many_requests");
    assert_eq!(answers[3].text, "<wrong>");
    assert!(answers[4].json()["keys"].is_array());
}

#[tokio::test]
async fn a_connection_is_lost_without_an_answer() {
    let world = World::start().await;
    world.emulator.tenant().trouble("/oauth/", 1, Trouble::Lost);

    let lost = world
        .send(Method::POST, "/oauth/token", &[], String::new())
        .await;
    let found = world
        .send(Method::POST, "/oauth/token", &[], String::new())
        .await;

    assert!(lost.is_none());
    assert_eq!(found.unwrap().status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn troubles_are_ordered_and_ended_from_outside() {
    let world = World::start().await;
    let order = |trouble: Value| json!({"path": KEYS, "times": 9, "trouble": trouble});

    let ordered = world
        .post("/emulator/troubles", &order(json!({"status": 500})))
        .await;
    let broken = world.get(KEYS).await;
    world
        .json(Method::DELETE, "/emulator/troubles", "", &Value::Null)
        .await;
    let well = world.get(KEYS).await;
    world
        .post("/emulator/troubles", &order(json!("lost")))
        .await;
    let lost = world.send(Method::GET, KEYS, &[], String::new()).await;
    let nonsense = world
        .post("/emulator/troubles", &order(json!("rain")))
        .await;

    assert_eq!(ordered.status, StatusCode::NO_CONTENT);
    assert_eq!((broken.status.as_u16(), well.status.as_u16()), (500, 200));
    assert!(lost.is_none());
    assert!(nonsense.status.is_client_error());
}

#[tokio::test]
async fn requests_are_counted_by_their_paths() {
    let world = World::start().await;
    world.get(KEYS).await;
    world.get(KEYS).await;
    world.get("/.well-known/openid-configuration").await;

    let counted = world.get("/emulator/requests").await;

    let expected = json!({KEYS: 2, "/.well-known/openid-configuration": 1});
    assert_eq!(counted.json(), expected);
    assert_eq!(world.emulator.tenant().requests(KEYS), 2);
    assert_eq!(world.emulator.tenant().requests("/.well-known/"), 3);
    assert_eq!(world.emulator.tenant().requests("/oauth/token"), 0);
}
