//! Crashes: what was said to be kept is found again by whoever opens a copy of
//! the files, taken at any moment.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use pod_core::ports::{ActivateError, Attempts, ConfirmAttemptError, History, Orders};
use pod_core::{Attempt, AttemptLimits, CodeAccepted, Confirmation, PlacedOrder, Stage};
use pod_store::{SqliteConfig, SqliteStore};
use pod_testkit::fixtures::{challenge, customer, order, zoe};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::task::JoinSet;

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
    let begun = Attempts::begin(store, &zoe(), None, now, &limits, None).await;
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

    store.place(&order, &[], None).await.expect("kept");
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

/// What was answered, and how much was written ahead by then.
enum Answer {
    Placed(PlacedOrder),
    Awaits(PlacedOrder),
    Counted(PlacedOrder, u32),
    Confirmed(PlacedOrder),
}

/// Leads three orders of Zoë's through a life, and returns what she was told
/// and when.
async fn told(store: &SqliteStore, wal: &Path) -> Vec<(u64, Answer)> {
    let mut told = Vec::new();
    let mut tell = |answer| {
        let written = fs::metadata(wal).expect("a file written ahead").len();
        told.push((written, answer));
    };
    for n in 1..=3 {
        let order = order(n, &zoe());
        store.place(&order, &[], None).await.expect("kept");
        tell(Answer::Placed(order.clone()));
        let sent = store.activate(&order, &challenge(&order)).await;
        sent.expect("it awaits its code");
        tell(Answer::Awaits(order.clone()));
        let mut last = attempt(store, &order).await;
        tell(Answer::Counted(order.clone(), 1));
        for counted in 2..=n {
            last = attempt(store, &order).await;
            tell(Answer::Counted(order.clone(), counted));
        }
        if n < 3 {
            store.confirm(&confirmation(last)).await.expect("kept");
            tell(Answer::Confirmed(order));
        }
    }
    told
}

/// Every length that the file written ahead can have after a crash: after each
/// page of it, and in the midst of one.
fn lengths(wal: &[u8]) -> Vec<usize> {
    let page = u32::from_be_bytes(wal[8..12].try_into().expect("four bytes"));
    let frame = 24 + usize::try_from(page).expect("a page's size");
    let ends = (0..).map(|n| 32 + n * frame);
    let ends = ends.take_while(|end| *end <= wal.len());
    ends.flat_map(|end| [end, end + frame / 2])
        .filter(|end| *end <= wal.len())
        .collect()
}

#[tokio::test]
async fn wherever_writing_stopped_what_was_answered_is_kept_and_every_order_is_lawful() {
    let folder = TempDir::new().expect("a folder");
    let (file, wal) = (
        folder.path().join("pod.db"),
        folder.path().join("pod.db-wal"),
    );
    let store = SqliteStore::open(&SqliteConfig::file(&file)).expect("it opens");
    let created = fs::metadata(&wal).expect("a file written ahead").len();
    let answers = told(&store, &wal).await;
    let (file, wal) = (
        fs::read(&file).expect("read"),
        fs::read(&wal).expect("read"),
    );

    for length in lengths(&wal) {
        let copy = TempDir::new().expect("a folder");
        let config = SqliteConfig::file(copy.path().join("pod.db"));
        fs::write(copy.path().join("pod.db"), &file).expect("copied");
        fs::write(copy.path().join("pod.db-wal"), &wal[..length]).expect("copied");

        let found = SqliteStore::open(&config).expect("it opens");

        let written = u64::try_from(length).expect("a length");
        let is_damaged = "SELECT integrity_check <> 'ok' FROM pragma_integrity_check";
        let bare = Connection::open(copy.path().join("pod.db")).expect("it opens");
        let is_damaged: bool = bare
            .query_row(is_damaged, [], |row| row.get(0))
            .expect("checked");
        assert!(!is_damaged, "{length}");
        for (_, answer) in answers.iter().filter(|(before, _)| *before <= written) {
            match answer {
                Answer::Placed(order) => {
                    assert!(stage(&found, order).await.is_some(), "{length}");
                }
                Answer::Awaits(order) => {
                    assert_ne!(stage(&found, order).await, Some(Stage::Placed), "{length}");
                }
                Answer::Counted(order, least) => {
                    let counted = "SELECT attempts FROM orders WHERE id = ?1";
                    let counted: u32 = bare
                        .query_row(counted, [order.id.to_bytes()], |row| row.get(0))
                        .expect("counted");
                    assert!(counted >= *least, "{length}");
                }
                Answer::Confirmed(order) => {
                    let stage = stage(&found, order).await;
                    assert_eq!(stage, Some(Stage::Confirmed), "{length}");
                }
            }
        }
        if written >= created {
            confirmed_once(&found, length).await;
        }
    }
}

/// Whatever was found, each of the orders can be brought to be confirmed if it
/// was not, and is confirmed once.
async fn confirmed_once(found: &SqliteStore, length: usize) {
    for n in 1..=3 {
        let order = order(n, &zoe());
        let now = challenge(&order).sent_at;
        let before = stage(found, &order).await;
        found.place(&order, &[], None).await.expect("kept");
        let awaits = found.activate(&order, &challenge(&order)).await.is_ok();
        let again = Attempt::counted(order.clone(), challenge(&order), 0, now);

        let first = found.confirm(&confirmation(again.clone())).await.is_ok();
        let second = found.confirm(&confirmation(again)).await.is_ok();

        let was_confirmed = before == Some(Stage::Confirmed);
        assert_eq!(
            (awaits, first),
            (!was_confirmed, !was_confirmed),
            "{length}"
        );
        assert!(!second, "{length}");
        assert_eq!(stage(found, &order).await, Some(Stage::Confirmed));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_midst_of_work_a_crash_loses_nothing_that_was_answered() {
    let folder = TempDir::new().expect("a folder");
    let config = SqliteConfig::file(folder.path().join("pod.db"));
    let store = SqliteStore::open(&config).expect("it opens");
    let answered = Arc::new(Mutex::new(Vec::new()));
    let mut working = JoinSet::new();
    for n in 0..200 {
        let (store, answered) = (store.clone(), Arc::clone(&answered));
        working.spawn(async move {
            let order = order(n, &customer(&format!("customer {n}")));
            store.place(&order, &[], None).await.expect("kept");
            let sent = store.activate(&order, &challenge(&order)).await;
            sent.expect("it awaits its code");
            let (now, limits) = (challenge(&order).sent_at, AttemptLimits::default());
            let begun = Attempts::begin(&store, &order.customer, None, now, &limits, None).await;
            let confirmed = store.confirm(&confirmation(begun.expect("counted"))).await;
            confirmed.expect("kept");
            answered.lock().expect("whole").push(order);
        });
    }

    let mut copies = Vec::new();
    while working.join_next().await.is_some() {
        if working.len() % 20 == 0 {
            let so_far = answered.lock().expect("whole").clone();
            copies.push((so_far, crash(folder.path())));
        }
    }

    assert_eq!(copies.len(), 10);
    for (answered, (found, _copy)) in copies {
        for order in &answered {
            let kept = History::find(&found, &order.customer, order.id).await;
            let kept = kept.expect("looked up").expect("it was answered");
            assert_eq!(kept.state.stage(), Stage::Confirmed);
        }
    }
}
