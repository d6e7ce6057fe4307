//! What [`Attempts`](pod_core::ports::Attempts) promises of failures, and of the
//! lock they lead to.

use std::time::Duration;

use pod_core::ports::BeginAttemptError;
use pod_core::{AttemptLimits, AttemptsPerOrder, Ending, FailureLimits, Stage, State};

use super::super::stages::{TICK, confirmation, soon_after};
use super::super::{Store, at_once};
use crate::fixtures::{at, bjorn, challenge, challenge_sent, order, zoe};

/// Failures count over all orders of a customer, up to the lock.
pub async fn failures_count_over_all_orders_up_to_the_lock(store: Store) {
    assert_eq!(store.failures_until_locked(1).await, 10);
}

/// Of any number of calls at the same time, no more than lead to the lock
/// succeed.
pub async fn of_64_simultaneous_attempts_no_more_than_the_lock_allows_succeed(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let limits = AttemptLimits {
        per_order: AttemptsPerOrder::new(5).expect("five"),
        failures: FailureLimits {
            most: 4,
            ..FailureLimits::default()
        },
    };

    let outcomes = at_once(64, |_| {
        let (attempts, now) = (store.attempts.clone(), soon_after(&order));
        async move { attempts.begin(&zoe(), None, now, &limits, None).await }
    })
    .await;

    assert_eq!(outcomes.iter().filter(|begun| begun.is_ok()).count(), 4);
    let until = soon_after(&order) + limits.failures.lock;
    for error in outcomes.into_iter().filter_map(Result::err) {
        assert!(
            matches!(error, BeginAttemptError::Locked(locked) if locked.until == Some(until)),
            "{error:?}"
        );
    }
}

/// A locked customer is locked whatever the orders are, and whichever is asked
/// for; nothing is counted.
pub async fn a_locked_customer_is_locked_whatever_the_orders(store: Store) {
    store.failures_until_locked(1).await;
    let is_locked = async |order| {
        let begun = store
            .attempts
            .begin(&zoe(), order, at(60), &AttemptLimits::default(), None)
            .await;
        matches!(begun, Err(BeginAttemptError::Locked(locked)) if locked.until.is_some())
    };

    let awaiting = store.await_code(30, &zoe()).await;
    assert!(is_locked(None).await);
    assert!(is_locked(Some(awaiting.id)).await);
    assert!(is_locked(Some(order(99, &zoe()).id)).await);
    let State::AwaitingCode { attempts, .. } = store.kept(&awaiting).await.state else {
        panic!("it awaits its code");
    };
    assert_eq!(attempts, 0);
    store.close(&awaiting, Ending::Cancelled).await;
    assert!(is_locked(None).await);
}

/// A lock ends by itself, to the microsecond; if failures go on, the next one
/// lasts twice as long.
pub async fn a_lock_ends_by_itself_and_the_next_lasts_twice_as_long(store: Store) {
    let limits = AttemptLimits {
        failures: FailureLimits {
            most: 2,
            lock: Duration::from_micros(7_000_001),
            ..FailureLimits::default()
        },
        ..AttemptLimits::default()
    };
    let begin = async |now| {
        let begun = store.attempts.begin(&zoe(), None, now, &limits, None).await;
        begun.map_err(|error| match error {
            BeginAttemptError::Locked(locked) => locked.until.expect("it ends by itself"),
            other => panic!("not locked: {other:?}"),
        })
    };
    let order = store.await_code(1, &zoe()).await;
    let mut now = soon_after(&order);
    begin(now).await.expect("the first failure");
    begin(now).await.expect("the second failure");

    for (n, locked_for) in (2..).zip([7_000_001, 14_000_002, 28_000_004]) {
        let until = now + Duration::from_micros(locked_for);

        assert_eq!(begin(now).await, Err(until));
        assert_eq!(begin(until - TICK).await, Err(until));
        store.await_code(n, &zoe()).await;
        begin(until).await.expect("the lock has ended");
        now = until;
    }
}

