//! Clearing a customer's history.

use std::sync::Arc;

use pod_core::Stage;
use pod_core::ports::Ports;
use pod_testkit::fixtures::{bjorn, zoe, zoe_email};
use pod_testkit::{Fakes, MockHistory};

use crate::stage::{MINUTE, guess_wrong, order_and_code, outage, place, say, stages, undelivered};

#[tokio::test]
async fn what_has_ended_is_cleared_and_what_is_open_can_still_be_confirmed() {
    let fakes = Fakes::with_zoe();
    let (_, code) = order_and_code(&fakes, &zoe()).await;
    say(&fakes, &zoe(), &code).await.expect("the right code");
    guess_wrong(&fakes, &zoe(), 3).await;
    let (awaiting, code) = order_and_code(&fakes, &zoe()).await;
    undelivered(&fakes, &zoe()).await;

    let cleared = fakes.pod().clear_history(&zoe()).await;

    assert_eq!(cleared.expect("cleared"), 2);
    assert_eq!(
        stages(&fakes, &zoe()),
        [Stage::AwaitingCode, Stage::Undelivered]
    );
    let confirmation = say(&fakes, &zoe(), &code).await.expect("the right code");
    assert_eq!(confirmation.order(), &awaiting);
}

#[tokio::test]
async fn an_order_past_its_time_is_cleared() {
    let fakes = Fakes::with_zoe();
    place(&fakes, &zoe()).await.expect("sent");
    fakes.clock.advance(5 * MINUTE);

    let cleared = fakes.pod().clear_history(&zoe()).await;

    assert_eq!(cleared.expect("cleared"), 1);
    assert_eq!(stages(&fakes, &zoe()), []);
}

#[tokio::test]
async fn somebody_elses_history_stays() {
    let fakes = Fakes::with_zoe();
    fakes.customers.know(&bjorn(), vec![zoe_email()]);
    guess_wrong(&fakes, &bjorn(), 3).await;

    let cleared = fakes.pod().clear_history(&zoe()).await;

    assert_eq!(cleared.expect("cleared"), 0);
    assert_eq!(stages(&fakes, &bjorn()), [Stage::Refused]);
}

#[tokio::test]
async fn failures_stay_counted() {
    let fakes = Fakes::with_zoe();
    guess_wrong(&fakes, &zoe(), 3).await;
    let before = fakes.orders.standing(&zoe());

    fakes.pod().clear_history(&zoe()).await.expect("cleared");

    assert_eq!(before.failures.len(), 3);
    assert_eq!(fakes.orders.standing(&zoe()), before);
}

#[tokio::test]
async fn a_history_that_may_not_have_been_cleared_is_a_fault() {
    let fakes = Fakes::with_zoe();
    let mut history = MockHistory::new();
    history.expect_clear().returning(|_, _| Err(outage()));
    let pod = fakes.pod_on(Ports {
        history: Arc::new(history),
        ..fakes.ports()
    });

    let fault = pod.clear_history(&zoe()).await.expect_err("out of order");

    assert!(fault.is_temporary());
}
