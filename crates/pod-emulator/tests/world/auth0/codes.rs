//! One-time codes by text message and e-mail: sent, guessed, expired, limited.

use hyper::{Method, StatusCode};
use pod_emulator::{BACKEND_CLIENT, BACKEND_SECRET};
use serde_json::{Value, json};

use super::{Answer, PASSWORDLESS, World, claims, refused};

pub(super) const NUMBER: &str = "+14155550142";

pub(super) fn start_of(connection: &str, field: &str, contact: &str) -> Value {
    json!({
        "client_id": BACKEND_CLIENT, "client_secret": BACKEND_SECRET,
        "connection": connection, field: contact, "send": "code",
    })
}

pub(super) async fn send(world: &World) -> Answer {
    world
        .post(
            "/passwordless/start",
            &start_of("sms", "phone_number", NUMBER),
        )
        .await
}

pub(super) async fn say(world: &World, code: &str) -> Answer {
    world.post("/oauth/token", &said(NUMBER, "sms", code)).await
}

fn said(contact: &str, realm: &str, code: &str) -> Value {
    json!({
        "grant_type": PASSWORDLESS, "client_id": BACKEND_CLIENT, "client_secret": BACKEND_SECRET,
        "username": contact, "realm": realm, "otp": code, "scope": "openid phone email",
    })
}

/// A code that is another one.
pub(super) fn not(code: &str) -> String {
    let last = if code.ends_with('0') { "1" } else { "0" };
    format!("{}{last}", &code[..5])
}

fn wrong() -> (u16, String, String) {
    refused(
        403,
        "invalid_grant",
        "Wrong phone number or verification code.",
    )
}

fn exhausted() -> (u16, String, String) {
    let words = "You've reached the maximum number of attempts. Please try to login again.";
    refused(403, "invalid_grant", words)
}

#[tokio::test]
async fn a_code_arrives_and_gives_tokens_once() {
    let world = World::start().await;

    let sent = send(&world).await;
    let code = world.received(NUMBER);
    let right = say(&world, &code).await;
    let again = say(&world, &code).await;

    let told = sent.json();
    assert_eq!(
        (&told["phone_number"], &told["phone_verified"]),
        (&json!(NUMBER), &json!(false))
    );
    assert_eq!(sent.header("x-ratelimit-limit"), "50");
    assert_eq!(sent.header("x-ratelimit-remaining"), "49");
    let message = world.emulator.inbox().after(0).pop().unwrap();
    assert_eq!(
        message.expose_text(),
        format!("Your verification code is: {code}")
    );
    assert_eq!(right.status, StatusCode::OK);
    let id = claims(&right.json()["id_token"]);
    assert_eq!(id["sub"], format!("sms|{}", told["_id"].as_str().unwrap()));
    assert_eq!(
        (&id["phone_number"], &id["phone_verified"]),
        (&json!(NUMBER), &json!(true))
    );
    assert_eq!(again.refusal(), wrong());
}

#[tokio::test]
async fn the_third_wrong_try_is_the_last_of_a_code() {
    let world = World::start().await;
    send(&world).await;
    let code = world.received(NUMBER);
    let other = not(&code);

    let tries = [
        say(&world, &other).await.refusal(),
        say(&world, &other).await.refusal(),
        say(&world, &other).await.refusal(),
        say(&world, &code).await.refusal(),
    ];
    send(&world).await;
    let new = say(&world, &world.received(NUMBER)).await;

    assert_eq!(tries, [wrong(), wrong(), exhausted(), exhausted()]);
    assert_eq!(new.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_expires_with_its_connections_time() {
    let world = World::start().await;
    send(&world).await;
    let code = world.received(NUMBER);

    world.wait(300);

    let words = "The verification code has expired. Please try to login again.";
    assert_eq!(
        say(&world, &code).await.refusal(),
        refused(403, "invalid_grant", words)
    );
}

#[tokio::test]
async fn only_the_newest_code_is_right() {
    let world = World::start().await;
    send(&world).await;
    let old = world.received(NUMBER);
    send(&world).await;
    let new = world.received(NUMBER);

    assert_eq!(say(&world, &old).await.refusal(), wrong());
    assert_eq!(say(&world, &new).await.status, StatusCode::OK);
}

#[tokio::test]
async fn codes_go_by_email_too_and_the_words_follow_the_language() {
    let world = World::start().await;
    let start = start_of("email", "email", "Grace@Example.com");
    let headers = [
        ("content-type".to_owned(), "application/json".to_owned()),
        ("x-request-language".to_owned(), "de-DE".to_owned()),
    ];

    let sent = world
        .send(
            Method::POST,
            "/passwordless/start",
            &headers,
            start.to_string(),
        )
        .await
        .unwrap();
    let code = world.received("grace@example.com");
    let wrong = world
        .post(
            "/oauth/token",
            &said("grace@example.com", "email", &not(&code)),
        )
        .await;
    let right = world
        .post("/oauth/token", &said("GRACE@example.com", "email", &code))
        .await;

    assert_eq!(sent.json()["email"], "grace@example.com");
    let message = world.emulator.inbox().after(0).pop().unwrap();
    assert_eq!(
        message.expose_text(),
        format!("Ihr Bestätigungscode lautet: {code}")
    );
    assert_eq!(
        wrong.refusal(),
        refused(403, "invalid_grant", "Wrong email or verification code.")
    );
    // It is not the database's Grace: nobody has linked the two.
    assert!(
        claims(&right.json()["id_token"])["sub"]
            .as_str()
            .unwrap()
            .starts_with("email|")
    );
}
