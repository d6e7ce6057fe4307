//! Committing: whoever hears that something was kept can rely on it, and
//! whatever fails is undone as a whole. Failures are caused from outside, by a
//! bare connection to the same file.
#![expect(
    clippy::future_not_send,
    reason = "a bare connection stays in the thread of its test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;

use pod_core::ports::{
    Attempts, BeginAttemptError, Begun, Claim, Customers, History, Links, Orders, PlaceError,
    Quotas, Repeat, Replies, Reply, ReplyKey, RequestDigest,
};
use pod_core::{
    AccountId, Allowance, Attempt, AttemptLimits, CodeAccepted, Confirmation, CustomerId, Ending,
    Fault, PlacedOrder, QuotaKey, SendLimits, Window,
};
use pod_store::{SqliteConfig, SqliteStore};
use pod_testkit::fixtures::{
    at, bjorn, bjorn_phone, challenge, customer, deadline, order, zoe, zoe_email,
};
use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;

/// A deferred constraint: what breaks it is found out by the commit.
const WALL: &str = "CREATE TABLE wall \
    (brick INTEGER REFERENCES orders (seq) DEFERRABLE INITIALLY DEFERRED)";

const TABLES: [&str; 7] = [
    "orders",
    "standings",
    "quotas",
    "requests",
    "replies",
    "contacts",
    "links",
];

/// A store, its file, and a bare connection to it that can get in its way.
struct Stage {
    store: SqliteStore,
    bare: Connection,
    file: PathBuf,
    _folder: TempDir,
}

impl Stage {
    fn new() -> Self {
        Self::with_patience(Duration::from_mins(1))
    }

    fn with_patience(patience: Duration) -> Self {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("pod.db");
        let config = SqliteConfig::file(&file).patience(patience);
        let store = SqliteStore::open(&config).expect("it opens");
        let bare = Connection::open(&file).expect("it opens");
        Self {
            store,
            bare,
            file,
            _folder: folder,
        }
    }

    fn does(&self, statements: &str) {
        self.bare.execute_batch(statements).expect(statements);
    }

    /// From here on no transaction that writes can be committed.
    fn refuse_commits(&self) {
        self.does(WALL);
        for table in TABLES {
            for event in ["INSERT", "UPDATE", "DELETE"] {
                self.does(&format!(
                    "CREATE TRIGGER refuse_{event}_{table} AFTER {event} ON {table} \
                     BEGIN INSERT INTO wall VALUES (-1); END"
                ));
            }
        }
    }

    fn allow_commits(&self) {
        for table in TABLES {
            for event in ["INSERT", "UPDATE", "DELETE"] {
                self.does(&format!("DROP TRIGGER refuse_{event}_{table}"));
            }
        }
        self.does("DROP TABLE wall");
    }

    /// Everything that is kept, as another process sees it.
    fn kept(&self) -> Vec<(&'static str, Vec<Value>)> {
        let mut kept = Vec::new();
        for table in TABLES {
            let select = format!("SELECT * FROM {table}");
            let mut statement = self.bare.prepare(&select).expect(table);
            let columns = statement.column_count();
            let rows = statement.query_map([], |row| {
                (0..columns).map(|column| row.get(column)).collect()
            });
            kept.extend(rows.expect(table).map(|row| (table, row.expect(table))));
        }
        kept
    }

    fn count(&self, table: &str) -> i64 {
        let count = format!("SELECT count(*) FROM {table}");
        let counted = self.bare.query_row(&count, [], |row| row.get(0));
        counted.expect("counted")
    }

    async fn awaiting(&self, n: u32, customer: &CustomerId) -> PlacedOrder {
        let order = order(n, customer);
        self.store.place(&order, &[], None).await.expect("kept");
        let sent = self.store.activate(&order, &challenge(&order)).await;
        sent.expect("it awaits its code");
        order
    }

    async fn begin(&self, order: &PlacedOrder) -> Result<Attempt, BeginAttemptError> {
        let (now, limits) = (challenge(order).sent_at, AttemptLimits::default());
        let (customer, order) = (&order.customer, Some(order.id));
        Attempts::begin(&self.store, customer, order, now, &limits, None).await
    }
}

/// Has a call made, which cannot be answered yet.
fn asked<F: Future>(call: F) -> Pin<Box<F>> {
    let mut call = Box::pin(call);
    assert!(is_waiting(&mut call), "it was answered");
    call
}

fn is_waiting<F: Future>(call: &mut Pin<Box<F>>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    call.as_mut().poll(&mut context).is_pending()
}

