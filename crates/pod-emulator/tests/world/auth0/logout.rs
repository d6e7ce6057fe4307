//! Leaving: the browser is signed out, and goes only where it may.

use hyper::StatusCode;
use pod_emulator::{ALEXA_CLIENT, GRACE_PASSWORD, WEB_CLIENT, WEB_SECRET};
use serde_json::json;

use super::{World, alexa, form, parameter};

const CALLBACK: &str = "http://127.0.0.1:9/callback";
const GOODBYE: &str = "http://127.0.0.1:9/goodbye";

/// Signs Grace in to the web client; gives the cookie and the ID token.
async fn signed_in(world: &World) -> (String, String) {
    let tenant = world.emulator.tenant();
    tenant.allow_callback(WEB_CLIENT, CALLBACK);
    tenant.allow_logout_url(WEB_CLIENT, GOODBYE);
    let asked = [
        ("client_id", WEB_CLIENT),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("audience", ""),
    ];
    let page = world.get(&alexa(&asked)).await.location();
    let back = world
        .fill(&page, ("grace@example.com", GRACE_PASSWORD))
        .await;
    let cookie = back
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let body = json!({
        "grant_type": "authorization_code", "code": parameter(&back.location(), "code"),
        "redirect_uri": CALLBACK, "client_id": WEB_CLIENT, "client_secret": WEB_SECRET,
    });
    let tokens = world.post("/oauth/token", &body).await.json();
    (cookie, tokens["id_token"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_logout_ends_the_session_and_brings_the_browser_home() {
    let world = World::start().await;
    let (cookie, hint) = signed_in(&world).await;
    let query = form(&[
        ("id_token_hint", &hint),
        ("post_logout_redirect_uri", GOODBYE),
        ("state", "bye"),
    ]);

    let left = world.get(&format!("/oidc/logout?{query}")).await;

    let asked = world
        .get_with(&alexa(&[("prompt", "none")]), ("cookie", &cookie))
        .await;
    assert_eq!(left.location().as_str(), format!("{GOODBYE}?state=bye"));
    assert!(left.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(
        parameter(&asked.location(), "error").as_deref(),
        Some("login_required")
    );
}

#[tokio::test]
async fn nobody_is_sent_where_the_client_may_not_go() {
    let world = World::start().await;
    let (_, hint) = signed_in(&world).await;
    let evil = "https://evil.example/";
    let queries = [
        form(&[("id_token_hint", &hint), ("post_logout_redirect_uri", evil)]),
        form(&[("post_logout_redirect_uri", GOODBYE)]),
        form(&[
            ("id_token_hint", "forged"),
            ("post_logout_redirect_uri", GOODBYE),
        ]),
        form(&[("id_token_hint", &hint), ("client_id", ALEXA_CLIENT)]),
    ];

    for query in queries {
        let answer = world.get(&format!("/oidc/logout?{query}")).await;

        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.header("location"), "");
    }
}

#[tokio::test]
async fn the_older_logout_does_the_same_by_its_own_names() {
    let world = World::start().await;
    let (cookie, _) = signed_in(&world).await;
    let query = form(&[("client_id", WEB_CLIENT), ("returnTo", GOODBYE)]);

    let left = world
        .get_with(&format!("/v2/logout?{query}"), ("cookie", &cookie))
        .await;
    let evil = world
        .get("/v2/logout?returnTo=https%3A%2F%2Fevil.example%2F")
        .await;

    let asked = world
        .get_with(&alexa(&[("prompt", "none")]), ("cookie", &cookie))
        .await;
    assert_eq!(left.location().as_str(), GOODBYE);
    assert_eq!(evil.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        parameter(&asked.location(), "error").as_deref(),
        Some("login_required")
    );
}
