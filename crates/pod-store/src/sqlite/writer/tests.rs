//! What becomes of jobs whose transaction fails: faults are injected where
//! only the writer can cause them.

use std::num::NonZeroUsize;
use std::sync::mpsc;

use pod_core::ports::{
    Attempts, BeginAttemptError, Claim, History, Orders, Replies, Reply, ReplyKey, RequestDigest,
};
use pod_core::{AttemptLimits, Fault};
use pod_testkit::fixtures::{at, challenge, order, zoe};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::super::{SqliteConfig, SqliteStore};
use super::StoreError;

fn in_a_file() -> (SqliteStore, TempDir) {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(&SqliteConfig::file(folder.path().join("pod.db"))).unwrap();
    (store, folder)
}

/// Holds the writer until the sender is used, so that whatever is asked for
/// meanwhile shares one transaction.
async fn held(store: &SqliteStore) -> (mpsc::Sender<()>, JoinSet<()>) {
    let (release, released) = mpsc::channel::<()>();
    let (began, begun) = tokio::sync::oneshot::channel();
    let mut began = Some(began);
    let mut holding = JoinSet::new();
    let store = store.clone();
    holding.spawn(async move {
        let held = store.write(move |_| {
            if let Some(began) = began.take() {
                began.send(()).unwrap();
                released.recv().unwrap();
            }
            Ok(())
        });
        // The transaction that it is in may be made to fail.
        let _ = held.await;
    });
    begun.await.unwrap();
    (release, holding)
}

/// A job after which no transaction with it can be committed: a reply to a
/// request that is not there, which SQLite looks at when all is done.
async fn spoil(store: &SqliteStore) -> Result<(), Fault> {
    store
        .write(|db| {
            db.db.execute_batch(
                "PRAGMA defer_foreign_keys = ON; \
                 INSERT INTO replies (request, reply) VALUES (-1, x'00')",
            )?;
            Ok(())
        })
        .await
}

/// A job that writes, and then fails by itself.
async fn stumble(store: &SqliteStore, key: &str) -> Result<(), Fault> {
    let key = super::super::digest::short(key);
    store
        .write(move |db| {
            let insert = "INSERT INTO requests (key, digest, keep_until) VALUES (?1, ?2, 0)";
            db.db.execute(insert, rusqlite::params![key, [1_u8; 32]])?;
            Err::<(), _>(StoreError::Guard("requests.key"))
        })
        .await
}

async fn claim(store: &SqliteStore, name: &str) -> Result<(), Fault> {
    let digest = RequestDigest::from_bytes([7; 32]);
    let key = ReplyKey::parse(name).unwrap();
    let claim = Claim {
        key,
        digest,
        keep_until: at(9),
    };
    Replies::begin(store, &claim).await.map(drop)
}

async fn requests(store: &SqliteStore) -> i64 {
    let count = "SELECT count(*) FROM requests";
    let counted = store.write(|db| Ok(db.db.query_row(count, [], |row| row.get(0))?));
    counted.await.unwrap()
}

/// Asks for so many claims while the writer is held, and waits until all wait.
async fn claims(store: &SqliteStore, count: u32) -> JoinSet<Result<(), Fault>> {
    let mut waiting = JoinSet::new();
    for n in 0..count {
        let store = store.clone();
        waiting.spawn(async move { claim(&store, &format!("claim.{n}")).await });
    }
    // Each asks as soon as it runs, and there is one thread for all.
    for _ in 0..=count {
        tokio::task::yield_now().await;
    }
    waiting
}

#[tokio::test]
async fn a_commit_that_fails_is_a_fault_for_every_caller_of_its_batch() {
    let (store, _folder) = in_a_file();
    let (release, holding) = held(&store).await;
    let waiting = claims(&store, 20).await;
    let spoilt = tokio::spawn({
        let store = store.clone();
        async move { spoil(&store).await }
    });
    tokio::task::yield_now().await;

    release.send(()).unwrap();
    holding.join_all().await;

    for outcome in waiting.join_all().await {
        assert!(outcome.expect_err("nothing was kept").is_temporary());
    }
    assert!(spoilt.await.unwrap().is_err());
    assert_eq!(requests(&store).await, 0);
    claim(&store, "later").await.expect("all is well again");
    assert_eq!(requests(&store).await, 1);
}

