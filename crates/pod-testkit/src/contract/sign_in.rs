//! What [`SignIn`] promises.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;

use pod_core::CustomerId;
use pod_core::ports::{
    BegunSignIn, BrowserUrl, Callback, CallbackOutcome, FinishSignInError, PendingSignIn, SignIn,
    SignedIn,
};
use secrecy::ExposeSecret;

use super::at_once;
use crate::fixtures::{bjorn, customer, deadline, unusual_texts, zoe};

/// What can be wrong with an ID token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Somebody else than the provider signed it.
    Forged,
    /// Its time is up.
    Expired,
    /// It was issued for another application.
    ForAnotherClient,
    /// It was issued for another sign-in.
    OfAnotherSignIn,
    /// The customer proved it to the provider an hour ago.
    LongAgo,
}

/// A sign-in together with the provider that the browser is sent to: its far
/// end.
pub trait SignInHarness: Send + Sync {
    /// The sign-in.
    fn sign_in(&self) -> Arc<dyn SignIn>;

    /// A customer follows the URL and signs in at the provider; returns what
    /// the browser brings back.
    fn approve(
        &self,
        url: &BrowserUrl,
        customer: &CustomerId,
    ) -> impl Future<Output = Callback> + Send;

    /// The same, but the ID token that the provider is going to issue is not
    /// good.
    fn approve_with(
        &self,
        flaw: Flaw,
        url: &BrowserUrl,
        customer: &CustomerId,
    ) -> impl Future<Output = Callback> + Send;

    /// A customer follows the URL and refuses to sign in; returns what the
    /// browser brings back.
    fn refuse(&self, url: &BrowserUrl) -> impl Future<Output = Callback> + Send;

    /// A customer follows the URL to sign out; returns who was signed out and
    /// the state that the browser brings back, or `None` if the provider made
    /// nothing of it.
    fn leave(&self, url: &BrowserUrl) -> impl Future<Output = Option<(CustomerId, String)>> + Send;
}

/// Stamps one test for each promise of
/// [`SignIn`], on the
/// [`SignInHarness`] that an
/// expression makes.
#[macro_export]
macro_rules! sign_in_contract {
    ($harness:expr) => {
        $crate::__stamp_harness!(
            sign_in,
            $harness,
            [
                whoever_signed_in_is_known,
                unusual_customers_are_told_apart,
                no_two_sign_ins_have_a_secret_in_common,
                the_browser_does_not_get_the_verifier,
                what_is_remembered_survives_being_kept,
                a_callback_of_another_sign_in_is_a_mismatch,
                a_code_of_another_sign_in_is_rejected,
                a_code_that_was_made_up_is_rejected,
                of_8_simultaneous_uses_of_a_code_one_succeeds,
                a_customer_who_refuses_is_denied,
                a_forged_id_token_is_rejected,
                an_expired_id_token_is_rejected,
                an_id_token_for_another_client_is_rejected,
                an_id_token_of_another_sign_in_is_rejected,
                whoever_proved_it_long_ago_is_not_signed_in,
                whoever_signs_out_is_signed_out_at_the_provider_too,
            ]
        );
    };
}

fn begin(harness: &impl SignInHarness) -> BegunSignIn {
    harness.sign_in().begin().expect("randomness")
}

async fn finish(
    harness: &impl SignInHarness,
    pending: PendingSignIn,
    callback: &Callback,
) -> Result<SignedIn, FinishSignInError> {
    let sign_in = harness.sign_in();
    sign_in.finish(pending, callback, deadline()).await
}

async fn sign_in(
    harness: &impl SignInHarness,
    customer: &CustomerId,
) -> Result<SignedIn, FinishSignInError> {
    let BegunSignIn { url, pending } = begin(harness);
    let callback = harness.approve(&url, customer).await;
    finish(harness, pending, &callback).await
}

/// The same once more: who keeps what is remembered could use it twice.
fn copy(pending: &PendingSignIn) -> PendingSignIn {
    PendingSignIn::parse(pending.expose().expose_secret()).expect("what was given out")
}

