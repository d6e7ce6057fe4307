//! What [`Orders::close`](pod_core::ports::Orders::close) promises.

use std::time::Duration;

use pod_core::ports::CloseError;
use pod_core::{CustomerId, Ending, OrderId, Stage, State, Timestamp};

use super::super::stages::{ENDED, OPEN, TICK, soon_after};
use super::super::{Store, at_once};
use crate::fixtures::{at, bjorn, challenge, order, zoe};

const ENDINGS: [Ending; 3] = [Ending::Cancelled, Ending::Refused, Ending::Undelivered];

/// An open order ends as it is told, at the time it is told; one that could
/// not be delivered before can be laid down as undelivered once more.
pub async fn an_open_order_ends_as_it_is_told(store: Store) {
    let mut n = 0;
    for stage in OPEN {
        for ending in ENDINGS {
            if (stage, ending) == (Stage::AwaitingCode, Ending::Undelivered) {
                continue;
            }
            n += 10;
            let open = store.bring(n, &zoe(), stage).await.placed;
            let at = soon_after(&open) + Duration::from_micros(1_234_567);

            let closed = store.orders.close(&zoe(), open.id, ending, at).await;

            closed.unwrap_or_else(|error| panic!("{stage:?} {ending:?}: {error:?}"));
            assert_eq!(store.kept(&open).await.state, ended(ending, at));
        }
    }
}

fn ended(ending: Ending, at: Timestamp) -> State {
    match ending {
        Ending::Cancelled => State::Cancelled { at },
        Ending::Refused => State::Refused { at },
        Ending::Undelivered | Ending::Lost { .. } => State::Undelivered { at, attempts: 0 },
    }
}

/// What has ended stays as it is, however it ended and whatever it is told.
pub async fn what_has_ended_stays_as_it_is(store: Store) {
    for (n, stage) in (1..).step_by(10).zip(ENDED) {
        let ended = store.bring(n, &zoe(), stage).await;
        for ending in ENDINGS {
            assert!(
                is_closed(&store, &zoe(), ended.placed.id, ending, at(200)).await,
                "{stage:?} {ending:?}"
            );
            assert_eq!(store.kept(&ended.placed).await, ended);
        }
    }
}

/// An order that awaits its code does not become undelivered.
pub async fn an_order_that_awaits_its_code_does_not_become_undelivered(store: Store) {
    let awaiting = store.bring(1, &zoe(), Stage::AwaitingCode).await;
    let id = awaiting.placed.id;

    assert!(is_closed(&store, &zoe(), id, Ending::Undelivered, at(20)).await);
    assert_eq!(store.kept(&awaiting.placed).await, awaiting);
}

/// A code that was lost leaves its order undelivered, with the attempts that
/// were counted: sent again, the order has no more of them than before.
pub async fn a_lost_code_leaves_its_order_undelivered_with_its_attempts(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    store.begin(&order).await;
    store.begin(&order).await;
    let (sent_at, at) = (challenge(&order).sent_at, at(20));
    let lost = Ending::Lost { sent_at };

    let closed = store.orders.close(&zoe(), order.id, lost, at).await;

    closed.expect("it was waiting for that code");
    let undelivered = State::Undelivered { at, attempts: 2 };
    assert_eq!(store.kept(&order).await.state, undelivered);
    store.activate(&order).await;
    assert_eq!(store.begin(&order).await.left(), 0);
}

/// That a code was lost means nothing to an order that waits for another one,
/// or for none.
pub async fn a_lost_code_means_nothing_to_an_order_that_does_not_wait_for_it(store: Store) {
    let waiting = store.await_code(1, &zoe()).await;
    let another = challenge(&waiting).sent_at - TICK;
    let before = store.kept(&waiting).await;
    for sent_at in [another, waiting.placed_at] {
        let lost = Ending::Lost { sent_at };
        assert!(is_closed(&store, &zoe(), waiting.id, lost, at(20)).await);
        let sent_at = challenge(&waiting).sent_at;
        let lost = Ending::Lost { sent_at };
        assert!(is_closed(&store, &bjorn(), waiting.id, lost, at(20)).await);
    }
    assert_eq!(store.kept(&waiting).await, before);

    for (n, stage) in (11..).step_by(10).zip([Stage::Placed, Stage::Undelivered]) {
        let order = store.bring(n, &zoe(), stage).await;
        let sent_at = challenge(&order.placed).sent_at;
        let lost = Ending::Lost { sent_at };
        assert!(is_closed(&store, &zoe(), order.placed.id, lost, at(200)).await);
        assert_eq!(store.kept(&order.placed).await, order);
    }
}

/// An order that awaits its code past its time has ended, to the microsecond.
pub async fn an_order_past_its_time_has_ended(store: Store) {
    for (n, ending) in (1..).zip(ENDINGS) {
        let late = store.await_code(n, &zoe()).await;
        let end = challenge(&late).expires_at;

        assert!(
            is_closed(&store, &zoe(), late.id, ending, end).await,
            "{ending:?}"
        );
        let seen = store.kept(&late).await.seen_at(end);
        assert_eq!(seen.state, State::Expired { at: end });
    }
    let in_time = store.await_code(4, &zoe()).await;
    let before = challenge(&in_time).expires_at - TICK;
    let closed = store
        .orders
        .close(&zoe(), in_time.id, Ending::Cancelled, before)
        .await;
    closed.expect("its time is not up");
}

/// An order that is not there, or is somebody else's, does not end.
pub async fn an_order_that_is_not_there_or_somebody_elses_does_not_end(store: Store) {
    let hers = store.bring(1, &zoe(), Stage::AwaitingCode).await;

    for ending in ENDINGS {
        let gone = order(9, &zoe()).id;
        assert!(is_closed(&store, &zoe(), gone, ending, at(20)).await);
        assert!(is_closed(&store, &bjorn(), hers.placed.id, ending, at(20)).await);
    }

    assert_eq!(store.kept(&hers.placed).await, hers);
}

async fn is_closed(
    store: &Store,
    customer: &CustomerId,
    order: OrderId,
    ending: Ending,
    at: Timestamp,
) -> bool {
    let closed = store.orders.close(customer, order, ending, at).await;
    matches!(closed, Err(CloseError::NotOpen))
}

/// Of any number of endings at the same time one succeeds, and it is the one
/// that is kept.
pub async fn of_64_simultaneous_endings_one_succeeds(store: Store) {
    let order = store.await_code(1, &zoe()).await;

    let outcomes = at_once(64, |i| {
        let (orders, id) = (store.orders.clone(), order.id);
        let ending = [Ending::Cancelled, Ending::Refused][i % 2];
        let at = at(20) + Duration::from_micros(i as u64);
        async move {
            (
                ended(ending, at),
                orders.close(&zoe(), id, ending, at).await,
            )
        }
    })
    .await;

    let (done, refused): (Vec<_>, Vec<_>) =
        outcomes.into_iter().partition(|(_, closed)| closed.is_ok());
    let states: Vec<State> = done.into_iter().map(|(state, _)| state).collect();
    assert_eq!(states, [store.kept(&order).await.state]);
    for (_, closed) in refused {
        assert!(matches!(closed, Err(CloseError::NotOpen)), "{closed:?}");
    }
}