/// How many transactions are in the file that is written ahead: the last page
/// of each says how large the database is then.
fn commits(file: &Path) -> usize {
    let wal = fs::read(file.with_extension("db-wal")).expect("a file written ahead");
    let (header, frames) = wal.split_at(32);
    let page = u32::from_be_bytes(header[8..12].try_into().expect("four bytes"));
    let page = usize::try_from(page).expect("a page's size");
    frames
        .chunks_exact(24 + page)
        .filter(|frame| frame[8..16] == header[16..24] && frame[4..8] != [0; 4])
        .count()
}

fn key(name: &str) -> ReplyKey {
    ReplyKey::parse(name).expect("a request's name")
}

async fn claim(store: &SqliteStore, name: &str) -> Result<Begun, Fault> {
    let claim = Claim {
        key: key(name),
        digest: RequestDigest::from_bytes([7; 32]),
        keep_until: at(900),
    };
    Replies::begin(store, &claim).await
}

fn account(name: &str) -> AccountId {
    AccountId::parse(name).expect("an account's name")
}

fn confirmation(attempt: Attempt) -> Confirmation {
    let (proof, at) = (CodeAccepted::assertion(&attempt), attempt.begun_at());
    attempt.confirm(proof, at).expect("its own proof")
}

/// Something for each call below to change.
struct Prepared {
    attempt: Attempt,
    bjorns: PlacedOrder,
    eves: PlacedOrder,
}

async fn prepare(stage: &Stage) -> Prepared {
    let store = &stage.store;
    let zoes = stage.awaiting(1, &zoe()).await;
    let attempt = stage.begin(&zoes).await.expect("counted");
    let bjorns = order(2, &bjorn());
    store.place(&bjorns, &[], None).await.expect("kept");
    let eves = stage.awaiting(3, &customer("eve")).await;
    stage.begin(&eves).await.expect("counted");
    let dans = order(4, &customer("dan"));
    store.place(&dans, &[], None).await.expect("kept");
    let cancelled = Orders::close(store, &dans.customer, dans.id, Ending::Cancelled, at(5)).await;
    cancelled.expect("it was open");
    for name in ["one", "other"] {
        store.link(&account(name), &zoe()).await.expect("linked");
    }
    let contacts = store.keep_contacts(&bjorn(), &[bjorn_phone()]).await;
    contacts.expect("kept");
    claim(store, "begun").await.expect("kept");
    claim(store, "answered").await.expect("kept");
    let (whose, so) = (Some(&zoes.customer), Reply::new(*b"so"));
    let answered = store.finish(&key("answered"), whose, &so).await;
    answered.expect("kept");
    Prepared {
        attempt,
        bjorns,
        eves,
    }
}

/// Makes each call that writes, and returns what each says if it is refused.
async fn everything(stage: &Stage, on: &Prepared) -> Vec<(&'static str, Option<String>)> {
    fn told<T, E: ToString>(outcome: Result<T, E>) -> Option<String> {
        outcome.err().map(|error| error.to_string())
    }
    let store = &stage.store;
    let (zoe, bjorn, eve, dan) = (zoe(), bjorn(), customer("eve"), customer("dan"));
    let allowance = Allowance {
        key: QuotaKey::parse("sends").expect("a key"),
        windows: vec![Window::new(1, Duration::from_mins(1))],
    };
    let sends = SendLimits::default();
    let again = store.begin_send(&bjorn, on.bjorns.id, at(60), &sends).await;
    let sent = store.activate(&on.bjorns, &challenge(&on.bjorns)).await;
    let begun = stage.begin(&on.eves).await;
    let confirmation = confirmation(on.attempt.clone());
    let cancelled = Orders::close(store, &eve, on.eves.id, Ending::Cancelled, at(9)).await;
    let finished = store.finish(&key("begun"), None, &Reply::new(*b"so")).await;
    let contacts = store.keep_contacts(&zoe, &[zoe_email()]).await;
    vec![
        ("begin_send", told(again)),
        ("activate", told(sent)),
        ("begin", told(begun)),
        ("close", told(cancelled)),
        ("finish", told(finished)),
        ("keep_contacts", told(contacts)),
        ("place", told(store.place(&order(5, &zoe), &[], None).await)),
        ("confirm", told(store.confirm(&confirmation).await)),
        ("unlock", told(store.unlock(&eve).await)),
        ("clear", told(store.clear(&dan, at(9)).await)),
        ("erase", told(store.erase(&zoe).await)),
        ("take", told(store.take(&[allowance], at(9)).await)),
        ("claim", told(claim(store, "new").await)),
        ("link", told(store.link(&account("new"), &bjorn).await)),
        ("unlink", told(store.unlink(&account("other")).await)),
        ("forget links", told(Links::forget(store, &zoe).await)),
        ("forget", told(Customers::forget(store, &bjorn).await)),
        ("forget replies", told(Replies::forget(store, &zoe).await)),
        ("sweep", told(store.sweep(at(900)).await)),
    ]
}

