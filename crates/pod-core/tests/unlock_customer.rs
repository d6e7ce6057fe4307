//! Unlocking a customer who failed too often.

use std::sync::Arc;

use pod_core::ConfirmOrderError;
use pod_core::ports::Ports;
use pod_testkit::fixtures::{bjorn, zoe, zoe_email};
use pod_testkit::{Fakes, MockAttempts};

use crate::stage::{
    DAY, HOUR, guess_wrong, order_and_code, outage, say, without_quotas, zoe_under,
};

#[tokio::test]
async fn an_unlocked_customer_confirms_again() {
    let fakes = zoe_under(without_quotas());
    guess_wrong(&fakes, &zoe(), 10).await;
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    say(&fakes, &zoe(), &code).await.expect_err("locked");

    fakes.pod().unlock_customer(&zoe()).await.expect("unlocked");

    let confirmation = say(&fakes, &zoe(), &code).await.expect("the right code");
    assert_eq!(confirmation.order(), &order);
}

#[tokio::test]
async fn the_lock_that_does_not_end_by_itself_ends_so() {
    let fakes = zoe_under(without_quotas());
    for _ in 0..11 {
        guess_wrong(&fakes, &zoe(), 9).await;
        fakes.clock.advance(DAY);
    }
    guess_wrong(&fakes, &zoe(), 1).await;
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    let locked = say(&fakes, &zoe(), &code).await;

    fakes.pod().unlock_customer(&zoe()).await.expect("unlocked");

    assert!(
        matches!(locked, Err(ConfirmOrderError::Locked { until: None })),
        "{locked:?}"
    );
    let confirmation = say(&fakes, &zoe(), &code).await.expect("the right code");
    assert_eq!(confirmation.order(), &order);
}

#[tokio::test]
async fn the_failures_that_led_to_the_lock_are_forgotten() {
    let fakes = zoe_under(without_quotas());
    guess_wrong(&fakes, &zoe(), 10).await;

    fakes.pod().unlock_customer(&zoe()).await.expect("unlocked");

    guess_wrong(&fakes, &zoe(), 10).await;
    let failures = fakes.orders.standing(&zoe()).failures;
    let (_, code) = order_and_code(&fakes, &zoe()).await;
    let locked = say(&fakes, &zoe(), &code).await;
    assert!(
        matches!(locked, Err(ConfirmOrderError::Locked { until }) if until == Some(failures[9] + HOUR)),
        "the first lock again: {locked:?}"
    );
}

#[tokio::test]
async fn another_customer_stays_locked() {
    let fakes = zoe_under(without_quotas());
    fakes.customers.know(&bjorn(), vec![zoe_email()]);
    guess_wrong(&fakes, &bjorn(), 10).await;
    let (_, code) = order_and_code(&fakes, &bjorn()).await;

    fakes.pod().unlock_customer(&zoe()).await.expect("unlocked");

    let locked = say(&fakes, &bjorn(), &code).await;
    assert!(
        matches!(locked, Err(ConfirmOrderError::Locked { until: Some(_) })),
        "{locked:?}"
    );
}

#[tokio::test]
async fn a_lock_that_may_still_be_there_is_a_fault() {
    let fakes = Fakes::with_zoe();
    let mut attempts = MockAttempts::new();
    attempts.expect_unlock().returning(|_| Err(outage()));
    let pod = fakes.pod_on(Ports {
        attempts: Arc::new(attempts),
        ..fakes.ports()
    });

    let fault = pod.unlock_customer(&zoe()).await.expect_err("out of order");

    assert!(fault.is_temporary());
}
