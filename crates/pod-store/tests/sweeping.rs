//! Sweeping: what nobody needs any more is forgotten, and nothing before.

use std::time::Duration;

use jiff::SignedDuration;
use pod_core::ports::{Attempts, Begun, History, Orders, Quotas, Replies, ReplyKey, RequestDigest};
use pod_core::{Allowance, AttemptLimits, CustomerId, QuotaKey, Stage, Timestamp, Window};
use pod_store::{SqliteConfig, SqliteStore, Swept};
use pod_testkit::fixtures::{at, challenge, order, zoe};

fn store() -> SqliteStore {
    SqliteStore::open(&SqliteConfig::in_memory()).expect("it opens")
}

async fn sweep(store: &SqliteStore, now: Timestamp) -> Swept {
    store.sweep(now).await.expect("swept")
}

/// Leads an order to where a code is awaited, and guesses once.
async fn fail_once(
    store: &SqliteStore,
    customer: &CustomerId,
    limits: &AttemptLimits,
) -> Timestamp {
    let order = order(1, customer);
    store.place(&order).await.expect("kept");
    let sent = store.activate(&order, &challenge(&order)).await;
    sent.expect("it awaits its code");
    let now = challenge(&order).sent_at;
    let begun = Attempts::begin(store, customer, None, now, limits).await;
    begun.expect("counted");
    now
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
const TICK: SignedDuration = SignedDuration::from_micros(1);

#[tokio::test]
async fn an_answer_is_kept_until_its_time_and_no_longer() {
    let store = store();
    let key = ReplyKey::parse("alexa.one").expect("a key");
    let digest = RequestDigest::from_bytes([7; 32]);
    let begin = async || {
        let begun = Replies::begin(&store, &key, &digest, at(300)).await;
        begun.expect("kept")
    };
    assert_eq!(begin().await, Begun::First);

    let early = sweep(&store, at(300) - TICK).await;
    assert_eq!(begin().await, Begun::Unfinished);
    let due = sweep(&store, at(300)).await;

    assert_eq!((early.replies, due.replies), (0, 1));
    assert_eq!(begin().await, Begun::First);
}

#[tokio::test]
async fn an_allowance_is_forgotten_when_no_window_looks_back_to_it() {
    let store = store();
    let allowance = Allowance {
        key: QuotaKey::parse("sends.customer.zoe").expect("a key"),
        windows: vec![
            Window::new(1, Duration::from_mins(1)),
            Window::new(2, Duration::from_hours(1)),
        ],
    };
    let taken = store.take(std::slice::from_ref(&allowance), at(0)).await;
    taken.expect("taken");

    let early = sweep(&store, at(3600) - TICK).await;
    let due = sweep(&store, at(3600)).await;

    assert_eq!((early.quotas, due.quotas), (0, 1));
}

#[tokio::test]
async fn failures_in_a_row_are_kept_however_long_ago_they_were() {
    let store = store();
    let now = fail_once(&store, &zoe(), &AttemptLimits::default()).await;

    let swept = sweep(&store, now + 400 * DAY).await;

    assert_eq!(swept.standings, 0);
}

#[tokio::test]
async fn the_failures_of_one_who_is_forgotten_go_when_they_are_too_old_to_count() {
    let store = store();
    let now = fail_once(&store, &zoe(), &AttemptLimits::default()).await;
    store.erase(&zoe()).await.expect("erased");

    let early = sweep(&store, now + DAY - TICK).await;
    let due = sweep(&store, now + DAY).await;

    assert_eq!((early.standings, due.standings), (0, 1));
}

#[tokio::test]
async fn a_failure_after_being_forgotten_counts_as_before() {
    let store = store();
    fail_once(&store, &zoe(), &AttemptLimits::default()).await;
    store.erase(&zoe()).await.expect("erased");
    let now = fail_once(&store, &zoe(), &AttemptLimits::default()).await;

    let swept = sweep(&store, now + 400 * DAY).await;

    assert_eq!(swept.standings, 0);
}

#[tokio::test]
async fn a_lock_for_good_outlives_being_forgotten() {
    let store = store();
    let mut limits = AttemptLimits::default();
    limits.failures.consecutive = 1;
    let now = fail_once(&store, &zoe(), &limits).await;
    store.erase(&zoe()).await.expect("erased");

    let swept = sweep(&store, now + 400 * DAY).await;

    assert_eq!(swept.standings, 0);
}

#[tokio::test]
async fn orders_are_kept_for_as_long_as_was_asked_for() {
    let config = SqliteConfig::in_memory().keep_orders_for(Duration::from_hours(24));
    let store = SqliteStore::open(&config).expect("it opens");
    let (old, young) = (order(1, &zoe()), order(9, &zoe()));
    store.place(&old).await.expect("kept");
    store.place(&young).await.expect("kept");

    let early = sweep(&store, old.placed_at + DAY - TICK).await;
    let due = sweep(&store, old.placed_at + DAY).await;

    assert_eq!((early.orders, due.orders), (0, 1));
    assert!(store.find(&zoe(), old.id).await.expect("looked").is_none());
    let kept = store.find(&zoe(), young.id).await.expect("looked");
    assert_eq!(kept.expect("it is young").state.stage(), Stage::Placed);
}

#[tokio::test]
async fn orders_are_kept_for_ever_if_nothing_was_said() {
    let store = store();
    let order = order(1, &zoe());
    store.place(&order).await.expect("kept");

    let swept = sweep(&store, order.placed_at + 4000 * DAY).await;

    assert_eq!(swept.orders, 0);
}
