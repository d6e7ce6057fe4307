//! One fetch of the tenant's keys: what it goes through, and what it does not
//! put up with.

use std::error::Error as _;
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pod_auth0::{Audience, Auth0Authenticator, Auth0Domain, AuthenticatorConfig};
use pod_core::Deadline;
use pod_core::ports::Authenticator as _;
use pod_http::{Http, Route};
use pod_testkit::{FakeClock, fixtures};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::tenant::{
    AUDIENCE, Tenant, authenticate, fault, first, header, is_rejected, second, set_of, sign,
};

fn authenticator_at(domain: &str) -> Auth0Authenticator {
    let config = AuthenticatorConfig {
        domain: Auth0Domain::parse(domain).expect("a domain"),
        audience: Audience::parse(AUDIENCE).expect("an audience"),
        clients: Vec::new(),
        hs256_key: None,
    };
    let http = Http::new(&Route::default()).expect("a way out");
    Auth0Authenticator::new(config, http, Arc::new(FakeClock::default()))
}

#[tokio::test]
async fn a_tenant_that_is_not_there_is_a_fault() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let authenticator = authenticator_at(&format!("http://{closed}"));

    let fault = authenticator.check(fixtures::deadline()).await.unwrap_err();

    assert!(fault.is_temporary());
    assert_eq!(
        fault.source().unwrap().to_string(),
        format!(
            "http://{closed}/.well-known/jwks.json could not be reached: check the domain and the network"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_fetch_takes_two_seconds_at_most() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let authenticator = authenticator_at(&format!("http://{}", silent.local_addr().unwrap()));
    let begin = tokio::time::Instant::now();

    let fault = authenticator.check(fixtures::deadline()).await.unwrap_err();

    assert!(fault.is_temporary());
    assert_eq!(begin.elapsed().as_secs(), 2);
}

#[tokio::test]
async fn a_slow_tenant_does_not_hold_a_caller_beyond_the_deadline() {
    let tenant = Tenant::start().await;
    tenant.answer(set_of(&[first().jwk()]).set_delay(Duration::from_millis(1500)));
    let begin = Instant::now();
    let deadline = Deadline::at(begin + Duration::from_millis(50));

    let outcome = tenant
        .authenticator()
        .authenticate(&tenant.token(first()), deadline)
        .await;

    assert!(fault(outcome).is_temporary());
    assert!(begin.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_tenant_on_loopback_is_reached_past_every_proxy() {
    // The environment is read once per process: another test is run in one of
    // its own, where the proxy is a port that nobody listens on.
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let proxy = format!("http://{closed}");
    let test = "keys::warm_keys_make_the_first_token_wait_for_nothing";

    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env("HTTP_PROXY", &proxy)
        .env("http_proxy", &proxy)
        .env("ALL_PROXY", &proxy)
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();

    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && told.contains("1 passed"), "{told}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let tenant = Tenant::start().await;
    let elsewhere = format!("{}elsewhere", tenant.issuer());
    for status in [301, 302, 303, 307, 308] {
        tenant.answer(ResponseTemplate::new(status).insert_header("location", elsewhere.as_str()));

        let fault = tenant
            .authenticator()
            .check(fixtures::deadline())
            .await
            .unwrap_err();

        assert!(!fault.is_temporary(), "{status}");
    }
    assert_eq!(tenant.fetches(), 5);
}

#[tokio::test]
async fn keys_come_with_status_200_and_in_256_kilobytes_or_not_at_all() {
    let tenant = Tenant::start().await;
    let keys = json!({ "keys": [first().jwk()] }).to_string();
    let padded = |length: usize| format!("{keys}{}", " ".repeat(length - keys.len()));
    for (status, body, is_good) in [
        (200, padded(256 * 1024), true),
        (200, padded(256 * 1024 + 1), false),
        (200, padded(4 * 1024 * 1024), false),
        (203, keys.clone(), false),
        (206, keys.clone(), false),
        (404, keys.clone(), false),
        (500, keys.clone(), false),
    ] {
        tenant.answer(ResponseTemplate::new(status).set_body_string(body));

        let outcome = tenant.authenticator().check(fixtures::deadline()).await;

        assert_eq!(outcome.is_ok(), is_good, "{status}: {outcome:?}");
    }
}

#[tokio::test]
async fn of_two_keys_with_one_id_the_first_one_counts() {
    let tenant = Tenant::start().await;
    let mut impostor = second().jwk();
    impostor["kid"] = "first".into();
    tenant.answer(set_of(&[first().jwk(), impostor]));
    let authenticator = tenant.authenticator();

    assert_eq!(authenticator.check(fixtures::deadline()).await.unwrap(), 1);

    assert!(
        authenticate(&authenticator, &tenant.token(first()))
            .await
            .is_ok()
    );
    let other = sign(&header("first"), &tenant.claims(), second());
    assert!(is_rejected(&authenticator, &other).await);
}

#[tokio::test]
async fn without_a_key_it_can_use_pod_blames_the_tenant_and_not_the_token() {
    let tenant = Tenant::start().await;
    let mut encrypting = first().jwk();
    encrypting["use"] = "enc".into();
    tenant.answer(set_of(&[encrypting]));
    let authenticator = tenant.authenticator();

    let outcome = authenticate(&authenticator, &tenant.token(first())).await;

    assert!(!fault(outcome).is_temporary());
    let fault = authenticator.check(fixtures::deadline()).await.unwrap_err();
    assert_eq!(
        fault.source().unwrap().to_string(),
        "the tenant publishes no RSA key of 2048 bits or more for RS256: add one to it"
    );
    assert!(authenticator.warm(fixtures::deadline()).await.is_err());
}
