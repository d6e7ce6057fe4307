//! What [`Challenger`] promises.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use pod_core::ports::{ChallengeError, ChallengeRequest, Challenger, CheckError};
use pod_core::{Attempt, Challenge, Code, Contact, CustomerId, PlacedOrder};

use super::stages::soon_after;
use crate::fixtures::{bjorn, challenge, deadline, language, order, zoe};

/// A challenger together with a way to read the codes it sent: its far end.
pub trait ChallengerHarness: Send + Sync {
    /// The challenger.
    fn challenger(&self) -> Arc<dyn Challenger>;

    /// A contact that it can reach.
    fn contact(&self) -> Contact;

    /// A contact of this customer's that it can reach. Customers may share
    /// one, but where a code belongs to a contact each has one of their own.
    fn contact_of(&self, customer: &CustomerId) -> Contact {
        let _ = customer;
        self.contact()
    }

    /// A contact that it cannot reach, now or later.
    fn unreachable_contact(&self) -> Contact;

    /// The codes that have arrived at a contact, the first first.
    fn codes_to(&self, contact: &Contact) -> impl Future<Output = Vec<Code>> + Send;
}

/// Stamps one test for each promise of
/// [`Challenger`], on the
/// [`ChallengerHarness`] that an
/// expression makes.
#[macro_export]
macro_rules! challenger_contract {
    ($harness:expr) => {
        $crate::__stamp_harness!(
            challenger,
            $harness,
            [
                the_code_has_arrived_when_it_returns,
                the_right_code_of_this_very_order_is_accepted,
                any_other_code_is_refused,
                another_orders_code_is_refused,
                a_wrong_code_does_not_spoil_the_right_one,
                sent_again_it_is_a_code_that_confirms_the_order,
                the_handle_does_not_hold_the_code,
                a_contact_that_cannot_be_reached_is_undeliverable,
            ]
        );
    };
}

async fn send(
    harness: &impl ChallengerHarness,
    order: &PlacedOrder,
    contact: &Contact,
    previous: Option<&Challenge>,
) -> Result<Challenge, ChallengeError> {
    let request = ChallengeRequest {
        order,
        contact,
        previous,
        sent_at: challenge(order).sent_at,
        lifetime: Duration::from_secs(287),
        others_left: false,
        language: &language(),
        deadline: deadline(),
    };
    let handle = harness.challenger().challenge(&request).await?;
    Ok(Challenge {
        handle,
        sent_to: contact.masked(),
        ..challenge(order)
    })
}

/// Sends an order's code, and returns the challenge and the code that arrived.
async fn sent(harness: &impl ChallengerHarness, order: &PlacedOrder) -> (Challenge, Code) {
    let contact = harness.contact_of(&order.customer);
    let challenge = send(harness, order, &contact, None).await.expect("sent");
    let mut codes = harness.codes_to(&contact).await;
    (challenge, codes.pop().expect("a code arrived"))
}

/// Whether a code is accepted for an order; if so, the proof is for that very
/// order.
async fn accepts(
    harness: &impl ChallengerHarness,
    order: &PlacedOrder,
    challenge: &Challenge,
    code: &Code,
) -> bool {
    let now = soon_after(order);
    let attempt = Attempt::counted(order.clone(), challenge.clone(), 2, now);
    match harness.challenger().check(&attempt, code, deadline()).await {
        Ok(proof) => {
            attempt.confirm(proof, now).expect("a proof for this order");
            true
        }
        Err(CheckError::Refused) => false,
        Err(CheckError::Fault(fault)) => panic!("{fault:?}"),
    }
}

/// When it returns, the supplier has acknowledged the code.
pub async fn the_code_has_arrived_when_it_returns(harness: impl ChallengerHarness) {
    let contact = harness.contact();
    assert_eq!(harness.codes_to(&contact).await.len(), 0);

    let handle = send(&harness, &order(1, &zoe()), &contact, None).await;

    handle.expect("sent");
    assert_eq!(harness.codes_to(&contact).await.len(), 1);
}

