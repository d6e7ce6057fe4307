//! The Management API: who may do what, and the lists that set-up keeps.

use hyper::{Method, StatusCode};
use pod_emulator::{
    ADA_PASSWORD, ALEXA_CLIENT, BACKEND_CLIENT, BACKEND_SECRET, SETUP_CLIENT, SETUP_SECRET,
    TenantSetup,
};
use serde_json::{Value, json};

use super::World;

pub(super) const NONE: Value = Value::Null;

const ALL: &str = "read:clients create:clients update:clients delete:clients read:client_keys \
    read:connections create:connections update:connections delete:connections \
    read:resource_servers create:resource_servers update:resource_servers \
    read:client_grants create:client_grants update:client_grants delete:client_grants \
    read:phone_providers create:phone_providers read:email_provider create:email_provider \
    update:email_provider read:attack_protection update:attack_protection \
    read:tenant_settings update:tenant_settings";

pub(super) async fn administrator(world: &World) -> String {
    world.administrator(SETUP_CLIENT, SETUP_SECRET, ALL).await
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_that_is_meant_for_it() {
    let world = World::start().await;
    let code = world.code(("ada@example.com", ADA_PASSWORD), &[]).await;
    let customers = world.exchange(&code, None).await.json();
    let machine = administrator(&world).await;
    let path = "/api/v2/clients";

    let none = world.get(path).await;
    let forged = world.json(Method::GET, path, "a.b.c", &NONE).await;
    let customers = customers["access_token"].as_str().unwrap();
    let customers = world.json(Method::GET, path, customers, &NONE).await;
    world.wait(86_400);
    let expired = world.json(Method::GET, path, &machine, &NONE).await;

    let said =
        |message: &str| json!({"statusCode": 401, "error": "Unauthorized", "message": message});
    assert_eq!(none.json(), said("Missing authentication"));
    assert_eq!(forged.json(), said("Invalid token"));
    assert!(
        customers.json()["message"]
            .as_str()
            .unwrap()
            .starts_with("Bad audience")
    );
    assert_eq!(
        expired.json(),
        said("Expired token received for JSON Web Token validation")
    );
}

#[tokio::test]
async fn a_scope_that_is_missing_is_named() {
    let world = World::start().await;
    let token = world
        .administrator(BACKEND_CLIENT, BACKEND_SECRET, "read:users")
        .await;

    for (method, path, scope) in [
        (Method::GET, "/api/v2/clients", "read:clients"),
        (Method::POST, "/api/v2/users", "create:users"),
        (
            Method::PATCH,
            "/api/v2/tenants/settings",
            "update:tenant_settings",
        ),
        (
            Method::DELETE,
            "/api/v2/connections/con_1",
            "delete:connections",
        ),
    ] {
        let answer = world.json(method, path, &token, &json!({})).await;

        let expected = json!({
            "statusCode": 403, "error": "Forbidden", "errorCode": "insufficient_scope",
            "message": format!("Insufficient scope, expected any of: {scope}"),
        });
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.json(), expected);
    }
}

