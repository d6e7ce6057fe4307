//! Codes that are not sent, and codes that are not taken: errors, limits,
//! blocks.

use hyper::{Method, StatusCode};
use pod_emulator::{
    ALEXA_CLIENT, ALEXA_SECRET, BACKEND_CLIENT, SETUP_CLIENT, SETUP_SECRET, TenantSetup,
};
use serde_json::{Value, json};

use super::codes::{NUMBER, not, say, send, start_of};
use super::{PASSWORDLESS, World, claims, refused};

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_in_auth0s_words() {
    let world = World::start().await;
    let with = |field: &str, value: Value| {
        let mut body = start_of("sms", "phone_number", NUMBER);
        body[field] = value;
        body
    };
    let expected = [
        (
            with("client_id", Value::Null),
            "bad.client_id",
            "Missing required property: client_id",
        ),
        (
            with("connection", Value::Null),
            "bad.connection",
            "Missing required property: connection",
        ),
        (
            with("connection", json!("fax")),
            "bad.connection",
            "Connection does not exist",
        ),
        (
            with("connection", json!("POD-DB")),
            "bad.connection",
            "Invalid connection strategy. It must either be a passwordless connection",
        ),
        (
            with("phone_number", Value::Null),
            "bad.phone_number",
            "Missing required property: phone_number",
        ),
        (
            with("phone_number", json!("0155")),
            "bad.phone_number",
            r"String does not match pattern: ^\+[0-9]{1,15}$",
        ),
        (
            with("phone_number", json!("+1")),
            "sms_provider_error",
            "The 'To' number +1 is not a valid phone number. (Code: 21211)",
        ),
        (
            with("colour", json!("red")),
            "bad.request",
            "the following properties are not allowed: colour",
        ),
    ];

    for (body, error, words) in expected {
        let answer = world.post("/passwordless/start", &body).await;

        assert_eq!(answer.refusal(), refused(400, error, words), "{body}");
    }
    assert_eq!(world.emulator.inbox().newest(), 0);
}

#[tokio::test]
async fn a_client_that_may_not_send_codes_is_told_so() {
    let world = World::start().await;
    let mut body = start_of("sms", "phone_number", NUMBER);
    let mut ask = async |id: &str, secret: Value| {
        body["client_id"] = id.into();
        body["client_secret"] = secret;
        world.post("/passwordless/start", &body).await
    };

    let no_secret = ask(BACKEND_CLIENT, Value::Null).await;
    let wrong_secret = ask(BACKEND_CLIENT, json!("no")).await;
    let no_grant = ask(ALEXA_CLIENT, json!(ALEXA_SECRET)).await;

    assert_eq!(no_secret.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong_secret.status, StatusCode::UNAUTHORIZED);
    let words = format!("Grant type '{PASSWORDLESS}' not allowed for the client.");
    assert_eq!(
        no_grant.refusal(),
        refused(403, "unauthorized_client", &words)
    );
    assert_eq!(
        no_grant.json()["error_uri"],
        "https://auth0.com/docs/clients/client-grant-types"
    );
}

