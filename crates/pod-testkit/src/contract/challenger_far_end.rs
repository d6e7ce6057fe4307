//! What [`Challenger`](pod_core::ports::Challenger) promises of a far end that
//! does not answer.

use std::time::Duration;

use pod_core::Attempt;
use pod_core::ports::{ChallengeError, ChallengeRequest, CheckError};

use super::stages::soon_after;
use super::{ChallengerHarness, FarEnd, in_time, is_temporary};
use crate::fixtures::{at, challenge, deadline, language, order, zoe};

/// Stamps one test for each promise of
/// [`Challenger`](pod_core::ports::Challenger) about its far end, on what is
/// both a [`ChallengerHarness`] and a
/// [`FarEnd`].
#[macro_export]
macro_rules! challenger_far_end_contract {
    ($harness:expr) => {
        $crate::__stamp_harness!(
            challenger_far_end,
            $harness,
            [
                a_challenge_without_an_answer_is_a_temporary_fault_in_time,
                a_code_without_a_judge_is_not_refused,
            ]
        );
    };
}

/// If the supplier did not acknowledge in time, it is a fault that may pass:
/// never an undeliverable contact.
pub async fn a_challenge_without_an_answer_is_a_temporary_fault_in_time(
    harness: impl ChallengerHarness + FarEnd,
) {
    let (challenger, contact) = (harness.challenger(), harness.contact());
    harness.fall_silent().await;

    let outcome = in_time(|deadline| async move {
        let request = ChallengeRequest {
            order: &order(1, &zoe()),
            contact: &contact,
            previous: None,
            sent_at: at(2),
            lifetime: Duration::from_secs(287),
            others_left: false,
            language: &language(),
            deadline,
        };
        challenger.challenge(&request).await
    })
    .await;

    match outcome.expect_err("nobody answers") {
        ChallengeError::Fault(fault) => is_temporary(&fault),
        ChallengeError::Undeliverable => panic!("the contact may well be reached"),
    }
}

/// A right code that could not be judged in time is a fault that may pass:
/// it is never refused. Who needs nobody to judge accepts it.
pub async fn a_code_without_a_judge_is_not_refused(harness: impl ChallengerHarness + FarEnd) {
    let (challenger, contact) = (harness.challenger(), harness.contact());
    let order = order(1, &zoe());
    let request = ChallengeRequest {
        order: &order,
        contact: &contact,
        previous: None,
        sent_at: at(2),
        lifetime: Duration::from_secs(287),
        others_left: false,
        language: &language(),
        deadline: deadline(),
    };
    let handle = challenger.challenge(&request).await.expect("sent");
    let code = harness.codes_to(&contact).await.pop().expect("a code");
    let sent = pod_core::Challenge {
        handle,
        ..challenge(&order)
    };
    let attempt = Attempt::counted(order.clone(), sent, 2, soon_after(&order));
    harness.fall_silent().await;

    let outcome =
        in_time(|deadline| async move { challenger.check(&attempt, &code, deadline).await }).await;

    match outcome {
        Ok(_) => {}
        Err(CheckError::Fault(fault)) => is_temporary(&fault),
        Err(CheckError::Refused) => panic!("it was the right code"),
    }
}
