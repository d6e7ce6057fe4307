//! What [`Orders::begin_send`](pod_core::ports::Orders::begin_send) promises.

use std::time::Duration;

use pod_core::ports::BeginSendError;
use pod_core::{CustomerId, Order, PlacedOrder, SendLimits, Stage};

use super::super::stages::{ENDED, OPEN, TICK};
use super::super::{Store, at_once};
use crate::fixtures::{at, bjorn, challenge, order, zoe};

/// A sending is counted, and the order comes back with this sending included
/// and in the state it was in.
pub async fn sending_again_is_counted_and_returns_the_order(store: Store) {
    let limits = SendLimits::default();
    for (n, stage) in [(10, OPEN[1]), (20, OPEN[0]), (30, OPEN[2])] {
        let before = store.bring(n, &zoe(), stage).await;
        let now = before.last_send_at + Duration::from_micros(40_000_001);

        let sent = store
            .orders
            .begin_send(&zoe(), before.placed.id, now, &limits)
            .await
            .expect("it is open");

        let expected = Order {
            sends: 2,
            last_send_at: now,
            ..before
        };
        assert_eq!(sent, expected);
        assert_eq!(store.kept(&sent.placed).await, expected);
    }
}

/// Before the cool-down is over it is too soon, to the microsecond, and the
/// cool-down begins with the latest sending; a refused call counts nothing.
pub async fn sending_again_is_too_soon_until_the_cool_down_is_over(store: Store) {
    let order = store.place(1, &zoe()).await;
    let limits = SendLimits {
        most: 9,
        cool_downs: vec![Duration::from_secs(30), Duration::from_mins(1)],
    };
    let mut last = order.placed_at;

    for (sends, wait) in [(2, 30), (3, 60), (4, 60)] {
        let retry_at = last + Duration::from_secs(wait);
        let begin = async |now| {
            store
                .orders
                .begin_send(&zoe(), order.id, now, &limits)
                .await
        };
        for early in [last, retry_at - TICK] {
            let error = begin(early).await.expect_err("too soon");
            assert!(
                matches!(error, BeginSendError::TooSoon { retry_at: at } if at == retry_at),
                "{error:?}"
            );
        }
        let sent = begin(retry_at).await.expect("the cool-down is over");

        assert_eq!((sent.sends, sent.last_send_at), (sends, retry_at));
        last = retry_at;
    }
}

/// An order that was sent as often as the limits allow is not sent again.
pub async fn sending_as_often_as_the_limits_allow_is_exhausted(store: Store) {
    let order = store.place(1, &zoe()).await;
    let limits = SendLimits::default();
    let send = async |seconds| {
        let now = order.placed_at + Duration::from_secs(seconds);
        store
            .orders
            .begin_send(&zoe(), order.id, now, &limits)
            .await
    };
    send(30).await.expect("the second time");
    let last = send(90).await.expect("the third time");

    let error = send(1000).await.expect_err("the fourth time");

    assert!(matches!(error, BeginSendError::Exhausted), "{error:?}");
    assert_eq!(store.kept(&order).await, last);
}

/// Of any number of calls at the same time, no more than the limits allow
/// succeed.
pub async fn of_64_simultaneous_sendings_no_more_than_the_limits_allow_succeed(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let limits = SendLimits {
        most: 6,
        cool_downs: Vec::new(),
    };

    let outcomes = send_64_times(&store, &order, &limits).await;

    let mut counts: Vec<u32> = outcomes.iter().flatten().map(|sent| sent.sends).collect();
    counts.sort_unstable();
    assert_eq!(counts, [2, 3, 4, 5, 6]);
    for error in outcomes.into_iter().filter_map(Result::err) {
        assert!(matches!(error, BeginSendError::Exhausted), "{error:?}");
    }
    assert_eq!(store.kept(&order).await.sends, 6);
}

/// Of any number of calls at the same time, the cool-down lets one through.
pub async fn of_64_simultaneous_sendings_the_cool_down_lets_one_through(store: Store) {
    let order = store.await_code(1, &zoe()).await;

    let outcomes = send_64_times(&store, &order, &SendLimits::default()).await;

    assert_eq!(outcomes.iter().filter(|sent| sent.is_ok()).count(), 1);
    for error in outcomes.into_iter().filter_map(Result::err) {
        assert!(matches!(error, BeginSendError::TooSoon { .. }), "{error:?}");
    }
    assert_eq!(store.kept(&order).await.sends, 2);
}

async fn send_64_times(
    store: &Store,
    order: &PlacedOrder,
    limits: &SendLimits,
) -> Vec<Result<Order, BeginSendError>> {
    at_once(64, |_| {
        let (orders, limits, id) = (store.orders.clone(), limits.clone(), order.id);
        let now = order.placed_at + Duration::from_secs(31);
        async move { orders.begin_send(&zoe(), id, now, &limits).await }
    })
    .await
}

/// An order that has ended, is not there or is somebody else's is not open,
/// and stays as it is.
pub async fn an_order_that_is_not_open_is_not_sent_again(store: Store) {
    let limits = SendLimits::default();
    let send = async |customer: &CustomerId, id, now| {
        let sent = store.orders.begin_send(customer, id, now, &limits).await;
        matches!(sent, Err(BeginSendError::NotOpen))
    };

    for (n, stage) in (1..).step_by(10).zip(ENDED) {
        let ended = store.bring(n, &zoe(), stage).await;
        let later = ended.placed.placed_at + Duration::from_mins(1);

        assert!(send(&zoe(), ended.placed.id, later).await, "{stage:?}");
        assert_eq!(store.kept(&ended.placed).await, ended);
    }
    assert!(send(&zoe(), order(99, &zoe()).id, at(500)).await);
    let hers = store.bring(80, &zoe(), Stage::AwaitingCode).await;
    assert!(send(&bjorn(), hers.placed.id, at(120)).await);
    assert_eq!(store.kept(&hers.placed).await, hers);
}

/// An order that awaits its code past its time has ended, to the microsecond,
/// whether or not that was written down.
pub async fn an_order_past_its_time_is_not_sent_again(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let limits = SendLimits {
        most: 9,
        cool_downs: Vec::new(),
    };
    let send = async |now| {
        store
            .orders
            .begin_send(&zoe(), order.id, now, &limits)
            .await
    };
    let end = challenge(&order).expires_at;

    send(end - TICK).await.expect("its time is not up");
    let error = send(end).await.expect_err("its time is up");

    assert!(matches!(error, BeginSendError::NotOpen), "{error:?}");
    assert_eq!(store.kept(&order).await.sends, 2);
}
