//! Asking the Management API: with one token, as seldom as possible, and what
//! comes of its answers.

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pod_auth0::{Auth0Customers, PasswordlessMode};
use pod_core::ports::{Clock as _, Customers as _};
use pod_core::{Deadline, Timestamp};
use pod_testkit::FakeClock;
use pod_testkit::fixtures::{bjorn, bjorn_phone, deadline, zoe, zoe_phone};
use serde_json::json;
use tokio::task::JoinSet;
use wiremock::ResponseTemplate;

use crate::auth0::{Auth0, config, http, limited};
use crate::customers::{ZOE, contacts};

const TOKEN: &str = "POST /oauth/token";

async fn knowing_zoe() -> Auth0 {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone()]);
    auth0
}

#[tokio::test]
async fn one_token_serves_everybody_until_shortly_before_it_expires() {
    let auth0 = Auth0::start_with(PasswordlessMode::default(), |config| {
        config.keep = Duration::ZERO;
    })
    .await;
    auth0.know(&zoe(), &[zoe_phone()]);
    auth0.know(&bjorn(), &[bjorn_phone()]);
    auth0
        .customers
        .contacts(&bjorn(), deadline())
        .await
        .unwrap();

    for (later, tokens) in [(0, 1), (86_099, 1), (1, 2), (60, 2)] {
        auth0.clock.advance(Duration::from_secs(later));

        contacts(&auth0).await.unwrap();

        assert_eq!(auth0.asked_for(TOKEN).len(), tokens, "{later}");
    }
}

#[tokio::test]
async fn simultaneous_questions_share_a_token_and_a_profile() {
    let auth0 = knowing_zoe().await;
    auth0.delay(Duration::from_millis(50));
    let mut calls = JoinSet::new();
    for _ in 0..64 {
        let customers = auth0.customers.clone();
        calls.spawn(async move { customers.contacts(&zoe(), deadline()).await });
    }

    for outcome in calls.join_all().await {
        assert_eq!(outcome.unwrap(), [zoe_phone()]);
    }

    assert_eq!(auth0.asked_for(TOKEN).len(), 1);
    assert_eq!(auth0.asked_for(ZOE).len(), 1);
}

#[tokio::test]
async fn a_token_that_is_refused_is_fetched_anew_once() {
    let auth0 = knowing_zoe().await;
    contacts(&auth0).await.unwrap();
    auth0.clock.advance(Duration::from_mins(1));
    auth0.revoke_tokens();

    assert_eq!(contacts(&auth0).await.unwrap(), [zoe_phone()]);
    assert_eq!(auth0.asked_for(TOKEN).len(), 2);

    auth0.clock.advance(Duration::from_mins(1));
    auth0.answer(ZOE, ResponseTemplate::new(401));
    let fault = contacts(&auth0).await.unwrap_err();
    assert!(!fault.is_temporary());
    assert_eq!(auth0.asked_for(TOKEN).len(), 3);
}

#[tokio::test]
async fn what_the_tenant_says_instead_is_a_fault_that_tells_what_to_do() {
    for (what, status, temporary, told) in [
        (TOKEN, 401, false, "copy both"),
        (
            TOKEN,
            403,
            false,
            "read:users, create:users and update:users",
        ),
        (TOKEN, 400, false, "application's settings"),
        (TOKEN, 404, false, "check the domain"),
        (TOKEN, 408, true, "try again"),
        (TOKEN, 500, true, "try again"),
        (TOKEN, 503, true, "try again"),
        (TOKEN, 307, false, "check the domain"),
        (ZOE, 401, false, "tenant's own and not a custom one"),
        (ZOE, 403, false, "read:users, create:users and update:users"),
        (ZOE, 400, false, "check the domain"),
        (ZOE, 302, false, "check the domain"),
        (ZOE, 500, true, "try again"),
        (ZOE, 503, true, "try again"),
    ] {
        let auth0 = knowing_zoe().await;
        let elsewhere = format!("{}/elsewhere", auth0.server.uri());
        let body = json!({ "error": "+14155550142", "message": "+14155550142" });
        let answer = ResponseTemplate::new(status).set_body_json(body);
        auth0.answer(what, answer.insert_header("location", elsewhere.as_str()));

        let fault = contacts(&auth0).await.unwrap_err();

        assert_eq!(fault.is_temporary(), temporary, "{what} {status}");
        let source = fault.source().unwrap().to_string();
        assert!(source.contains(told), "{what} {status}: {source}");
        assert!(!format!("{source} {fault:?}").contains("4155550142"));
        assert!(auth0.asked_for("GET /elsewhere").is_empty());
    }
}

