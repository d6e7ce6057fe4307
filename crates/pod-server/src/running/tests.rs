//! Tests of a whole pod, over real sockets.

mod bodies;
mod contacts;
#[cfg(feature = "demo")]
mod finishing;

use std::net::Ipv4Addr;

use pod_http::Route;
use tempfile::TempDir;

use super::*;
use crate::config::{Config, Database, Source};
use crate::wiring::{Outside, Suppliers, assemble};

const SKILL: &str = "amzn1.ask.skill.1";

/// A pod that answers, and goes with its database.
struct House {
    running: Running,
    skill: SocketAddr,
    _directory: TempDir,
}

/// Settings that are complete, with nothing behind them.
fn config(directory: &TempDir) -> Config {
    config_with(directory, &[])
}

/// The same, with some more.
fn config_with(directory: &TempDir, more: &[(&str, &str)]) -> Config {
    let least = [
        ("POD_ALEXA_SKILL_ID", SKILL),
        (
            "POD_CODE_KEYS",
            "2026-11:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        ),
        ("AUTH0_DOMAIN", "http://127.0.0.1:9"),
        ("API_ID", "https://pod.localtest.me"),
    ];
    let settings = [&least, more].concat();
    let find = |name: &str| settings.iter().find(|(known, _)| *known == name);
    let source = Source::new(
        |name| find(name).map(|(_, value)| (*value).to_owned()),
        settings.iter().map(|(name, _)| (*name).to_owned()),
    );
    let config = Config::read(&source).unwrap();
    Config {
        database: Database::file(directory.path().join("pod.db")),
        ..config
    }
}

/// Nobody carries codes, and Amazon and the tenant are away.
fn nothing_outside() -> Outside {
    Outside {
        route: Route {
            proxy: Some("http://127.0.0.1:9".to_owned()),
            authorities: None,
        },
        ..Outside::real()
    }
}

async fn open(directory: TempDir, config: Config, outside: Outside) -> House {
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let bound = Bound::bind(anywhere, anywhere, &config.base_path, None);
    let bound = bound.await.unwrap();
    let skill = bound.main.address().unwrap();
    let assembled = assemble(&config, outside).await.unwrap();
    House {
        running: bound.serve(assembled),
        skill,
        _directory: directory,
    }
}
