//! What [`History`](pod_core::ports::History) promises.

use std::time::Duration;

use pod_core::ports::{ActivateError, BeginAttemptError, ConfirmAttemptError, Page, PageRequest};
use pod_core::{CustomerId, Ending, Order, OrderId, Stage, State};

use super::Store;
use super::stages::{TICK, confirmation, soon_after};
use crate::fixtures::{at, bjorn, challenge, customer, order, unusual_texts, zoe};

/// Stamps one test for each promise of [`History`](pod_core::ports::History),
/// on the [`Store`] that an expression makes.
#[macro_export]
macro_rules! history_contract {
    ($store:expr) => {
        $crate::__stamp!(
            history,
            $store,
            [
                every_stage_is_found_and_listed_with_every_field,
                an_order_is_found_by_its_customer_only,
                an_order_is_found_by_its_name_whoevers_it_is,
                orders_come_newest_first,
                a_page_holds_at_most_the_limit_and_says_whether_there_are_more,
                pages_follow_one_another_without_gaps,
                older_than_an_order_that_is_gone_there_are_others,
                only_orders_of_the_stage_are_listed,
                an_order_past_its_time_is_listed_as_expired,
                somebody_elses_orders_are_not_listed,
                clearing_leaves_open_orders_and_counts_the_others,
                clearing_counts_an_order_past_its_time,
                clearing_leaves_somebody_elses_orders,
                erasing_leaves_no_order,
                erasing_leaves_somebody_elses_orders,
                what_was_erased_comes_to_nothing,
                failures_and_lock_outlive_erasing,
            ]
        );
    };
}

/// An order comes back by its name alone, whoever's it is, and no other does.
pub async fn an_order_is_found_by_its_name_whoevers_it_is(store: Store) {
    for (n, customer) in [(1, zoe()), (2, bjorn())] {
        let placed = store.place(n, &customer).await;
        let found = store.history.find_anyones(placed.id).await;
        assert_eq!(
            found.expect("looked up").map(|order| order.placed),
            Some(placed)
        );
    }
    let found = store.history.find_anyones(order(3, &zoe()).id).await;
    assert_eq!(found.expect("looked up"), None);
}

/// An order comes back as it stands, equal in every field, in whatever stage.
pub async fn every_stage_is_found_and_listed_with_every_field(store: Store) {
    for (n, stage) in (10..).step_by(10).zip(Stage::ALL) {
        let kept = store.bring(n, &zoe(), stage).await;

        let id = kept.placed.id;
        assert_eq!(store.find(&zoe(), id).await.as_ref(), Some(&kept));
        let now = soon_after(&kept.placed);
        let listed = store.page(&zoe(), Some(stage), now).await.orders;
        assert_eq!(listed.first(), Some(&kept));
        if kept.state.is_open() {
            store.close(&kept.placed, Ending::Cancelled).await;
        }
    }
}

/// An order is found by its own customer; there is none of that name for
/// anybody else.
pub async fn an_order_is_found_by_its_customer_only(store: Store) {
    let hers = store.place(1, &zoe()).await;

    assert!(store.find(&zoe(), hers.id).await.is_some());
    assert_eq!(store.find(&bjorn(), hers.id).await, None);
    for name in unusual_texts() {
        assert_eq!(store.find(&customer(&name), hers.id).await, None);
    }
    assert_eq!(store.find(&zoe(), order(2, &zoe()).id).await, None);
}

/// Orders are listed newest first, in whatever order they were kept.
pub async fn orders_come_newest_first(store: Store) {
    let mut ids = Vec::new();
    for n in [3, 1, 4, 0, 2] {
        ids.push(store.place(n, &zoe()).await.id);
    }

    let listed = names(&store.page(&zoe(), None, at(20)).await);

    ids.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(listed, ids);
}

fn names(page: &Page) -> Vec<OrderId> {
    page.orders.iter().map(|order| order.placed.id).collect()
}

async fn page(
    store: &Store,
    stage: Option<Stage>,
    older_than: Option<OrderId>,
    limit: u32,
) -> (Vec<OrderId>, bool) {
    let request = PageRequest {
        stage,
        older_than,
        limit,
        now: at(20),
    };
    let page = store.history.page(&zoe(), &request).await.expect("listed");
    (names(&page), page.more)
}

/// A page holds at most so many, the newest, and says whether there are older
/// ones.
pub async fn a_page_holds_at_most_the_limit_and_says_whether_there_are_more(store: Store) {
    assert_eq!(page(&store, None, None, 3).await, (vec![], false));
    let mut ids = Vec::new();
    for n in 1..=5 {
        ids.insert(0, store.place(n, &zoe()).await.id);
    }

    for (limit, more) in [
        (1, true),
        (4, true),
        (5, false),
        (6, false),
        (u32::MAX, false),
    ] {
        let most = ids.len().min(limit as usize);
        let expected = (ids[..most].to_vec(), more);
        assert_eq!(page(&store, None, None, limit).await, expected, "{limit}");
    }
    assert_eq!(page(&store, None, None, 0).await.0, []);
}

