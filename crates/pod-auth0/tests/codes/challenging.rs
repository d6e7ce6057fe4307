//! Sending a code: what is sent, once, and what comes of each answer.

use pod_core::ports::{ChallengeError, Clock as _};
use pod_core::{Fault, Timestamp};
use pod_testkit::fixtures::{email, order, zoe, zoe_phone};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::auth0::{Auth0, CLIENT, DATABASE, SECRET, limited, sessions};

const START: &str = "POST /passwordless/start";
const CHALLENGE: &str = "POST /otp/challenge";

async fn classic() -> Auth0 {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone(), email("zoe@example.com")]);
    auth0
}

async fn by_sessions() -> Auth0 {
    let auth0 = Auth0::start_with(sessions(), |_| {}).await;
    auth0.know(&zoe(), &[zoe_phone(), email("zoe@example.com")]);
    auth0
}

async fn outcome(auth0: &Auth0) -> Result<(), ChallengeError> {
    let sent = auth0.send(&order(1, &zoe()), &zoe_phone()).await;
    sent.map(|_| ())
}

fn fault(outcome: Result<(), ChallengeError>) -> Fault {
    match outcome {
        Err(ChallengeError::Fault(fault)) => fault,
        other => panic!("no fault: {other:?}"),
    }
}

fn refusal(status: u16, error: &str, words: &str) -> ResponseTemplate {
    let body = json!({ "error": error, "error_description": words });
    ResponseTemplate::new(status).set_body_json(body)
}

fn with_client(mut body: Value) -> Value {
    body["client_id"] = CLIENT.into();
    body["client_secret"] = SECRET.into();
    body
}

#[tokio::test]
async fn a_classic_code_is_asked_for_with_the_secret_and_in_the_customers_language() {
    for (contact, body) in [
        (
            zoe_phone(),
            json!({ "connection": "sms", "phone_number": "+14155550142" }),
        ),
        (
            email("zoe@example.com"),
            json!({ "connection": "email", "email": "zoe@example.com" }),
        ),
    ] {
        let auth0 = classic().await;

        let challenge = auth0.send(&order(1, &zoe()), &contact).await.unwrap();

        let asked = auth0.asked_for(START);
        let [asked] = &asked[..] else {
            panic!("one request: {asked:?}")
        };
        let mut body = with_client(body);
        body["send"] = "code".into();
        assert_eq!(asked.json, body);
        assert_eq!(asked.headers["x-request-language"], "es-MX");
        assert_eq!(asked.headers["content-type"], "application/json");
        let kept = challenge.handle.as_str();
        assert!(kept.starts_with("classic."), "{kept}");
        assert!(
            !kept.contains("4155550142") && !kept.contains("zoe"),
            "{kept}"
        );
    }
}

#[tokio::test]
async fn a_session_is_asked_for_without_signing_anybody_up() {
    for (contact, body) in [
        (
            zoe_phone(),
            json!({ "phone_number": "+14155550142", "delivery_method": "text" }),
        ),
        (
            email("zoe@example.com"),
            json!({ "email": "zoe@example.com" }),
        ),
    ] {
        let auth0 = by_sessions().await;

        let challenge = auth0.send(&order(1, &zoe()), &contact).await.unwrap();

        let asked = auth0.asked();
        let [asked] = &asked[..] else {
            panic!("one request: {asked:?}")
        };
        assert_eq!(asked.what, CHALLENGE);
        let mut body = with_client(body);
        body["connection"] = DATABASE.into();
        body["allow_signup"] = false.into();
        assert_eq!(asked.json, body);
        assert_eq!(asked.headers["x-request-language"], "es-MX");
        assert_eq!(challenge.handle.as_str(), format!("otp.session-{:040x}", 1));
    }
}

#[tokio::test]
async fn two_challenges_have_nothing_in_common() {
    let auth0 = classic().await;

    let one = auth0.send(&order(1, &zoe()), &zoe_phone()).await.unwrap();
    let again = auth0.send(&order(1, &zoe()), &zoe_phone()).await.unwrap();

    let parts = |handle: &str| handle.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (one, again) = (parts(one.handle.as_str()), parts(again.handle.as_str()));
    assert_ne!(one[1], again[1]);
    assert_ne!(one[2], again[2]);
}

#[tokio::test]
async fn a_contact_that_no_code_reaches_is_undeliverable() {
    let provider = |code: u32| {
        refusal(
            400,
            "sms_provider_error",
            &format!("+14155550142 it is (Code: {code})"),
        )
    };
    let pattern = r"String does not match pattern: ^\+[0-9]{1,15}$";
    for answer in [
        refusal(400, "bad.phone_number", pattern),
        refusal(400, "bad.email", "it is no address"),
        refusal(400, "unauthorized", "user is blocked"),
        refusal(403, "unauthorized", "user is blocked"),
        provider(21_211),
        provider(21_408),
        provider(21_610),
        provider(21_612),
        provider(21_614),
    ] {
        let auth0 = classic().await;
        auth0.answer(START, answer);

        let outcome = outcome(&auth0).await;

        assert!(
            matches!(outcome, Err(ChallengeError::Undeliverable)),
            "{outcome:?}"
        );
        assert_eq!(auth0.asked_for(START).len(), 1);
    }
}

