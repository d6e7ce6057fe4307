//! Users by the Management API: made, found, linked, and counted right when
//! many do it at once.

use std::collections::BTreeMap;

use hyper::{Method, StatusCode};
use pod_emulator::{BACKEND_CLIENT, BACKEND_SECRET, SETUP_CLIENT, SETUP_SECRET};
use serde_json::{Value, json};

use super::{PASSWORDLESS, World, claims};

const NUMBER: &str = "+14155550142";
const NONE: Value = Value::Null;

async fn administrator(world: &World) -> String {
    let scope = "read:users create:users update:users delete:users";
    world.administrator(SETUP_CLIENT, SETUP_SECRET, scope).await
}

fn by_text() -> Value {
    json!({"connection": "sms", "phone_number": NUMBER, "phone_verified": true})
}

#[tokio::test]
async fn a_user_is_read_whole_or_in_part() {
    let world = World::start().await;
    let token = administrator(&world).await;

    let whole = world
        .json(Method::GET, "/api/v2/users/auth0%7Cada", &token, &NONE)
        .await;
    let path = "/api/v2/users/auth0%7Cada?fields=phone_number,identities&include_fields=true";
    let part = world.json(Method::GET, path, &token, &NONE).await;

    assert_eq!(whole.json()["phone_verified"], true);
    assert_eq!(whole.json()["password"], NONE);
    assert_eq!(whole.header("x-ratelimit-remaining"), "999");
    let expected = json!({
        "phone_number": NUMBER,
        "identities": [
            {"connection": "POD-DB", "provider": "auth0", "user_id": "ada", "isSocial": false},
        ],
    });
    assert_eq!(part.json(), expected);
}

#[tokio::test]
async fn who_does_not_exist_is_not_found() {
    let world = World::start().await;
    let token = administrator(&world).await;

    let answer = world
        .json(Method::GET, "/api/v2/users/auth0%7Cx", &token, &NONE)
        .await;

    let expected = json!({
        "statusCode": 404, "error": "Not Found", "message": "The user does not exist.",
        "errorCode": "inexistent_user",
    });
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn a_user_is_created_changed_and_deleted() {
    let world = World::start().await;
    let token = administrator(&world).await;
    let given = json!({
        "connection": "POD-DB", "email": "Edsger@Example.com", "password": "Go-To-1968",
        "app_metadata": {"phone_number": NUMBER}, "user_metadata": {"crust": "thin"},
    });

    let created = world
        .json(Method::POST, "/api/v2/users", &token, &given)
        .await;
    let user = created.json();
    let path = format!(
        "/api/v2/users/{}",
        user["user_id"].as_str().unwrap().replace('|', "%7C")
    );
    let patch = json!({"app_metadata": {"vip": true}, "user_metadata": {"crust": null}});
    let changed = world
        .json(Method::PATCH, &path, &token, &patch)
        .await
        .json();
    let found = world
        .json(
            Method::GET,
            "/api/v2/users-by-email?email=edsger%40example.com",
            &token,
            &NONE,
        )
        .await
        .json();
    let deleted = world.json(Method::DELETE, &path, &token, &NONE).await;
    let gone = world.json(Method::GET, &path, &token, &NONE).await;

    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!(
        (&user["email"], &user["email_verified"]),
        (&json!("edsger@example.com"), &json!(false))
    );
    assert_eq!(
        changed["app_metadata"],
        json!({"phone_number": NUMBER, "vip": true})
    );
    assert_eq!(changed["user_metadata"], json!({}));
    assert_eq!(found[0]["user_id"], user["user_id"]);
    assert_eq!(
        (deleted.status, gone.status),
        (StatusCode::NO_CONTENT, StatusCode::NOT_FOUND)
    );
}

#[tokio::test]
async fn what_a_user_lacks_is_said() {
    let world = World::start().await;
    let token = administrator(&world).await;

    for (given, message) in [
        (
            json!({}),
            "Payload validation error: 'Missing required property: connection'.",
        ),
        (
            json!({"connection": "sms"}),
            "Payload validation error: 'Missing required property: phone_number'.",
        ),
        (
            json!({"connection": "POD-DB", "email": "x@example.com"}),
            "Payload validation error: 'Missing required property: password'.",
        ),
        (
            json!({"connection": "fax"}),
            "The connection does not exist.",
        ),
    ] {
        let answer = world
            .json(Method::POST, "/api/v2/users", &token, &given)
            .await;

        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.json()["message"], message);
    }
}

