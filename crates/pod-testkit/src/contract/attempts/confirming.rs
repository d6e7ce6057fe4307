//! What [`Attempts::confirm`](pod_core::ports::Attempts::confirm) promises.

use std::time::Duration;

use pod_core::ports::ConfirmAttemptError;
use pod_core::{Attempt, ChallengeId, Ending, PlacedOrder, Seed, Stage, State};

use super::super::stages::{TICK, confirmation, soon_after};
use super::super::{Store, at_once};
use crate::fixtures::{at, bjorn, challenge, challenge_sent, order, zoe};

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
    assert_eq!(store.failures_until_locked(10).await, 9);
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
        assert!(store.refuses(&attempt, at(seconds)).await);
    }

    let first = State::Confirmed { at: at(20) };
    assert_eq!(store.kept(&order).await.state, first);
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
    assert!(store.refuses(&never_begun, soon_after(&gone)).await);

    let not_awaiting = Stage::ALL
        .into_iter()
        .filter(|stage| *stage != Stage::AwaitingCode);
    for (n, stage) in (10..).step_by(10).zip(not_awaiting) {
        let kept = store.bring(n, &zoe(), stage).await;
        let at = soon_after(&kept.placed);
        let attempt = Attempt::counted(kept.placed.clone(), challenge(&kept.placed), 2, at);

        assert!(store.refuses(&attempt, at).await, "{stage:?}");
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

    assert!(store.refuses(&attempt, end).await);
    assert_ne!(store.stage(&late).await, Stage::Confirmed);
    let attempt = store.begin(&in_time).await;
    let confirmed = store
        .attempts
        .confirm(&confirmation(&attempt, end_in_time - TICK))
        .await;
    confirmed.expect("its time is not up");
}

/// A confirmation of another challenge, or of another content, than that of
/// the order that awaits its code is refused, even under the same name.
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
    let other_content = PlacedOrder {
        item: order(3, &zoe()).item,
        ..kept.placed.clone()
    };

    for other in [other_challenge, other_order, other_content] {
        let at = soon_after(&kept.placed);
        let attempt = Attempt::counted(other, challenge(&kept.placed), 2, at);

        assert!(store.refuses(&attempt, at).await);
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

    assert!(store.refuses(&attempt, at).await);
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

/// A confirmation that is refused takes nothing back.
pub async fn a_refused_confirmation_takes_nothing_back(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let attempt = store.begin(&order).await;
    store.close(&order, Ending::Cancelled).await;

    assert!(store.refuses(&attempt, at(20)).await);
    assert_eq!(store.failures_until_locked(10).await, 9);
}
