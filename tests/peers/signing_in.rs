//! Signing in at oidc-provider: its pages, its codes, its ID tokens, and what
//! an attacker may try with them.
//!
//! It differs from Auth0 in this: `invalid_grant` comes with 400 instead of
//! 403, the callback has an `iss` beside `code` and `state`, and leaving asks
//! for a confirmation.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pod_auth0::{Auth0Domain, Auth0SignIn, ClientId, ClientSecret, ReturnUrl, SignInConfig};
use pod_core::ports::{
    BegunSignIn, Callback, FinishSignInError, PendingSignIn, SignIn as _, SignedIn,
};
use pod_server::system::{OsEntropy, SystemClock};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::browser::{Browser, Page};
use crate::{deadline, http, peer};

const ADA: &str = "auth0|ada";
const MALLORY: &str = "auth0|mallory";
pub(crate) const CALLBACK: &str = "http://127.0.0.1:7100/pod/app/callback";
const SIGNED_OUT: &str = "http://127.0.0.1:7100/pod/app";

/// The adapter, as one of the provider's applications.
fn sign_in(client: &str) -> Auth0SignIn {
    sign_in_at(&peer("PEER_OIDC_PROVIDER"), client)
}

fn sign_in_at(domain: &str, client: &str) -> Auth0SignIn {
    let config = SignInConfig {
        domain: Auth0Domain::parse(domain).unwrap(),
        client: ClientId::parse(client).unwrap(),
        secret: ClientSecret::parse(format!("{client}-secret-that-everybody-may-know").into())
            .unwrap(),
        redirect_uri: ReturnUrl::parse(CALLBACK).unwrap(),
        signed_out_uri: ReturnUrl::parse(SIGNED_OUT).unwrap(),
    };
    Auth0SignIn::new(config, http(), Arc::new(SystemClock), Arc::new(OsEntropy))
}

/// Signs somebody in and consents, wherever the provider asks for it.
pub(crate) async fn approve(browser: &mut Browser, url: &str, who: &str) -> Url {
    let mut page = browser.open(url).await;
    for _ in 0..2 {
        let Page::Shown { body, .. } = &page else {
            break;
        };
        let fields: &[_] = if body.contains("name=\"login\"") {
            &[("login", who), ("password", "any")]
        } else {
            &[]
        };
        page = browser.submit(page, fields).await;
    }
    match page {
        Page::Left(url) => url,
        Page::Shown { url, body } => panic!("the sign-in ended at {url}: {body}"),
    }
}