#[tokio::test]
async fn of_fifty_who_create_one_user_at_once_one_does() {
    let world = World::start().await;
    let token = administrator(&world).await;
    let mut counts = BTreeMap::new();

    let given = by_text();
    let many = (0..50).map(|_| world.json(Method::POST, "/api/v2/users", &token, &given));
    for answer in futures_joined(many).await {
        *counts.entry(answer.status.as_u16()).or_insert(0) += 1;
        if answer.status == StatusCode::CONFLICT {
            assert_eq!(answer.json()["message"], "The user already exists.");
        }
    }

    assert_eq!(counts, BTreeMap::from([(201, 1), (409, 49)]));
}

/// Drives all of them at the same time.
async fn futures_joined<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        for (future, output) in &mut waiting {
            if output.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *output = Some(value);
            }
        }
        if waiting.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    waiting
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}

#[tokio::test]
async fn of_many_who_link_one_account_at_once_one_does() {
    let world = World::start().await;
    let token = administrator(&world).await;
    let created = world
        .json(Method::POST, "/api/v2/users", &token, &by_text())
        .await
        .json();
    let link = json!({"provider": "sms", "user_id": created["identities"][0]["user_id"]});
    let mut counts = BTreeMap::new();

    let path = "/api/v2/users/auth0%7Cada/identities";
    let many = (0..20).map(|_| world.json(Method::POST, path, &token, &link));
    for answer in futures_joined(many).await {
        *counts.entry(answer.status.as_u16()).or_insert(0) += 1;
    }

    assert_eq!(counts, BTreeMap::from([(201, 1), (409, 19)]));
}

#[tokio::test]
async fn a_linked_account_signs_its_primary_in_and_can_be_parted_again() {
    let world = World::start().await;
    let token = administrator(&world).await;
    let created = world
        .json(Method::POST, "/api/v2/users", &token, &by_text())
        .await
        .json();
    let id = created["identities"][0]["user_id"].as_str().unwrap();
    let own = format!("/api/v2/users/sms%7C{id}");

    let path = "/api/v2/users/auth0%7Cada/identities";
    let link = json!({"provider": "sms", "user_id": format!("sms|{id}")});
    let linked = world.json(Method::POST, path, &token, &link).await;
    let again = world
        .json(Method::POST, "/api/v2/users", &token, &by_text())
        .await;
    let gone = world.json(Method::GET, &own, &token, &NONE).await;
    let start = json!({
        "client_id": BACKEND_CLIENT, "client_secret": BACKEND_SECRET, "connection": "sms",
        "phone_number": NUMBER, "send": "code",
    });
    world.post("/passwordless/start", &start).await;
    let say = json!({
        "grant_type": PASSWORDLESS, "client_id": BACKEND_CLIENT, "client_secret": BACKEND_SECRET,
        "username": NUMBER, "realm": "sms", "otp": world.received(NUMBER), "scope": "openid",
    });
    let tokens = world.post("/oauth/token", &say).await.json();
    let parted = world
        .json(Method::DELETE, &format!("{path}/sms/{id}"), &token, &NONE)
        .await;
    let back = world.json(Method::GET, &own, &token, &NONE).await;

    assert_eq!(linked.status, StatusCode::CREATED);
    let profile = &linked.json()[1]["profileData"];
    assert_eq!(
        (&profile["phone_number"], &profile["phone_verified"]),
        (&json!(NUMBER), &json!(true))
    );
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert_eq!(claims(&tokens["id_token"])["sub"], "auth0|ada");
    assert_eq!(parted.json().as_array().unwrap().len(), 1);
    assert_eq!(back.json()["phone_number"], NUMBER);
}

#[tokio::test]
async fn an_account_is_linked_by_a_token_of_its_own_too() {
    let world = World::start().await;
    let token = administrator(&world).await;
    let code = world
        .code(("grace@example.com", pod_emulator::GRACE_PASSWORD), &[])
        .await;
    let tokens = world.exchange(&code, None).await.json();
    let path = "/api/v2/users/auth0%7Cada/identities";

    let forged = world
        .json(Method::POST, path, &token, &json!({"link_with": "a.b.c"}))
        .await;
    let linked = world
        .json(
            Method::POST,
            path,
            &token,
            &json!({"link_with": tokens["id_token"]}),
        )
        .await;

    assert_eq!(forged.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        linked.json()[1]["profileData"]["email"],
        "grace@example.com"
    );
}

#[tokio::test]
async fn users_are_searched_for() {
    let world = World::start().await;
    let token = administrator(&world).await;
    let path =
        "/api/v2/users?q=phone_number%3A%22%2B14155550142%22&include_totals=true&search_engine=v3";

    let found = world.json(Method::GET, path, &token, &NONE).await.json();

    assert_eq!(found["total"], 1);
    assert_eq!(found["users"][0]["user_id"], "auth0|ada");
}
