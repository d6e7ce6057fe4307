//! What is sent to one customer and to one destination adds up.

use pod_core::ports::Ports;
use pod_core::{PlaceOrderError, Policy, Stage, Timestamp};
use pod_testkit::Fakes;
use pod_testkit::fixtures::{at, bjorn, place_order, zoe, zoe_email, zoe_phone};

use super::ports_that_are_not_called;
use crate::stage::{DAY, HOUR, MINUTE, place, stages, zoe_under, zoe_with};

#[tokio::test]
async fn each_contact_that_is_tried_takes_from_the_quotas() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    fakes.courier.lose(&zoe_phone());

    place(&fakes, &zoe()).await.expect("sent");

    let mut taken: Vec<usize> = fakes
        .quotas
        .keys()
        .iter()
        .map(|key| fakes.quotas.taken(key).len())
        .collect();
    taken.sort_unstable();
    assert_eq!(taken, [1, 1, 2], "two destinations, one customer");
}

#[tokio::test]
async fn a_destination_gets_5_codes_in_10_minutes_10_in_an_hour_and_20_in_a_day() {
    let fakes = zoe_under(Policy {
        sends_per_customer: vec![],
        ..Policy::default()
    });

    let placed = placed_as_often_as_allowed(&fakes, 21).await;

    let within = |time| placed.iter().filter(|at| **at < placed[0] + time).count();
    assert_eq!(
        [within(10 * MINUTE), within(HOUR), within(DAY)],
        [5, 10, 20]
    );
}

#[tokio::test]
async fn a_customer_is_sent_10_codes_in_an_hour() {
    let fakes = zoe_under(Policy {
        sends_per_destination: vec![],
        ..Policy::default()
    });

    let placed = placed_as_often_as_allowed(&fakes, 11).await;

    let in_an_hour = placed.iter().filter(|at| **at < placed[0] + HOUR);
    assert_eq!(in_an_hour.count(), 10);
}

#[tokio::test]
async fn customers_with_one_telephone_share_its_allowance() {
    let fakes = Fakes::with_zoe();
    fakes.customers.know(&bjorn(), vec![zoe_phone()]);
    for customer in [zoe(), bjorn(), zoe(), bjorn(), zoe()] {
        place(&fakes, &customer).await.expect("sent");
    }

    let error = place(&fakes, &bjorn()).await;

    assert!(
        matches!(error, Err(PlaceOrderError::TooManySends { retry_at }) if retry_at == at(601)),
        "{error:?}"
    );
}

#[tokio::test]
async fn with_an_allowance_used_up_nothing_is_kept_or_sent() {
    let fakes = Fakes::with_zoe();
    for _ in 0..5 {
        place(&fakes, &zoe()).await.expect("sent");
    }
    let ports = Ports {
        orders: fakes.orders.clone(),
        ..ports_that_are_not_called(&fakes)
    };

    let error = fakes.pod_on(ports).place_order(place_order(&zoe())).await;

    assert!(
        matches!(error, Err(PlaceOrderError::TooManySends { retry_at }) if retry_at == at(601)),
        "{error:?}"
    );
    assert_eq!(fakes.orders.all(&zoe()).len(), 5);
}

#[tokio::test]
async fn a_next_contact_whose_allowance_is_used_up_gets_no_code() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    fakes.customers.know(&bjorn(), vec![zoe_email()]);
    for _ in 0..5 {
        place(&fakes, &bjorn()).await.expect("sent");
    }
    fakes.courier.lose(&zoe_phone());

    let error = place(&fakes, &zoe()).await;

    assert!(
        matches!(error, Err(PlaceOrderError::TooManySends { .. })),
        "{error:?}"
    );
    assert_eq!(stages(&fakes, &zoe()), [Stage::Undelivered]);
    assert_eq!(fakes.courier.codes_to(&zoe_email()).len(), 5);
}

/// Has Zoë place so many orders, each as soon as she may.
async fn placed_as_often_as_allowed(fakes: &Fakes, orders: usize) -> Vec<Timestamp> {
    let mut placed = Vec::new();
    while placed.len() < orders {
        match place(fakes, &zoe()).await {
            Ok(sent) => placed.push(sent.order.placed_at),
            Err(PlaceOrderError::TooManySends { retry_at }) => fakes.clock.set(retry_at),
            Err(error) => panic!("{error:?}"),
        }
    }
    placed
}