/// What a browser brought back.
pub(crate) fn brought(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

fn callback(url: &Url) -> Callback {
    assert!(url.as_str().starts_with(CALLBACK), "{url}");
    let [state, code, error] = ["state", "code", "error"].map(|name| brought(url, name));
    Callback::parse(state.as_deref(), code.as_deref(), error.as_deref()).unwrap()
}

/// The same URL with one of its parameters changed or left out.
fn changed(url: &str, name: &str, to: Option<&str>) -> String {
    let mut url = Url::parse(url).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let others = pairs.iter().filter(|(key, _)| key != name);
    url.query_pairs_mut().clear().extend_pairs(others);
    if let Some(value) = to {
        url.query_pairs_mut().append_pair(name, value);
    }
    url.into()
}

async fn finish(
    adapter: &Auth0SignIn,
    pending: PendingSignIn,
    callback: &Callback,
) -> Result<SignedIn, FinishSignInError> {
    adapter.finish(pending, callback, deadline()).await
}

fn is_rejected(outcome: &Result<SignedIn, FinishSignInError>) -> bool {
    matches!(outcome, Err(FinishSignInError::Rejected))
}

#[tokio::test]
#[ignore = "needs oidc-provider: tests/peers/run"]
async fn whoever_signs_in_is_known_and_a_code_works_once() {
    for client in ["web", "strict"] {
        let adapter = sign_in(client);
        let BegunSignIn { url, pending } = adapter.begin().unwrap();
        let kept = pending.expose();
        let back = approve(&mut Browser::default(), url.expose(), ADA).await;

        let signed_in = finish(&adapter, pending, &callback(&back)).await.unwrap();
        let again = PendingSignIn::parse(kept.expose_secret()).unwrap();
        let replayed = finish(&adapter, again, &callback(&back)).await;

        assert_eq!(signed_in.customer.as_str(), ADA);
        assert!(signed_in.expires_at > signed_in.finished_at);
        assert!(is_rejected(&replayed), "{replayed:?}");
    }
}

#[tokio::test]
#[ignore = "needs oidc-provider: tests/peers/run"]
async fn a_code_of_somebody_elses_sign_in_is_worth_nothing() {
    let adapter = sign_in("web");
    let hers = adapter.begin().unwrap();
    let his = adapter.begin().unwrap();
    let back = approve(&mut Browser::default(), his.url.expose(), MALLORY).await;
    let code = brought(&back, "code");

    // His own callback is not of her sign-in; with her state it is, and has
    // the wrong verifier.
    let kept = hers.pending.expose();
    let stolen = finish(&adapter, hers.pending, &callback(&back)).await;
    let hers = PendingSignIn::parse(kept.expose_secret()).unwrap();
    let injected = Callback::parse(Some(hers.state()), code.as_deref(), None).unwrap();
    let injected = finish(&adapter, hers, &injected).await;

    assert!(
        matches!(stolen, Err(FinishSignInError::StateMismatch)),
        "{stolen:?}"
    );
    assert!(is_rejected(&injected), "{injected:?}");
}

#[tokio::test]
#[ignore = "needs oidc-provider: tests/peers/run"]
async fn a_code_of_another_application_is_worth_nothing() {
    let [ours, other] = ["web", "strict"].map(sign_in);
    let pending = ours.begin().unwrap().pending;
    // As if the other application had asked for it with our own secrets: only
    // its name is another.
    let BegunSignIn { url, .. } = other.begin().unwrap();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(pending.verifier()));
    let url = changed(url.expose(), "code_challenge", Some(&challenge));
    let url = changed(&url, "nonce", Some(pending.nonce()));
    let url = changed(&url, "state", Some(pending.state()));
    let back = approve(&mut Browser::default(), &url, MALLORY).await;

    let outcome = finish(&ours, pending, &callback(&back)).await;

    assert!(is_rejected(&outcome), "{outcome:?}");
}

#[tokio::test]
#[ignore = "needs oidc-provider: tests/peers/run"]
async fn a_provider_that_calls_itself_otherwise_vouches_for_nobody() {
    // The same server by another name: its tokens have the one name it knows.
    let address = peer("PEER_OIDC_PROVIDER").replace("127.0.0.1", "localhost");
    let adapter = sign_in_at(&address, "web");
    let BegunSignIn { url, pending } = adapter.begin().unwrap();
    let back = approve(&mut Browser::default(), url.expose(), ADA).await;

    let outcome = finish(&adapter, pending, &callback(&back)).await;

    assert!(is_rejected(&outcome), "{outcome:?}");
}

#[tokio::test]
#[ignore = "needs oidc-provider: tests/peers/run"]
async fn whoever_changes_their_mind_signs_nobody_in() {
    let adapter = sign_in("web");
    let mut browser = Browser::default();
    let BegunSignIn { url, pending } = adapter.begin().unwrap();
    let asked = browser.open(url.expose()).await;
    let Page::Shown { url, .. } = asked else {
        panic!("nobody was asked: {asked:?}")
    };

    let page = browser.open(&format!("{url}/abort")).await;

    let Page::Left(back) = page else {
        panic!("the browser was not sent back: {page:?}")
    };
    let outcome = finish(&adapter, pending, &callback(&back)).await;
    match outcome {
        Err(FinishSignInError::Denied(denial)) => assert_eq!(denial.as_str(), "access_denied"),
        other => panic!("it was not denied: {other:?}"),
    }
}

