//! Opening: what is pod's is opened, and everything else is left alone, with a
//! sentence.

use std::fs;
use std::path::{Path, PathBuf};

use pod_core::ports::{Begun, Replies, ReplyKey, RequestDigest};
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
    let begun = store.begin(&key, &digest, at(9)).await;
    begun.expect("kept")
}

#[tokio::test]
async fn a_database_is_created_for_its_owner_only_and_opened_again() {
    let (_folder, file) = folder();

    let store = open(&file).expect("it is created");
    assert_eq!(claim(&store, "one").await, Begun::First);
    store.close().await;
    let store = open(&file).expect("it is opened");

    assert_eq!(claim(&store, "one").await, Begun::Unfinished);
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
    assert_eq!(claim(&other, "one").await, Begun::Unfinished);
    assert_eq!(claim(&other, "other").await, Begun::First);
    assert_eq!(claim(&one, "other").await, Begun::Unfinished);
}
