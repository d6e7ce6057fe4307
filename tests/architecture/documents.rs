//! Documents that must not rot.

use std::collections::BTreeSet;
use std::path::Path;

use pod_server::config::{SETTINGS, SETUP_SETTINGS};

use crate::tree::{files, names, read, root};

fn chapter(document: &str, title: &str) -> String {
    let text = read(document);
    let title = format!("\n## {title}\n");
    let (_, rest) = text
        .split_once(&title)
        .unwrap_or_else(|| panic!("{document} lacks its chapter{title}"));
    rest.split("\n## ").next().unwrap_or_default().to_owned()
}

/// What stands between backquotes in one paragraph.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_map_names_every_crate_and_none_that_is_gone() {
    let map = chapter("docs/architecture.md", "Map");
    let rows = map.lines().filter_map(|line| line.strip_prefix("| `"));
    let listed: Vec<String> = rows
        .filter_map(|row| row.split_once("` | "))
        .map(|(name, what)| {
            assert!(what.len() > 10, "the map says nothing of {name}");
            name.to_owned()
        })
        .collect();

    let text = read("docs/architecture.md");
    let named: BTreeSet<String> = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .filter(|word| word.starts_with("pod-") && *word != "pod-tests")
        .map(str::to_owned)
        .collect();

    assert_eq!(listed.len(), names("crates").len(), "{listed:?}");
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), names("crates"));
    assert_eq!(named, names("crates"));
}

#[test]
fn every_test_that_the_map_names_is_there() {
    let sources: String = files(&root(), ".rs").iter().map(read).collect();
    let invariants = chapter("docs/architecture.md", "Invariants");
    let is_test = |word: &&str| {
        let of_a_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        word.contains('_') && word.bytes().all(of_a_name)
    };

    let mut numbered = Vec::new();
    for line in invariants.lines() {
        let tests: Vec<&str> = quoted(line).filter(is_test).collect();
        if let Some((number, _)) = line.split_once(". **") {
            assert!(!tests.is_empty(), "no test holds invariant {number}");
            numbered.push(number.to_owned());
        }
        for test in tests {
            assert!(
                sources.contains(&format!("fn {test}(")),
                "there is no test called {test}"
            );
        }
    }

    let one_to_ten: Vec<String> = (1..=10).map(|number: u8| number.to_string()).collect();
    assert_eq!(numbered, one_to_ten);
}

#[test]
fn every_link_in_the_documents_leads_somewhere() {
    for file in files(&root(), ".md") {
        let text = read(&file);
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://") && !link.starts_with('#')) {
            let path = link.split('#').next().unwrap_or_default();
            let target = file.parent().unwrap_or(Path::new("")).join(path);
            assert!(target.exists(), "{}: {link} leads nowhere", file.display());
        }
    }
}

#[test]
fn every_setting_is_documented() {
    let documented = read("docs/configuration.md");

    for setting in &SETTINGS {
        assert!(
            documented.contains(&format!("`{}`", setting.name)),
            "docs/configuration.md lacks {}",
            setting.name
        );
    }
}

/// Names in the chapter on configuration that are the system's.
const OF_THE_SYSTEM: [&str; 4] = ["SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "NO_PROXY"];

#[test]
fn every_setting_that_is_documented_can_be_made() {
    let can_be_made = |name: &str| {
        SETTINGS.iter().any(|setting| {
            let file = name.strip_suffix("_FILE").filter(|_| setting.secret);
            setting.name == name || Some(setting.name) == file
        })
    };

    // Whatever their prefix, if it is there that they are documented.
    let text = read("docs/configuration.md");
    let is_name = |word: &&str| {
        let of_a_name = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        word.contains('_')
            && !word.starts_with('_')
            && !word.ends_with('_')
            && word.bytes().all(of_a_name)
    };
    for word in text.split([' ', '`', ',', '\n']).filter(is_name) {
        assert!(
            can_be_made(word) || OF_THE_SYSTEM.contains(&word),
            "docs/configuration.md: there is no setting called {word}"
        );
    }

    for file in files(&root(), ".md") {
        let text = read(&file);
        let in_capitals = text
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .filter(|word| **word == word.to_ascii_uppercase());
        let keys_of_a_file = text
            .lines()
            .filter_map(|line| Some(line.split_once(" = ")?.0));
        for word in in_capitals.chain(keys_of_a_file) {
            let name = word.to_ascii_uppercase();
            let is_setting = !name.ends_with('_')
                && ["POD_", "AUTH0_", "API_"]
                    .iter()
                    .any(|prefix| name.starts_with(prefix));
            assert!(
                !is_setting || can_be_made(&name) || SETUP_SETTINGS.contains(&&*name),
                "{}: there is no setting called {word}",
                file.display()
            );
        }
    }
}
