//! What [`SignIn`](pod_core::ports::SignIn) promises of a far end that does not
//! answer.

use pod_core::ports::{BegunSignIn, FinishSignInError};

use super::{FarEnd, SignInHarness, in_time, is_temporary};
use crate::fixtures::zoe;

/// Stamps one test for each promise of
/// [`SignIn`](pod_core::ports::SignIn) about its far end, on
/// what is both a
/// [`SignInHarness`] and a
/// [`FarEnd`].
#[macro_export]
macro_rules! sign_in_far_end_contract {
    ($harness:expr) => {
        $crate::__stamp_harness!(
            sign_in_far_end,
            $harness,
            [
                a_sign_in_that_cannot_be_finished_in_time_is_a_fault_that_may_pass,
                to_begin_and_to_tell_a_mismatch_nobody_has_to_answer,
            ]
        );
    };
}

/// A sign-in that could not be finished before the deadline is a fault that
/// may pass: it is neither denied nor rejected.
pub async fn a_sign_in_that_cannot_be_finished_in_time_is_a_fault_that_may_pass(
    harness: impl SignInHarness + FarEnd,
) {
    let sign_in = harness.sign_in();
    let BegunSignIn { url, pending } = sign_in.begin().expect("randomness");
    let callback = harness.approve(&url, &zoe()).await;
    harness.fall_silent().await;

    let outcome = in_time(|deadline| {
        let callback = &callback;
        async move { sign_in.finish(pending, callback, deadline).await }
    })
    .await;

    match outcome {
        Err(FinishSignInError::Fault(fault)) => is_temporary(&fault),
        other => panic!("nobody answered: {other:?}"),
    }
}

/// To begin a sign-in nobody has to answer, and a callback that is another
/// sign-in's is a mismatch all the same.
pub async fn to_begin_and_to_tell_a_mismatch_nobody_has_to_answer(
    harness: impl SignInHarness + FarEnd,
) {
    let sign_in = harness.sign_in();
    let other = sign_in.begin().expect("randomness");
    let callback = harness.approve(&other.url, &zoe()).await;
    harness.fall_silent().await;

    let BegunSignIn { pending, .. } = sign_in.begin().expect("randomness");
    let outcome = in_time(|deadline| {
        let callback = &callback;
        async move { sign_in.finish(pending, callback, deadline).await }
    })
    .await;

    assert!(
        matches!(outcome, Err(FinishSignInError::StateMismatch)),
        "{outcome:?}"
    );
}