#[tokio::test]
async fn while_no_commit_succeeds_every_call_that_writes_is_a_fault_and_changes_nothing() {
    let stage = Stage::new();
    let prepared = prepare(&stage).await;
    let before = stage.kept();

    stage.refuse_commits();
    let refused = everything(&stage, &prepared).await;
    let after = stage.kept();
    stage.allow_commits();
    let mended = everything(&stage, &prepared).await;

    for (call, told) in refused {
        let told = told.expect(call);
        assert_eq!(told, "sqlite is unavailable: try again later", "{call}");
    }
    assert_eq!(after, before);
    for (call, told) in mended {
        assert_eq!(told, None, "{call}");
    }
}

#[tokio::test]
async fn a_confirmation_that_failed_can_be_kept_later_and_only_once() {
    let stage = Stage::new();
    let order = stage.awaiting(1, &zoe()).await;
    let attempt = stage.begin(&order).await.expect("counted");

    stage.refuse_commits();
    let failed = stage.store.confirm(&confirmation(attempt.clone())).await;
    stage.allow_commits();
    let first = stage.store.confirm(&confirmation(attempt.clone())).await;
    let second = stage.store.confirm(&confirmation(attempt)).await;

    let outcomes = [failed, first, second].map(|outcome| outcome.map_err(|e| e.to_string()));
    assert_eq!(
        outcomes,
        [
            Err("sqlite is unavailable: try again later".to_owned()),
            Ok(()),
            Err("the order does not await this code".to_owned()),
        ]
    );
}

