//! Sweeping: what nobody needs any more is forgotten, and nothing before.

use std::time::Duration;

use jiff::SignedDuration;
use pod_core::ports::{
    Attempts, BeginAttemptError, Begun, Claim, Enrolments, History, Orders, Quotas, Repeat,
    Replies, ReplyKey, RequestDigest, Session, SessionKey, SessionLimits, Sessions,
};
use pod_core::{
    Allowance, AttemptLimits, CodeAccepted, CustomerId, Enrolment, PlacedOrder, QuotaKey, SentCode,
    Stage, Timestamp, Window,
};
use pod_store::{SqliteConfig, SqliteStore, Swept};
use pod_testkit::fixtures::{at, challenge, customer, order, zoe};
use rusqlite::{Connection, params};
use tempfile::TempDir;

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
    store.place(&order, &[], None).await.expect("kept");
    let sent = store.activate(&order, &challenge(&order)).await;
    sent.expect("it awaits its code");
    let now = challenge(&order).sent_at;
    let begun = Attempts::begin(store, customer, None, now, limits, None).await;
    begun.expect("counted");
    now
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
const TICK: SignedDuration = SignedDuration::from_micros(1);

#[tokio::test]
async fn an_answer_is_kept_until_its_time_and_no_longer() {
    let store = store();
    let key = ReplyKey::parse("alexa.one").expect("a key");
    let claim = Claim {
        key: key.clone(),
        digest: RequestDigest::from_bytes([7; 32]),
        keep_until: at(300),
    };
    let begin = async || {
        let begun = Replies::begin(&store, &claim).await;
        begun.expect("kept")
    };
    assert_eq!(begin().await, Begun::First);

    let early = sweep(&store, at(300) - TICK).await;
    assert_eq!(begin().await, Begun::Repeated(Repeat::Unfinished));
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
    store.place(&old, &[], None).await.expect("kept");
    store.place(&young, &[], None).await.expect("kept");

    let early = sweep(&store, old.placed_at + DAY - TICK).await;
    let due = sweep(&store, old.placed_at + DAY).await;

    assert_eq!((early.orders, due.orders), (0, 1));
    assert!(
        History::find(&store, &zoe(), old.id)
            .await
            .expect("looked")
            .is_none()
    );
    let kept = History::find(&store, &zoe(), young.id)
        .await
        .expect("looked");
    assert_eq!(kept.expect("it is young").state.stage(), Stage::Placed);
}

#[tokio::test]
async fn orders_are_kept_for_ever_if_nothing_was_said() {
    let store = store();
    let order = order(1, &zoe());
    store.place(&order, &[], None).await.expect("kept");

    let swept = sweep(&store, order.placed_at + 4000 * DAY).await;

    assert_eq!(swept.orders, 0);
}

/// An order that was placed and awaits its code.
async fn awaiting(store: &SqliteStore, n: u32) -> PlacedOrder {
    let order = order(n, &zoe());
    store.place(&order, &[], None).await.expect("kept");
    let sent = store.activate(&order, &challenge(&order)).await;
    sent.expect("it awaits its code");
    order
}

async fn is_kept(store: &SqliteStore, order: &PlacedOrder) -> bool {
    let found = History::find(store, &order.customer, order.id).await;
    found.expect("looked up").is_some()
}

fn keeping_orders_for(age: Duration) -> SqliteStore {
    let config = SqliteConfig::in_memory().keep_orders_for(age);
    SqliteStore::open(&config).expect("it opens")
}

#[tokio::test]
async fn an_answer_goes_with_its_request() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("pod.db");
    let store = SqliteStore::open(&SqliteConfig::file(&file)).expect("it opens");
    let bare = Connection::open(&file).expect("it opens");
    let kept = bare.execute_batch(&format!(
        "WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n LIMIT 1234) \
         INSERT INTO requests SELECT n, randomblob(16), zeroblob(32), {} + n % 2 FROM n; \
         INSERT INTO replies (request, reply) SELECT seq, x'00' FROM requests",
        at(0).as_microsecond()
    ));
    kept.expect("kept");

    let swept = sweep(&store, at(0)).await;

    assert_eq!(swept.replies, 617);
    let left = "SELECT (SELECT count(*) FROM requests), (SELECT count(*) FROM replies)";
    let left = bare.query_row(left, [], |row| Ok((row.get(0)?, row.get(1)?)));
    assert_eq!(left.expect("counted"), (617, 617));
}

#[tokio::test]
async fn allowances_are_found_whatever_their_key() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("pod.db");
    let store = SqliteStore::open(&SqliteConfig::file(&file)).expect("it opens");
    let bare = Connection::open(&file).expect("it opens");
    let mut keys: Vec<_> = (0..=u8::MAX).map(|first| [first; 16]).collect();
    keys.extend((0..=u8::MAX).map(|first| std::array::from_fn(|i| if i == 0 { first } else { 0 })));
    keys.push(std::array::from_fn(|i| if i == 15 { 0xFE } else { 0xFF }));
    bare.execute_batch("BEGIN").expect("begun");
    for key in &keys {
        let keep = "INSERT OR IGNORE INTO quotas VALUES (?1, x'', ?2)";
        let kept = bare.execute(keep, params![key, at(0).as_microsecond()]);
        kept.expect("kept");
    }
    bare.execute_batch("COMMIT").expect("kept");

    let early = sweep(&store, at(0) - TICK).await;
    let due = sweep(&store, at(0)).await;

    // Sixteen zeros are among the first and the second.
    assert_eq!((early.quotas, due.quotas), (0, keys.len() as u64 - 1));
}

