//! The exchange of a code: what is sent, once, and what comes of each answer.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pod_auth0::Auth0SignIn;
use pod_core::ports::{
    BegunSignIn, Callback, FinishSignInError, PendingSignIn, SignIn as _, SignedIn,
};
use pod_core::{Deadline, Fault};
use pod_testkit::{FakeClock, FakeEntropy, fixtures};
use secrecy::ExposeSecret;
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::provider::{CALLBACK, CLIENT, Provider, SECRET, config, http};
use crate::tenant::{first, set_of};

fn fault(outcome: Result<SignedIn, FinishSignInError>) -> Fault {
    match outcome {
        Err(FinishSignInError::Fault(fault)) => fault,
        other => panic!("no fault: {other:?}"),
    }
}

fn refusal(status: u16, error: &str) -> ResponseTemplate {
    let body = json!({ "error": error, "error_description": "<b>secret detail</b>" });
    ResponseTemplate::new(status).set_body_json(body)
}

#[tokio::test]
async fn a_code_is_exchanged_once_with_the_verifier_and_the_applications_secret() {
    let provider = Provider::start().await;
    let BegunSignIn { url, pending } = provider.sign_in.begin().unwrap();
    let verifier = pending.verifier().to_owned();
    let callback = provider.approve(&url, &fixtures::zoe());

    let deadline = fixtures::deadline();
    let signed_in = provider.sign_in.finish(pending, &callback, deadline).await;

    assert_eq!(signed_in.unwrap().customer, fixtures::zoe());
    let exchanges = provider.exchanges();
    let [asked] = &exchanges[..] else {
        panic!("one exchange: {exchanges:?}")
    };
    assert_eq!(asked.path, "/oauth/token");
    assert_eq!(asked.query, None);
    assert!(!asked.headers.contains("authorization"));
    assert!(asked.headers.contains("application/x-www-form-urlencoded"));
    let expected = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("code", "code-0/+"),
        ("code_verifier", &verifier),
        ("redirect_uri", CALLBACK),
    ];
    let sent = asked.form.iter().map(|(k, v)| (k.as_str(), v.as_str()));
    assert_eq!(
        sent.collect::<BTreeSet<_>>(),
        expected.into_iter().collect()
    );
    assert!(!url.expose().contains(&verifier));
}

#[tokio::test]
async fn a_stolen_state_sends_nothing() {
    let provider = Provider::start().await;
    let hers = provider.sign_in.begin().unwrap();
    let his = provider.sign_in.begin().unwrap();

    for callback in [
        provider.approve(&his.url, &fixtures::bjorn()),
        provider.refuse(&his.url, "access_denied"),
        Callback::parse(Some("x"), Some("code"), None).unwrap(),
    ] {
        let pending = hers.pending.expose();
        let pending = PendingSignIn::parse(pending.expose_secret()).unwrap();
        let deadline = fixtures::deadline();
        let outcome = provider.sign_in.finish(pending, &callback, deadline).await;

        assert!(
            matches!(outcome, Err(FinishSignInError::StateMismatch)),
            "{outcome:?}"
        );
    }
    assert_eq!(provider.exchanges().len(), 0);
}

#[tokio::test]
async fn a_callback_with_an_error_is_a_denial_an_outage_or_a_mistake() {
    let provider = Provider::start().await;

    for (error, temporary) in [
        ("access_denied", None),
        ("login_required", None),
        ("unauthorized", None),
        ("<b>news</b>", None),
        ("server_error", Some(true)),
        ("temporarily_unavailable", Some(true)),
        ("invalid_request", Some(false)),
        ("invalid_scope", Some(false)),
        ("unauthorized_client", Some(false)),
        ("unsupported_response_type", Some(false)),
    ] {
        let BegunSignIn { url, pending } = provider.sign_in.begin().unwrap();
        let callback = provider.refuse(&url, error);

        let deadline = fixtures::deadline();
        let outcome = provider.sign_in.finish(pending, &callback, deadline).await;

        match (outcome, temporary) {
            (Err(FinishSignInError::Denied(denial)), None) => {
                let word = if error.contains('<') { "other" } else { error };
                assert_eq!(denial.as_str(), word);
            }
            (Err(FinishSignInError::Fault(fault)), Some(temporary)) => {
                assert_eq!(fault.is_temporary(), temporary, "{error}");
            }
            (other, _) => panic!("{error}: {other:?}"),
        }
    }
    assert_eq!(provider.exchanges().len(), 0);
}