#[tokio::test]
async fn an_answer_that_is_no_user_or_no_token_is_a_fault() {
    for what in [TOKEN, ZOE] {
        for body in [
            "",
            "null",
            "[]",
            "<html>",
            r#"{"access_token":"two words","expires_in":1}"#,
            r#"{"access_token":"a","expires_in":-1}"#,
            r#"{"access_token":7,"expires_in":1}"#,
            r#"{"access_token":"a"}"#,
            r#"{"user_id":7}"#,
        ] {
            let auth0 = knowing_zoe().await;
            auth0.answer(what, ResponseTemplate::new(200).set_body_string(body));

            let fault = contacts(&auth0).await.unwrap_err();

            assert!(!fault.is_temporary(), "{what} {body}");
        }
    }
}

#[tokio::test]
async fn too_many_calls_are_waited_for_if_there_is_time() {
    for what in [TOKEN, ZOE] {
        let auth0 = knowing_zoe().await;
        let second = auth0.clock.now().as_second() + 1;
        let shortly_before = Timestamp::from_millisecond(second * 1_000 - 50).unwrap();
        auth0.clock.set(shortly_before);
        auth0.answer_once(what, limited(second));
        let began = Instant::now();

        assert_eq!(contacts(&auth0).await.unwrap(), [zoe_phone()]);

        assert!(began.elapsed() >= Duration::from_millis(50));
        assert_eq!(auth0.asked_for(what).len(), 2);
    }
}

#[tokio::test]
async fn too_many_calls_are_a_fault_at_once_if_there_is_no_time() {
    for what in [TOKEN, ZOE] {
        let auth0 = knowing_zoe().await;
        let reset = auth0.clock.now().as_second() + 30;
        for answer in [limited(reset), ResponseTemplate::new(429)] {
            auth0.answer(what, answer);
            let asked = auth0.asked_for(what).len();
            let began = Instant::now();

            let fault = contacts(&auth0).await.unwrap_err();

            assert!(fault.is_temporary());
            let told = fault.source().unwrap().to_string();
            assert!(told.contains("asked too often"), "{told}");
            assert!(began.elapsed() < Duration::from_secs(5));
            assert_eq!(auth0.asked_for(what).len(), asked + 1);
        }
    }
}

#[tokio::test]
async fn too_many_calls_again_are_not_waited_for_again() {
    let auth0 = knowing_zoe().await;
    auth0.answer(ZOE, limited(auth0.clock.now().as_second()));

    let fault = contacts(&auth0).await.unwrap_err();

    assert!(fault.is_temporary());
    assert_eq!(auth0.asked_for(ZOE).len(), 2);
}

#[tokio::test]
async fn what_came_too_late_is_there_for_the_next_one() {
    let auth0 = knowing_zoe().await;
    auth0.delay(Duration::from_millis(150));
    let soon = Deadline::at(Instant::now() + Duration::from_millis(50));

    let late = auth0.customers.contacts(&zoe(), soon).await.unwrap_err();

    assert!(late.is_temporary());
    assert_eq!(contacts(&auth0).await.unwrap(), [zoe_phone()]);
    assert_eq!(auth0.asked_for(TOKEN).len(), 1);
    assert_eq!(auth0.asked_for(ZOE).len(), 1);
}

#[tokio::test]
async fn a_tenant_that_is_not_there_is_a_fault_that_may_pass() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let clock = Arc::<FakeClock>::default();
    let customers = Auth0Customers::new(config(&format!("http://{closed}")), http(), clock);

    let fault = customers.contacts(&zoe(), deadline()).await.unwrap_err();

    assert!(fault.is_temporary());
}