#[tokio::test]
async fn a_job_that_fails_by_itself_harms_no_neighbour_and_leaves_nothing() {
    let (store, _folder) = in_a_file();
    let (release, holding) = held(&store).await;
    let waiting = claims(&store, 5).await;
    let stumbled = tokio::spawn({
        let store = store.clone();
        async move { stumble(&store, "stumble").await }
    });
    tokio::task::yield_now().await;

    release.send(()).unwrap();
    holding.join_all().await;

    for outcome in waiting.join_all().await {
        outcome.expect("it was kept");
    }
    assert!(stumbled.await.unwrap().is_err());
    assert_eq!(requests(&store).await, 5);
}

#[tokio::test]
async fn no_attempt_is_judged_that_was_not_counted() {
    let (store, _folder) = in_a_file();
    let order = order(1, &zoe());
    store.place(&order, &[], None).await.unwrap();
    store.activate(&order, &challenge(&order)).await.unwrap();
    let begin = async |store: &SqliteStore| {
        let limits = AttemptLimits::default();
        let now = challenge(&order).sent_at;
        Attempts::begin(store, &zoe(), None, now, &limits, None).await
    };

    for _ in 0..5 {
        let (release, holding) = held(&store).await;
        let spoilt = tokio::spawn({
            let store = store.clone();
            async move { spoil(&store).await }
        });
        tokio::task::yield_now().await;
        // The attempt is asked for before the writer is let go on.
        let (attempt, ()) = tokio::join!(begin(&store), async { release.send(()).unwrap() });

        holding.join_all().await;
        assert!(spoilt.await.unwrap().is_err());
        assert!(
            matches!(attempt, Err(BeginAttemptError::Fault(_))),
            "{attempt:?}"
        );
    }

    for left in [2, 1, 0] {
        assert_eq!(begin(&store).await.unwrap().left(), left);
    }
    assert!(matches!(
        begin(&store).await,
        Err(BeginAttemptError::Refused(_))
    ));
}

#[tokio::test]
async fn a_caller_who_gives_up_does_not_stop_the_others() {
    let (store, _folder) = in_a_file();
    let (release, holding) = held(&store).await;
    let mut waiting = claims(&store, 10).await;
    waiting.abort_all();
    while waiting.join_next().await.is_some() {}

    release.send(()).unwrap();
    holding.join_all().await;

    claim(&store, "later").await.expect("it is kept");
    assert_eq!(requests(&store).await, 11);
}

#[tokio::test]
async fn after_a_panic_every_call_is_a_fault() {
    let (store, _folder) = in_a_file();
    let panicked = store.write::<(), _>(|_| panic!("on purpose")).await;

    assert!(!panicked.expect_err("it panicked").is_temporary());
    let later = claim(&store, "later").await;
    assert!(!later.expect_err("nobody works any more").is_temporary());
}

