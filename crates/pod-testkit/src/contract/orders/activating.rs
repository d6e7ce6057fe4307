//! What [`Orders::activate`](pod_core::ports::Orders::activate) promises.

use std::time::Duration;

use pod_core::ports::ActivateError;
use pod_core::{Challenge, Handle, Order, SentTo, Stage, State};

use super::super::stages::ENDED;
use super::super::{Store, at_once};
use crate::fixtures::{
    at, bjorn, bjorn_phone, challenge, challenge_sent, order, unusual_texts, zoe, zoe_phone,
};

/// An order whose challenge was acknowledged awaits its code, no attempt
/// counted, and the challenge comes back equal in every field.
pub async fn an_activated_order_awaits_its_code_with_every_field(store: Store) {
    let texts = unusual_texts();
    let mut handles: Vec<&str> = texts.iter().map(String::as_str).collect();
    let longest = "ü".repeat(2048);
    handles.extend(["", &longest]);

    for (n, handle) in (1..).zip(handles) {
        let order = store.place(n, &zoe()).await;
        let contact = if n % 2 == 0 {
            bjorn_phone().masked()
        } else {
            SentTo::from_kept(pod_core::Channel::Email, None, "注…@…münchen")
        };
        let challenge = Challenge {
            handle: Handle::parse(handle).expect("a handle"),
            sent_to: contact,
            instead_of: [None, Some(zoe_phone().masked())][n as usize % 2].clone(),
            sent_at: order.placed_at + Duration::from_micros(1),
            expires_at: order.placed_at + Duration::from_micros(86_399_999_999),
        };

        let activated = store.orders.activate(&order, &challenge).await;

        activated.expect("it awaits its code");
        let expected = Order {
            placed: order.clone(),
            sends: 1,
            last_send_at: order.placed_at,
            state: State::AwaitingCode {
                challenge,
                attempts: 0,
            },
        };
        assert_eq!(store.kept(&order).await, expected);
    }
}

/// Activated again, the order takes the new challenge, and the attempts
/// counted stay.
pub async fn activating_again_takes_the_new_challenge_and_keeps_the_attempts(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    store.begin(&order).await;
    store.begin(&order).await;
    let again = Challenge {
        handle: Handle::parse("another").expect("a handle"),
        sent_to: bjorn_phone().masked(),
        ..challenge_sent(&order, at(45))
    };

    let superseded = store.orders.activate(&order, &again).await;

    assert_eq!(superseded.expect("it awaits its code"), []);
    let expected = State::AwaitingCode {
        challenge: again,
        attempts: 2,
    };
    assert_eq!(store.kept(&order).await.state, expected);
    assert_eq!(store.begin(&order).await.left(), 0);
}

/// Every older open order is superseded in the same step, and named.
pub async fn every_older_open_order_is_superseded_in_the_same_step(store: Store) {
    let awaiting = store.await_code(1, &zoe()).await;
    let placed = store.place(2, &zoe()).await;
    let undelivered = store.bring(3, &zoe(), Stage::Undelivered).await.placed;
    let newer = store.place(4, &zoe()).await;

    let mut superseded = store.activate(&newer).await;

    let older = [awaiting, placed, undelivered];
    superseded.sort_unstable();
    assert_eq!(superseded, older.each_ref().map(|order| order.id));
    for order in older {
        let at = challenge(&newer).sent_at;
        assert_eq!(store.kept(&order).await.state, State::Superseded { at });
    }
    assert_eq!(store.stage(&newer).await, Stage::AwaitingCode);
}

/// Orders that have ended, newer ones and those of other customers stay as
/// they are.
pub async fn what_has_ended_or_is_somebody_elses_is_not_superseded(store: Store) {
    let mut others = Vec::new();
    for (n, stage) in (1..).step_by(10).zip(ENDED) {
        others.push(store.bring(n, &zoe(), stage).await);
    }
    others.push(store.bring(1, &bjorn(), Stage::AwaitingCode).await);
    others.push(store.bring(2, &bjorn(), Stage::Placed).await);
    others.push(store.bring(98, &zoe(), Stage::Placed).await);
    others.push(store.bring(99, &zoe(), Stage::Undelivered).await);
    let order = store.place(97, &zoe()).await;

    let superseded = store.activate(&order).await;

    assert_eq!(superseded, []);
    for other in others {
        assert_eq!(store.kept(&other.placed).await, other);
    }
}

/// An older order that awaited its code past its time has ended before: it is
/// not superseded, and it stays expired.
pub async fn an_older_order_past_its_time_stays_expired(store: Store) {
    let older = store.await_code(1, &zoe()).await;
    let newer = store.place(400, &zoe()).await;

    let superseded = store.activate(&newer).await;

    assert_eq!(superseded, []);
    let seen = store.kept(&older).await.seen_at(newer.placed_at);
    let at = challenge(&older).expires_at;
    assert_eq!(seen.state, State::Expired { at });
}

/// An older order whose challenge is acknowledged after a newer one awaits its
/// code is refused, and superseded.
pub async fn an_older_order_is_refused_and_superseded_once_a_newer_one_awaits(store: Store) {
    let slow = store.place(1, &zoe()).await;
    let newer = store.await_code(3, &zoe()).await;
    let late = store.place(2, &zoe()).await;

    for older in [slow, late] {
        let activated = store.orders.activate(&older, &challenge(&older)).await;

        let error = activated.expect_err("a newer order awaits its code");
        assert!(matches!(error, ActivateError::NotOpen), "{error:?}");
        assert_eq!(store.stage(&older).await, Stage::Superseded);
        assert_eq!(store.stage(&newer).await, Stage::AwaitingCode);
    }
}

/// An order that has ended or is not there is not activated, stays as it is,
/// and supersedes nothing.
pub async fn an_order_that_has_ended_is_not_activated(store: Store) {
    let mut ended = Vec::new();
    for (n, stage) in (11..).step_by(10).zip(ENDED) {
        ended.push(store.bring(n, &zoe(), stage).await);
    }
    let older = store.bring(1, &zoe(), Stage::Placed).await;
    let gone = order(99, &zoe());

    for order in ended.iter().map(|order| &order.placed).chain([&gone]) {
        let activated = store.orders.activate(order, &challenge(order)).await;
        let error = activated.expect_err("it is not open");
        assert!(matches!(error, ActivateError::NotOpen), "{error:?}");
    }

    for ended in ended {
        assert_eq!(store.kept(&ended.placed).await, ended);
    }
    assert_eq!(store.kept(&older.placed).await, older);
    assert_eq!(store.find(&zoe(), gone.id).await, None);
}

/// Of any number of activations at the same time, in whatever order, the
/// newest order awaits its code in the end, and at no time do two.
pub async fn of_64_simultaneous_activations_the_newest_awaits_alone(store: Store) {
    let mut placed = Vec::new();
    for n in 0..64 {
        placed.push(store.place(n, &zoe()).await);
    }

    let outcomes = at_once(128, |i| {
        let (store, order) = (store.clone(), placed.get(i).cloned());
        async move {
            if let Some(order) = order {
                let _ = store.orders.activate(&order, &challenge(&order)).await;
            }
            let stage = Some(Stage::AwaitingCode);
            store.page(&zoe(), stage, at(100)).await.orders.len()
        }
    })
    .await;

    assert!(outcomes.iter().all(|awaiting| *awaiting <= 1));
    let newest = placed.pop().expect("the newest");
    assert_eq!(store.stage(&newest).await, Stage::AwaitingCode);
    for older in placed {
        assert_eq!(store.stage(&older).await, Stage::Superseded);
    }
}
