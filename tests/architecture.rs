//! The arrows of the architecture, read from the manifests, and the documents
//! that must not rot.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// What the core may depend on: words, errors, secrets, hashes and time.
const OF_THE_CORE: [&str; 8] = [
    "async-trait",
    "hmac",
    "jiff",
    "secrecy",
    "sha2",
    "subtle",
    "thiserror",
    "uuid",
];

/// Who puts everything together.
const PROGRAMS: [&str; 2] = ["pod-server", "pod-tests"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn table(path: impl AsRef<Path>) -> Table {
    read(path).parse().expect("a TOML file")
}

/// Every file below a folder that ends so, without what is built.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(files(&path, ending));
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn names(folder: &str) -> BTreeSet<String> {
    fs::read_dir(root().join(folder))
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

fn manifests() -> BTreeMap<String, Table> {
    let mut manifests = BTreeMap::from([("pod-tests".to_owned(), table("tests/Cargo.toml"))]);
    for name in names("crates") {
        let manifest = table(format!("crates/{name}/Cargo.toml"));
        manifests.insert(name, manifest);
    }
    manifests
}

fn dependencies<'t>(manifest: &'t Table, kind: &str) -> BTreeSet<&'t str> {
    let of = |table: &'t Table| match table.get(kind) {
        Some(Value::Table(table)) => table.keys().map(String::as_str).collect(),
        _ => BTreeSet::new(),
    };
    let mut all = of(manifest);
    if let Some(Value::Table(targets)) = manifest.get("target") {
        for target in targets.values().filter_map(Value::as_table) {
            all.extend(of(target));
        }
    }
    all
}

#[test]
fn the_arrows_point_at_the_core() {
    for (name, manifest) in manifests() {
        let ours: BTreeSet<&str> = dependencies(&manifest, "dependencies")
            .into_iter()
            .filter(|dependency| dependency.starts_with("pod-"))
            .collect();

        match name.as_str() {
            "pod-core" => assert_eq!(ours, BTreeSet::new(), "{name}"),
            name if PROGRAMS.contains(&name) => {}
            name => assert_eq!(ours, BTreeSet::from(["pod-core"]), "{name}"),
        }
    }
}

#[test]
fn adapters_never_meet_even_in_tests() {
    for (name, manifest) in manifests() {
        if PROGRAMS.contains(&name.as_str()) {
            continue;
        }
        let met: Vec<&str> = dependencies(&manifest, "dev-dependencies")
            .into_iter()
            .filter(|dependency| dependency.starts_with("pod-"))
            .filter(|dependency| !["pod-core", "pod-testkit"].contains(dependency))
            .collect();

        assert_eq!(met, [""; 0], "{name}");
    }
}

#[test]
fn the_core_stays_small() {
    let manifest = table("crates/pod-core/Cargo.toml");

    assert_eq!(
        dependencies(&manifest, "dependencies"),
        BTreeSet::from(OF_THE_CORE)
    );
    assert_eq!(
        dependencies(&manifest, "build-dependencies"),
        BTreeSet::new()
    );
}

#[test]
fn crates_that_do_io_stay_with_their_owners() {
    let deny = table("deny.toml");
    let bans = deny["bans"]["deny"].as_array().expect("a list");
    let owned = bans.iter().filter_map(|ban| {
        let owners = ban.get("wrappers")?.as_array()?;
        let owners: Vec<&str> = owners.iter().filter_map(Value::as_str).collect();
        Some((ban["crate"].as_str()?, owners))
    });

    let mut checked = 0;
    for (owned, owners) in owned {
        for (name, manifest) in manifests() {
            for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
                let strays = dependencies(&manifest, kind).contains(owned)
                    && !owners.contains(&name.as_str());
                assert!(
                    !strays,
                    "{name} has {owned} among its {kind}; its owners are {owners:?}"
                );
            }
        }
        checked += 1;
    }
    assert!(checked >= 5, "deny.toml names no owners");
}

#[test]
fn the_map_names_every_crate_and_none_that_is_gone() {
    let map = read("docs/architecture.md");
    let named: BTreeSet<String> = map
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .filter(|word| word.starts_with("pod-") && *word != "pod-tests")
        .map(str::to_owned)
        .collect();

    assert_eq!(named, names("crates"));
}

#[test]
fn every_test_that_the_map_names_is_there() {
    let map = read("docs/architecture.md");
    let invariants = map
        .split("## Invariants")
        .nth(1)
        .expect("a chapter on invariants");
    let invariants = invariants.split("\n## ").next().unwrap_or_default();
    let sources: String = files(&root(), ".rs").iter().map(read).collect();

    let tests: Vec<&str> = invariants
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| {
            word.contains('_')
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        })
        .collect();

    assert!(
        tests.len() >= 20,
        "the invariants name only {} tests",
        tests.len()
    );
    for test in tests {
        assert!(
            sources.contains(&format!("fn {test}(")),
            "there is no test called {test}"
        );
    }
}

#[test]
fn every_file_says_what_belongs_in_it() {
    for file in files(&root(), ".rs") {
        let text = read(&file);
        assert!(
            text.starts_with("//! "),
            "{} does not begin with `//!`",
            file.display()
        );
    }
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
    let sources: String = files(&root().join("crates/pod-server/src"), ".rs")
        .iter()
        .map(read)
        .collect();

    let settings: BTreeSet<&str> = sources
        .split('"')
        .filter(|word| {
            word.starts_with("POD_") || word.starts_with("AUTH0_") || word.starts_with("API_")
        })
        .filter(|word| {
            word.bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        })
        .filter(|word| !word.ends_with('_') && !word.ends_with("_FILE"))
        .collect();

    assert!(settings.len() >= 10, "the program reads only {settings:?}");
    for setting in settings {
        assert!(
            documented.contains(&format!("`{setting}`")),
            "docs/configuration.md lacks {setting}"
        );
    }
}
