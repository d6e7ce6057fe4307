//! What every source has, and what none may have.

use std::path::{Path, PathBuf};

use crate::tree::{files, read, root};

/// Every source with its text.
fn sources() -> impl Iterator<Item = (PathBuf, String)> {
    files(&root(), ".rs").into_iter().map(|file| {
        let text = read(&file);
        (file, text)
    })
}

#[test]
fn every_file_says_what_belongs_in_it() {
    for (file, text) in sources() {
        assert!(
            text.starts_with("//! "),
            "{} does not begin with `//!`",
            file.display()
        );
    }
}

#[test]
fn every_file_is_short() {
    for (file, text) in sources() {
        let lines = text.lines().count();
        assert!(
            lines < 500,
            "{} has {lines} lines: split it by subject",
            file.display()
        );
    }
}

#[test]
fn no_test_is_left_out_but_those_that_need_peers_or_a_browser_and_these_say_why() {
    for (file, text) in sources() {
        let ignored = text
            .lines()
            .map(str::trim_start)
            .filter(|line| line.starts_with("#[") && line.contains("ignore"));
        for line in ignored {
            let needs_more = ["tests/peers", "tests/browser"]
                .iter()
                .any(|folder| file.starts_with(root().join(folder)));
            let has_reason = line
                .split_once("ignore = \"")
                .is_some_and(|(_, reason)| reason.len() > 10);
            assert!(needs_more && has_reason, "{}: {line}", file.display());
        }
    }
}

#[test]
fn the_names_of_tests_are_sentences() {
    for (file, text) in sources() {
        let prefixed = text.split("fn ").skip(1).find(|rest| {
            rest.starts_with("test_") && rest.split('(').next().is_some_and(is_one_word)
        });
        assert_eq!(prefixed, None, "{}", file.display());
    }
}

fn is_one_word(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[test]
fn every_example_is_compiled() {
    let documents = files(&root(), ".md").into_iter().map(|file| {
        let text = read(&file);
        (file, text)
    });
    for (file, text) in sources().chain(documents) {
        for line in text.lines() {
            let line = line.trim_start();
            let line = line
                .strip_prefix("//!")
                .or_else(|| line.strip_prefix("///"))
                .unwrap_or(line);
            let Some(marks) = line.trim_start().strip_prefix("```") else {
                continue;
            };
            let is_skipped = marks
                .split([',', ' '])
                .any(|mark| mark.starts_with("ignore"));
            assert!(!is_skipped, "{}: {line}", file.display());
        }
    }
}

#[test]
fn the_core_reads_no_clock() {
    // Clippy forbids the clock on the wall everywhere; the one that only moves
    // forward has its uses in adapters.
    for file in files(&root().join("crates/pod-core/src"), ".rs") {
        let text = read(&file);
        let read_one = text
            .lines()
            .map(str::trim_start)
            .filter(|line| !line.starts_with("//"))
            .find(|line| line.contains("Instant::now") || line.contains(".elapsed()"));
        assert_eq!(read_one, None, "{}", file.display());
    }
}

#[test]
fn the_files_are_found() {
    assert!(sources().count() > 200);
    assert!(files(&root(), ".md").contains(&root().join(Path::new("README.md"))));
}
