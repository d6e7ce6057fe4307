//! The commands that look after the database, and the databases that are left
//! alone.

use std::path::Path;

use crate::stage::process::{Ended, run};
use crate::stage::settings::Settings;

/// Where SQLite's files have their version and their application, as their
/// makers number them.
const VERSION: usize = 60;
const APPLICATION: usize = 68;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn does(folder: &Path, line: &str) -> String {
    let Ended { code, out, err } = run(folder, line, &Settings::none());
    assert_eq!((code, err.as_str()), (Some(0), ""), "{line}");
    out
}

fn fails(folder: &Path, line: &str) -> String {
    let ended = run(folder, line, &Settings::none());
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{ended:?}");
    ended.err
}

/// A database of pod's with one byte of its head changed.
fn changed(folder: &Path, at: usize) {
    does(folder, "migrate");
    let file = folder.join("pod.db");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[at] = 0x77;
    std::fs::write(&file, bytes).unwrap();
}

#[test]
fn a_database_is_brought_up_to_date_once() {
    let folder = folder();

    let first = does(folder.path(), "migrate");
    let kept = std::fs::read(folder.path().join("pod.db")).unwrap();
    let second = does(folder.path(), "migrate");

    assert!(
        first.starts_with("sqlite://pod.db is up to date now: took "),
        "{first}"
    );
    assert_eq!(second, "sqlite://pod.db is up to date\n");
    assert_eq!(
        std::fs::read(folder.path().join("pod.db")).unwrap(),
        kept,
        "the second time it is left as it is"
    );
}

#[test]
fn a_database_of_somebody_else_is_refused_and_unchanged() {
    type Prepare = fn(&Path);
    let prepare: [(Prepare, &str); 4] = [
        (
            |folder| std::fs::write(folder.join("pod.db"), "not a database ".repeat(99)).unwrap(),
            "is not a SQLite database",
        ),
        (
            |folder| changed(folder, APPLICATION),
            "belongs to another program",
        ),
        (
            |folder| changed(folder, VERSION),
            "was written by a newer pod",
        ),
        (
            |folder| std::fs::create_dir(folder.join("pod.db")).unwrap(),
            "cannot be opened or created",
        ),
    ];
    for (prepare, why) in prepare {
        let folder = folder();
        prepare(folder.path());
        let before = std::fs::read(folder.path().join("pod.db")).ok();

        let migrate = fails(folder.path(), "migrate");
        let contact = fails(folder.path(), "contact add auth0|ada +14155550142");
        let serve = run(folder.path(), "serve", &Settings::least());

        assert_eq!(serve.code, Some(1), "{serve:?}");
        for told in [&migrate, &contact, &serve.err] {
            assert!(told.starts_with("pod-server: the "), "{told}");
            assert!(told.contains(why), "{told}");
        }
        assert_eq!(
            std::fs::read(folder.path().join("pod.db")).ok(),
            before,
            "{why}"
        );
    }
}

#[test]
fn contacts_are_added_listed_and_removed_masked() {
    let folder = folder();
    let does = |line| does(folder.path(), line);

    let none = does("contact list auth0|ada");
    does("contact add auth0|ada +14155550142");
    does("contact add auth0|ada ada@example.com --preferred");
    let both = does("contact list auth0|ada");
    let other = does("contact list auth0|grace");
    let one = does("contact remove auth0|ada ada@example.com");
    let stranger = fails(folder.path(), "contact remove auth0|ada +14155550143");

    assert!(none.starts_with("no contacts"), "{none}");
    assert_eq!(other, none);
    let lines: Vec<&str> = both.lines().collect();
    assert!(lines[0].starts_with("email "), "{both}");
    assert!(lines[1].starts_with("phone "), "{both}");
    assert!(one.starts_with("phone ") && one.contains("42"), "{one}");
    assert!(stranger.contains("no such contact"), "{stranger}");
    let told = format!("{both}{one}{stranger}");
    for whole in ["4155550142", "4155550143", "ada@example.com"] {
        assert!(!told.contains(whole), "{told}");
    }
}

#[test]
fn a_contact_that_is_none_is_a_mistake_on_the_command_line() {
    let folder = folder();

    let ended = run(
        folder.path(),
        "contact add auth0|ada 0142",
        &Settings::none(),
    );

    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(!folder.path().join("pod.db").exists());
}

#[test]
fn unlocking_is_told_whether_or_not_there_was_a_lock() {
    let folder = folder();

    assert_eq!(
        does(folder.path(), "unlock auth0|ada"),
        "auth0|ada is not locked\n"
    );
}

#[test]
fn commands_go_by_the_database_that_is_set_and_need_no_other_setting() {
    let folder = folder();
    let elsewhere = Settings::none().with("POD_DATABASE_URL", "sqlite://other.db");

    let ended = run(folder.path(), "migrate", &elsewhere);
    let missing = Settings::none().with("POD_DATABASE_URL", "sqlite://nowhere/pod.db");
    let refused = run(folder.path(), "migrate", &missing);

    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(folder.path().join("other.db").exists());
    assert!(!folder.path().join("pod.db").exists());
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("check that its folder is there"));
}

#[test]
fn who_keeps_contacts_here_beside_auth0s_is_told_that_they_do_not_count() {
    let folder = folder();
    let settings = Settings::none().with("APP_CLIENT_ID", "backend");

    let ended = run(
        folder.path(),
        "contact add auth0|ada +14155550142",
        &settings,
    );

    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.err.contains("APP_CLIENT_ID is set"), "{ended:?}");
}
