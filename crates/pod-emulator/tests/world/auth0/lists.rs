//! The Management API's single records, its pages and its limit.

use hyper::{Method, StatusCode};
use pod_emulator::TenantSetup;
use serde_json::json;

use super::World;
use super::management::{NONE, administrator};

#[tokio::test]
async fn providers_keep_their_passwords_to_themselves() {
    let world = World::start().await;
    let token = administrator(&world).await;
    let mail = json!({
        "name": "smtp", "default_from_address": "pod@example.com",
        "credentials": {"smtp_host": "mail.example.com", "smtp_port": 587, "smtp_user": "pod", "smtp_pass": "hush"},
    });
    let phone = json!({
        "name": "twilio", "credentials": {"auth_token": "hush"},
        "configuration": {"sid": "AC0", "default_from": "+15005550006", "delivery_methods": ["text"]},
    });

    let none = world
        .json(Method::GET, "/api/v2/emails/provider", &token, &NONE)
        .await;
    let made = world
        .json(Method::POST, "/api/v2/emails/provider", &token, &mail)
        .await;
    let twice = world
        .json(Method::POST, "/api/v2/emails/provider", &token, &mail)
        .await;
    let patch = json!({"enabled": false});
    world
        .json(Method::PATCH, "/api/v2/emails/provider", &token, &patch)
        .await;
    let mail = world
        .json(Method::GET, "/api/v2/emails/provider", &token, &NONE)
        .await
        .json();
    world
        .json(
            Method::POST,
            "/api/v2/branding/phone/providers",
            &token,
            &phone,
        )
        .await;
    let phones = world
        .json(
            Method::GET,
            "/api/v2/branding/phone/providers",
            &token,
            &NONE,
        )
        .await;

    assert_eq!(none.status, StatusCode::NOT_FOUND);
    assert_eq!(
        (made.status, twice.status),
        (StatusCode::CREATED, StatusCode::CONFLICT)
    );
    assert_eq!(mail["enabled"], false);
    assert_eq!(mail["credentials"]["smtp_host"], "mail.example.com");
    assert_eq!(mail["credentials"]["smtp_pass"], NONE);
    let phone = &phones.json()["providers"][0];
    assert_eq!(
        (&phone["name"], &phone["credentials"]),
        (&json!("twilio"), &NONE)
    );
    assert_eq!(phone["configuration"]["sid"], "AC0");
}

#[tokio::test]
async fn settings_and_protection_are_changed_field_by_field() {
    let world = World::start().await;
    let token = administrator(&world).await;
    let brute = "/api/v2/attack-protection/brute-force-protection";
    let settings = "/api/v2/tenants/settings";
    let flags = json!({"flags": {"enable_sso": true}, "x_unknown": 1});

    world
        .json(Method::PATCH, brute, &token, &json!({"max_attempts": 5}))
        .await;
    world.json(Method::PATCH, settings, &token, &flags).await;

    let brute = world.json(Method::GET, brute, &token, &NONE).await.json();
    let settings = world
        .json(Method::GET, settings, &token, &NONE)
        .await
        .json();
    assert_eq!(
        (&brute["max_attempts"], &brute["enabled"]),
        (&json!(5), &json!(true))
    );
    assert_eq!(settings["flags"], json!({"enable_sso": true}));
    assert_eq!(
        (&settings["x_unknown"], &settings["friendly_name"]),
        (&json!(1), &json!("pod emulator"))
    );
}

#[tokio::test]
async fn lists_come_whole_in_pages_and_from_a_mark() {
    let world = World::start().await;
    let token = administrator(&world).await;
    let get = async |path: &str| world.json(Method::GET, path, &token, &NONE).await.json();

    let whole = get("/api/v2/clients?is_global=false").await;
    let page = get("/api/v2/clients?is_global=false&page=1&per_page=3&include_totals=true").await;
    let first = get("/api/v2/connections?include_totals=true&take=2").await;
    let next = first["next"].as_str().unwrap();
    let rest = get(&format!("/api/v2/connections?take=2&from={next}")).await;
    let named = get("/api/v2/connections?strategy=email&fields=name&include_fields=true").await;

    assert_eq!(whole.as_array().unwrap().len(), 4);
    assert_eq!(
        (&page["start"], &page["length"], &page["total"]),
        (&json!(3), &json!(1), &json!(4))
    );
    assert_eq!(first["connections"].as_array().unwrap().len(), 2);
    assert_eq!(rest["connections"].as_array().unwrap().len(), 1);
    assert_eq!(rest["next"], NONE);
    assert_eq!(named, json!([{"name": "email"}]));
}

#[tokio::test]
async fn what_a_tenant_has_none_of_is_an_empty_list() {
    let world = World::start().await;
    let token = administrator(&world).await;
    let get = async |path: &str| world.json(Method::GET, path, &token, &NONE).await;

    assert_eq!(get("/api/v2/rules").await.json(), json!([]));
    let roles = get("/api/v2/roles?page=0&per_page=50&include_totals=true").await;
    assert_eq!(
        (&roles.json()["roles"], &roles.json()["total"]),
        (&json!([]), &json!(0))
    );
    assert_eq!(
        get("/api/v2/actions/actions?page=0").await.json()["actions"],
        json!([])
    );
    assert_eq!(
        get("/api/v2/email-templates/welcome_email").await.status,
        StatusCode::NOT_FOUND
    );
    let answer = world
        .json(Method::POST, "/api/v2/rules", &token, &json!({}))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_busy_client_is_told_when_to_come_back() {
    let world = World::with(TenantSetup {
        management_per_second: 2,
        ..TenantSetup::default()
    })
    .await;
    let token = administrator(&world).await;
    let get = async || {
        world
            .json(Method::GET, "/api/v2/clients", &token, &NONE)
            .await
    };
    get().await;
    get().await;

    let third = get().await;
    world.wait(1);
    let later = get().await;

    let expected = json!({
        "statusCode": 429, "error": "Too Many Requests", "message": "Global limit has been reached",
        "errorCode": "too_many_requests",
    });
    assert_eq!(third.json(), expected);
    assert_eq!(third.header("x-ratelimit-remaining"), "0");
    assert_eq!(later.status, StatusCode::OK);
}
