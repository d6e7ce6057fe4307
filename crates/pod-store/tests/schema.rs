//! The schema: what must not be is refused by the database itself, and what is
//! there all the same is a fault and not a panic.

use std::path::PathBuf;
use std::time::Duration;

use pod_core::ports::{
    Attempts, BeginAttemptError, BeginSendError, Claim, Customers, History, Links, Orders,
    PageRequest, Quotas, Replies, ReplyKey, RequestDigest, TakeError,
};
use pod_core::{
    AccountId, Allowance, Attempt, AttemptLimits, Ending, Fault, Order, PlacedOrder, QuotaKey,
    SendLimits, Stage, Window,
};
use pod_store::{SqliteConfig, SqliteStore};
use pod_testkit::fixtures::{bjorn, challenge, deadline, order, zoe, zoe_email};
use rusqlite::{Connection, ErrorCode};
use tempfile::TempDir;

/// A store with an order that awaits its code, and a bare connection to the
/// same file.
async fn awaiting() -> (SqliteStore, Connection, PlacedOrder, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let file: PathBuf = folder.path().join("pod.db");
    let store = SqliteStore::open(&SqliteConfig::file(&file)).expect("it opens");
    let order = order(1, &zoe());
    store.place(&order, &[], None).await.expect("kept");
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
                   channel, masked, sent_at, expires_at, country, missed_channel, \
                   missed_country, missed_masked";

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
        "UPDATE orders SET missed_channel = 'phone'".into(),
        "UPDATE orders SET missed_country = 'US'".into(),
        "INSERT INTO conversions VALUES ('US', 0, -1, 0)".into(),
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
async fn each_state_has_what_belongs_to_it_and_nothing_else() {
    let (_store, bare, _order, _folder) = awaiting().await;
    let challenges = [
        "NULL, NULL, NULL, NULL, NULL",
        "'h', 'email', 'm', 1, 2",
        "NULL, 'email', 'm', 1, 2",
        "'h', NULL, 'm', 1, 2",
        "'h', 'email', NULL, 1, 2",
        "'h', 'email', 'm', NULL, 2",
        "'h', 'email', 'm', 1, NULL",
        "NULL, NULL, NULL, NULL, 2",
    ];

    for stage in Stage::ALL {
        let mut lawful = Vec::new();
        for state_at in ["NULL", "5"] {
            for ended_at in ["NULL", "5", "6"] {
                for challenge in challenges {
                    let set = format!(
                        "UPDATE orders SET (state, state_at, ended_at, handle, channel, masked, \
                         sent_at, expires_at) = ('{}', {state_at}, {ended_at}, {challenge})",
                        stage.as_str()
                    );
                    if bare.execute_batch(&set).is_ok() {
                        lawful.push((state_at, ended_at, challenge));
                    }
                }
            }
        }

        let expected = match stage {
            Stage::Placed => ("NULL", "NULL", challenges[0]),
            Stage::AwaitingCode => ("NULL", "NULL", challenges[1]),
            Stage::Undelivered => ("5", "NULL", challenges[0]),
            _ => ("5", "5", challenges[0]),
        };
        assert_eq!(lawful, [expected], "{stage:?}");
    }
}

#[tokio::test]
async fn what_has_to_be_there_cannot_be_left_out() {
    let (_store, bare, _order, _folder) = awaiting().await;
    fill(&bare);

    for (table, needed) in [
        ("orders", 12),
        ("standings", 7),
        ("quotas", 3),
        ("requests", 3),
        ("replies", 1),
        ("contacts", 4),
        ("links", 2),
        ("sessions", 5),
    ] {
        let columns = format!("SELECT name FROM pragma_table_info('{table}') WHERE \"notnull\"");
        let mut columns = bare.prepare(&columns).expect(table);
        let columns = columns.query_map([], |row| row.get(0)).expect(table);
        let columns: Vec<String> = columns.map(|name| name.expect(table)).collect();

        assert_eq!(columns.len(), needed, "{columns:?}");
        for column in columns {
            let emptied = format!("UPDATE {table} SET {column} = NULL");
            bare.execute_batch(&emptied).expect_err(&emptied);
        }
    }
}

#[tokio::test]
async fn what_must_be_one_of_a_kind_is() {
    let (_store, bare, _order, _folder) = awaiting().await;
    fill(&bare);

    for twice in [
        "INSERT INTO standings SELECT * FROM standings",
        "INSERT INTO quotas SELECT * FROM quotas",
        "INSERT INTO requests SELECT seq + 1, key, digest, keep_until FROM requests",
        "INSERT INTO requests VALUES (9, randomblob(16), x'00', 0)",
        "INSERT INTO replies SELECT * FROM replies",
        "INSERT INTO replies (request, reply) VALUES (4711, x'00')",
        "UPDATE replies SET customer = x'00'",
        "INSERT INTO contacts SELECT * FROM contacts",
        "INSERT INTO links SELECT account, 'another' FROM links",
    ] {
        let error = bare.execute_batch(twice).expect_err(twice);

        assert_eq!(
            error.sqlite_error_code(),
            Some(ErrorCode::ConstraintViolation),
            "{twice}: {error}"
        );
    }
}

#[tokio::test]
async fn an_order_that_ended_leaves_its_challenge_and_its_turn_to_another() {
    let (store, bare, first, _folder) = awaiting().await;
    let ended = Orders::close(&store, &zoe(), first.id, Ending::Cancelled, first.placed_at).await;
    ended.expect("it was open");

    let again = bare.execute(
        "INSERT INTO orders SELECT seq + 1, customer, randomblob(16), placed_at, kind, summary, \
             currency, minor, details, challenge, nonce, sends, last_send_at, 'awaiting_code', \
             NULL, NULL, 0, 'h', 'email', 'm', 1, 2, NULL, NULL, NULL, NULL FROM orders",
        [],
    );

    assert_eq!(again.expect("it is lawful"), 1);
}

/// One row in each table that has none.
fn fill(bare: &Connection) {
    let filled = bare.execute_batch(
        "INSERT INTO standings VALUES ('zoe', x'', 0, 0, NULL, 0, 0, 0);
         INSERT INTO quotas VALUES (randomblob(16), x'', 0);
         INSERT INTO requests VALUES (1, randomblob(16), randomblob(32), 0);
         INSERT INTO replies (request, reply) VALUES (1, x'00');
         INSERT INTO contacts VALUES ('zoe', 0, 'email', 'zoe@example.org');
         INSERT INTO links VALUES ('account', 'zoe');
         INSERT INTO sessions VALUES (randomblob(32), 'zoe', 0, 0, x'00');",
    );
    filled.expect("all of it is lawful");
}

/// Changes rows to what they cannot be.
fn spoil(bare: &Connection, statement: &str) {
    let unchecked = bare.execute_batch("PRAGMA ignore_check_constraints = ON");
    unchecked.expect("unchecked");
    assert_eq!(bare.execute(statement, []).expect(statement), 1);
}

/// It stays broken until it is repaired, and says where, but not what is there.
#[track_caller]
fn names<T>(outcome: Result<T, Fault>, place: &str) {
    let Err(fault) = outcome else {
        panic!("{place} was read");
    };
    assert!(!fault.is_temporary(), "{place}");
    let told = causes(&fault);
    let expected = format!("the database holds something impossible in {place}\n");
    assert!(told.contains(&expected), "{place}: {told}");
    assert!(!told.contains("secret"), "{place}: {told}");
}

#[tokio::test]
async fn an_order_that_is_impossible_all_the_same_is_a_fault_that_names_the_column() {
    for (column, broken) in [
        ("id", "x'00'"),
        ("placed_at", "9223372036854775807"),
        ("kind", "'Secret'"),
        ("kind", "'secret kind'"),
        ("summary", "''"),
        ("summary", "'a secret' || char(10)"),
        ("summary", "CAST(x'736563726574FF' AS TEXT)"),
        ("currency", "'secrets'"),
        ("minor", "NULL"),
        ("details", "hex(zeroblob(8193))"),
        ("challenge", "randomblob(17)"),
        ("nonce", "x'00'"),
        ("sends", "-1"),
        ("sends", "4294967296"),
        ("last_send_at", "-9223372036854775808"),
        ("state", "'secret'"),
        ("attempts", "-1"),
        ("handle", "hex(zeroblob(2049))"),
        ("handle", "NULL"),
        ("channel", "'secret'"),
        ("masked", "NULL"),
        ("country", "'us'"),
        ("sent_at", "NULL"),
        ("sent_at", "9223372036854775807"),
        ("expires_at", "9223372036854775807"),
    ] {
        let (store, bare, order, _folder) = awaiting().await;
        spoil(&bare, &format!("UPDATE orders SET {column} = {broken}"));
        let request = PageRequest {
            stage: None,
            older_than: None,
            limit: 10,
            now: order.placed_at,
        };

        let place = format!("orders.{column}");
        names(store.page(&zoe(), &request).await, &place);
        if column != "id" {
            names(History::find(&store, &zoe(), order.id).await, &place);
            if column != "state" {
                names(begin(&store, &order).await, &place);
            }
            names(send_again(&store, &order).await, &place);
        }
    }
}

#[tokio::test]
async fn an_order_that_ended_at_no_time_is_a_fault_too() {
    for stage in [
        "undelivered",
        "confirmed",
        "expired",
        "refused",
        "superseded",
        "cancelled",
    ] {
        let (store, bare, order, _folder) = awaiting().await;
        spoil(&bare, &format!("UPDATE orders SET state = '{stage}'"));

        let found = History::find(&store, &zoe(), order.id).await;

        names(found, "orders.state_at");
    }
}

#[tokio::test]
async fn what_else_is_impossible_is_a_fault_that_names_the_column() {
    let (store, bare, order, _folder) = awaiting().await;
    begin(&store, &order).await.expect("counted");
    for (column, broken) in [
        ("failures", "x'00'"),
        ("failures", "x'7FFFFFFFFFFFFFFF'"),
        ("consecutive", "-1"),
        ("locks", "4294967296"),
        ("locked_until", "9223372036854775807"),
    ] {
        let keep = "CREATE TEMP TABLE kept AS SELECT * FROM standings";
        bare.execute_batch(keep).expect("kept");
        spoil(&bare, &format!("UPDATE standings SET {column} = {broken}"));

        names(begin(&store, &order).await, &format!("standings.{column}"));
        let nobodys = pod_testkit::fixtures::order(2, &zoe());
        names(
            begin(&store, &nobodys).await,
            &format!("standings.{column}"),
        );

        let mend = "REPLACE INTO standings SELECT * FROM kept; DROP TABLE kept";
        bare.execute_batch(mend).expect("mended");
    }
    assert_eq!(begin(&store, &order).await.expect("mended").left(), 1);

    let allowance = Allowance {
        key: QuotaKey::parse("sends").expect("a key"),
        windows: vec![Window::new(9, Duration::from_mins(1))],
    };
    let take = async || match store
        .take(std::slice::from_ref(&allowance), order.placed_at)
        .await
    {
        Err(TakeError::Exhausted { .. }) => panic!("there is some left"),
        Err(TakeError::Fault(fault)) => Err(fault),
        Ok(()) => Ok(()),
    };
    take().await.expect("taken");
    spoil(&bare, "UPDATE quotas SET takings = x'00'");
    names(take().await, "quotas.takings");

    let key = ReplyKey::parse("request").expect("a name");
    let digest = RequestDigest::from_bytes([7; 32]);
    let claimed = Claim {
        key,
        digest,
        keep_until: order.placed_at,
    };
    let claim = async || Replies::begin(&store, &claimed).await;
    claim().await.expect("kept");
    spoil(&bare, "UPDATE requests SET digest = x'00'");
    names(claim().await, "requests.digest");

    let kept = store.keep_contacts(&zoe(), &[zoe_email()]).await;
    kept.expect("kept");
    spoil(&bare, "UPDATE contacts SET contact = 'secret'");
    names(store.contacts(&zoe(), deadline()).await, "contacts.contact");
    spoil(&bare, "UPDATE contacts SET channel = 'secret'");
    names(store.contacts(&zoe(), deadline()).await, "contacts.channel");

    let account = AccountId::parse("account").expect("a name");
    store.link(&account, &zoe()).await.expect("linked");
    spoil(&bare, "UPDATE links SET customer = ''");
    names(Links::find(&store, &account).await, "links.customer");
    names(store.unlink(&account).await, "links.customer");
    let left: i64 = bare
        .query_row("SELECT count(*) FROM links", [], |row| row.get(0))
        .expect("counted");
    assert_eq!(left, 1, "nobody was told whose it was");
}

#[tokio::test]
async fn what_is_impossible_of_one_customer_harms_no_other() {
    let (store, bare, zoes, _folder) = awaiting().await;
    let bjorns = pod_testkit::fixtures::order(2, &bjorn());
    store.place(&bjorns, &[], None).await.expect("kept");
    let sent = store.activate(&bjorns, &challenge(&bjorns)).await;
    sent.expect("it awaits its code");
    spoil(
        &bare,
        "UPDATE orders SET nonce = x'00' WHERE seq = (SELECT min(seq) FROM orders)",
    );

    let (broken, whole) = tokio::join!(begin(&store, &zoes), begin(&store, &bjorns));

    names(broken, "orders.nonce");
    assert_eq!(whole.expect("counted").left(), 2);
}

async fn begin(store: &SqliteStore, order: &PlacedOrder) -> Result<Attempt, Fault> {
    let (now, limits) = (challenge(order).sent_at, AttemptLimits::default());
    match Attempts::begin(store, &order.customer, Some(order.id), now, &limits, None).await {
        Err(BeginAttemptError::Fault(fault)) => Err(fault),
        begun => Ok(begun.expect("it awaits its code")),
    }
}

async fn send_again(store: &SqliteStore, order: &PlacedOrder) -> Result<Order, Fault> {
    let (now, limits) = (order.placed_at, SendLimits::default());
    match store
        .begin_send(&order.customer, order.id, now, &limits)
        .await
    {
        Err(BeginSendError::Fault(fault)) => Err(fault),
        begun => Ok(begun.expect("it is open")),
    }
}

#[tokio::test]
async fn an_order_that_cannot_be_read_is_not_judged() {
    let (store, bare, order, _folder) = awaiting().await;
    let spoil = "PRAGMA ignore_check_constraints = ON; UPDATE orders SET nonce = x'00'";
    bare.execute_batch(spoil).expect("spoilt");

    let limits = AttemptLimits::default();
    let now = challenge(&order).sent_at;
    let begun = Attempts::begin(&store, &zoe(), None, now, &limits, None).await;

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
