//! What [`Orders`](pod_core::ports::Orders) promises.

use std::time::Duration;

use pod_core::ports::{ActivateError, BeginSendError, CloseError};
use pod_core::{
    Challenge, Currency, CustomerId, Ending, Handle, Item, Money, Order, OrderId, PlacedOrder,
    SendLimits, SentTo, Stage, State, Timestamp,
};

use super::stages::{TICK, soon_after};
use super::{Store, at_once};
use crate::fixtures::{
    at, bjorn, bjorn_phone, challenge, challenge_sent, customer, order, unusual_texts, zoe,
};

/// Stamps one test for each promise of [`Orders`](pod_core::ports::Orders), on
/// the [`Store`](crate::contract::Store) that an expression makes.
#[macro_export]
macro_rules! orders_contract {
    ($store:expr) => {
        $crate::__stamp!(
            orders,
            $store,
            [
                a_placed_order_is_kept_with_every_field,
                an_order_that_is_kept_already_stays_as_it_is,
                the_longest_order_is_kept,
                unusual_texts_are_kept_as_they_are,
                of_64_simultaneous_placings_each_is_kept,
                sending_again_is_counted_and_returns_the_order,
                sending_again_is_too_soon_until_the_cool_down_is_over,
                sending_as_often_as_the_limits_allow_is_exhausted,
                of_64_simultaneous_sendings_no_more_than_the_limits_allow_succeed,
                of_64_simultaneous_sendings_the_cool_down_lets_one_through,
                an_order_that_is_not_open_is_not_sent_again,
                an_order_past_its_time_is_not_sent_again,
                an_activated_order_awaits_its_code_with_every_field,
                activating_again_takes_the_new_challenge_and_keeps_the_attempts,
                every_older_open_order_is_superseded_in_the_same_step,
                what_has_ended_or_is_somebody_elses_is_not_superseded,
                an_older_order_past_its_time_stays_expired,
                an_older_order_is_refused_and_superseded_once_a_newer_one_awaits,
                an_order_that_has_ended_is_not_activated,
                of_64_simultaneous_activations_the_newest_awaits_alone,
                an_open_order_ends_as_it_is_told,
                what_has_ended_stays_as_it_is,
                an_order_that_awaits_its_code_does_not_become_undelivered,
                an_order_past_its_time_has_ended,
                an_order_that_is_not_there_or_somebody_elses_does_not_end,
                of_64_simultaneous_endings_one_succeeds,
            ]
        );
    };
}

const OPEN: [Stage; 3] = [Stage::Placed, Stage::AwaitingCode, Stage::Undelivered];

const ENDED: [Stage; 5] = [
    Stage::Confirmed,
    Stage::Expired,
    Stage::Refused,
    Stage::Superseded,
    Stage::Cancelled,
];

const ENDINGS: [Ending; 3] = [Ending::Cancelled, Ending::Refused, Ending::Undelivered];

/// A new order is kept with one sending begun when it was placed, and comes
/// back equal in every field.
pub async fn a_placed_order_is_kept_with_every_field(store: Store) {
    let order = order(1, &zoe());

    store.orders.place(&order).await.expect("kept");

    let expected = Order {
        placed: order.clone(),
        sends: 1,
        last_send_at: order.placed_at,
        state: State::Placed,
    };
    assert_eq!(store.kept(&order).await, expected);
}

/// An order that is kept already stays as it is, whatever is placed under its
/// name.
pub async fn an_order_that_is_kept_already_stays_as_it_is(store: Store) {
    let kept = store.bring(1, &zoe(), Stage::AwaitingCode).await;
    let changed = PlacedOrder {
        id: kept.placed.id,
        ..order(2, &zoe())
    };
    let stolen = PlacedOrder {
        id: kept.placed.id,
        ..order(3, &bjorn())
    };

    for again in [&kept.placed, &changed, &stolen] {
        store.orders.place(again).await.expect("kept already");
    }

    assert_eq!(store.kept(&kept.placed).await, kept);
    assert_eq!(store.find(&bjorn(), kept.placed.id).await, None);
}

/// The longest and greatest parts that an order can have are kept, and so are
/// those that it need not have.
pub async fn the_longest_order_is_kept(store: Store) {
    let currency = Currency::parse("JPY").expect("a currency");
    let greatest = Money::new(u64::MAX, currency);
    let items = [
        Item::new("x", "x", None, ""),
        Item::new("x", "x", Some(Money::new(0, currency)), ""),
        Item::new(
            &"z".repeat(40),
            &"注".repeat(240),
            Some(greatest),
            &"ü".repeat(8192),
        ),
    ];
    let customer = customer(&"ü'".repeat(85));

    for (n, item) in (1..).zip(items) {
        let item = item.expect("an item");
        let order = PlacedOrder {
            item,
            ..order(n, &customer)
        };
        store.orders.place(&order).await.expect("kept");

        assert_eq!(store.kept(&order).await.placed, order);
    }
}

/// Whatever text a customer's name or an order's details are, they are kept as
/// they are, and apart from all others.
pub async fn unusual_texts_are_kept_as_they_are(store: Store) {
    let mut orders = Vec::new();
    for (n, text) in (1..).zip(unusual_texts()) {
        let order = order(n, &customer(&text));
        let item = Item::new("x", order.item.summary(), None, &text).expect("an item");
        orders.push(PlacedOrder { item, ..order });
    }

    for order in &orders {
        store.orders.place(order).await.expect("kept");
    }

    for order in &orders {
        let page = store.page(&order.customer, None, at(100)).await.orders;
        let placed: Vec<&PlacedOrder> = page.iter().map(|order| &order.placed).collect();
        assert_eq!(placed, [order]);
    }
}

/// Of any number of orders placed at the same time each is kept.
pub async fn of_64_simultaneous_placings_each_is_kept(store: Store) {
    let placed = at_once(64, |i| {
        let orders = store.orders.clone();
        let order = order(u32::try_from(i).expect("few"), &zoe());
        async move { orders.place(&order).await }
    })
    .await;

    for outcome in placed {
        outcome.expect("kept");
    }
    let page = store.page(&zoe(), None, at(100)).await.orders;
    let placed: Vec<PlacedOrder> = page.into_iter().map(|order| order.placed).collect();
    let expected: Vec<PlacedOrder> = (0..64).rev().map(|n| order(n, &zoe())).collect();
    assert_eq!(placed, expected);
}

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
            SentTo::from_kept(pod_core::Channel::Email, "注…@…münchen")
        };
        let challenge = Challenge {
            handle: Handle::parse(handle).expect("a handle"),
            sent_to: contact,
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
        Ending::Undelivered => State::Undelivered { at },
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
