//! What [`Customers`](pod_core::ports::Customers) promises where contacts are
//! looked up at a far end.

use super::{CustomersHarness, FarEnd, in_time, is_temporary};
use crate::fixtures::{zoe, zoe_phone};

/// Stamps one test for each promise of
/// [`Customers`](pod_core::ports::Customers) about its far end, on what is
/// both a [`CustomersHarness`] and a
/// [`FarEnd`].
#[macro_export]
macro_rules! customers_far_end_contract {
    ($harness:expr) => {
        $crate::__stamp_harness!(
            customers_far_end,
            $harness,
            [without_an_answer_it_is_a_temporary_fault_in_time]
        );
    };
}

/// If contacts could not be looked up in time, it is a fault that may pass:
/// never no contacts.
pub async fn without_an_answer_it_is_a_temporary_fault_in_time(
    harness: impl CustomersHarness + FarEnd,
) {
    harness.know(&zoe(), vec![zoe_phone()]).await;
    harness.fall_silent().await;
    let customers = harness.customers();

    let outcome = in_time(|deadline| {
        let customers = customers.clone();
        async move { customers.contacts(&zoe(), deadline).await }
    })
    .await;

    is_temporary(&outcome.expect_err("nobody answers"));
}
