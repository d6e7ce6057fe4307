//! What [`Attempts::begin`](pod_core::ports::Attempts::begin) promises.

use pod_core::ports::BeginAttemptError;
use pod_core::{Attempt, AttemptLimits, Ending, Lock, Stage, State};

use super::super::stages::{TICK, soon_after};
use super::super::{Store, at_once};
use crate::fixtures::{at, bjorn, challenge, order, zoe};

/// An attempt is counted, and carries the order, its challenge, how many are
/// left and when it was counted, equal in every field.
pub async fn an_attempt_is_counted_and_carries_every_field(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let now = soon_after(&order);

    for attempts in 1..=3 {
        let attempt = store
            .attempts
            .begin(&zoe(), None, now, &AttemptLimits::default(), None)
            .await
            .expect("it awaits its code");

        let expected = Attempt::counted(order.clone(), challenge(&order), 3 - attempts, now);
        assert_eq!(attempt, expected);
        let kept = State::AwaitingCode {
            challenge: challenge(&order),
            attempts,
        };
        assert_eq!(store.kept(&order).await.state, kept);
    }
}

/// The attempt is overtaken once sending a code for another order was begun
/// after its challenge was sent, whatever came of that, and not by what was sent
/// to somebody else or long enough before.
pub async fn an_attempt_is_overtaken_by_a_later_sending_for_another_order(store: Store) {
    store.place(1, &zoe()).await;
    let order = store.await_code(11, &zoe()).await;
    store.place(12, &bjorn()).await;
    store.place(19, &bjorn()).await;
    let first = store.begin(&order).await;

    let newer = store.place(14, &zoe()).await;
    let second = store.begin(&order).await;
    store.close(&newer, Ending::Cancelled).await;
    let third = store.begin(&order).await;

    assert!(!first.is_overtaken());
    assert!(second.is_overtaken());
    assert!(third.is_overtaken());
}

/// The attempt is overtaken by a sending for another order that was begun so
/// shortly before its own that it may have reached the supplier after it.
pub async fn an_attempt_is_overtaken_by_what_was_underway_when_its_code_was_sent(store: Store) {
    store.place(2, &zoe()).await;
    let order = store.await_code(11, &zoe()).await;

    assert!(store.begin(&order).await.is_overtaken());
}

/// The attempt that locks the customer says until when, and those before it
/// lock nobody.
pub async fn the_attempt_that_locks_the_customer_says_so(store: Store) {
    let mut limits = AttemptLimits::default();
    limits.failures.most = 2;
    let order = store.await_code(1, &zoe()).await;
    let now = soon_after(&order);
    let begin = async || {
        let begun = store.attempts.begin(&zoe(), None, now, &limits, None).await;
        begun.expect("it awaits its code").lock()
    };

    assert_eq!(begin().await, None);
    assert_eq!(begin().await, Some(Lock::Until(now + limits.failures.lock)));
}

/// An order found to have no attempts left is refused, and kept as refused.
pub async fn the_attempt_after_the_last_is_refused_and_ends_the_order(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    for _ in 0..3 {
        store.begin(&order).await;
    }

    let error = store.try_begin(&order).await.expect_err("none is left");

    assert!(
        matches!(error, BeginAttemptError::Refused(id) if id == order.id),
        "{error:?}"
    );
    assert_eq!(store.stage(&order).await, Stage::Refused);
    let error = store.try_begin(&order).await.expect_err("it has ended");
    assert!(
        matches!(error, BeginAttemptError::NothingPending),
        "{error:?}"
    );
}

/// Of any number of calls at the same time, no more than the limits allow
/// succeed, and the refused ones count nothing.
pub async fn of_1000_simultaneous_attempts_the_allowed_number_succeeds(store: Store) {
    let order = store.await_code(1, &zoe()).await;

    let outcomes = at_once(1000, |_| {
        let (store, order) = (store.clone(), order.clone());
        async move { store.try_begin(&order).await }
    })
    .await;

    let mut left: Vec<u32> = outcomes.iter().flatten().map(Attempt::left).collect();
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2]);
    for error in outcomes.into_iter().filter_map(Result::err) {
        assert!(
            matches!(
                error,
                BeginAttemptError::Refused(_) | BeginAttemptError::NothingPending
            ),
            "{error:?}"
        );
    }
    assert_eq!(store.failures_until_locked(10).await, 7);
}

/// With an order given, only that order will do.
pub async fn with_an_order_only_that_one_will_do(store: Store) {
    let awaiting = store.await_code(1, &zoe()).await;
    let placed = store.place(2, &zoe()).await;
    let hers = store.await_code(3, &bjorn()).await;

    for other in [placed.id, hers.id, order(4, &zoe()).id] {
        let begun = store
            .attempts
            .begin(&zoe(), Some(other), at(20), &AttemptLimits::default(), None)
            .await;
        let error = begun.expect_err("that order does not await its code");
        assert!(
            matches!(error, BeginAttemptError::NothingPending),
            "{error:?}"
        );
    }

    assert_eq!(store.begin(&awaiting).await.left(), 2);
    assert_eq!(store.begin(&hers).await.left(), 2);
}

/// Without an order of the customer's that awaits its code, nothing is
/// pending.
pub async fn without_an_order_that_awaits_its_code_nothing_is_pending(store: Store) {
    store.await_code(1, &bjorn()).await;
    let begin = async |order| {
        let begun = store
            .attempts
            .begin(&zoe(), order, at(120), &AttemptLimits::default(), None)
            .await;
        matches!(begun, Err(BeginAttemptError::NothingPending))
    };
    assert!(begin(None).await);

    let ended_or_not_sent = Stage::ALL
        .into_iter()
        .filter(|stage| *stage != Stage::AwaitingCode);
    for (n, stage) in (10..).step_by(10).zip(ended_or_not_sent) {
        let order = store.bring(n, &zoe(), stage).await;

        assert!(begin(None).await, "{stage:?}");
        assert!(begin(Some(order.placed.id)).await, "{stage:?}");
        if order.state.is_open() {
            store.close(&order.placed, Ending::Cancelled).await;
        }
    }
}

/// An order found to be past its time, to the microsecond, is expired and kept
/// as expired.
pub async fn an_order_past_its_time_is_expired_and_kept_so(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let end = challenge(&order).expires_at;
    let begin = async |now| {
        let limits = AttemptLimits::default();
        store.attempts.begin(&zoe(), None, now, &limits, None).await
    };

    begin(end - TICK).await.expect("its time is not up");
    let error = begin(end).await.expect_err("its time is up");

    assert!(
        matches!(error, BeginAttemptError::Expired(id) if id == order.id),
        "{error:?}"
    );
    assert_eq!(store.kept(&order).await.state, State::Expired { at: end });
    let error = begin(end).await.expect_err("it has ended");
    assert!(
        matches!(error, BeginAttemptError::NothingPending),
        "{error:?}"
    );
}

/// A refused call counts nothing, neither for an order nor for the customer.
pub async fn a_refused_call_counts_nothing(store: Store) {
    for _ in 0..20 {
        let nothing = store.try_begin(&order(1, &zoe())).await;
        nothing.expect_err("nothing is pending");
    }
    for n in 1..15 {
        store.bring(n, &zoe(), Stage::Expired).await;
    }
    let used_up = store.await_code(20, &zoe()).await;
    for _ in 0..3 {
        store.begin(&used_up).await;
    }
    for _ in 0..20 {
        let refused = store.try_begin(&used_up).await;
        refused.expect_err("none is left");
    }

    assert_eq!(store.failures_until_locked(30).await, 7);
}
