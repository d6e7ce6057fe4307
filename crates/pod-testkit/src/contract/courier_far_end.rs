//! What [`Courier`](pod_core::ports::Courier) promises of a far end that does
//! not answer.

use std::time::Duration;

use pod_core::Code;
use pod_core::ports::{DeliverError, Delivery};

use super::{CourierHarness, FarEnd, in_time, is_temporary};
use crate::fixtures::{language, order, zoe};

/// Stamps one test for each promise of [`Courier`](pod_core::ports::Courier)
/// about its far end, on what is both a
/// [`CourierHarness`] and a
/// [`FarEnd`].
#[macro_export]
macro_rules! courier_far_end_contract {
    ($harness:expr) => {
        $crate::__stamp_harness!(
            courier_far_end,
            $harness,
            [without_an_answer_it_is_a_temporary_fault_in_time]
        );
    };
}

/// If the message may not have been taken in time, it is a fault that may
/// pass: never an undeliverable contact.
pub async fn without_an_answer_it_is_a_temporary_fault_in_time(
    harness: impl CourierHarness + FarEnd,
) {
    let (courier, contact) = (harness.courier(), harness.contact());
    let order = order(1, &zoe());
    harness.fall_silent().await;

    let outcome = in_time(|deadline| async move {
        let delivery = Delivery {
            contact: &contact,
            code: &Code::parse("482913").expect("a code"),
            order: &order,
            sent_at: order.placed_at,
            lifetime: Duration::from_secs(287),
            others_left: false,
            language: &language(),
            deadline,
        };
        courier.deliver(&delivery).await
    })
    .await;

    match outcome.expect_err("nobody answers") {
        DeliverError::Fault(fault) => is_temporary(&fault),
        DeliverError::Undeliverable => panic!("the contact may well be reached"),
    }
}