fn is_rejected(outcome: &Result<SignedIn, FinishSignInError>) {
    assert!(
        matches!(outcome, Err(FinishSignInError::Rejected)),
        "{outcome:?}"
    );
}

fn code_of(callback: &Callback) -> &str {
    match callback.outcome() {
        CallbackOutcome::Code(code) => code.expose_secret(),
        CallbackOutcome::Error(denial) => panic!("no code: {denial:?}"),
    }
}

/// A callback with the state of a sign-in and any code.
fn with_code(pending: &PendingSignIn, code: &str) -> Callback {
    Callback::parse(Some(pending.state()), Some(code), None).expect("a callback")
}

/// Whoever signed in is known, and when.
pub async fn whoever_signed_in_is_known(harness: impl SignInHarness) {
    let hers = sign_in(&harness, &zoe()).await.expect("a sign-in");
    let his = sign_in(&harness, &bjorn()).await.expect("a sign-in");

    assert_eq!(hers.customer, zoe());
    assert_eq!(his.customer, bjorn());
    assert!(hers.expires_at > hers.finished_at);
    assert!(hers.authenticated_at <= hers.finished_at);
    assert!(hers.authenticated_at + 2 * SignedIn::FRESH >= hers.finished_at);
}

/// Whatever text a customer's name is, the sign-in is that customer's.
pub async fn unusual_customers_are_told_apart(harness: impl SignInHarness) {
    for name in unusual_texts() {
        let signed_in = sign_in(&harness, &customer(&name)).await;

        assert_eq!(signed_in.expect("a sign-in").customer, customer(&name));
    }
}

/// No two sign-ins have a secret in common, however many begin at a time.
pub async fn no_two_sign_ins_have_a_secret_in_common(harness: impl SignInHarness) {
    let begun = at_once(64, |_| {
        let sign_in = harness.sign_in();
        async move { sign_in.begin().expect("randomness") }
    })
    .await;

    let secrets = begun.iter().flat_map(|BegunSignIn { pending, .. }| {
        [pending.state(), pending.nonce(), pending.verifier()]
    });
    assert_eq!(secrets.collect::<HashSet<_>>().len(), 3 * 64);
}

/// Neither the URL nor what the browser brings back has the verifier: whoever
/// sees both cannot use the code.
pub async fn the_browser_does_not_get_the_verifier(harness: impl SignInHarness) {
    let BegunSignIn { url, pending } = begin(&harness);
    let callback = harness.approve(&url, &zoe()).await;

    assert!(!url.expose().contains(pending.verifier()));
    assert!(!code_of(&callback).contains(pending.verifier()));
}

/// What is remembered of a sign-in can be kept as text meanwhile.
pub async fn what_is_remembered_survives_being_kept(harness: impl SignInHarness) {
    let BegunSignIn { url, pending } = begin(&harness);
    let kept = pending.expose();
    drop(pending);
    let callback = harness.approve(&url, &zoe()).await;

    let pending = PendingSignIn::parse(kept.expose_secret()).expect("what was given out");
    let signed_in = finish(&harness, pending, &callback).await;

    assert_eq!(signed_in.expect("a sign-in").customer, zoe());
}

/// A callback that another browser was sent back with is a mismatch: whoever
/// slips it to a customer does not sign the customer in as somebody else. It
/// leaves the other sign-in as it is.
pub async fn a_callback_of_another_sign_in_is_a_mismatch(harness: impl SignInHarness) {
    let hers = begin(&harness);
    let his = begin(&harness);
    let callback = harness.approve(&his.url, &bjorn()).await;

    let outcome = finish(&harness, hers.pending, &callback).await;

    assert!(
        matches!(outcome, Err(FinishSignInError::StateMismatch)),
        "{outcome:?}"
    );
    let signed_in = finish(&harness, his.pending, &callback).await;
    assert_eq!(signed_in.expect("a sign-in").customer, bjorn());
}

