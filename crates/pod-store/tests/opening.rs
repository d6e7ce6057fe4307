//! Opening: what is pod's is opened, and everything else is left alone, with a
//! sentence.

use std::fs;
use std::path::{Path, PathBuf};

use pod_core::ports::{Begun, Claim, Repeat, Replies, ReplyKey, RequestDigest};
use pod_store::{OpenError, SqliteConfig, SqliteStore};
use pod_testkit::fixtures::at;
use rusqlite::Connection;
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("pod.db");
    (folder, file)
}

fn open(file: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(&SqliteConfig::file(file))
}

/// Refuses to be opened, and is as it was.
fn refused(file: &Path) -> String {
    let before = fs::read(file).expect("a file");

    let error = open(file).expect_err("it is not pod's");

    assert_eq!(fs::read(file).expect("a file"), before);
    error.to_string()
}

async fn claim(store: &SqliteStore, name: &str) -> Begun {
    let key = ReplyKey::parse(name).expect("a key");
    let digest = RequestDigest::from_bytes([7; 32]);
    let claim = Claim {
        key,
        digest,
        keep_until: at(9),
    };
    let begun = store.begin(&claim).await;
    begun.expect("kept")
}

#[tokio::test]
async fn a_database_is_created_for_its_owner_only_and_opened_again() {
    let (_folder, file) = folder();

    let store = open(&file).expect("it is created");
    assert_eq!(claim(&store, "one").await, Begun::First);
    store.close().await;
    let store = open(&file).expect("it is opened");

    assert_eq!(
        claim(&store, "one").await,
        Begun::Repeated(Repeat::Unfinished)
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn an_empty_file_is_as_good_as_none() {
    let (_folder, file) = folder();
    fs::write(&file, "").expect("written");

    let store = open(&file).expect("it is opened");

    assert_eq!(claim(&store, "one").await, Begun::First);
}

#[test]
fn a_file_of_something_else_is_left_alone() {
    let (_folder, file) = folder();
    for bytes in [
        &b"a shopping list"[..],
        &[0; 4096],
        b"SQLite format 2\0 ....",
    ] {
        fs::write(&file, bytes).expect("written");

        let told = refused(&file);

        assert!(
            told.ends_with("is not a SQLite database, and pod leaves it alone: name another file"),
            "{told}"
        );
    }
}

#[test]
fn a_file_that_only_begins_like_a_database_is_left_alone() {
    let (_folder, file) = folder();
    let mut bytes = b"SQLite format 3\0".to_vec();
    bytes.extend([0xA5; 600]);
    fs::write(&file, &bytes).expect("written");

    refused(&file);
}

#[test]
fn another_programs_database_is_left_alone() {
    let (_folder, file) = folder();
    let other = Connection::open(&file).expect("a database");
    let made = other.execute_batch("CREATE TABLE guests (name TEXT); PRAGMA user_version = 1");
    made.expect("made");
    drop(other);

    let told = refused(&file);

    assert!(told.contains("belongs to another program"), "{told}");
}

#[test]
fn a_marked_database_of_another_program_is_left_alone_though_it_is_empty() {
    let (_folder, file) = folder();
    let other = Connection::open(&file).expect("a database");
    let made = other.execute_batch("PRAGMA application_id = 1196444487");
    made.expect("made");
    drop(other);

    let told = refused(&file);

    assert!(told.contains("belongs to another program"), "{told}");
}

#[tokio::test]
async fn a_newer_pods_database_is_left_alone() {
    let (_folder, file) = folder();
    open(&file).expect("it is created").close().await;
    let newer = Connection::open(&file).expect("a database");
    newer
        .execute_batch("PRAGMA user_version = 4711; PRAGMA journal_mode = DELETE")
        .expect("made");
    drop(newer);

    let told = refused(&file);

    assert!(
        told.contains("was written by a newer pod (version 4711"),
        "{told}"
    );
    assert!(
        told.ends_with("run that one, or restore a backup"),
        "{told}"
    );
}

#[test]
fn where_there_is_no_folder_there_is_a_sentence() {
    let (folder, _) = folder();

    for file in [folder.path().join("gone/pod.db"), folder.path().to_owned()] {
        let error = open(&file).expect_err("there is no such place");

        assert!(matches!(error, OpenError::Inaccessible { .. }), "{error:?}");
        assert!(error.to_string().contains("check that its folder is there"));
    }
}

#[tokio::test]
async fn what_is_behind_is_brought_up_to_date_or_refused_with_what_is_missing() {
    let (_folder, file) = folder();
    let config = SqliteConfig::file(&file);

    let missing = SqliteStore::pending_migrations(&config).expect("looked");
    let told = SqliteStore::open(&config.clone().without_migrating());
    let taken = SqliteStore::migrate(&config).expect("migrated");

    let told = told.expect_err("it is behind").to_string();
    assert!(told.contains("run `pod-server migrate` first"), "{told}");
    assert!(told.contains(missing[0]), "{told}");
    assert_eq!(taken, missing);
    let left = SqliteStore::pending_migrations(&config).expect("looked");
    assert_eq!(left, [""; 0]);
    SqliteStore::open(&config.without_migrating()).expect("it is up to date");
}

#[tokio::test]
async fn two_pods_work_on_one_file() {
    let (_folder, file) = folder();
    let (one, other) = (open(&file).expect("opened"), open(&file).expect("opened"));

    assert_eq!(claim(&one, "one").await, Begun::First);
    assert_eq!(
        claim(&other, "one").await,
        Begun::Repeated(Repeat::Unfinished)
    );
    assert_eq!(claim(&other, "other").await, Begun::First);
    assert_eq!(
        claim(&one, "other").await,
        Begun::Repeated(Repeat::Unfinished)
    );
}

/// The names of what is in a folder.
fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    entries
        .map(|entry| name(entry).to_string_lossy().into_owned())
        .collect()
}

#[test]
fn without_migrating_nothing_is_created() {
    let (folder, file) = folder();
    let config = SqliteConfig::file(&file).without_migrating();

    let missing = SqliteStore::open(&config).expect_err("it is behind");
    let pending = SqliteStore::pending_migrations(&config).expect("looked");
    let left = names(&folder);
    fs::write(&file, "").expect("written");
    let empty = SqliteStore::open(&config).expect_err("it is behind");

    for error in [missing, empty] {
        assert!(
            matches!(&error, OpenError::Behind { missing } if *missing == pending),
            "{error:?}"
        );
    }
    assert_eq!(left, [""; 0]);
    assert_eq!(fs::read(&file).expect("a file"), b"");
}

#[tokio::test]
async fn a_database_in_memory_is_always_up_to_date() {
    let config = SqliteConfig::in_memory().without_migrating();

    let store = SqliteStore::open(&config).expect("it opens");

    assert_eq!(claim(&store, "one").await, Begun::First);
}

#[tokio::test]
async fn a_database_of_which_the_end_is_missing_is_left_alone() {
    let (_folder, file) = folder();
    open(&file).expect("it is created").close().await;
    let whole = fs::read(&file).expect("a file");

    for length in [100, 1000, 4096, 3 * 4096, whole.len() - 4096] {
        fs::write(&file, &whole[..length]).expect("written");

        let told = refused(&file);

        assert!(told.ends_with("restore a backup"), "{length}: {told}");
    }
}

#[test]
fn another_programs_database_is_left_alone_though_it_is_only_written_ahead() {
    let (_folder, file) = folder();
    let other = Connection::open(&file).expect("a database");
    let made = other.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE guests (name TEXT)");
    made.expect("made");

    let told = refused(&file);

    assert!(told.contains("belongs to another program"), "{told}");
    let tables = "SELECT group_concat(name) FROM sqlite_schema";
    let tables: String = other
        .query_row(tables, [], |row| row.get(0))
        .expect("looked");
    assert_eq!(tables, "guests");
}

#[tokio::test]
async fn a_newer_pods_database_is_left_alone_while_the_newer_pod_runs() {
    let (_folder, file) = folder();
    let running = open(&file).expect("it is created");
    let newer = Connection::open(&file).expect("a database");
    let made = newer.execute_batch("PRAGMA user_version = 4711");
    made.expect("made");

    let told = refused(&file);
    let pending = SqliteStore::pending_migrations(&SqliteConfig::file(&file));

    assert!(told.contains("a newer pod (version 4711"), "{told}");
    assert!(
        matches!(pending, Err(OpenError::Newer { found: 4711, .. })),
        "{pending:?}"
    );
    running.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_may_not_be_written_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;

    let (_folder, file) = folder();
    open(&file).expect("it is created").close().await;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).expect("set");
    // Nothing keeps the superuser out.
    if fs::OpenOptions::new().write(true).open(&file).is_ok() {
        return;
    }

    let told = refused(&file);

    assert!(told.ends_with("cannot be written: give pod the permission"));
}

