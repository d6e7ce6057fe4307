//! What [`Attempts`](pod_core::ports::Attempts) promises.

use std::time::Duration;

use pod_core::ports::{BeginAttemptError, ConfirmAttemptError};
use pod_core::{
    Attempt, AttemptLimits, AttemptsPerOrder, ChallengeId, Ending, FailureLimits, PlacedOrder,
    Seed, Stage, State, Timestamp,
};

use super::stages::{TICK, confirmation, soon_after};
use super::{Store, at_once};
use crate::fixtures::{at, bjorn, challenge, challenge_sent, order, zoe};

/// Stamps one test for each promise of [`Attempts`](pod_core::ports::Attempts),
/// on the [`Store`](crate::contract::Store) that an expression makes.
#[macro_export]
macro_rules! attempts_contract {
    ($store:expr) => {
        $crate::__stamp!(
            attempts,
            $store,
            [
                an_attempt_is_counted_and_carries_every_field,
                the_attempt_after_the_last_is_refused_and_ends_the_order,
                of_1000_simultaneous_attempts_the_allowed_number_succeeds,
                with_an_order_only_that_one_will_do,
                without_an_order_that_awaits_its_code_nothing_is_pending,
                an_order_past_its_time_is_expired_and_kept_so,
                a_refused_call_counts_nothing,
                failures_count_over_all_orders_up_to_the_lock,
                of_64_simultaneous_attempts_no_more_than_the_lock_allows_succeed,
                a_locked_customer_is_locked_whatever_the_orders,
                a_lock_ends_by_itself_and_the_next_lasts_twice_as_long,
                failures_long_past_are_forgotten,
                too_many_failures_in_a_row_lock_until_unlocked,
                another_customers_failures_do_not_count,
                a_confirmation_is_kept,
                of_64_simultaneous_confirmations_exactly_one_succeeds,
                a_later_confirmation_changes_nothing,
                the_last_attempt_may_be_the_right_one,
                an_attempt_may_turn_out_right_after_its_code_was_sent_again,
                a_confirmation_of_an_order_that_does_not_await_is_refused,
                a_confirmation_past_the_orders_time_is_refused,
                a_confirmation_of_another_challenge_is_refused,
                a_confirmation_of_somebody_elses_order_is_refused,
                of_a_confirmation_and_an_ending_at_the_same_time_one_succeeds,
                of_a_confirmation_and_a_newer_order_at_the_same_time_one_prevails,
                a_confirmation_takes_its_attempt_back_and_lifts_the_lock,
                a_refused_confirmation_takes_nothing_back,
                unlocking_forgets_the_failures,
                unlocking_one_who_is_not_locked_changes_nothing_else,
            ]
        );
    };
}