#[tokio::test]
async fn nobody_is_answered_before_what_was_asked_for_is_committed() {
    let (store, folder) = in_a_file();
    let bare = Connection::open(folder.path().join("pod.db")).unwrap();
    let requests = || {
        let count = "SELECT count(*) FROM requests";
        bare.query_row(count, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let (release, holding) = held(&store).await;
    let mut waiting = claims(&store, 5).await;
    // It comes after them, in the same transaction.
    let (stepped, in_step) = tokio::sync::oneshot::channel();
    let (go_on, gone_on) = mpsc::channel::<()>();
    let mut stepped = Some(stepped);
    let last = store.write(move |_| {
        stepped.take().unwrap().send(()).unwrap();
        gone_on.recv().unwrap();
        Ok(())
    });

    let (last, ()) = tokio::join!(last, async {
        release.send(()).unwrap();
        in_step.await.unwrap();
        tokio::task::yield_now().await;
        assert!(waiting.try_join_next().is_none(), "one was answered");
        assert_eq!(requests(), 0);
        go_on.send(()).unwrap();
    });

    last.unwrap();
    holding.join_all().await;
    for outcome in waiting.join_all().await {
        outcome.unwrap();
    }
    assert_eq!(requests(), 5);
}

#[tokio::test]
async fn what_finds_the_disk_full_is_a_fault_for_every_caller_of_its_batch() {
    let (store, _folder) = in_a_file();
    let limit = async |pages: i64| {
        let set = store.write(move |db| {
            let set = format!("PRAGMA max_page_count = {pages}");
            Ok(db.db.query_row(&set, [], |row| row.get::<_, i64>(0))?)
        });
        set.await.unwrap()
    };
    // It cannot be less than there are.
    let full = limit(1).await;
    let reply = Reply::new(vec![7; 100_000]);
    let key = ReplyKey::parse("claim.0").unwrap();
    claim(&store, "claim.0").await.unwrap();

    let (release, holding) = held(&store).await;
    let waiting = claims(&store, 10).await;
    let (finished, ()) = tokio::join!(store.finish(&key, None, &reply), async {
        release.send(()).unwrap();
    });

    assert!(finished.unwrap_err().is_temporary());
    holding.join_all().await;
    for outcome in waiting.join_all().await {
        assert!(outcome.unwrap_err().is_temporary());
    }
    assert_eq!(requests(&store).await, 1);
    assert!(limit(1_000_000).await > full);
    store.finish(&key, None, &reply).await.unwrap();
    claim(&store, "claim.1").await.unwrap();
    assert_eq!(requests(&store).await, 2);
}

#[tokio::test]
async fn a_panic_leaves_nobody_waiting_and_nothing_half_done() {
    let (store, folder) = in_a_file();
    let order = order(1, &zoe());
    store.place(&order, &[], None).await.unwrap();
    let (release, holding) = held(&store).await;
    let waiting = claims(&store, 300).await;
    let panicking = store.write::<(), _>(|_| panic!("on purpose"));
    let (panicked, ()) = tokio::join!(panicking, async { release.send(()).unwrap() });

    assert!(!panicked.unwrap_err().is_temporary());
    holding.join_all().await;
    let kept = waiting.join_all().await;
    let kept = kept.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(store.check().await.is_err());
    assert!(History::find(&store, &zoe(), order.id).await.is_err());
    assert!(claim(&store, "later").await.is_err());
    store.close().await;
    let again = SqliteStore::open(&SqliteConfig::file(folder.path().join("pod.db"))).unwrap();
    assert_eq!(requests(&again).await, i64::try_from(kept).unwrap());
    assert!(
        History::find(&again, &zoe(), order.id)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_panic_in_memory_is_a_fault_for_those_who_read_too() {
    let store = SqliteStore::open(&SqliteConfig::in_memory()).unwrap();
    let panicked = store.write::<(), _>(|_| panic!("on purpose")).await;

    assert!(panicked.is_err());
    assert!(
        History::find(&store, &zoe(), order(1, &zoe()).id)
            .await
            .is_err()
    );
    assert!(store.check().await.is_err());
}

#[tokio::test]
async fn a_reader_that_panics_leaves_nobody_waiting() {
    let folder = TempDir::new().unwrap();
    let config = SqliteConfig::file(folder.path().join("pod.db")).readers(NonZeroUsize::MIN);
    let store = SqliteStore::open(&config).unwrap();

    let panicked = store.read::<(), _>(|_| panic!("on purpose")).await;

    assert!(!panicked.unwrap_err().is_temporary());
    assert!(
        History::find(&store, &zoe(), order(1, &zoe()).id)
            .await
            .is_err()
    );
    assert!(store.check().await.is_err());
    store.close().await;
}
