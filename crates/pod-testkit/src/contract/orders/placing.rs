//! What [`Orders::place`](pod_core::ports::Orders::place) promises.

use pod_core::{Currency, Item, Money, Order, PlacedOrder, Stage, State};

use super::super::{Store, at_once};
use crate::fixtures::{at, bjorn, customer, order, unusual_texts, zoe};

/// A new order is kept with one sending begun when it was placed, and comes
/// back equal in every field.
pub async fn a_placed_order_is_kept_with_every_field(store: Store) {
    let order = order(1, &zoe());

    store.orders.place(&order, &[], None).await.expect("kept");

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
        store
            .orders
            .place(again, &[], None)
            .await
            .expect("kept already");
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
        store.orders.place(&order, &[], None).await.expect("kept");

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
        store.orders.place(order, &[], None).await.expect("kept");
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
        async move { orders.place(&order, &[], None).await }
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
