//! What becomes of jobs whose transaction fails: faults are injected where
//! only the writer can cause them.

use std::sync::mpsc;

use pod_core::ports::{Attempts, BeginAttemptError, Orders, Replies, ReplyKey, RequestDigest};
use pod_core::{AttemptLimits, Fault};
use pod_testkit::fixtures::{at, challenge, order, zoe};
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
    Replies::begin(store, &key, &digest, at(9)).await.map(drop)
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
    store.place(&order).await.unwrap();
    store.activate(&order, &challenge(&order)).await.unwrap();
    let begin = async |store: &SqliteStore| {
        let limits = AttemptLimits::default();
        let now = challenge(&order).sent_at;
        Attempts::begin(store, &zoe(), None, now, &limits).await
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
async fn whatever_waits_shares_a_transaction() {
    let (store, _folder) = in_a_file();
    let (release, holding) = held(&store).await;
    let mut waiting = JoinSet::new();
    for n in 0..50_u8 {
        let store = store.clone();
        waiting.spawn(async move {
            let begun = store.write(move |db| {
                let insert = "INSERT INTO requests (key, digest, keep_until) VALUES (?1, ?2, 0)";
                db.db.execute(insert, rusqlite::params![[n; 16], [n; 32]])?;
                Ok(db.changes_at_begin)
            });
            begun.await.unwrap()
        });
    }
    for _ in 0..=50 {
        tokio::task::yield_now().await;
    }

    release.send(()).unwrap();
    holding.join_all().await;

    let mut begun = waiting.join_all().await;
    begun.dedup();
    assert_eq!(begun.len(), 1, "{begun:?}");
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
async fn what_was_asked_for_before_closing_is_done_and_nothing_after() {
    let (store, folder) = in_a_file();
    let (release, holding) = held(&store).await;
    let waiting = claims(&store, 3).await;
    let closing = tokio::spawn({
        let store = store.clone();
        async move { store.close().await }
    });

    release.send(()).unwrap();
    holding.join_all().await;
    closing.await.unwrap();

    for outcome in waiting.join_all().await {
        outcome.expect("it was kept");
    }
    assert!(claim(&store, "later").await.is_err());
    let again = SqliteStore::open(&SqliteConfig::file(folder.path().join("pod.db"))).unwrap();
    assert_eq!(requests(&again).await, 3);
}
