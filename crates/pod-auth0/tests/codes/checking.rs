//! Judging a code: what is asked, and what comes of each answer.

use pod_core::ports::{Challenger as _, CheckError};
use pod_core::{Attempt, Challenge, Code, CodeAccepted, Contact, Fault, Handle};
use pod_testkit::fixtures::{
    bjorn, bjorn_phone, deadline, email, order, phone, zoe, zoe_email, zoe_phone,
};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::auth0::{Auth0, CLIENT, SECRET, attempt, keys, sessions};

const TOKEN: &str = "POST /oauth/token";
const GRANT: &str = "http://auth0.com/oauth/grant-type/passwordless/otp";
const START: &str = "POST /passwordless/start";

/// What was asked of the tenant's judge.
fn judgements(auth0: &Auth0) -> usize {
    let asked = auth0.asked_for(TOKEN);
    asked
        .iter()
        .filter(|asked| asked.form["grant_type"] == GRANT)
        .count()
}

fn is_refused(outcome: &Result<CodeAccepted, CheckError>) -> bool {
    matches!(outcome, Err(CheckError::Refused))
}

fn fault(outcome: Result<CodeAccepted, CheckError>) -> Fault {
    match outcome {
        Err(CheckError::Fault(fault)) => fault,
        other => panic!("no fault: {other:?}"),
    }
}

fn refusal(status: u16, error: &str, words: &str) -> ResponseTemplate {
    let body = json!({ "error": error, "error_description": words });
    ResponseTemplate::new(status).set_body_json(body)
}

async fn sent_by_session() -> (Auth0, Attempt, Code) {
    let auth0 = Auth0::start_with(sessions(), |_| {}).await;
    let (attempt, code) = auth0.sent().await;
    (auth0, attempt, code)
}

async fn sent() -> (Auth0, Attempt, Code) {
    let auth0 = Auth0::start().await;
    let (attempt, code) = auth0.sent().await;
    (auth0, attempt, code)
}