/// Pages that each ask for what is older than the one before have every order
/// once.
pub async fn pages_follow_one_another_without_gaps(store: Store) {
    let mut ids = Vec::new();
    for n in 1..=7 {
        ids.insert(0, store.place(n, &zoe()).await.id);
    }

    let mut seen: Vec<OrderId> = Vec::new();
    let mut pages = 0;
    loop {
        let (listed, more) = page(&store, None, seen.last().copied(), 3).await;
        seen.extend(listed);
        pages += 1;
        if !more {
            break;
        }
    }

    assert_eq!((seen, pages), (ids.clone(), 3));
    let oldest = ids.last().copied();
    assert_eq!(page(&store, None, oldest, 3).await, (vec![], false));
}

/// What is older than an order can be listed even after that order has been
/// cleared away.
pub async fn older_than_an_order_that_is_gone_there_are_others(store: Store) {
    let older = store.place(1, &zoe()).await;
    let cleared = store.bring(2, &bjorn(), Stage::Cancelled).await.placed;
    store
        .history
        .clear(&bjorn(), at(20))
        .await
        .expect("cleared");

    let listed = page(&store, None, Some(cleared.id), 3).await;

    assert_eq!(listed, (vec![older.id], false));
}

/// With a stage, only orders of that stage are listed, and only they count as
/// more.
pub async fn only_orders_of_the_stage_are_listed(store: Store) {
    let (mut cancelled, mut placed) = (Vec::new(), Vec::new());
    for n in 1..=4 {
        let ended = store.place(2 * n, &zoe()).await;
        store.close(&ended, Ending::Cancelled).await;
        cancelled.insert(0, ended.id);
        placed.insert(0, store.place(2 * n + 1, &zoe()).await.id);
    }
    let list = async |stage, than, limit| page(&store, Some(stage), than, limit).await;

    assert_eq!(
        list(Stage::Cancelled, None, 3).await,
        (cancelled[..3].to_vec(), true)
    );
    assert_eq!(
        list(Stage::Cancelled, Some(cancelled[2]), 3).await,
        (vec![cancelled[3]], false)
    );
    assert_eq!(list(Stage::Placed, None, 4).await, (placed.clone(), false));
    assert_eq!(
        list(Stage::Placed, Some(cancelled[0]), 2).await,
        (placed[1..3].to_vec(), true)
    );
    for stage in Stage::ALL {
        if ![Stage::Cancelled, Stage::Placed].contains(&stage) {
            assert_eq!(list(stage, None, 9).await, (vec![], false), "{stage:?}");
        }
    }
}

/// An order that awaits its code past its time, to the microsecond, is listed
/// as expired, and among those that have expired.
pub async fn an_order_past_its_time_is_listed_as_expired(store: Store) {
    let written = store.bring(1, &zoe(), Stage::Expired).await;
    let awaiting = store.await_code(2, &zoe()).await;
    let newer = store.place(3, &zoe()).await;
    let end = challenge(&awaiting).expires_at;
    let list = async |stage, now| {
        let page = store.page(&zoe(), stage, now).await;
        names(&page)
    };

    let before = end - TICK;
    let waits = Some(Stage::AwaitingCode);
    assert_eq!(list(waits, before).await, [awaiting.id]);
    assert_eq!(list(waits, end).await, []);
    let expired = Some(Stage::Expired);
    assert_eq!(list(expired, before).await, [written.placed.id]);
    assert_eq!(list(expired, end).await, [awaiting.id, written.placed.id]);
    let request = PageRequest {
        stage: expired,
        older_than: Some(newer.id),
        limit: 1,
        now: end,
    };
    let page = store.history.page(&zoe(), &request).await.expect("listed");
    assert!(page.more);
    assert_eq!(page.orders[0].state, State::Expired { at: end });
    let all = store.page(&zoe(), None, end).await.orders;
    assert_eq!(all[1].state, State::Expired { at: end });
}

/// Somebody else's orders are not listed, and do not count as more.
pub async fn somebody_elses_orders_are_not_listed(store: Store) {
    let hers = store.place(1, &zoe()).await;
    for n in 0..4 {
        store.place(n, &bjorn()).await;
    }

    assert_eq!(page(&store, None, None, 1).await, (vec![hers.id], false));
    for name in unusual_texts() {
        let listed = store.page(&customer(&name), None, at(20)).await;
        assert_eq!(names(&listed), []);
    }
}

