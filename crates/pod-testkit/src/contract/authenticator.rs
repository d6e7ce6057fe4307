//! What [`Authenticator`] promises.

use std::future::Future;
use std::sync::Arc;

use pod_core::CustomerId;
use pod_core::ports::{AccessToken, AuthenticateError, Authenticator, Caller};

use super::at_once;
use crate::fixtures::{bjorn, customer, deadline, unusual_texts, zoe};

/// An authenticator together with whoever issues its tokens: its far end.
pub trait AuthenticatorHarness: Send + Sync {
    /// The authenticator.
    fn authenticator(&self) -> Arc<dyn Authenticator>;

    /// A good token for a customer that allows `scopes`, words between spaces.
    fn token(
        &self,
        customer: &CustomerId,
        scopes: &str,
    ) -> impl Future<Output = AccessToken> + Send;

    /// A token like a good one that has expired.
    fn expired_token(&self, customer: &CustomerId) -> impl Future<Output = AccessToken> + Send;

    /// A token like a good one that was forged: somebody else made it.
    fn forged_token(&self, customer: &CustomerId) -> impl Future<Output = AccessToken> + Send;

    /// A good token that was issued for somebody else to read.
    fn token_for_somebody_else(
        &self,
        customer: &CustomerId,
    ) -> impl Future<Output = AccessToken> + Send;
}

/// Stamps one test for each promise of
/// [`Authenticator`], on the
/// [`AuthenticatorHarness`] that an
/// expression makes.
#[macro_export]
macro_rules! authenticator_contract {
    ($harness:expr) => {
        $crate::__stamp_harness!(
            authenticator,
            $harness,
            [
                a_token_says_whose_it_is_and_what_it_allows,
                unusual_customers_are_told_apart,
                of_64_simultaneous_callers_each_is_known,
                an_expired_token_is_rejected,
                a_forged_token_is_rejected,
                a_token_for_somebody_else_is_rejected,
                a_changed_token_is_rejected,
                what_is_no_token_is_rejected,
            ]
        );
    };
}

async fn authenticate(
    harness: &impl AuthenticatorHarness,
    token: &AccessToken,
) -> Result<Caller, AuthenticateError> {
    harness
        .authenticator()
        .authenticate(token, deadline())
        .await
}

async fn is_rejected(harness: &impl AuthenticatorHarness, token: &AccessToken) -> bool {
    let outcome = authenticate(harness, token).await;
    matches!(outcome, Err(AuthenticateError::Rejected))
}

/// A token says whose it is and what it allows, and nothing more.
pub async fn a_token_says_whose_it_is_and_what_it_allows(harness: impl AuthenticatorHarness) {
    let hers = harness.token(&zoe(), "order:pizza read:orders").await;
    let his = harness.token(&bjorn(), "read:orders").await;

    let zoe_calls = authenticate(&harness, &hers).await.expect("a good token");
    let bjorn_calls = authenticate(&harness, &his).await.expect("a good token");

    assert_eq!(zoe_calls.customer, zoe());
    assert!(zoe_calls.scopes.contain("order:pizza"));
    assert!(zoe_calls.scopes.contain("read:orders"));
    assert!(!zoe_calls.scopes.contain("read"));
    assert_eq!(bjorn_calls.customer, bjorn());
    assert!(bjorn_calls.scopes.contain("read:orders"));
    assert!(!bjorn_calls.scopes.contain("order:pizza"));
}

/// Whatever text a customer's name is, the token is that customer's.
pub async fn unusual_customers_are_told_apart(harness: impl AuthenticatorHarness) {
    for name in unusual_texts() {
        let token = harness.token(&customer(&name), "order:pizza").await;

        let caller = authenticate(&harness, &token).await.expect("a good token");

        assert_eq!(caller.customer, customer(&name));
    }
}

/// Of any number of callers at the same time each is known.
pub async fn of_64_simultaneous_callers_each_is_known(harness: impl AuthenticatorHarness) {
    let tokens = [
        harness.token(&zoe(), "order:pizza").await,
        harness.token(&bjorn(), "order:pizza").await,
    ];

    let callers = at_once(64, |i| {
        let (authenticator, token) = (harness.authenticator(), tokens[i % 2].clone());
        async move { authenticator.authenticate(&token, deadline()).await }
    })
    .await;

    for (i, caller) in callers.into_iter().enumerate() {
        let caller = caller.expect("a good token");
        assert_eq!(caller.customer, [zoe(), bjorn()][i % 2]);
    }
}

/// A token that has expired is rejected.
pub async fn an_expired_token_is_rejected(harness: impl AuthenticatorHarness) {
    let token = harness.expired_token(&zoe()).await;

    assert!(is_rejected(&harness, &token).await);
}

/// A token that was forged is rejected.
pub async fn a_forged_token_is_rejected(harness: impl AuthenticatorHarness) {
    let token = harness.forged_token(&zoe()).await;

    assert!(is_rejected(&harness, &token).await);
}

/// A token for somebody else is rejected.
pub async fn a_token_for_somebody_else_is_rejected(harness: impl AuthenticatorHarness) {
    let token = harness.token_for_somebody_else(&zoe()).await;

    assert!(is_rejected(&harness, &token).await);
}

/// A good token is rejected once any part of it was changed.
pub async fn a_changed_token_is_rejected(harness: impl AuthenticatorHarness) {
    let token = harness.token(&zoe(), "order:pizza").await;
    authenticate(&harness, &token).await.expect("a good token");
    let good = token.expose();

    // The last letter of a part in base64 may have bits that mean nothing, so
    // only letters that are followed by another letter are changed.
    let letters = good.as_bytes();
    let changeable =
        (0..letters.len() - 1).filter(|&i| letters[i..i + 2].iter().all(u8::is_ascii_alphanumeric));
    for i in changeable.step_by(7) {
        let mut changed = letters.to_vec();
        changed[i] = if changed[i] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        let changed = AccessToken::parse(&changed).expect("a token");

        assert!(is_rejected(&harness, &changed).await, "changed at {i}");
    }
    let cut = AccessToken::parse(&good[..good.len() - 2]).expect("a token");
    assert!(is_rejected(&harness, &cut).await);
}

/// What is no token at all is rejected, and is no fault.
pub async fn what_is_no_token_is_rejected(harness: impl AuthenticatorHarness) {
    let long = "x".repeat(16_384);
    let dots = ".".repeat(16_384);

    for raw in [
        "x",
        ".",
        "..",
        "a.b.c",
        "null",
        "__proto__",
        "{}",
        "eyJhbGciOiJub25lIn0.e30.",
        &long,
        &dots,
    ] {
        let token = AccessToken::parse(raw).expect("visible ASCII");

        assert!(is_rejected(&harness, &token).await, "{raw:.40}");
    }
}
