//! Who may depend on whom.

use std::collections::BTreeSet;

use toml::Value;

use crate::tree::{dependencies, manifests, table};

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

/// Those who ask others over HTTP, by the way out that they share.
const ASK_OTHERS: [&str; 4] = ["pod-alexa", "pod-auth0", "pod-delivery", "pod-pusher"];

/// What the program is made of. It has the emulator for the demo only.
const OF_THE_PROGRAM: [&str; 9] = [
    "pod-alexa",
    "pod-auth0",
    "pod-core",
    "pod-delivery",
    "pod-emulator",
    "pod-http",
    "pod-pusher",
    "pod-store",
    "pod-web",
];

fn ours(dependencies: BTreeSet<String>) -> BTreeSet<String> {
    let mut ours = dependencies;
    ours.retain(|dependency| dependency.starts_with("pod-"));
    ours
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

#[test]
fn the_arrows_point_at_the_core() {
    for (name, manifest) in manifests() {
        let ours = ours(dependencies(&manifest, "dependencies"));

        match name.as_str() {
            "pod-core" | "pod-http" => assert_eq!(ours, set([]), "{name}"),
            "pod-server" => assert_eq!(ours, set(OF_THE_PROGRAM), "{name}"),
            // It puts together what it likes.
            "pod-tests" => {}
            name if ASK_OTHERS.contains(&name) => {
                assert_eq!(ours, set(["pod-core", "pod-http"]), "{name}");
            }
            name => assert_eq!(ours, set(["pod-core"]), "{name}"),
        }
        let built_with = dependencies(&manifest, "build-dependencies");
        assert_eq!(self::ours(built_with), set([]), "{name}");
    }
}

#[test]
fn the_program_has_the_emulator_for_the_demo_only() {
    let manifest = table("crates/pod-server/Cargo.toml");
    let emulator = &manifest["dependencies"]["pod-emulator"];
    let features = manifest["features"].as_table().expect("features");
    let bring_it: Vec<&str> = features
        .iter()
        .filter(|(_, brings)| brings.to_string().contains("pod-emulator"))
        .map(|(feature, _)| feature.as_str())
        .collect();

    assert_eq!(emulator.get("optional"), Some(&Value::Boolean(true)));
    assert_eq!(bring_it, ["demo"]);
}

#[test]
fn adapters_never_meet_even_in_tests() {
    for (name, manifest) in manifests() {
        if name == "pod-tests" {
            continue;
        }
        let mut met = ours(dependencies(&manifest, "dev-dependencies"));
        met.retain(|dependency| !["pod-core", "pod-testkit"].contains(&dependency.as_str()));

        assert_eq!(met, set([]), "{name}");
    }
}

#[test]
fn the_core_stays_small() {
    let manifest = table("crates/pod-core/Cargo.toml");

    assert_eq!(dependencies(&manifest, "dependencies"), set(OF_THE_CORE));
    assert_eq!(dependencies(&manifest, "build-dependencies"), set([]));
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

    let mut checked = Vec::new();
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
        checked.push(owned);
    }
    for owned in [
        "axum",
        "hyper",
        "hyper-util",
        "jsonwebtoken",
        "mockall",
        "reqwest",
        "rusqlite",
        "rustls",
        "tokio-rustls",
        "tracing",
    ] {
        assert!(
            checked.contains(&owned),
            "deny.toml lacks owners of {owned}"
        );
    }
}

#[test]
fn every_shared_dependency_is_used() {
    let root = table("Cargo.toml");
    let shared = dependencies(
        root["workspace"].as_table().expect("a table"),
        "dependencies",
    );
    let used: BTreeSet<String> = manifests()
        .values()
        .flat_map(|manifest| {
            ["dependencies", "dev-dependencies", "build-dependencies"]
                .map(|kind| dependencies(manifest, kind))
        })
        .flatten()
        .collect();

    let unused: Vec<&String> = shared.difference(&used).collect();
    assert!(unused.is_empty(), "nobody depends on {unused:?}");
}