#[tokio::test]
async fn an_empty_tenant_has_one_client_and_can_be_set_up() {
    let world = World::with(TenantSetup::empty()).await;
    let token = administrator(&world).await;
    let post = async |path: &str, body: Value| {
        let answer = world.json(Method::POST, path, &token, &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()
    };
    let before = world
        .json(
            Method::GET,
            "/api/v2/clients?is_global=false&page=0&per_page=100&include_totals=true",
            &token,
            &NONE,
        )
        .await;
    let before = before.json();
    assert_eq!(
        (&before["total"], &before["clients"][0]["client_id"]),
        (&json!(1), &json!(SETUP_CLIENT))
    );

    let api = post(
        "/api/v2/resource-servers",
        json!({
            "name": "pod", "identifier": "https://shop.example", "signing_alg": "RS256",
            "scopes": [{"value": "order:pizza", "description": "x"}], "x_unknown": {"kept": true},
        }),
    )
    .await;
    let client = post(
        "/api/v2/clients",
        json!({
            "name": "back end", "app_type": "non_interactive", "client_metadata": {"by": "pod"},
        }),
    )
    .await;
    let id = client["client_id"].as_str().unwrap();
    let connection = post(
        "/api/v2/connections",
        json!({
            "name": "sms", "strategy": "sms", "options": {"totp": {"length": 6, "time_step": 180}},
        }),
    )
    .await;
    let grant =
        json!({"client_id": id, "audience": "https://shop.example", "scope": ["order:pizza"]});
    post("/api/v2/client-grants", grant).await;
    let clients = format!(
        "/api/v2/connections/{}/clients",
        connection["id"].as_str().unwrap()
    );
    let enabled =
        json!([{"client_id": id, "status": true}, {"client_id": SETUP_CLIENT, "status": true}]);
    let enabled = world.json(Method::PATCH, &clients, &token, &enabled).await;
    let disabled = json!([{"client_id": SETUP_CLIENT, "status": false}]);
    world.json(Method::PATCH, &clients, &token, &disabled).await;

    assert_eq!(api["x_unknown"], json!({"kept": true}));
    assert_eq!(client["grant_types"], json!(["client_credentials"]));
    assert_eq!(enabled.status, StatusCode::NO_CONTENT);
    let listed = world
        .json(Method::GET, &clients, &token, &NONE)
        .await
        .json();
    assert_eq!(listed, json!({"clients": [{"client_id": id}]}));
    let secret = client["client_secret"].as_str().unwrap();
    let machine = json!({
        "grant_type": "client_credentials", "client_id": id, "client_secret": secret,
        "audience": "https://shop.example",
    });
    let tokens = world.post("/oauth/token", &machine).await.json();
    assert_eq!(tokens["scope"], "order:pizza");
}

#[tokio::test]
async fn an_api_that_says_nothing_of_it_signs_with_hs256() {
    let world = World::with(TenantSetup::empty()).await;
    let token = administrator(&world).await;
    let api = json!({"identifier": "https://shop.example"});

    let api = world
        .json(Method::POST, "/api/v2/resource-servers", &token, &api)
        .await;

    assert_eq!(api.json()["signing_alg"], "HS256");
    assert!(api.json()["signing_secret"].is_string());
}

#[tokio::test]
async fn what_is_there_already_is_a_conflict() {
    let world = World::start().await;
    let token = administrator(&world).await;
    let audience = format!("{}api/v2/", world.emulator.tenant().issuer());

    for (path, body) in [
        (
            "resource-servers",
            json!({"identifier": "https://pod.localtest.me"}),
        ),
        ("connections", json!({"name": "sms", "strategy": "sms"})),
        (
            "client-grants",
            json!({"client_id": BACKEND_CLIENT, "audience": audience, "scope": []}),
        ),
    ] {
        let answer = world
            .json(Method::POST, &format!("/api/v2/{path}"), &token, &body)
            .await;

        assert_eq!(answer.status, StatusCode::CONFLICT, "{path}");
        assert_eq!(answer.json()["statusCode"], 409);
    }
}

#[tokio::test]
async fn what_cannot_be_changed_is_refused_and_what_is_not_there_not_found() {
    let world = World::start().await;
    let token = administrator(&world).await;
    let path = format!("/api/v2/clients/{ALEXA_CLIENT}");

    let fixed = world
        .json(Method::PATCH, &path, &token, &json!({"client_id": "x"}))
        .await;
    let missing = world
        .json(Method::GET, "/api/v2/clients/nobody", &token, &NONE)
        .await;
    let changed = json!({"callbacks": ["https://a.example/"], "refresh_token": {"leeway": 5}});
    let changed = world
        .json(Method::PATCH, &path, &token, &changed)
        .await
        .json();
    let deleted = world.json(Method::DELETE, &path, &token, &NONE).await;

    assert_eq!(fixed.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        fixed.json()["message"],
        "Payload validation error: 'Additional properties not allowed: client_id'."
    );
    assert_eq!(missing.json()["errorCode"], "inexistent_client");
    assert_eq!(changed["callbacks"], json!(["https://a.example/"]));
    assert_eq!(changed["refresh_token"]["rotation_type"], "rotating");
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn secrets_are_shown_to_those_who_may_see_keys() {
    let world = World::start().await;
    let all = administrator(&world).await;
    let some = world
        .administrator(SETUP_CLIENT, SETUP_SECRET, "read:clients")
        .await;
    let path = format!("/api/v2/clients/{BACKEND_CLIENT}");

    let seen = world.json(Method::GET, &path, &all, &NONE).await;
    let hidden = world.json(Method::GET, &path, &some, &NONE).await;

    assert_eq!(seen.json()["client_secret"], BACKEND_SECRET);
    assert_eq!(hidden.json()["client_secret"], NONE);
}