#[tokio::test]
async fn a_database_that_another_process_holds_for_too_long_is_left_alone() {
    let (_folder, file) = folder();
    open(&file).expect("it is created").close().await;
    let other = Connection::open(&file).expect("a database");
    let held = other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    held.expect("held");

    let config = SqliteConfig::file(&file).patience(std::time::Duration::from_millis(1));
    let told = SqliteStore::open(&config).expect_err("it is held");
    drop(other);

    assert!(
        told.to_string()
            .contains("if another process holds it, end that one"),
        "{told}"
    );
    open(&file).expect("it is free");
}

#[test]
fn of_several_that_create_a_database_at_once_one_takes_the_steps() {
    for _ in 0..50 {
        let (_folder, file) = folder();
        let config = SqliteConfig::file(&file);
        let gate = std::sync::Barrier::new(6);

        let taken: Vec<_> = std::thread::scope(|scope| {
            let create = || {
                gate.wait();
                SqliteStore::migrate(&config).expect("migrated").len()
            };
            let threads: [_; 6] = std::array::from_fn(|_| scope.spawn(create));
            threads.map(|thread| thread.join().expect("done")).into()
        });

        let steps = SqliteStore::pending_migrations(&SqliteConfig::in_memory());
        let steps = steps.expect("looked").len();
        assert_eq!(taken.iter().filter(|taken| **taken == steps).count(), 1);
        assert_eq!(taken.iter().filter(|taken| **taken == 0).count(), 5);
    }
}

