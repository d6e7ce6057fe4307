//! Codes of database users, bound to a session.

use hyper::StatusCode;
use pod_emulator::{BACKEND_CLIENT, BACKEND_SECRET};
use serde_json::{Value, json};

use super::{Answer, PASSWORDLESS, World, claims, refused};

const NUMBER: &str = "+14155550142";

fn challenge(more: &Value) -> Value {
    let mut body = json!({
        "client_id": BACKEND_CLIENT, "client_secret": BACKEND_SECRET, "connection": "POD-DB",
        "delivery_method": "text", "allow_signup": false,
    });
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

async fn session(world: &World, more: &Value) -> String {
    let answer = world.post("/otp/challenge", &challenge(more)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()["auth_session"].as_str().unwrap().to_owned()
}

async fn say(world: &World, session: &str, code: &str) -> Answer {
    let body = json!({
        "grant_type": PASSWORDLESS, "client_id": BACKEND_CLIENT, "client_secret": BACKEND_SECRET,
        "auth_session": session, "otp": code, "scope": "openid",
    });
    world.post("/oauth/token", &body).await
}

#[tokio::test]
async fn a_code_belongs_to_the_session_it_was_sent_for() {
    let world = World::start().await;
    let first = session(&world, &json!({"phone_number": NUMBER})).await;
    let first_code = world.received(NUMBER);
    let second = session(&world, &json!({"phone_number": NUMBER})).await;
    let second_code = world.received(NUMBER);

    let crossed = say(&world, &first, &second_code).await;
    let right = say(&world, &first, &first_code).await;
    let again = say(&world, &first, &first_code).await;
    let other = say(&world, &second, &second_code).await;

    assert_eq!(
        (crossed.status, crossed.refusal().1.as_str()),
        (StatusCode::BAD_REQUEST, "invalid_request")
    );
    assert_eq!(claims(&right.json()["id_token"])["sub"], "auth0|ada");
    assert_eq!(again.refusal().1, "invalid_request");
    assert_eq!(claims(&other.json()["id_token"])["sub"], "auth0|ada");
}

#[tokio::test]
async fn a_session_ends_after_three_tries_or_five_minutes() {
    let world = World::start().await;
    let guessed = session(&world, &json!({"email": "grace@example.com"})).await;
    let code = world.received("grace@example.com");
    for _ in 0..3 {
        say(&world, &guessed, "not a code").await;
    }
    let exhausted = say(&world, &guessed, &code).await;
    let late = session(&world, &json!({"email": "grace@example.com"})).await;
    let code = world.received("grace@example.com");
    world.wait(300);
    let expired = say(&world, &late, &code).await;

    assert_eq!(exhausted.refusal().0, 400);
    assert_eq!(expired.refusal().0, 400);
}

#[tokio::test]
async fn nobody_learns_whether_there_is_such_a_user() {
    let world = World::start().await;

    let nobody = session(&world, &json!({"email": "nobody@example.com"})).await;
    let answer = say(&world, &nobody, "000000").await;

    assert_eq!(world.emulator.inbox().newest(), 0);
    assert_eq!(answer.refusal().1, "invalid_request");
}

#[tokio::test]
async fn a_request_that_is_not_valid_hears_which_field_is_not() {
    let world = World::start().await;
    let both = challenge(&json!({"email": "a@example.com", "phone_number": NUMBER}));
    let pigeon = challenge(&json!({"phone_number": "0155", "delivery_method": "pigeon"}));
    let elsewhere = challenge(&json!({"phone_number": NUMBER, "connection": "sms"}));
    let mut unknown = challenge(&json!({"phone_number": NUMBER}));
    unknown["client_secret"] = Value::Null;

    let both = world.post("/otp/challenge", &both).await;
    let pigeon = world.post("/otp/challenge", &pigeon).await;
    let elsewhere = world.post("/otp/challenge", &elsewhere).await;
    let unknown = world.post("/otp/challenge", &unknown).await;

    assert_eq!(both.json()["validation_errors"][0]["field"], "email");
    let fields: Vec<_> = pigeon.json()["validation_errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|wrong| wrong["field"].clone())
        .collect();
    assert_eq!(fields, ["delivery_method", "phone_number"]);
    assert_eq!(
        (elsewhere.refusal().0, elsewhere.refusal().1.as_str()),
        (400, "invalid_connection")
    );
    assert_eq!(
        unknown.refusal(),
        refused(401, "invalid_client", "Client authentication failed.")
    );
}