/// Clearing leaves orders that are open as they are, and says how many had
/// ended.
pub async fn clearing_leaves_open_orders_and_counts_the_others(store: Store) {
    let order = [
        Stage::Confirmed,
        Stage::Expired,
        Stage::Refused,
        Stage::Superseded,
        Stage::Cancelled,
        Stage::AwaitingCode,
        Stage::Placed,
        Stage::Undelivered,
    ];
    let mut kept = Vec::new();
    for (n, stage) in (10..).step_by(10).zip(order) {
        kept.insert(0, store.bring(n, &zoe(), stage).await);
    }

    // One more than the stages: what superseded an order was cancelled.
    assert_eq!(clear(&store, &zoe()).await, 6);

    let open: Vec<Order> = kept
        .into_iter()
        .filter(|order| order.state.is_open())
        .collect();
    assert_eq!(store.page(&zoe(), None, at(100)).await.orders, open);
    assert_eq!(open.len(), 3);
    assert_eq!(clear(&store, &zoe()).await, 0);
}

async fn clear(store: &Store, customer: &CustomerId) -> u64 {
    let cleared = store.history.clear(customer, at(100)).await;
    cleared.expect("cleared")
}

/// An order that awaits its code past its time, to the microsecond, has ended.
pub async fn clearing_counts_an_order_past_its_time(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let end = challenge(&order).expires_at;
    let clear = async |now| store.history.clear(&zoe(), now).await.expect("cleared");

    assert_eq!(clear(end - TICK).await, 0);
    assert_eq!(clear(end).await, 1);
    assert_eq!(store.find(&zoe(), order.id).await, None);
}

/// Clearing leaves somebody else's orders.
pub async fn clearing_leaves_somebody_elses_orders(store: Store) {
    let hers = store.bring(1, &zoe(), Stage::Cancelled).await;

    assert_eq!(clear(&store, &bjorn()).await, 0);
    assert_eq!(store.kept(&hers.placed).await, hers);
}

/// Erasing leaves none of a customer's orders, open or not.
pub async fn erasing_leaves_no_order(store: Store) {
    let mut ids = Vec::new();
    for (n, stage) in (10..).step_by(10).zip(Stage::ALL) {
        ids.push(store.bring(n, &zoe(), stage).await.placed.id);
    }

    store.history.erase(&zoe()).await.expect("erased");
    store.history.erase(&zoe()).await.expect("nothing to erase");

    let page = store.page(&zoe(), None, at(100)).await;
    assert_eq!((page.orders, page.more), (vec![], false));
    for id in ids {
        assert_eq!(store.find(&zoe(), id).await, None);
    }
}

/// Erasing leaves somebody else's orders.
pub async fn erasing_leaves_somebody_elses_orders(store: Store) {
    let his = store.bring(1, &bjorn(), Stage::AwaitingCode).await;
    store.bring(1, &zoe(), Stage::AwaitingCode).await;

    store.history.erase(&zoe()).await.expect("erased");

    assert_eq!(store.kept(&his.placed).await, his);
}

/// What was under way with an order when it was erased comes to nothing: it is
/// neither activated nor confirmed.
pub async fn what_was_erased_comes_to_nothing(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    let attempt = store.begin(&order).await;

    store.history.erase(&zoe()).await.expect("erased");

    let activated = store.orders.activate(&order, &challenge(&order)).await;
    let error = activated.expect_err("it is not there");
    assert!(matches!(error, ActivateError::NotOpen), "{error:?}");
    let confirmed = store
        .attempts
        .confirm(&confirmation(&attempt, at(20)))
        .await;
    let error = confirmed.expect_err("it is not there");
    assert!(
        matches!(error, ConfirmAttemptError::NotAwaiting),
        "{error:?}"
    );
    assert_eq!(store.find(&zoe(), order.id).await, None);
}

/// The customer's failures and lock outlive erasing and clearing: they would
/// otherwise be a way to unlock.
pub async fn failures_and_lock_outlive_erasing(store: Store) {
    let mut failures = 0;
    let locked = loop {
        let order = store.await_code(failures + 1, &zoe()).await;
        match store.try_begin(&order).await {
            Ok(_) => failures += 1,
            Err(BeginAttemptError::Locked(locked)) => break locked,
            Err(error) => panic!("neither begun nor locked: {error:?}"),
        }
        store.close(&order, Ending::Cancelled).await;
        store.history.clear(&zoe(), at(100)).await.expect("cleared");
        store.history.erase(&zoe()).await.expect("erased");
    };
    assert_eq!(failures, 10);

    store.history.erase(&zoe()).await.expect("erased");

    let order = store.await_code(50, &zoe()).await;
    let error = store.try_begin(&order).await.expect_err("still locked");
    assert!(
        matches!(error, BeginAttemptError::Locked(still) if still == locked),
        "{error:?}"
    );
    assert!(locked.until > Some(at(0) + Duration::from_mins(59)));
}