#[tokio::test]
#[ignore = "needs oidc-provider: tests/peers/run"]
async fn a_sign_in_that_was_stripped_of_its_challenge_comes_to_nothing() {
    // Where PKCE is required nobody gets as far as a page; where it is not,
    // the verifier that pod sends gives the forgery away.
    let strict = sign_in("strict");
    for (name, to) in [
        ("code_challenge", None),
        ("code_challenge_method", Some("plain")),
    ] {
        let BegunSignIn { url, pending } = strict.begin().unwrap();
        let url = changed(url.expose(), name, to);
        let page = Browser::default().open(&url).await;
        let Page::Left(back) = page else {
            panic!("{name} was not missed: {page:?}")
        };
        let outcome = finish(&strict, pending, &callback(&back)).await;

        assert!(
            matches!(outcome, Err(FinishSignInError::Fault(_))),
            "{name}: {outcome:?}"
        );
    }

    let lenient = sign_in("web");
    let BegunSignIn { url, pending } = lenient.begin().unwrap();
    let url = changed(url.expose(), "code_challenge", None);
    let url = changed(&url, "code_challenge_method", None);
    let back = approve(&mut Browser::default(), &url, MALLORY).await;
    let outcome = finish(&lenient, pending, &callback(&back)).await;

    assert!(is_rejected(&outcome), "{outcome:?}");
}

#[tokio::test]
#[ignore = "needs oidc-provider: tests/peers/run"]
async fn an_id_token_with_another_nonce_or_none_is_rejected() {
    for nonce in [Some("another"), None] {
        let adapter = sign_in("web");
        let BegunSignIn { url, pending } = adapter.begin().unwrap();
        let url = changed(url.expose(), "nonce", nonce);
        let back = approve(&mut Browser::default(), &url, ADA).await;

        let outcome = finish(&adapter, pending, &callback(&back)).await;

        assert!(is_rejected(&outcome), "{nonce:?}: {outcome:?}");
    }
}

#[tokio::test]
#[ignore = "needs oidc-provider: tests/peers/run"]
async fn whoever_leaves_has_left_the_provider_too() {
    let adapter = sign_in("web");
    let mut browser = Browser::default();
    let silently = |begun: &BegunSignIn| changed(begun.url.expose(), "prompt", Some("none"));
    let BegunSignIn { url, pending } = adapter.begin().unwrap();
    let back = approve(&mut browser, url.expose(), ADA).await;
    let signed_in = finish(&adapter, pending, &callback(&back)).await.unwrap();

    let before = adapter.begin().unwrap();
    let page = browser.open(&silently(&before)).await;
    let Page::Left(back) = page else {
        panic!("she is not signed in: {page:?}")
    };
    let known = finish(&adapter, before.pending, &callback(&back)).await;
    assert_eq!(known.unwrap().customer.as_str(), ADA);

    let url = adapter.sign_out(&signed_in.id_token, "bye & thanks");
    let asked = browser.open(url.expose()).await;
    let page = browser.submit(asked, &[("logout", "yes")]).await;
    let Page::Left(back) = page else {
        panic!("she did not leave: {page:?}")
    };
    assert!(back.as_str().starts_with(SIGNED_OUT), "{back}");
    assert_eq!(brought(&back, "state").as_deref(), Some("bye & thanks"));

    let after = adapter.begin().unwrap();
    let page = browser.open(&silently(&after)).await;
    let Page::Left(back) = page else {
        panic!("she was not sent back: {page:?}")
    };
    let outcome = finish(&adapter, after.pending, &callback(&back)).await;
    match outcome {
        Err(FinishSignInError::Denied(denial)) => assert_eq!(denial.as_str(), "login_required"),
        other => panic!("she is still signed in: {other:?}"),
    }
}
