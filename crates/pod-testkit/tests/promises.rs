//! Every promise of the contract suite is stamped, once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_promise_is_in_the_macro_of_its_port() {
    for (port, source) in contracts() {
        let mut promised = names_after(&source, "pub async fn ");
        let mut stamped = stamped(&source);
        promised.sort();
        stamped.sort();

        assert!(!promised.is_empty(), "{port} promises nothing");
        assert_eq!(promised, stamped, "{port}");
    }
}

/// The source of each contract, by its port, parts in files of their own
/// included.
fn contracts() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
    let mut contracts = BTreeMap::new();
    for path in entries(&folder) {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if ["mod", "stages", "store"].contains(&name.as_str()) {
            continue;
        }
        let files = if path.is_dir() {
            entries(&path)
        } else {
            vec![path]
        };
        let source = files.iter().map(|file| fs::read_to_string(file).unwrap());
        contracts.insert(name, source.collect());
    }
    contracts
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn names_after(source: &str, words: &str) -> Vec<String> {
    let rests = source.split(words).skip(1);
    rests.map(|rest| first_name(rest).to_owned()).collect()
}

fn first_name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

/// The names between brackets in the macro.
fn stamped(source: &str) -> Vec<String> {
    let (_, stamp) = source.split_once("$crate::__stamp").expect("a macro");
    let (_, list) = stamp.split_once('[').expect("a list");
    let (list, _) = list.split_once(']').expect("an end of the list");
    let names = list.split(',').map(|name| name.trim().to_owned());
    names.filter(|name| !name.is_empty()).collect()
}