#[tokio::test]
async fn a_session_for_a_contact_that_is_none_is_undeliverable() {
    let auth0 = by_sessions().await;
    for (field, undeliverable) in [
        ("phone_number", true),
        ("email", true),
        ("client_id", false),
    ] {
        let body = json!({ "error": "invalid_request",
            "validation_errors": [{ "field": field, "message": "+14155550142" }] });
        auth0.answer(CHALLENGE, ResponseTemplate::new(400).set_body_json(body));

        let outcome = outcome(&auth0).await;

        let is = matches!(outcome, Err(ChallengeError::Undeliverable));
        assert_eq!(is, undeliverable, "{field}");
    }
}

#[tokio::test]
async fn whatever_else_the_tenant_says_is_a_fault_that_tells_what_to_do() {
    let error = "sms_provider_error";
    let gateway = "Authentication failed while calling the SMS gateway: 401";
    for (answer, temporary, told) in [
        (
            refusal(400, error, "Busy (Code: 30001)"),
            true,
            "code 30001",
        ),
        (refusal(400, error, gateway), true, "check the provider"),
        (
            refusal(400, "bad.connection", "Public signup is disabled"),
            false,
            "switch Disable Sign Ups off",
        ),
        (
            refusal(400, "bad.connection", "Connection is disabled"),
            false,
            "enable it",
        ),
        (refusal(400, "invalid_connection", ""), false, "enable it"),
        (
            refusal(400, "bad.request", "not allowed: +14155550142"),
            false,
            "bad.request",
        ),
        (refusal(400, "+14155550142", ""), false, "no reason"),
        (refusal(401, "invalid_client", ""), false, "copy both"),
        (
            refusal(401, "access_denied", "Unauthorized"),
            false,
            "copy both",
        ),
        (
            refusal(403, "unauthorized_client", "Grant"),
            false,
            "Passwordless OTP",
        ),
        (refusal(403, "forbidden", ""), false, "forbidden"),
        (refusal(404, "", ""), false, "check the domain"),
        (refusal(302, "", ""), false, "check the domain"),
        (refusal(201, "", ""), false, "check the domain"),
        (refusal(408, "", ""), true, "try again"),
        (refusal(500, "bad.phone_number", ""), true, "try again"),
        (ResponseTemplate::new(503), true, "try again"),
        (ResponseTemplate::new(429), true, "asked too often"),
    ] {
        for (auth0, what) in [(classic().await, START), (by_sessions().await, CHALLENGE)] {
            auth0.answer(what, answer.clone());

            let fault = fault(outcome(&auth0).await);

            assert_eq!(fault.is_temporary(), temporary, "{what} {fault:?}");
            let shown = format!("{fault:?}");
            assert!(!shown.contains("4155550142"), "{shown}");
            let source = std::error::Error::source(&fault).unwrap().to_string();
            assert!(source.contains(told), "{what}: {source}");
            assert_eq!(auth0.asked_for(what).len(), 1);
        }
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_kept_is_a_fault() {
    let auth0 = by_sessions().await;
    for body in [
        json!({}),
        json!({ "auth_session": 7 }),
        json!({ "auth_session": "x".repeat(4093) }),
    ] {
        auth0.answer(CHALLENGE, ResponseTemplate::new(200).set_body_json(body));

        assert!(!fault(outcome(&auth0).await).is_temporary());
    }
}

#[tokio::test]
async fn after_too_many_codes_one_is_sent_once_there_may_be_more() {
    for (auth0, what) in [(classic().await, START), (by_sessions().await, CHALLENGE)] {
        let second = auth0.clock.now().as_second() + 1;
        let shortly_before = Timestamp::from_millisecond(second * 1_000 - 50);
        auth0.clock.set(shortly_before.unwrap());
        auth0.answer_once(what, limited(second));

        outcome(&auth0).await.unwrap();

        assert_eq!(auth0.asked_for(what).len(), 2);
        assert_eq!(auth0.codes_to(&zoe_phone()).len(), 1);
    }
}

#[tokio::test]
async fn an_address_is_sent_to_as_the_tenant_keeps_it() {
    let auth0 = classic().await;

    auth0
        .send(&order(1, &zoe()), &email("Zoe@example.com"))
        .await
        .unwrap();

    assert_eq!(auth0.asked_for(START)[0].json["email"], "zoe@example.com");
}