#[tokio::test]
async fn a_code_that_is_not_good_is_rejected() {
    let provider = Provider::start().await;

    for status in [400, 403] {
        provider.answer(refusal(status, "invalid_grant"));

        let outcome = provider.sign_zoe_in().await;

        assert!(
            matches!(outcome, Err(FinishSignInError::Rejected)),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn every_other_answer_is_a_fault_that_may_pass_or_not() {
    let provider = Provider::start().await;

    for (answer, temporary) in [
        (refusal(408, "timeout"), true),
        (refusal(429, "too_many_requests"), true),
        (refusal(500, "server_error"), true),
        (refusal(500, "invalid_grant"), true),
        (ResponseTemplate::new(503), true),
        (refusal(401, "invalid_client"), false),
        (refusal(401, "access_denied"), false),
        (refusal(403, "unauthorized_client"), false),
        (refusal(400, "invalid_request"), false),
        (ResponseTemplate::new(404), false),
        (refusal(201, "created"), false),
    ] {
        provider.answer(answer);

        let fault = fault(provider.sign_zoe_in().await);

        assert_eq!(fault.is_temporary(), temporary, "{:?}", fault.source());
        let told = fault.source().unwrap().to_string();
        assert!(told.contains("check the client id, its secret"), "{told}");
        assert!(!told.contains("secret detail"), "{told}");
    }
}

#[tokio::test]
async fn an_answer_without_an_id_token_is_a_fault() {
    let provider = Provider::start().await;

    for body in [
        json!({}).to_string(),
        json!({ "access_token": "a", "token_type": "Bearer" }).to_string(),
        json!({ "id_token": null }).to_string(),
        json!({ "id_token": 7 }).to_string(),
        json!({ "id_token": "" }).to_string(),
        json!({ "id_token": "two words" }).to_string(),
        json!({ "id_token": "x".repeat(16_385) }).to_string(),
        format!("{}{}", json!({ "id_token": "a.b.c" }), " ".repeat(70_000)),
        "<html>".to_owned(),
        String::new(),
    ] {
        provider.answer(ResponseTemplate::new(200).set_body_string(&body));

        let fault = fault(provider.sign_zoe_in().await);

        assert!(!fault.is_temporary(), "{body:.60}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let provider = Provider::start().await;
    let elsewhere = format!("{}elsewhere", provider.issuer());
    for status in [301, 302, 303, 307, 308] {
        let redirect = ResponseTemplate::new(status);
        provider.answer(redirect.insert_header("location", elsewhere.as_str()));

        assert!(!fault(provider.sign_zoe_in().await).is_temporary());
    }

    let asked = provider.exchanges();
    assert!(asked.iter().all(|asked| asked.path == "/oauth/token"));
    assert_eq!(asked.len(), 5);
}

#[tokio::test]
async fn a_slow_tenant_does_not_hold_a_caller_beyond_the_deadline() {
    let provider = Provider::start().await;
    provider.sign_zoe_in().await.unwrap();
    provider.delay(Duration::from_secs(10));
    let BegunSignIn { url, pending } = provider.sign_in.begin().unwrap();
    let callback = provider.approve(&url, &fixtures::zoe());
    let began = Instant::now();

    let deadline = Deadline::at(began + Duration::from_millis(50));
    let outcome = provider.sign_in.finish(pending, &callback, deadline).await;

    assert!(fault(outcome).is_temporary());
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_tenant_that_is_not_there_is_a_fault() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (clock, entropy) = (Arc::<FakeClock>::default(), Arc::<FakeEntropy>::default());
    let sign_in = Auth0SignIn::new(config(&format!("http://{closed}")), http(), clock, entropy);
    let pending = sign_in.begin().unwrap().pending;
    let callback = Callback::parse(Some(pending.state()), Some("code"), None).unwrap();

    let deadline = fixtures::deadline();
    let outcome = sign_in.finish(pending, &callback, deadline).await;

    assert!(fault(outcome).is_temporary());
}

#[tokio::test]
async fn without_the_tenants_keys_no_code_is_spent() {
    let provider = Provider::start().await;
    provider.publish(ResponseTemplate::new(503));
    let BegunSignIn { url, pending } = provider.sign_in.begin().unwrap();
    let kept = pending.expose();
    let callback = provider.approve(&url, &fixtures::zoe());

    let deadline = fixtures::deadline();
    let outcome = provider.sign_in.finish(pending, &callback, deadline).await;

    assert!(fault(outcome).is_temporary());
    assert_eq!(provider.exchanges().len(), 0);
    provider.publish(set_of(&[first().jwk()]));
    let pending = PendingSignIn::parse(kept.expose_secret()).unwrap();
    let again = provider.sign_in.finish(pending, &callback, deadline).await;
    assert_eq!(again.unwrap().customer, fixtures::zoe());
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let provider = Provider::start().await;
    let BegunSignIn { url, pending } = provider.sign_in.begin().unwrap();
    let secrets = [pending.state(), pending.nonce(), pending.verifier()].map(str::to_owned);
    let callback = provider.approve(&url, &fixtures::zoe());
    let before = format!(
        "{:?} {:?} {url:?} {pending:?} {callback:?}",
        provider.sign_in,
        config("tenant.eu.auth0.com"),
    );

    provider.answer(refusal(401, "access_denied"));
    let deadline = fixtures::deadline();
    let outcome = provider.sign_in.finish(pending, &callback, deadline).await;
    let error = fault(outcome);
    let shown = format!("{before} {error} {error:?} {}", error.source().unwrap());

    for secret in secrets.iter().map(String::as_str).chain([SECRET, "code-0"]) {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

#[tokio::test]
async fn what_comes_of_a_sign_in_shows_no_token() {
    let provider = Provider::start().await;

    let signed_in = provider.sign_zoe_in().await.unwrap();

    let token = signed_in.id_token.expose().to_owned();
    let url = provider.sign_in.sign_out(&signed_in.id_token, "bye");
    let shown = format!("{signed_in:?} {url:?}");
    assert!(!shown.contains(&token));
    assert!(!shown.contains("nobody-asked-for-it"));
}