/// The right code of this very order is accepted.
pub async fn the_right_code_of_this_very_order_is_accepted(harness: impl ChallengerHarness) {
    let order = order(1, &zoe());

    let (challenge, code) = sent(&harness, &order).await;

    assert!(accepts(&harness, &order, &challenge, &code).await);
}

/// Any other code is refused, however close or long it is.
pub async fn any_other_code_is_refused(harness: impl ChallengerHarness) {
    let order = order(1, &zoe());
    let (challenge, code) = sent(&harness, &order).await;
    let right = code.expose();
    let next = (right.parse::<u64>().expect("a number") + 1).to_string();
    let reversed: String = right.chars().rev().collect();
    let shorter = &right[..right.len() - 1];

    for wrong in ["0000", "000000", "00000000", &next, &reversed, shorter] {
        if wrong == right {
            continue;
        }
        let wrong = Code::parse(wrong).unwrap_or_else(|_| Code::parse("1111").expect("a code"));
        assert!(!accepts(&harness, &order, &challenge, &wrong).await);
    }
}

/// Another order's code is refused, the same customer's included, whichever of
/// the two was sent first.
pub async fn another_orders_code_is_refused(harness: impl ChallengerHarness) {
    let (older, newer, his) = (order(1, &zoe()), order(2, &zoe()), order(3, &bjorn()));
    let (_, older_code) = sent(&harness, &older).await;
    let (newer_challenge, newer_code) = sent(&harness, &newer).await;
    let (his_challenge, his_code) = sent(&harness, &his).await;

    assert!(!accepts(&harness, &newer, &newer_challenge, &older_code).await);
    assert!(!accepts(&harness, &newer, &newer_challenge, &his_code).await);
    assert!(!accepts(&harness, &his, &his_challenge, &older_code).await);
    assert!(!accepts(&harness, &his, &his_challenge, &newer_code).await);
}

/// A wrong code does not spoil the right one: how many there may be is counted
/// elsewhere.
pub async fn a_wrong_code_does_not_spoil_the_right_one(harness: impl ChallengerHarness) {
    let order = order(1, &zoe());
    let (challenge, code) = sent(&harness, &order).await;
    let wrong = Code::parse("0000").expect("a code");

    assert!(!accepts(&harness, &order, &challenge, &wrong).await);
    assert!(!accepts(&harness, &order, &challenge, &wrong).await);
    assert!(accepts(&harness, &order, &challenge, &code).await);
}

/// Sent again, it is a code that the order can be confirmed with.
pub async fn sent_again_it_is_a_code_that_confirms_the_order(harness: impl ChallengerHarness) {
    let (order, contact) = (order(1, &zoe()), harness.contact());
    let (first, _) = sent(&harness, &order).await;

    let again = send(&harness, &order, &contact, Some(&first)).await;

    let again = again.expect("sent again");
    let codes = harness.codes_to(&contact).await;
    assert_eq!(codes.len(), 2);
    assert!(accepts(&harness, &order, &again, &codes[1]).await);
}

/// What is kept with the order does not hold the code.
pub async fn the_handle_does_not_hold_the_code(harness: impl ChallengerHarness) {
    for n in 1..=3 {
        let (challenge, code) = sent(&harness, &order(n, &zoe())).await;

        assert!(!challenge.handle.as_str().contains(code.expose()));
    }
}

/// A contact that cannot be reached, now or later, is undeliverable, and it is
/// no fault.
pub async fn a_contact_that_cannot_be_reached_is_undeliverable(harness: impl ChallengerHarness) {
    let lost = harness.unreachable_contact();

    let error = send(&harness, &order(1, &zoe()), &lost, None)
        .await
        .expect_err("it cannot be reached");

    assert!(matches!(error, ChallengeError::Undeliverable), "{error:?}");
    assert_eq!(harness.codes_to(&lost).await.len(), 0);
}