/// Failures further back than the limits look are forgotten.
pub async fn failures_long_past_are_forgotten(store: Store) {
    let limits = AttemptLimits {
        failures: FailureLimits {
            most: 3,
            within: Duration::from_secs(100),
            ..FailureLimits::default()
        },
        ..AttemptLimits::default()
    };
    let order = store.await_code(1, &zoe()).await;
    let begin = async |seconds| {
        let now = challenge(&order).sent_at + Duration::from_secs(seconds);
        store.attempts.begin(&zoe(), None, now, &limits, None).await
    };
    begin(0).await.expect("the first");
    begin(60).await.expect("the second");

    begin(100).await.expect("the first is forgotten");

    let newer = store.place(2, &zoe()).await;
    let sent = challenge_sent(&newer, at(120));
    let activated = store.orders.activate(&newer, &sent).await;
    activated.expect("it awaits its code");
    begin(150).await.expect("the third in a hundred seconds");
    let error = begin(150).await.expect_err("three in a hundred seconds");
    assert!(matches!(error, BeginAttemptError::Locked(_)), "{error:?}");
}

/// Too many failures with no success between them lock the customer until
/// somebody unlocks, however long they took.
pub async fn too_many_failures_in_a_row_lock_until_unlocked(store: Store) {
    let limits = AttemptLimits {
        failures: FailureLimits {
            consecutive: 6,
            within: Duration::from_secs(1),
            ..FailureLimits::default()
        },
        ..AttemptLimits::default()
    };
    let begin = async |now| store.attempts.begin(&zoe(), None, now, &limits, None).await;
    for n in 1..=6 {
        let order = store.await_code(n * 100, &zoe()).await;
        begin(soon_after(&order)).await.expect("not locked yet");
    }

    for now in [at(620), at(9_000_000), at(900_000_000)] {
        let error = begin(now).await.expect_err("locked");
        assert!(
            matches!(error, BeginAttemptError::Locked(locked) if locked.until.is_none()),
            "{error:?}"
        );
    }
    store.attempts.unlock(&zoe()).await.expect("unlocked");
    let order = store.await_code(1000, &zoe()).await;
    begin(soon_after(&order)).await.expect("unlocked");
}

/// What another customer does locks nobody.
pub async fn another_customers_failures_do_not_count(store: Store) {
    let hers = store.await_code(1, &bjorn()).await;
    store.failures_until_locked(1).await;

    for left in [2, 1, 0] {
        assert_eq!(store.begin(&hers).await.left(), left);
    }
}

/// A confirmation takes its attempt back from the customer's failures, and
/// lifts the lock; the other failures stay.
pub async fn a_confirmation_takes_its_attempt_back_and_lifts_the_lock(store: Store) {
    for n in 1..=3 {
        let order = store.await_code(n, &zoe()).await;
        for _ in 0..3 {
            store.begin(&order).await;
        }
    }
    let order = store.await_code(4, &zoe()).await;
    let tenth = store.begin(&order).await;
    let error = store.try_begin(&order).await.expect_err("ten failures");
    assert!(matches!(error, BeginAttemptError::Locked(_)), "{error:?}");

    let confirmed = store.attempts.confirm(&confirmation(&tenth, at(20))).await;

    confirmed.expect("it awaited its code");
    assert_eq!(store.failures_until_locked(10).await, 1);
}

/// Unlocking lifts the lock and forgets the failures.
pub async fn unlocking_forgets_the_failures(store: Store) {
    store.failures_until_locked(1).await;

    store.attempts.unlock(&zoe()).await.expect("unlocked");

    assert_eq!(store.failures_until_locked(20).await, 10);
}

/// Unlocking a customer who is not locked, or not known, changes nothing else:
/// neither orders nor anybody else's lock.
pub async fn unlocking_one_who_is_not_locked_changes_nothing_else(store: Store) {
    store.failures_until_locked(1).await;
    let order = store.bring(1, &bjorn(), Stage::AwaitingCode).await;

    store.attempts.unlock(&bjorn()).await.expect("unlocked");

    assert_eq!(store.kept(&order.placed).await, order);
    let hers = store.await_code(50, &zoe()).await;
    let error = store.try_begin(&hers).await.expect_err("she is locked");
    assert!(matches!(error, BeginAttemptError::Locked(_)), "{error:?}");
    let nobody = crate::fixtures::customer("nobody");
    store.attempts.unlock(&nobody).await.expect("unlocked");
}