/// A code that was issued for another sign-in is rejected, whatever state it
/// comes with.
pub async fn a_code_of_another_sign_in_is_rejected(harness: impl SignInHarness) {
    let hers = begin(&harness);
    let his = begin(&harness);
    let callback = harness.approve(&his.url, &bjorn()).await;
    let injected = with_code(&hers.pending, code_of(&callback));

    is_rejected(&finish(&harness, hers.pending, &injected).await);
}

/// A code that the provider never issued is rejected, whatever text it is.
pub async fn a_code_that_was_made_up_is_rejected(harness: impl SignInHarness) {
    for code in [
        "x",
        "null",
        "__proto__",
        "a&code=b",
        "%00",
        "'--",
        &"x".repeat(4096),
    ] {
        let BegunSignIn { pending, .. } = begin(&harness);
        let callback = with_code(&pending, code);

        is_rejected(&finish(&harness, pending, &callback).await);
    }
}

/// Of any number of uses of a code, at the same time or not, exactly one
/// succeeds; the others are rejected.
pub async fn of_8_simultaneous_uses_of_a_code_one_succeeds(harness: impl SignInHarness) {
    let BegunSignIn { url, pending } = begin(&harness);
    let callback = harness.approve(&url, &zoe()).await;

    let outcomes = at_once(8, |_| {
        let (sign_in, callback, pending) = (harness.sign_in(), callback.clone(), copy(&pending));
        async move { sign_in.finish(pending, &callback, deadline()).await }
    })
    .await;

    let (done, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1, "{refused:?}");
    refused.iter().for_each(is_rejected);
    is_rejected(&finish(&harness, pending, &callback).await);
}

/// A customer who refuses to sign in is denied.
pub async fn a_customer_who_refuses_is_denied(harness: impl SignInHarness) {
    let BegunSignIn { url, pending } = begin(&harness);
    let callback = harness.refuse(&url).await;

    let outcome = finish(&harness, pending, &callback).await;

    assert!(
        matches!(outcome, Err(FinishSignInError::Denied(_))),
        "{outcome:?}"
    );
}

async fn is_rejected_with(harness: &impl SignInHarness, flaw: Flaw) {
    let BegunSignIn { url, pending } = begin(harness);
    let callback = harness.approve_with(flaw, &url, &zoe()).await;

    is_rejected(&finish(harness, pending, &callback).await);
}

/// An ID token that somebody else signed is rejected.
pub async fn a_forged_id_token_is_rejected(harness: impl SignInHarness) {
    is_rejected_with(&harness, Flaw::Forged).await;
}

/// An ID token that has expired is rejected.
pub async fn an_expired_id_token_is_rejected(harness: impl SignInHarness) {
    is_rejected_with(&harness, Flaw::Expired).await;
}

/// An ID token for another application is rejected.
pub async fn an_id_token_for_another_client_is_rejected(harness: impl SignInHarness) {
    is_rejected_with(&harness, Flaw::ForAnotherClient).await;
}

/// An ID token of another sign-in is rejected.
pub async fn an_id_token_of_another_sign_in_is_rejected(harness: impl SignInHarness) {
    is_rejected_with(&harness, Flaw::OfAnotherSignIn).await;
}

/// An ID token of somebody who proved it to the provider long ago is rejected:
/// a browser that was left open signs nobody in.
pub async fn whoever_proved_it_long_ago_is_not_signed_in(harness: impl SignInHarness) {
    is_rejected_with(&harness, Flaw::LongAgo).await;
}

/// Whoever signs out is signed out at the provider, too, and the browser comes
/// back with the state it was given.
pub async fn whoever_signs_out_is_signed_out_at_the_provider_too(harness: impl SignInHarness) {
    let signed_in = sign_in(&harness, &zoe()).await.expect("a sign-in");

    for state in ["bye", "a b&c=d#e%+ü"] {
        let url = harness.sign_in().sign_out(&signed_in.id_token, state);

        let left = harness.leave(&url).await;
        assert_eq!(left, Some((zoe(), state.to_owned())));
    }
}
