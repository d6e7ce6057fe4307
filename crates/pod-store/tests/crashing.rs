//! Crashes: what was said to be kept is found again by whoever opens a copy of
//! the files, taken at any moment.

use std::fs;
use std::path::Path;

use pod_core::ports::{ActivateError, Attempts, ConfirmAttemptError, History, Orders};
use pod_core::{Attempt, AttemptLimits, CodeAccepted, Confirmation, PlacedOrder, Stage};
use pod_store::{SqliteConfig, SqliteStore};
use pod_testkit::fixtures::{challenge, order, zoe};
use tempfile::TempDir;

/// What a process would find that is started after a crash at this moment.
fn crash(folder: &Path) -> (SqliteStore, TempDir) {
    let copy = TempDir::new().expect("a folder");
    for name in ["pod.db", "pod.db-wal"] {
        fs::copy(folder.join(name), copy.path().join(name)).expect("copied");
    }
    let store = SqliteStore::open(&SqliteConfig::file(copy.path().join("pod.db")));
    (store.expect("it opens"), copy)
}

async fn stage(store: &SqliteStore, order: &PlacedOrder) -> Option<Stage> {
    let found = store.find(&zoe(), order.id).await.expect("looked");
    found.map(|order| order.state.stage())
}

async fn attempt(store: &SqliteStore, order: &PlacedOrder) -> Attempt {
    let limits = AttemptLimits::default();
    let now = challenge(order).sent_at;
    let begun = Attempts::begin(store, &zoe(), None, now, &limits).await;
    begun.expect("counted")
}

fn confirmation(attempt: Attempt) -> Confirmation {
    let (proof, at) = (CodeAccepted::assertion(&attempt), attempt.begun_at());
    attempt.confirm(proof, at).expect("its own proof")
}

#[tokio::test]
async fn after_each_step_a_crash_loses_nothing_and_doubles_nothing() {
    let folder = TempDir::new().expect("a folder");
    let config = SqliteConfig::file(folder.path().join("pod.db"));
    let store = SqliteStore::open(&config).expect("it opens");
    let order = order(1, &zoe());

    store.place(&order).await.expect("kept");
    let (placed, _copy) = crash(folder.path());
    assert_eq!(stage(&placed, &order).await, Some(Stage::Placed));

    let sent = store.activate(&order, &challenge(&order)).await;
    sent.expect("it awaits its code");
    let (awaiting, _copy) = crash(folder.path());
    assert_eq!(stage(&awaiting, &order).await, Some(Stage::AwaitingCode));

    let first = attempt(&store, &order).await;
    let (counted, _copy) = crash(folder.path());
    assert_eq!(attempt(&counted, &order).await.left(), 1, "one was counted");

    store.confirm(&confirmation(first)).await.expect("kept");
    let (confirmed, _copy) = crash(folder.path());
    assert_eq!(stage(&confirmed, &order).await, Some(Stage::Confirmed));
    let again = Attempt::counted(
        order.clone(),
        challenge(&order),
        2,
        challenge(&order).sent_at,
    );
    let doubled = confirmed.confirm(&confirmation(again)).await;
    assert!(matches!(doubled, Err(ConfirmAttemptError::NotAwaiting)));
    let reopened = confirmed.activate(&order, &challenge(&order)).await;
    assert!(matches!(reopened, Err(ActivateError::NotOpen)));
}