#[tokio::test]
async fn a_classic_code_is_judged_with_its_contact() {
    for (contact, realm) in [(zoe_phone(), "sms"), (email("zoe@example.com"), "email")] {
        let auth0 = Auth0::start().await;
        auth0.know(&zoe(), &[zoe_phone(), email("zoe@example.com")]);
        let challenge = auth0.send(&order(1, &zoe()), &contact).await.unwrap();
        let code = auth0.codes_to(&contact).pop().unwrap();

        let attempt = attempt(&order(1, &zoe()), &challenge);
        let proof = auth0.check(&attempt, &code).await.unwrap();

        attempt.clone().confirm(proof, attempt.begun_at()).unwrap();
        let asked = auth0.asked_for(TOKEN).pop().unwrap();
        let expected = [
            ("grant_type", GRANT),
            ("client_id", CLIENT),
            ("client_secret", SECRET),
            ("otp", code.expose()),
            ("scope", "openid"),
            ("username", contact.expose()),
            ("realm", realm),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(asked.form, expected.into());
        assert!(!asked.headers.contains_key("authorization"));
    }
}

#[tokio::test]
async fn a_sessions_code_is_judged_with_its_session() {
    let (auth0, attempt, code) = sent_by_session().await;

    let proof = auth0.check(&attempt, &code).await.unwrap();

    attempt.clone().confirm(proof, attempt.begun_at()).unwrap();
    let asked = auth0.asked_for(TOKEN).pop().unwrap();
    let session = format!("session-{:040x}", 1);
    let expected = [
        ("grant_type", GRANT),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("otp", code.expose()),
        ("scope", "openid"),
        ("auth_session", &session),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(asked.form, expected.into());
}

#[tokio::test]
async fn a_code_works_once() {
    for (auth0, attempt, code) in [sent().await, sent_by_session().await] {
        let _proof = auth0.check(&attempt, &code).await.unwrap();

        assert!(is_refused(&auth0.check(&attempt, &code).await));
    }
}

#[tokio::test]
async fn whatever_the_tenant_says_of_a_code_refuses_it() {
    for answer in [
        refusal(
            403,
            "invalid_grant",
            "Wrong phone number or verification code.",
        ),
        refusal(403, "invalid_grant", "Wrong email or verification code."),
        refusal(
            403,
            "invalid_grant",
            "You've reached the maximum number of attempts. Please try to login again.",
        ),
        refusal(
            403,
            "invalid_grant",
            "The verification code has expired. Please try to login again.",
        ),
        refusal(403, "access_denied", "The verification code has expired."),
        refusal(400, "invalid_grant", "Words that nobody knows."),
        refusal(401, "invalid_grant", ""),
        refusal(401, "access_denied", "Something"),
        refusal(401, "unauthorized", "user is blocked"),
        refusal(403, "unauthorized", "user is blocked"),
        refusal(401, "invalid_user_password", "Wrong phone number"),
        refusal(403, "too_many_attempts", ""),
        refusal(429, "too_many_attempts", "Your account has been blocked"),
        refusal(403, "a_new_word", "about a code"),
    ] {
        for (auth0, attempt, code) in [sent().await, sent_by_session().await] {
            auth0.answer(TOKEN, answer.clone());

            assert!(is_refused(&auth0.check(&attempt, &code).await));
        }
    }
    let (auth0, attempt, code) = sent_by_session().await;
    auth0.answer(
        TOKEN,
        refusal(400, "invalid_request", "Invalid or expired OTP."),
    );
    assert!(is_refused(&auth0.check(&attempt, &code).await));
}

#[tokio::test]
async fn whatever_it_says_of_anything_else_is_a_fault_that_tells_what_to_do() {
    for (answer, temporary, told) in [
        (
            refusal(429, "too_many_requests", ""),
            true,
            "asked too often",
        ),
        (ResponseTemplate::new(429), true, "asked too often"),
        (refusal(500, "invalid_grant", ""), true, "try again"),
        (ResponseTemplate::new(503), true, "try again"),
        (ResponseTemplate::new(408), true, "try again"),
        (refusal(401, "invalid_client", ""), false, "copy both"),
        (
            refusal(401, "access_denied", "Unauthorized"),
            false,
            "copy both",
        ),
        (
            refusal(403, "unauthorized_client", ""),
            false,
            "Passwordless OTP",
        ),
        (refusal(403, "mfa_required", ""), false, "multi-factor"),
        (
            refusal(403, "unsupported_grant_type", ""),
            false,
            "check the domain",
        ),
        (
            refusal(400, "bad.connection", ""),
            false,
            "check the domain",
        ),
        (ResponseTemplate::new(403), false, "check the domain"),
        (ResponseTemplate::new(404), false, "check the domain"),
        (ResponseTemplate::new(302), false, "check the domain"),
        (ResponseTemplate::new(200), false, "cannot be understood"),
        (
            ResponseTemplate::new(200).set_body_json(json!({ "access_token": "a" })),
            false,
            "cannot be understood",
        ),
        (
            ResponseTemplate::new(200).set_body_json(json!({ "id_token": "a" })),
            false,
            "not good",
        ),
    ] {
        for (auth0, attempt, code) in [sent().await, sent_by_session().await] {
            auth0.answer(TOKEN, answer.clone());

            let fault = fault(auth0.check(&attempt, &code).await);

            assert_eq!(fault.is_temporary(), temporary, "{fault:?}");
            let source = std::error::Error::source(&fault).unwrap().to_string();
            assert!(source.contains(told), "{source}");
        }
    }
    let (auth0, attempt, code) = sent().await;
    auth0.answer(
        TOKEN,
        refusal(400, "invalid_request", "missing username parameter"),
    );
    assert!(!fault(auth0.check(&attempt, &code).await).is_temporary());
}

#[tokio::test]
async fn one_question_is_asked_for_one_attempt() {
    let (auth0, attempt, code) = sent().await;
    auth0.answer(TOKEN, ResponseTemplate::new(500));

    assert!(fault(auth0.check(&attempt, &code).await).is_temporary());

    assert_eq!(judgements(&auth0), 1);
}

#[tokio::test]
async fn an_older_orders_code_does_not_confirm_the_newer_one() {
    for mode in [sessions(), pod_auth0::PasswordlessMode::default()] {
        let auth0 = Auth0::start_with(mode, |_| {}).await;
        let (_, older_code) = auth0.sent().await;
        let newer = order(2, &zoe());
        let challenge = auth0.send(&newer, &zoe_phone()).await.unwrap();

        let newer = attempt(&newer, &challenge);

        assert!(is_refused(&auth0.check(&newer, &older_code).await));
    }
}

#[tokio::test]
async fn an_order_is_not_confirmed_by_the_code_of_a_newer_one_that_failed() {
    let (auth0, older, older_code) = sent().await;
    // The newer order's code goes out, and nobody here learns that it did.
    auth0.do_but_answer(START, ResponseTemplate::new(503));
    let newer = auth0.send(&order(2, &zoe()), &zoe_phone()).await;
    newer.unwrap_err();
    let newer_code = auth0.codes_to(&zoe_phone()).pop().unwrap();
    assert!(!newer_code.matches(&older_code));
    auth0.recover();

    let overtaken = older.overtaken();

    assert!(is_refused(&auth0.check(&overtaken, &newer_code).await));
    assert!(is_refused(&auth0.check(&overtaken, &older_code).await));
    assert_eq!(judgements(&auth0), 0);
}

#[tokio::test]
async fn a_session_has_its_order_and_is_judged_though_overtaken() {
    let (auth0, older, code) = sent_by_session().await;
    auth0.send(&order(2, &zoe()), &zoe_phone()).await.unwrap();
    let newer_code = auth0.codes_to(&zoe_phone()).pop().unwrap();

    let overtaken = older.overtaken();

    assert!(is_refused(&auth0.check(&overtaken, &newer_code).await));
    assert!(auth0.check(&overtaken, &code).await.is_ok());
}

#[tokio::test]
async fn a_handle_is_of_one_order_and_one_contact() {
    let (auth0, attempt, code) = sent().await;
    let other = order(2, &zoe());
    let challenge = attempt.challenge().clone();

    let moved = crate::auth0::attempt(&other, &challenge);
    assert!(is_refused(&auth0.check(&moved, &code).await));

    auth0.know(&zoe(), &[phone("+14155550143"), zoe_email()]);
    auth0.clock.advance(std::time::Duration::from_mins(1));
    assert!(is_refused(&auth0.check(&attempt, &code).await));
    assert_eq!(judgements(&auth0), 0);
}

#[tokio::test]
async fn somebody_elses_handle_is_a_fault() {
    let (auth0, attempt, code) = sent().await;
    for raw in ["", "6.new", "classic.AAAA", "telegram.AAAA"] {
        let challenge = Challenge {
            handle: Handle::parse(raw).unwrap(),
            ..attempt.challenge().clone()
        };

        let attempt = crate::auth0::attempt(attempt.order(), &challenge);

        assert!(
            !fault(auth0.check(&attempt, &code).await).is_temporary(),
            "{raw}"
        );
    }
}

#[tokio::test]
async fn without_the_tenants_keys_no_code_is_spent() {
    for (auth0, attempt, code) in [sent().await, sent_by_session().await] {
        auth0.answer("GET /.well-known/jwks.json", ResponseTemplate::new(503));
        assert!(fault(auth0.check(&attempt, &code).await).is_temporary());
        assert_eq!(judgements(&auth0), 0);

        auth0.answer("GET /.well-known/jwks.json", keys());

        assert!(auth0.check(&attempt, &code).await.is_ok());
    }
}

#[tokio::test]
async fn another_customers_code_confirms_nothing() {
    let (auth0, hers, _) = sent().await;
    auth0.know(&bjorn(), &[bjorn_phone()]);
    let his: Contact = bjorn_phone();
    auth0.send(&order(3, &bjorn()), &his).await.unwrap();
    let his_code = auth0.codes_to(&his).pop().unwrap();

    let outcome = auth0.challenger.check(&hers, &his_code, deadline()).await;

    assert!(is_refused(&outcome));
}