#[tokio::test]
async fn an_address_gets_so_many_codes_an_hour_and_users_have_their_own() {
    let setup = TenantSetup {
        codes_per_hour: 2,
        ..TenantSetup::default()
    };
    let world = World::with(setup).await;
    send(&world).await;
    let second = send(&world).await;

    let third = send(&world).await;
    let headers = [
        ("content-type".to_owned(), "application/json".to_owned()),
        ("auth0-forwarded-for".to_owned(), "192.0.2.7".to_owned()),
    ];
    let body = start_of("sms", "phone_number", NUMBER).to_string();
    let of_user = world
        .send(Method::POST, "/passwordless/start", &headers, body)
        .await
        .unwrap();
    world.wait(3600);
    let next_hour = send(&world).await;

    assert_eq!(second.header("x-ratelimit-remaining"), "0");
    assert_eq!(third.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(third.refusal().1, "too_many_requests");
    assert_eq!(third.header("retry-after"), "3600");
    assert_eq!(
        third.header("x-ratelimit-reset"),
        second.header("x-ratelimit-reset")
    );
    assert_eq!(of_user.status, StatusCode::OK);
    assert_eq!(next_hour.status, StatusCode::OK);
}

#[tokio::test]
async fn ten_wrong_codes_lock_a_contact() {
    let world = World::start().await;
    let mut last = None;
    for _ in 0..5 {
        send(&world).await;
        let other = not(&world.received(NUMBER));
        say(&world, &other).await;
        last = Some(say(&world, &other).await);
    }

    send(&world).await;
    let right = say(&world, &world.received(NUMBER)).await;

    assert_eq!(last.unwrap().status, StatusCode::FORBIDDEN);
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(right.refusal().1, "too_many_attempts");
}

#[tokio::test]
async fn a_blocked_user_gets_neither_code_nor_token() {
    let world = World::start().await;
    send(&world).await;
    let token = say(&world, &world.received(NUMBER)).await.json();
    let path = format!(
        "/api/v2/users/{}",
        claims(&token["id_token"])["sub"]
            .as_str()
            .unwrap()
            .replace('|', "%7C")
    );
    send(&world).await;
    let code = world.received(NUMBER);
    let admin = world
        .administrator(SETUP_CLIENT, SETUP_SECRET, "update:users")
        .await;

    world
        .json(Method::PATCH, &path, &admin, &json!({"blocked": true}))
        .await;
    let said = say(&world, &code).await;
    let sent = send(&world).await;

    assert_eq!(
        said.refusal(),
        refused(403, "unauthorized", "user is blocked")
    );
    assert_eq!(
        sent.refusal(),
        refused(400, "unauthorized", "user is blocked")
    );
    assert_eq!(world.emulator.inbox().newest(), 2);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_where_an_action_would() {
    let world = World::start().await;
    let admin = world
        .administrator(SETUP_CLIENT, SETUP_SECRET, "create:users")
        .await;
    let user = json!({
        "connection": "sms", "phone_number": NUMBER, "app_metadata": {"use_mfa": true},
    });
    world
        .json(Method::POST, "/api/v2/users", &admin, &user)
        .await;
    send(&world).await;

    let answer = say(&world, &world.received(NUMBER)).await;

    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.json()["error"], "mfa_required");
    assert_eq!(
        answer.json()["mfa_requirements"]["challenge"],
        json!([{"type": "otp"}])
    );
}

#[tokio::test]
async fn without_signup_nobody_new_gets_a_code() {
    let world = World::start().await;
    let scope = "read:connections update:connections";
    let admin = world.administrator(SETUP_CLIENT, SETUP_SECRET, scope).await;
    let list = world
        .json(
            Method::GET,
            "/api/v2/connections?name=sms",
            &admin,
            &Value::Null,
        )
        .await;
    let connection = &list.json()[0];
    let path = format!("/api/v2/connections/{}", connection["id"].as_str().unwrap());
    let mut options = connection["options"].clone();
    options["disable_signup"] = true.into();
    options["totp"]["length"] = 8.into();
    world
        .json(Method::PATCH, &path, &admin, &json!({"options": options}))
        .await;

    let stranger = send(&world).await;
    let user = json!({"connection": "sms", "phone_number": NUMBER});
    let create = world
        .administrator(SETUP_CLIENT, SETUP_SECRET, "create:users")
        .await;
    world
        .json(Method::POST, "/api/v2/users", &create, &user)
        .await;
    let known = send(&world).await;

    assert_eq!(
        stranger.refusal(),
        refused(400, "bad.connection", "Public signup is disabled")
    );
    assert_eq!(known.status, StatusCode::OK);
    assert_eq!(world.received(NUMBER).len(), 8);
}
