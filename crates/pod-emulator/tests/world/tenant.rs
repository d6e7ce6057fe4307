//! The tenant: its keys, its tokens, and what it says of itself.

use std::net::SocketAddr;

use hyper::{Method, StatusCode};
use jiff::SignedDuration;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use pod_core::ports::Clock as _;
use pod_emulator::{ALEXA_CLIENT, Emulator};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::{StandingClock, ask, config};

async fn keys(address: SocketAddr) -> JwkSet {
    let (status, keys) = ask(address, Method::GET, "/.well-known/jwks.json", None).await;
    assert_eq!(status, StatusCode::OK);
    serde_json::from_value(keys).unwrap()
}

/// Reads a token as an API does, but for the time, which stands still here.
fn read(token: &str, keys: &JwkSet, issuer: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let kid = decode_header(token)?.kid.unwrap();
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap())?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.set_audience(&["https://pod.localtest.me"]);
    validation.set_issuer(&[issuer]);
    Ok(decode::<Value>(token, &key, &validation)?.claims)
}

#[tokio::test]
async fn a_token_verifies_by_the_published_keys_and_says_whose_it_is() {
    let emulator = Emulator::start(config("http://127.0.0.1:1/"))
        .await
        .unwrap();
    let issuer = format!("http://{}/", emulator.address());
    let now = StandingClock.now().as_second();

    let token = emulator
        .tenant()
        .issue_token(
            "auth0|ada",
            "openid order:pizza",
            SignedDuration::from_hours(1),
        )
        .unwrap();
    let claims = read(
        token.expose_secret(),
        &keys(emulator.address()).await,
        &issuer,
    )
    .unwrap();

    let expected = json!({
        "iss": issuer, "sub": "auth0|ada", "aud": ["https://pod.localtest.me", format!("{issuer}userinfo")],
        "azp": ALEXA_CLIENT, "scope": "openid order:pizza", "iat": now, "exp": now + 3600,
    });
    assert_eq!(claims, expected);
}

#[tokio::test]
async fn after_a_rotation_old_tokens_are_still_good() {
    let emulator = Emulator::start(config("http://127.0.0.1:1/"))
        .await
        .unwrap();
    let issuer = emulator.tenant().issuer().to_owned();
    let token = || {
        emulator
            .tenant()
            .issue_token("auth0|ada", "openid", SignedDuration::from_hours(1))
            .unwrap()
    };
    let old = token();

    let (status, _) = ask(
        emulator.address(),
        Method::POST,
        "/emulator/keys/rotate",
        None,
    )
    .await;
    let new = token();

    let keys = keys(emulator.address()).await;
    let kid = |token: &str| decode_header(token).unwrap().kid;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(keys.keys.len(), 2);
    assert_ne!(kid(old.expose_secret()), kid(new.expose_secret()));
    assert!(read(old.expose_secret(), &keys, &issuer).is_ok());
    assert!(read(new.expose_secret(), &keys, &issuer).is_ok());
}

#[tokio::test]
async fn a_tester_outside_gets_a_token_for_the_asking() {
    let emulator = Emulator::start(config("http://127.0.0.1:1/"))
        .await
        .unwrap();
    let path = "/emulator/accounts/auth0%7Cgrace/token?scope=openid%20a:b&lifetime=-5";

    let (status, issued) = ask(emulator.address(), Method::POST, path, None).await;

    let token = issued["access_token"].as_str().unwrap();
    let claims = read(
        token,
        &keys(emulator.address()).await,
        emulator.tenant().issuer(),
    )
    .unwrap();
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&issued["token_type"], &issued["expires_in"]),
        (&json!("Bearer"), &json!(-5))
    );
    assert_eq!(
        (&claims["sub"], &claims["scope"]),
        (&json!("auth0|grace"), &json!("openid a:b"))
    );
    assert_eq!(claims["exp"], StandingClock.now().as_second() - 5);
}

#[tokio::test]
async fn the_tenant_says_where_its_keys_are() {
    let emulator = Emulator::start(config("http://127.0.0.1:1/"))
        .await
        .unwrap();

    let (_, said) = ask(
        emulator.address(),
        Method::GET,
        "/.well-known/openid-configuration",
        None,
    )
    .await;

    let issuer = format!("http://{}/", emulator.address());
    assert_eq!(said["issuer"], issuer);
    assert_eq!(said["jwks_uri"], format!("{issuer}.well-known/jwks.json"));
}
