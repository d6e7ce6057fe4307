//! The tree of files that all of it is read from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn table(path: impl AsRef<Path>) -> Table {
    read(path).parse().expect("a TOML file")
}

/// Every file below a folder that ends so, without what is built.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
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

/// What is in a folder.
pub(crate) fn names(folder: &str) -> BTreeSet<String> {
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

/// The manifests of the workspace, by the names of their crates.
pub(crate) fn manifests() -> BTreeMap<String, Table> {
    let mut manifests = BTreeMap::from([("pod-tests".to_owned(), table("tests/Cargo.toml"))]);
    for name in names("crates") {
        let manifest = table(format!("crates/{name}/Cargo.toml"));
        manifests.insert(name, manifest);
    }
    manifests
}

/// What a crate depends on: the true names, whatever it calls them.
pub(crate) fn dependencies(manifest: &Table, kind: &str) -> BTreeSet<String> {
    let shared = table("Cargo.toml");
    let shared = shared["workspace"]["dependencies"]
        .as_table()
        .expect("a table");
    let package = |value: Option<&Value>| {
        let package = value?.get("package")?;
        package.as_str().map(str::to_owned)
    };
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values);
    targets
        .filter_map(Value::as_table)
        .chain([manifest])
        .filter_map(|table| table.get(kind)?.as_table())
        .flatten()
        .map(|(name, value)| {
            package(Some(value))
                .or_else(|| package(shared.get(name)))
                .unwrap_or_else(|| name.clone())
        })
        .collect()
}

#[test]
fn a_dependency_is_known_by_its_true_name() {
    let manifest: Table = r#"
        [dependencies]
        webpki.workspace = true
        web = { package = "axum", version = "0.8" }
        http.workspace = true
        [target.'cfg(unix)'.dependencies]
        files = { package = "rustix", version = "1" }
    "#
    .parse()
    .expect("a manifest");

    let names = dependencies(&manifest, "dependencies");

    let expected = ["axum", "http", "rustix", "rustls-webpki"];
    assert_eq!(names, expected.map(str::to_owned).into());
}
