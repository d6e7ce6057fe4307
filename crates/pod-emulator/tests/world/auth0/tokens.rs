//! Tokens: renewed, for machines, in every dialect, and taken away.

use hyper::{Method, StatusCode};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use pod_emulator::{
    ADA_PASSWORD, ALEXA_CLIENT, ALEXA_SECRET, BACKEND_CLIENT, BACKEND_SECRET, SETUP_CLIENT,
    SETUP_SECRET,
};
use serde_json::{Value, json};

use super::{API, World, basic, claims, head, refused};

const ADA: (&str, &str) = ("ada@example.com", ADA_PASSWORD);

async fn linked(world: &World) -> Value {
    let code = world.code(ADA, &[]).await;
    world.exchange(&code, None).await.json()
}

fn unknown() -> (u16, String, String) {
    refused(403, "invalid_grant", "Unknown or invalid refresh token.")
}

#[tokio::test]
async fn a_refresh_token_is_replaced_and_the_old_one_has_its_leeway() {
    let world = World::start().await;
    let first = linked(&world).await;

    let second = world.refresh(&first["refresh_token"]).await;
    world.wait(60);
    let retried = world.refresh(&first["refresh_token"]).await;

    assert_eq!(second.status, StatusCode::OK);
    let second = second.json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(claims(&second["access_token"])["sub"], "auth0|ada");
    assert_eq!(claims(&second["id_token"])["nonce"], Value::Null);
    assert_eq!(retried.status, StatusCode::OK);
}

#[tokio::test]
async fn an_old_refresh_token_used_again_ends_the_whole_family() {
    let world = World::start().await;
    let first = linked(&world).await;
    let second = world.refresh(&first["refresh_token"]).await.json();
    world.wait(61);

    let stolen = world.refresh(&first["refresh_token"]).await;
    let newest = world.refresh(&second["refresh_token"]).await;

    assert_eq!(stolen.refusal(), unknown());
    assert_eq!(newest.refusal(), unknown());
}

#[tokio::test]
async fn a_refresh_token_that_lies_idle_expires() {
    let world = World::start().await;
    let tokens = linked(&world).await;

    world.wait(2_592_000);

    assert_eq!(
        world.refresh(&tokens["refresh_token"]).await.refusal(),
        unknown()
    );
}

#[tokio::test]
async fn a_revoked_refresh_token_is_good_for_nothing() {
    let world = World::start().await;
    let tokens = linked(&world).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let others =
        json!({"client_id": BACKEND_CLIENT, "client_secret": BACKEND_SECRET, "token": token});

    let of_another = world.post("/oauth/revoke", &others).await;
    let still = world.refresh(&tokens["refresh_token"]).await;
    let own = json!({"client_id": ALEXA_CLIENT, "client_secret": ALEXA_SECRET, "token": token});
    let revoked = world.post("/oauth/revoke", &own).await;

    assert_eq!(
        (of_another.status, revoked.status),
        (StatusCode::OK, StatusCode::OK)
    );
    assert_eq!(still.status, StatusCode::OK);
    let token = &still.json()["refresh_token"];
    assert_eq!(world.refresh(token).await.refusal(), unknown());
}

#[tokio::test]
async fn a_refresh_token_of_another_client_is_unknown() {
    let world = World::start().await;
    let tokens = linked(&world).await;
    let admin = world
        .administrator(SETUP_CLIENT, SETUP_SECRET, "update:clients")
        .await;
    let grants = json!({"grant_types": ["refresh_token"]});
    let path = format!("/api/v2/clients/{BACKEND_CLIENT}");
    world.json(Method::PATCH, &path, &admin, &grants).await;

    let body = json!({
        "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"],
        "client_id": BACKEND_CLIENT, "client_secret": BACKEND_SECRET,
    });
    let answer = world.post("/oauth/token", &body).await;

    assert_eq!(answer.refusal(), unknown());
}

#[tokio::test]
async fn a_machine_gets_the_scopes_of_its_grant_and_no_others() {
    let world = World::start().await;
    let audience = format!("{}api/v2/", world.emulator.tenant().issuer());
    let asked = |scope: &str| {
        json!({
            "grant_type": "client_credentials", "audience": audience, "scope": scope,
            "client_id": BACKEND_CLIENT, "client_secret": BACKEND_SECRET,
        })
    };

    let some = world
        .post("/oauth/token", &asked("read:users delete:users"))
        .await
        .json();
    let mut all = asked("");
    all["scope"] = Value::Null;
    let all = world.post("/oauth/token", &all).await.json();

    let token = claims(&some["access_token"]);
    assert_eq!(some["scope"], "read:users");
    assert_eq!(token["sub"], format!("{BACKEND_CLIENT}@clients"));
    assert_eq!(token["aud"], audience);
    assert_eq!(token["gty"], "client-credentials");
    assert_eq!(all["scope"], "read:users create:users update:users");
    assert_eq!(some["refresh_token"], Value::Null);
}