#[tokio::test]
async fn one_refused_statement_harms_no_neighbour() {
    let stage = Stage::new();
    stage.does(
        "CREATE TRIGGER unlucky AFTER INSERT ON orders WHEN NEW.customer = 'unlucky' \
         BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    let orders: Vec<_> = ["one", "two", "unlucky", "three"]
        .map(|name| order(1, &customer(name)))
        .into();

    stage.does("BEGIN IMMEDIATE");
    let calls: Vec<_> = orders
        .iter()
        .map(|order| asked(stage.store.place(order, &[], None)))
        .collect();
    stage.does("COMMIT");

    for (call, order) in calls.into_iter().zip(&orders) {
        let lucky = order.customer.as_str() != "unlucky";
        assert_eq!(call.await.is_ok(), lucky, "{:?}", order.customer);
        let found = History::find(&stage.store, &order.customer, order.id).await;
        assert_eq!(found.expect("looked up").is_some(), lucky);
    }
}

#[tokio::test]
async fn a_job_that_fails_after_it_has_written_is_undone_and_harms_no_neighbour() {
    let stage = Stage::new();
    let (zoe, before) = (zoe(), [zoe_email()]);
    let kept = stage.store.keep_contacts(&zoe, &before).await;
    kept.expect("kept");
    stage.does(
        "CREATE TRIGGER unlucky BEFORE INSERT ON contacts WHEN NEW.position = 1 \
         BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    let orders = [1, 2].map(|n| order(n, &zoe));

    stage.does("BEGIN IMMEDIATE");
    let first = asked(stage.store.place(&orders[0], &[], None));
    let two_contacts = [bjorn_phone(), zoe_email()];
    let replaced = asked(stage.store.keep_contacts(&zoe, &two_contacts));
    let second = asked(stage.store.place(&orders[1], &[], None));
    stage.does("COMMIT");

    replaced.await.expect_err("its second row was refused");
    first.await.expect("kept");
    second.await.expect("kept");
    let contacts = stage.store.contacts(&zoe, deadline()).await;
    assert_eq!(contacts.expect("looked up"), before);
    assert_eq!(stage.count("orders"), 2);
}

#[tokio::test]
async fn what_undoes_the_whole_transaction_is_a_fault_for_every_caller() {
    let stage = Stage::new();
    stage.does(
        "CREATE TRIGGER unlucky AFTER INSERT ON orders WHEN NEW.customer = 'unlucky' \
         BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
    );
    let orders: Vec<_> = ["one", "two", "unlucky", "three"]
        .map(|name| order(1, &customer(name)))
        .into();

    stage.does("BEGIN IMMEDIATE");
    let calls: Vec<_> = orders
        .iter()
        .map(|order| asked(stage.store.place(order, &[], None)))
        .collect();
    stage.does("COMMIT");

    for (call, order) in calls.into_iter().zip(&orders) {
        call.await.expect_err(order.customer.as_str());
    }
    assert_eq!(stage.count("orders"), 0);
    stage
        .store
        .place(&orders[0], &[], None)
        .await
        .expect("all is well");
    assert_eq!(stage.count("orders"), 1);
}

#[tokio::test]
async fn another_process_that_writes_for_too_long_is_a_fault_and_hinders_no_reader() {
    let stage = Stage::with_patience(Duration::from_millis(1));
    let order = stage.awaiting(1, &zoe()).await;

    stage.does("BEGIN IMMEDIATE");
    let begun = stage.begin(&order).await;
    let checked = stage.store.check().await;
    let found = History::find(&stage.store, &zoe(), order.id).await;
    stage.does("ROLLBACK");

    assert!(
        matches!(begun, Err(BeginAttemptError::Fault(ref fault)) if fault.is_temporary()),
        "{begun:?}"
    );
    assert!(checked.expect_err("nobody can write").is_temporary());
    assert!(found.expect("looked up").is_some());
    stage.store.check().await.expect("all is well");
    assert_eq!(stage.begin(&order).await.expect("counted").left(), 2);
}

#[tokio::test]
async fn another_process_that_writes_is_waited_for() {
    let stage = Stage::new();
    let order = stage.awaiting(1, &zoe()).await;

    stage.does("BEGIN IMMEDIATE; UPDATE orders SET attempts = 2");
    let attempt = asked(stage.begin(&order));
    stage.does("COMMIT");

    assert_eq!(attempt.await.expect("counted").left(), 0);
}

#[tokio::test]
async fn of_1024_calls_that_wait_256_share_a_transaction() {
    let stage = Stage::new();
    let names: Vec<_> = (0..1024).map(|n| format!("request.{n}")).collect();
    let before = commits(&stage.file);

    stage.does("BEGIN IMMEDIATE");
    let mut calls: Vec<_> = names
        .iter()
        .map(|name| asked(claim(&stage.store, name)))
        .collect();
    assert!(calls.iter_mut().all(is_waiting));
    stage.does("ROLLBACK");

    for call in calls {
        assert_eq!(call.await.expect("kept"), Begun::First);
    }
    assert_eq!(commits(&stage.file) - before, 4);
    assert_eq!(stage.count("requests"), 1024);
}

#[tokio::test]
async fn a_call_that_changes_nothing_costs_no_commit() {
    let stage = Stage::new();
    claim(&stage.store, "one").await.expect("kept");
    let before = commits(&stage.file);

    let again = claim(&stage.store, "one").await;
    stage.store.check().await.expect("all is well");
    stage.store.sweep(at(0)).await.expect("swept");

    assert_eq!(again.expect("known"), Begun::Repeated(Repeat::Unfinished));
    assert_eq!(commits(&stage.file), before);
}

#[tokio::test]
async fn closing_finishes_what_waits_and_leaves_one_tidy_file() {
    let Stage {
        store,
        bare,
        file,
        _folder: folder,
    } = Stage::new();
    let clone = store.clone();
    let orders: Vec<_> = (0..300).map(|n| order(n, &zoe())).collect();

    bare.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let calls: Vec<_> = orders
        .iter()
        .map(|order| asked(store.place(order, &[], None)))
        .collect();
    let closing = asked(store.close());
    bare.execute_batch("ROLLBACK").expect("unlocked");
    drop(bare);
    closing.await;

    for call in calls {
        call.await.expect("kept");
    }
    let names = fs::read_dir(folder.path()).expect("a folder");
    let names: BTreeSet<_> = names.map(|e| e.expect("an entry").file_name()).collect();
    assert_eq!(names, BTreeSet::from(["pod.db".into()]));
    for store in [&store, &clone] {
        let written = store.place(&orders[0], &[], None).await;
        assert!(
            matches!(&written, Err(PlaceError::Fault(fault)) if !fault.is_temporary()),
            "{written:?}"
        );
        let read = History::find(store, &zoe(), orders[0].id).await;
        assert!(!read.expect_err("it is closed").is_temporary());
        assert!(!store.check().await.expect_err("closed").is_temporary());
        store.close().await;
    }
    let again = SqliteStore::open(&SqliteConfig::file(&file)).expect("it opens");
    for order in &orders {
        let found = History::find(&again, &zoe(), order.id).await;
        assert!(found.expect("looked up").is_some());
    }
}
