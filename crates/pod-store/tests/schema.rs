//! The schema: what must not be is refused by the database itself, and what is
//! there all the same is a fault and not a panic.

use std::path::PathBuf;

use pod_core::ports::{Attempts, History, Orders};
use pod_core::{AttemptLimits, Fault, PlacedOrder};
use pod_store::{SqliteConfig, SqliteStore};
use pod_testkit::fixtures::{challenge, order, zoe};
use rusqlite::{Connection, ErrorCode};
use tempfile::TempDir;

/// A store with an order that awaits its code, and a bare connection to the
/// same file.
async fn awaiting() -> (SqliteStore, Connection, PlacedOrder, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let file: PathBuf = folder.path().join("pod.db");
    let store = SqliteStore::open(&SqliteConfig::file(&file)).expect("it opens");
    let order = order(1, &zoe());
    store.place(&order).await.expect("kept");
    let sent = store.activate(&order, &challenge(&order)).await;
    sent.expect("it awaits its code");
    let bare = Connection::open(&file).expect("it opens");
    (store, bare, order, folder)
}

#[tokio::test]
async fn rows_that_cannot_be_are_refused() {
    let (_store, bare, _order, _folder) = awaiting().await;
    let copy = |changed: &str| {
        format!(
            "INSERT INTO orders SELECT seq + 1, {changed} FROM \
             (SELECT *, randomblob(16) AS other FROM orders)"
        )
    };
    let columns = "customer, other, placed_at, kind, summary, currency, minor, details, other, \
                   nonce, sends, last_send_at, state, state_at, ended_at, attempts, handle, \
                   channel, masked, sent_at, expires_at";

    for statement in [
        // A second order of the customer awaits its code.
        copy(columns),
        // The same name, the same challenge.
        copy(
            &columns
                .replacen("other", "id", 1)
                .replace("state,", "'placed',"),
        ),
        "UPDATE orders SET id = x'00'".into(),
        "UPDATE orders SET nonce = randomblob(15)".into(),
        "UPDATE orders SET attempts = -1".into(),
        "UPDATE orders SET sends = 0".into(),
        "UPDATE orders SET state = 'eaten'".into(),
        "UPDATE orders SET state = 'confirmed'".into(),
        "UPDATE orders SET handle = NULL".into(),
        "UPDATE orders SET expires_at = NULL".into(),
        "UPDATE orders SET currency = NULL".into(),
        "UPDATE orders SET placed_at = 'yesterday'".into(),
        "INSERT INTO standings VALUES ('zoe', x'00', 0, 0, NULL, 0, 0, 0)".into(),
        "INSERT INTO standings VALUES ('zoe', x'', 0, 0, 5, 1, 0, 0)".into(),
        "INSERT INTO quotas VALUES (x'00', x'', 0)".into(),
    ] {
        let error = bare.execute_batch(&statement).expect_err(&statement);

        assert_eq!(
            error.sqlite_error_code(),
            Some(ErrorCode::ConstraintViolation),
            "{statement}: {error}"
        );
    }
}

#[tokio::test]
async fn what_is_impossible_all_the_same_is_a_fault_that_names_its_place() {
    for (column, broken) in [
        ("nonce", "x'00'"),
        ("currency", "'dollars'"),
        ("channel", "'pigeon'"),
        ("summary", "''"),
        ("state", "'eaten'"),
    ] {
        let (store, bare, order, _folder) = awaiting().await;
        let spoil =
            format!("PRAGMA ignore_check_constraints = ON; UPDATE orders SET {column} = {broken}");
        bare.execute_batch(&spoil).expect("spoilt");

        let found = store.find(&zoe(), order.id).await;

        let fault = found.map(drop).expect_err(column);
        assert!(!fault.is_temporary(), "{column}");
        let told = causes(&fault);
        assert!(
            told.contains(&format!("orders.{column}")),
            "{column}: {told}"
        );
    }
}

#[tokio::test]
async fn an_order_that_cannot_be_read_is_not_judged() {
    let (store, bare, order, _folder) = awaiting().await;
    let spoil = "PRAGMA ignore_check_constraints = ON; UPDATE orders SET nonce = x'00'";
    bare.execute_batch(spoil).expect("spoilt");

    let limits = AttemptLimits::default();
    let now = challenge(&order).sent_at;
    let begun = Attempts::begin(&store, &zoe(), None, now, &limits).await;

    assert!(begun.is_err(), "{begun:?}");
    let attempts: i64 = bare
        .query_row("SELECT attempts FROM orders", [], |row| row.get(0))
        .expect("counted");
    assert_eq!(attempts, 0);
}

fn causes(fault: &Fault) -> String {
    let mut told = String::new();
    let mut next: Option<&dyn std::error::Error> = Some(fault);
    while let Some(error) = next {
        told.push_str(&error.to_string());
        told.push('\n');
        next = error.source();
    }
    told
}