#[tokio::test]
async fn what_is_left_after_a_success_goes_when_it_is_too_old_to_count() {
    let store = store();
    let order = awaiting(&store, 1).await;
    let (now, limits) = (challenge(&order).sent_at, AttemptLimits::default());
    let begin = async |at| {
        let begun = Attempts::begin(&store, &zoe(), None, at, &limits, None).await;
        begun.expect("counted")
    };
    begin(now).await;
    let attempt = begin(now + TICK).await;
    let proof = CodeAccepted::assertion(&attempt);
    let confirmation = attempt.confirm(proof, now + TICK).expect("its own proof");
    store.confirm(&confirmation).await.expect("confirmed");

    let early = sweep(&store, now + TICK + DAY - TICK).await;
    let due = sweep(&store, now + TICK + DAY).await;

    assert_eq!((early.standings, due.standings), (0, 1));
}

#[tokio::test]
async fn a_lock_outlasts_being_forgotten_and_the_failures_that_led_to_it() {
    let store = store();
    let mut limits = AttemptLimits::default();
    limits.failures.most = 1;
    limits.failures.lock = Duration::from_hours(48);
    let now = fail_once(&store, &zoe(), &limits).await;
    store.erase(&zoe()).await.expect("erased");

    let early = sweep(&store, now + 2 * DAY - TICK).await;
    let locked = Attempts::begin(&store, &zoe(), None, now + 2 * DAY - TICK, &limits, None).await;
    let due = sweep(&store, now + 2 * DAY).await;

    assert!(
        matches!(locked, Err(BeginAttemptError::Locked(_))),
        "{locked:?}"
    );
    assert_eq!((early.standings, due.standings), (0, 1));
}

#[tokio::test]
async fn failures_count_on_after_being_forgotten() {
    let store = store();
    let mut limits = AttemptLimits::default();
    limits.failures.most = 2;
    fail_once(&store, &zoe(), &limits).await;
    store.erase(&zoe()).await.expect("erased");
    sweep(&store, at(60)).await;

    let now = fail_once(&store, &zoe(), &limits).await;

    let third = Attempts::begin(&store, &zoe(), None, now, &limits, None).await;
    assert!(
        matches!(third, Err(BeginAttemptError::Locked(_))),
        "{third:?}"
    );
}

#[tokio::test]
async fn an_order_that_awaits_its_code_is_kept_until_its_time_is_up() {
    let store = keeping_orders_for(Duration::from_secs(1));
    let order = awaiting(&store, 1).await;
    let expires_at = challenge(&order).expires_at;

    let early = sweep(&store, expires_at - TICK).await;
    let was_kept = is_kept(&store, &order).await;
    let due = sweep(&store, expires_at).await;

    assert_eq!((early.orders, due.orders), (0, 1));
    assert!(was_kept);
    assert!(!is_kept(&store, &order).await);
}

#[tokio::test]
async fn an_order_that_has_to_stay_keeps_no_other_one() {
    let store = keeping_orders_for(Duration::from_secs(1));
    let stays = awaiting(&store, 1).await;
    for n in 0..1300 {
        let order = order(0, &customer(&format!("customer {n}")));
        store.place(&order, &[], None).await.expect("kept");
    }

    let swept = sweep(&store, at(60)).await;

    assert_eq!(swept.orders, 1300);
    assert!(is_kept(&store, &stays).await);
}

#[tokio::test]
async fn a_session_is_forgotten_a_day_after_its_last_use() {
    let store = store();
    let key = SessionKey::from_bytes([7; 32]);
    let session = Session {
        customer: zoe(),
        began_at: at(0),
        seen_at: at(0),
        sealed: Box::default(),
    };
    Sessions::begin(&store, &key, &session).await.expect("kept");

    let early = sweep(&store, at(0) + DAY - TICK).await;
    let due = sweep(&store, at(0) + DAY).await;

    assert_eq!((early.sessions, due.sessions), (0, 1));
    let found = Sessions::find(&store, &key, &SessionLimits::default(), at(1)).await;
    assert_eq!(found.expect("looked up"), None);
}

#[tokio::test]
async fn an_enrolment_is_forgotten_when_its_time_is_up() {
    let store = store();
    let placed = order(1, &zoe());
    let begun = Enrolment {
        customer: zoe(),
        contact: "the contact's name".into(),
        summary: "sending codes to …42".into(),
        begun_at: placed.placed_at,
        proof: SentCode {
            seed: placed.seed,
            challenge: challenge(&placed),
        },
        approval: None,
    };
    store.keep(&begun).await.expect("kept");
    // As if no time had passed: one whose time is up is not found anyway.
    let found = async || {
        let found = Enrolments::find(&store, &zoe(), begun.begun_at).await;
        found.expect("looked up")
    };

    let early = sweep(&store, begun.expires_at() - TICK).await;
    assert_eq!(found().await, Some((begun.clone(), 0)));
    let due = sweep(&store, begun.expires_at()).await;

    assert_eq!((early.enrolments, due.enrolments), (0, 1));
    assert_eq!(found().await, None);
}