/// A lock that is lost lets another process delete what is written ahead.
#[cfg(target_os = "linux")]
#[test]
fn looking_at_the_file_of_a_store_at_work_leaves_it_its_locks() {
    use std::os::unix::fs::MetadataExt;

    let (_folder, file) = folder();
    let config = SqliteConfig::file(&file);
    let _at_work = open(&file).expect("it is created");
    let inode = format!(":{} ", fs::metadata(&file).expect("a file").ino());
    let locked = || {
        let locks = fs::read_to_string("/proc/locks").expect("a list");
        locks.lines().any(|lock| lock.contains(&inode))
    };
    assert!(locked(), "it has none");

    SqliteStore::pending_migrations(&config).expect("looked");
    assert!(locked(), "they went when something was looked for");
    SqliteStore::migrate(&config).expect("up to date");
    assert!(locked(), "they went with the steps");
    drop(open(&file).expect("opened"));
    assert!(locked(), "they went with another store");
    refused_while_at_work(&file);
    assert!(locked(), "they went when opening was refused");
}

#[cfg(target_os = "linux")]
fn refused_while_at_work(file: &Path) {
    let newer = Connection::open(file).expect("a database");
    let set = newer.pragma_update(None, "user_version", 4711);
    set.expect("set");
    open(file).expect_err("it is newer");
    let set = newer.pragma_update(None, "user_version", 1);
    set.expect("set back");
}
