//! What [`Orders::place`](pod_core::ports::Orders::place) promises of
//! allowances and of requests.

use std::time::Duration;

use pod_core::ports::{PlaceError, Repeat, Reply};
use pod_core::{Allowance, PlacedOrder, QuotaKey, Window};

use super::super::{Store, at_once};
use crate::fixtures::{at, claim, order, zoe};

fn allowance(name: &str, limit: u32) -> Allowance {
    Allowance {
        key: QuotaKey::parse(name).expect("a key"),
        windows: vec![Window::new(limit, Duration::from_mins(1))],
    }
}

/// One is taken from each allowance, when the order was placed; an order for
/// which one of them has nothing left is not kept, and takes from none.
pub async fn an_order_takes_from_each_allowance_or_is_not_kept(store: Store) {
    let (narrow, wide) = (allowance("narrow", 1), allowance("wide", 2));
    let both = [narrow, wide.clone()];
    let (first, second, third) = (order(1, &zoe()), order(2, &zoe()), order(3, &zoe()));
    let placed = store.orders.place(&first, &both, None).await;
    placed.expect("kept");

    let error = store.orders.place(&second, &both, None).await;

    let until = first.placed_at + Duration::from_mins(1);
    assert!(
        matches!(error, Err(PlaceError::Exhausted { retry_at }) if retry_at == until),
        "{error:?}"
    );
    assert_eq!(store.find(&zoe(), second.id).await, None);
    let wide = [wide];
    let placed = store.orders.place(&third, &wide, None).await;
    placed.expect("one is left");
    let taken = store.quotas.take(&wide, third.placed_at).await;
    taken.expect_err("the same quotas are looked at, and none is left");
}

/// Of any number of orders at the same time no more are kept than the
/// allowance has.
pub async fn of_64_simultaneous_placings_no_more_than_the_allowance_are_kept(store: Store) {
    let outcomes = at_once(64, |i| {
        let orders = store.orders.clone();
        let order = PlacedOrder {
            placed_at: at(0),
            ..order(u32::try_from(i).expect("few"), &zoe())
        };
        async move { orders.place(&order, &[allowance("zoë", 5)], None).await }
    })
    .await;

    assert_eq!(outcomes.iter().filter(|placed| placed.is_ok()).count(), 5);
    assert_eq!(store.page(&zoe(), None, at(100)).await.orders.len(), 5);
}

/// With a claim, the request is begun: a repeat finds it, here and at
/// `Replies`, and gets its answer once there is one.
pub async fn a_placed_orders_request_is_begun(store: Store) {
    let (claimed, order) = (claim("zoë", 1), order(1, &zoe()));
    let place = async || store.orders.place(&order, &[], Some(&claimed)).await;
    place().await.expect("kept");

    let again = place().await;
    assert!(
        matches!(again, Err(PlaceError::Repeated(Repeat::Unfinished))),
        "{again:?}"
    );
    assert_eq!(store.repeat(&claimed).await, Some(Repeat::Unfinished));

    let reply = Reply::new(*b"answer");
    let finished = store.replies.finish(&claimed.key, None, &reply).await;
    finished.expect("kept");
    let again = place().await;
    assert!(
        matches!(&again, Err(PlaceError::Repeated(Repeat::Answered(first))) if *first == reply),
        "{again:?}"
    );
}

/// Of any number of orders of one request at the same time, exactly one is
/// kept.
pub async fn of_64_simultaneous_placings_of_one_request_one_is_kept(store: Store) {
    let outcomes = at_once(64, |i| {
        let orders = store.orders.clone();
        let order = order(u32::try_from(i).expect("few"), &zoe());
        async move { orders.place(&order, &[], Some(&claim("zoë", 1))).await }
    })
    .await;

    assert_eq!(outcomes.iter().filter(|placed| placed.is_ok()).count(), 1);
    assert_eq!(store.page(&zoe(), None, at(100)).await.orders.len(), 1);
}

/// Unless the request is the first of its name, nothing else happens.
pub async fn a_repeated_request_places_nothing_and_takes_nothing(store: Store) {
    let one = [allowance("zoë", 1)];
    let begun = store.repeat(&claim("zoë", 1)).await;
    assert_eq!(begun, None);

    let order = order(1, &zoe());
    for (byte, expected) in [(1, Repeat::Unfinished), (2, Repeat::OtherRequest)] {
        let claim = claim("zoë", byte);
        let placed = store.orders.place(&order, &one, Some(&claim)).await;
        assert!(
            matches!(&placed, Err(PlaceError::Repeated(repeat)) if *repeat == expected),
            "{placed:?}"
        );
    }

    assert_eq!(store.find(&zoe(), order.id).await, None);
    let taken = store.quotas.take(&one, order.placed_at).await;
    taken.expect("nothing was taken");
}

/// The request of an order that is refused has been begun all the same.
pub async fn the_request_of_a_refused_order_is_begun(store: Store) {
    let (claimed, order) = (claim("zoë", 1), order(1, &zoe()));
    let nothing = [allowance("zoë", 0)];

    let placed = store.orders.place(&order, &nothing, Some(&claimed)).await;

    placed.expect_err("nothing is left");
    assert_eq!(store.repeat(&claimed).await, Some(Repeat::Unfinished));
}