#[tokio::test]
async fn clients_are_told_why_they_get_no_token() {
    let world = World::start().await;
    let answer = async |client: &str, secret: Option<&str>, grant: &str, audience: &str| {
        let body = json!({
            "grant_type": grant, "client_id": client, "client_secret": secret,
            "audience": audience,
        });
        world.post("/oauth/token", &body).await.refusal()
    };
    let machine = "client_credentials";

    assert_eq!(
        answer(BACKEND_CLIENT, Some("no"), machine, API).await,
        refused(401, "access_denied", "Unauthorized")
    );
    let (status, error, _) = answer(BACKEND_CLIENT, None, machine, API).await;
    assert_eq!((status, error.as_str()), (401, "invalid_client"));
    let (status, error, _) = answer("nobody", Some("no"), machine, API).await;
    assert_eq!((status, error.as_str()), (401, "invalid_client"));
    assert_eq!(
        answer(ALEXA_CLIENT, Some(ALEXA_SECRET), machine, API).await,
        refused(
            403,
            "unauthorized_client",
            "Grant type 'client_credentials' not allowed for the client."
        )
    );
    assert_eq!(
        answer(
            BACKEND_CLIENT,
            Some(BACKEND_SECRET),
            machine,
            "https://x.example"
        )
        .await,
        refused(403, "access_denied", "Service not found: https://x.example")
    );
    let (status, error, _) = answer(BACKEND_CLIENT, Some(BACKEND_SECRET), machine, API).await;
    assert_eq!((status, error.as_str()), (403, "access_denied"));
    let (status, error, _) = answer(BACKEND_CLIENT, Some(BACKEND_SECRET), "password", API).await;
    assert_eq!((status, error.as_str()), (403, "unsupported_grant_type"));
}

#[tokio::test]
async fn a_client_authenticates_in_one_way_only() {
    let world = World::start().await;
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_secret", BACKEND_SECRET),
    ];

    let both = world
        .form(
            "/oauth/token",
            &[basic(BACKEND_CLIENT, BACKEND_SECRET)],
            &pairs,
        )
        .await;

    assert_eq!(both.refusal().1, "invalid_request");
}

#[tokio::test]
async fn an_api_chooses_the_dialect_and_the_lifetime_of_its_tokens() {
    let world = World::start().await;
    let admin = world
        .administrator(SETUP_CLIENT, SETUP_SECRET, "update:resource_servers")
        .await;
    let path = "/api/v2/resource-servers/https%3A%2F%2Fpod.localtest.me";
    let dialect = json!({"token_dialect": "rfc9068_profile", "token_lifetime": 600});

    let changed = world.json(Method::PATCH, path, &admin, &dialect).await;
    let tokens = linked(&world).await;

    assert_eq!(changed.status, StatusCode::OK);
    assert_eq!(head(&tokens["access_token"])["typ"], "at+jwt");
    let token = claims(&tokens["access_token"]);
    assert_eq!(
        (&token["client_id"], &token["azp"]),
        (&json!(ALEXA_CLIENT), &Value::Null)
    );
    assert_eq!(
        token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap(),
        600
    );
    assert_eq!(tokens["expires_in"], 600);
}

#[tokio::test]
async fn an_api_with_a_shared_secret_gets_hs256_tokens() {
    let world = World::start().await;
    let admin = world
        .administrator(SETUP_CLIENT, SETUP_SECRET, "update:resource_servers")
        .await;
    let path = "/api/v2/resource-servers/https%3A%2F%2Fpod.localtest.me";
    let shared = json!({"signing_alg": "HS256", "signing_secret": "a secret of sixteen or more"});

    world.json(Method::PATCH, path, &admin, &shared).await;
    let tokens = linked(&world).await;

    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.set_audience(&[API]);
    let key = DecodingKey::from_secret(b"a secret of sixteen or more");
    let token = tokens["access_token"].as_str().unwrap();
    let read = jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap();
    assert_eq!(read.claims["aud"], API);
}

#[tokio::test]
async fn userinfo_says_what_the_scope_allows() {
    let world = World::start().await;
    let no_api = [("audience", ""), ("scope", "openid phone")];
    let code = world.code(ADA, &no_api).await;
    let tokens = world.exchange(&code, None).await.json();
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());

    let told = world
        .get_with("/userinfo", ("authorization", &bearer))
        .await;
    let stranger = world
        .get_with("/userinfo", ("authorization", "Bearer no"))
        .await;

    let expected = json!({
        "sub": "auth0|ada", "phone_number": "+14155550142",
        "phone_number_verified": true, "phone_verified": true,
    });
    assert_eq!(told.json(), expected);
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}