/// An attempt is counted, and carries the order, its challenge, how many are
/// left and when it was counted, equal in every field.
pub async fn an_attempt_is_counted_and_carries_every_field(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let now = soon_after(&order);

    for attempts in 1..=3 {
        let attempt = store
            .attempts
            .begin(&zoe(), None, now, &AttemptLimits::default())
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
    assert_eq!(failures_until_locked(&store, 10).await, 7);
}

/// With an order given, only that order will do.
pub async fn with_an_order_only_that_one_will_do(store: Store) {
    let awaiting = store.await_code(1, &zoe()).await;
    let placed = store.place(2, &zoe()).await;
    let hers = store.await_code(3, &bjorn()).await;

    for other in [placed.id, hers.id, order(4, &zoe()).id] {
        let begun = store
            .attempts
            .begin(&zoe(), Some(other), at(20), &AttemptLimits::default())
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
            .begin(&zoe(), order, at(120), &AttemptLimits::default())
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
        store.attempts.begin(&zoe(), None, now, &limits).await
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

    assert_eq!(failures_until_locked(&store, 30).await, 7);
}

/// Failures count over all orders of a customer, up to the lock.
pub async fn failures_count_over_all_orders_up_to_the_lock(store: Store) {
    assert_eq!(failures_until_locked(&store, 1).await, 10);
}

/// Begins attempts at one new order of Zoë's after another until she is
/// locked, and returns how many began.
async fn failures_until_locked(store: &Store, first: u32) -> u32 {
    let mut failures = 0;
    for n in first..first + 40 {
        let order = store.await_code(n, &zoe()).await;
        for _ in 0..3 {
            match store.try_begin(&order).await {
                Ok(_) => failures += 1,
                Err(BeginAttemptError::Locked(_)) => return failures,
                Err(error) => panic!("neither begun nor locked: {error:?}"),
            }
        }
    }
    panic!("{failures} failures locked nobody");
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
        async move { attempts.begin(&zoe(), None, now, &limits).await }
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
    failures_until_locked(&store, 1).await;
    let is_locked = async |order| {
        let begun = store
            .attempts
            .begin(&zoe(), order, at(60), &AttemptLimits::default())
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
        let begun = store.attempts.begin(&zoe(), None, now, &limits).await;
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
        store.attempts.begin(&zoe(), None, now, &limits).await
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
    let begin = async |now| store.attempts.begin(&zoe(), None, now, &limits).await;
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
    failures_until_locked(&store, 1).await;

    for left in [2, 1, 0] {
        assert_eq!(store.begin(&hers).await.left(), left);
    }
}

/// A confirmation is kept, with its time.
pub async fn a_confirmation_is_kept(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let other = store.bring(1, &bjorn(), Stage::AwaitingCode).await;
    let at = soon_after(&order) + TICK;
    let confirmation = confirmation(&store.begin(&order).await, at);

    let confirmed = store.attempts.confirm(&confirmation).await;

    confirmed.expect("it awaited its code");
    assert_eq!(store.kept(&order).await.state, State::Confirmed { at });
    assert_eq!(store.kept(&order).await.placed, order);
    assert_eq!(store.kept(&other.placed).await, other);
}

/// Of any number of calls for one order at the same time, exactly one
/// succeeds.
pub async fn of_64_simultaneous_confirmations_exactly_one_succeeds(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let attempts = [store.begin(&order).await, store.begin(&order).await];

    let outcomes = at_once(64, |i| {
        let (store, attempt) = (store.clone(), attempts[i % 2].clone());
        let at = at(20) + Duration::from_micros(i as u64);
        async move {
            (
                at,
                store.attempts.confirm(&confirmation(&attempt, at)).await,
            )
        }
    })
    .await;

    let (done, refused): (Vec<_>, Vec<_>) =
        outcomes.into_iter().partition(|(_, kept)| kept.is_ok());
    let kept: Vec<State> = done
        .into_iter()
        .map(|(at, _)| State::Confirmed { at })
        .collect();
    assert_eq!(kept, [store.kept(&order).await.state]);
    for (_, kept) in refused {
        assert!(
            matches!(kept, Err(ConfirmAttemptError::NotAwaiting)),
            "{kept:?}"
        );
    }
    assert_eq!(failures_until_locked(&store, 10).await, 9);
}

/// Of any number of calls for one order, one after the other, the first
/// succeeds and the others change nothing.
pub async fn a_later_confirmation_changes_nothing(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let attempt = store.begin(&order).await;
    let first = store
        .attempts
        .confirm(&confirmation(&attempt, at(20)))
        .await;
    first.expect("it awaited its code");

    for seconds in [20, 21, 299] {
        assert!(is_refused(&store, &attempt, at(seconds)).await);
    }

    let first = State::Confirmed { at: at(20) };
    assert_eq!(store.kept(&order).await.state, first);
}

async fn is_refused(store: &Store, attempt: &Attempt, at: Timestamp) -> bool {
    let confirmed = store.attempts.confirm(&confirmation(attempt, at)).await;
    matches!(confirmed, Err(ConfirmAttemptError::NotAwaiting))
}

/// The last attempt may be the right one.
pub async fn the_last_attempt_may_be_the_right_one(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    store.begin(&order).await;
    store.begin(&order).await;
    let last = store.begin(&order).await;

    let confirmed = store.attempts.confirm(&confirmation(&last, at(20))).await;

    confirmed.expect("it awaited its code");
    assert_eq!(store.stage(&order).await, Stage::Confirmed);
}

/// A code sent again while an attempt is judged is the same challenge: the
/// attempt may turn out right.
pub async fn an_attempt_may_turn_out_right_after_its_code_was_sent_again(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let attempt = store.begin(&order).await;
    let again = challenge_sent(&order, at(45));
    let activated = store.orders.activate(&order, &again).await;
    activated.expect("it still awaits its code");

    let confirmed = store
        .attempts
        .confirm(&confirmation(&attempt, again.expires_at - TICK))
        .await;

    confirmed.expect("it is the same challenge");
}

/// An order that does not, or no longer, await its code is not confirmed, and
/// stays as it is.
pub async fn a_confirmation_of_an_order_that_does_not_await_is_refused(store: Store) {
    let gone = order(900, &zoe());
    let never_begun = Attempt::counted(gone.clone(), challenge(&gone), 2, soon_after(&gone));
    assert!(is_refused(&store, &never_begun, soon_after(&gone)).await);

    let not_awaiting = Stage::ALL
        .into_iter()
        .filter(|stage| *stage != Stage::AwaitingCode);
    for (n, stage) in (10..).step_by(10).zip(not_awaiting) {
        let kept = store.bring(n, &zoe(), stage).await;
        let at = soon_after(&kept.placed);
        let attempt = Attempt::counted(kept.placed.clone(), challenge(&kept.placed), 2, at);

        assert!(is_refused(&store, &attempt, at).await, "{stage:?}");
        assert_eq!(store.kept(&kept.placed).await, kept);
        if kept.state.is_open() {
            store.close(&kept.placed, Ending::Cancelled).await;
        }
    }
}

/// A confirmation past the order's time, to the microsecond, is refused.
pub async fn a_confirmation_past_the_orders_time_is_refused(store: Store) {
    let late = store.await_code(1, &zoe()).await;
    let in_time = store.await_code(1, &bjorn()).await;
    let (end, end_in_time) = (challenge(&late).expires_at, challenge(&in_time).expires_at);
    let attempt = store.begin(&late).await;

    assert!(is_refused(&store, &attempt, end).await);
    assert_ne!(store.stage(&late).await, Stage::Confirmed);
    let attempt = store.begin(&in_time).await;
    let confirmed = store
        .attempts
        .confirm(&confirmation(&attempt, end_in_time - TICK))
        .await;
    confirmed.expect("its time is not up");
}

/// A confirmation of another challenge than the order awaits is refused, even
/// for an order of the same name.
pub async fn a_confirmation_of_another_challenge_is_refused(store: Store) {
    let kept = store.bring(1, &zoe(), Stage::AwaitingCode).await;
    let other_challenge = PlacedOrder {
        seed: Seed {
            challenge: ChallengeId::from_bytes([9; 16]),
            nonce: kept.placed.seed.nonce,
        },
        ..kept.placed.clone()
    };
    let other_order = PlacedOrder {
        id: kept.placed.id,
        ..order(2, &zoe())
    };

    for other in [other_challenge, other_order] {
        let at = soon_after(&kept.placed);
        let attempt = Attempt::counted(other, challenge(&kept.placed), 2, at);

        assert!(is_refused(&store, &attempt, at).await);
        assert_eq!(store.kept(&kept.placed).await, kept);
    }
}

/// A confirmation in another customer's name is refused.
pub async fn a_confirmation_of_somebody_elses_order_is_refused(store: Store) {
    let hers = store.bring(1, &zoe(), Stage::AwaitingCode).await;
    let his = PlacedOrder {
        customer: bjorn(),
        ..hers.placed.clone()
    };
    let at = soon_after(&his);
    let attempt = Attempt::counted(his, challenge(&hers.placed), 2, at);

    assert!(is_refused(&store, &attempt, at).await);
    assert_eq!(store.kept(&hers.placed).await, hers);
}

/// Of a confirmation and an ending at the same time exactly one succeeds.
pub async fn of_a_confirmation_and_an_ending_at_the_same_time_one_succeeds(store: Store) {
    for n in 1..=16 {
        let order = store.await_code(n, &zoe()).await;
        let attempt = store.begin(&order).await;
        let at = soon_after(&order);

        let outcomes = at_once(2, |i| {
            let (store, attempt, id) = (store.clone(), attempt.clone(), order.id);
            async move {
                let ending = Ending::Cancelled;
                if i == usize::from(n % 2 == 0) {
                    let confirmation = confirmation(&attempt, at);
                    let confirmed = store.attempts.confirm(&confirmation).await;
                    confirmed.map(|()| Stage::Confirmed).ok()
                } else {
                    let closed = store.orders.close(&zoe(), id, ending, at).await;
                    closed.map(|()| Stage::Cancelled).ok()
                }
            }
        })
        .await;

        let succeeded: Vec<Stage> = outcomes.into_iter().flatten().collect();
        assert_eq!(succeeded, [store.stage(&order).await]);
        store.attempts.unlock(&zoe()).await.expect("unlocked");
    }
}

/// Of a confirmation and a newer order's activation at the same time, either
/// the order is confirmed or the newer one supersedes it.
pub async fn of_a_confirmation_and_a_newer_order_at_the_same_time_one_prevails(store: Store) {
    for n in (2..34).step_by(2) {
        let order = store.await_code(n, &zoe()).await;
        let newer = store.place(n + 1, &zoe()).await;
        let attempt = store.begin(&order).await;
        let at = soon_after(&order);

        let outcomes = at_once(2, |i| {
            let (store, attempt) = (store.clone(), attempt.clone());
            let (order, newer) = (order.clone(), newer.clone());
            async move {
                if i == 0 {
                    let confirmed = store.attempts.confirm(&confirmation(&attempt, at)).await;
                    confirmed.map(|()| Stage::Confirmed).ok()
                } else {
                    let superseded = store.activate(&newer).await;
                    superseded.contains(&order.id).then_some(Stage::Superseded)
                }
            }
        })
        .await;

        let prevailed: Vec<Stage> = outcomes.into_iter().flatten().collect();
        assert_eq!(prevailed, [store.stage(&order).await]);
        assert_eq!(store.stage(&newer).await, Stage::AwaitingCode);
        store.attempts.unlock(&zoe()).await.expect("unlocked");
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
    assert_eq!(failures_until_locked(&store, 10).await, 1);
}

/// A confirmation that is refused takes nothing back.
pub async fn a_refused_confirmation_takes_nothing_back(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let attempt = store.begin(&order).await;
    store.close(&order, Ending::Cancelled).await;

    assert!(is_refused(&store, &attempt, at(20)).await);
    assert_eq!(failures_until_locked(&store, 10).await, 9);
}

/// Unlocking lifts the lock and forgets the failures.
pub async fn unlocking_forgets_the_failures(store: Store) {
    failures_until_locked(&store, 1).await;

    store.attempts.unlock(&zoe()).await.expect("unlocked");

    assert_eq!(failures_until_locked(&store, 20).await, 10);
}

/// Unlocking a customer who is not locked, or not known, changes nothing else:
/// neither orders nor anybody else's lock.
pub async fn unlocking_one_who_is_not_locked_changes_nothing_else(store: Store) {
    failures_until_locked(&store, 1).await;
    let order = store.bring(1, &bjorn(), Stage::AwaitingCode).await;

    store.attempts.unlock(&bjorn()).await.expect("unlocked");

    assert_eq!(store.kept(&order.placed).await, order);
    let hers = store.await_code(50, &zoe()).await;
    let error = store.try_begin(&hers).await.expect_err("she is locked");
    assert!(matches!(error, BeginAttemptError::Locked(_)), "{error:?}");
    let nobody = crate::fixtures::customer("nobody");
    store.attempts.unlock(&nobody).await.expect("unlocked");
}
