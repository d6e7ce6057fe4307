//! What [`Authenticator`](pod_core::ports::Authenticator) promises of a far end
//! that does not answer.

use pod_core::ports::AuthenticateError;

use super::{AuthenticatorHarness, FarEnd, in_time, is_temporary};
use crate::fixtures::zoe;

/// Stamps one test for each promise of
/// [`Authenticator`](pod_core::ports::Authenticator) about its far end, on
/// what is both an
/// [`AuthenticatorHarness`] and a
/// [`FarEnd`].
#[macro_export]
macro_rules! authenticator_far_end_contract {
    ($harness:expr) => {
        $crate::__stamp_harness!(
            authenticator_far_end,
            $harness,
            [a_good_token_that_cannot_be_verified_in_time_is_not_rejected]
        );
    };
}

/// A good token that could not be verified before the deadline is a fault that
/// may pass: it is never rejected. Who need not ask still says whose it is.
pub async fn a_good_token_that_cannot_be_verified_in_time_is_not_rejected(
    harness: impl AuthenticatorHarness + FarEnd,
) {
    let token = harness.token(&zoe(), "order:pizza").await;
    let authenticator = harness.authenticator();
    harness.fall_silent().await;

    let outcome =
        in_time(|deadline| async move { authenticator.authenticate(&token, deadline).await }).await;

    match outcome {
        Ok(caller) => assert_eq!(caller.customer, zoe()),
        Err(AuthenticateError::Fault(fault)) => is_temporary(&fault),
        Err(AuthenticateError::Rejected) => panic!("it was a good token"),
    }
}
