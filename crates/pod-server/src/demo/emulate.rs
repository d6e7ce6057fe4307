//! `emulate`: the world outside alone, for a `serve` beside it.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use pod_core::Menu;
use pod_emulator::{Emulator, EmulatorConfig};
use secrecy::ExposeSecret as _;
use url::Url;

use super::world;
use crate::cli::{Outcome, asked_to_stop, runtime};
use crate::config::fresh_code_key;
use crate::system::OsEntropy;

/// What the world outside can be told.
#[derive(Args)]
pub(crate) struct EmulateArgs {
    /// Where the Echo, the inbox and the OpenID provider answer
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7102")]
    listen: SocketAddr,
    /// Where the proxy to Amazon's certificates answers
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7103")]
    proxy_listen: SocketAddr,
    /// Where the skill will answer
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:7100/pod/alexa"
    )]
    skill_url: Url,
    /// The folder for the root certificate and the database [default: one that
    /// is removed at the end]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Runs until it is asked to stop. Standard output has the environment for a
/// `serve`, and nothing else.
pub(crate) fn emulate(args: EmulateArgs) -> Outcome {
    runtime()?.block_on(async {
        let temporary = tempfile::Builder::new().prefix("pod-emulate-").tempdir()?;
        let directory = args.dir.unwrap_or_else(|| temporary.path().to_owned());
        std::fs::create_dir_all(&directory)?;
        let directory = directory.canonicalize()?;

        let emulator = Emulator::start(EmulatorConfig {
            listen: args.listen,
            proxy_listen: args.proxy_listen,
            roots: Some(directory.clone()),
            ..world::emulator(&Menu::default(), args.skill_url)?
        });
        let emulator = emulator.await?;
        let keys = fresh_code_key("emulate", &OsEntropy)?;
        let database = format!("sqlite://{}", directory.join("pod.db").display());

        let mut out = std::io::stdout().lock();
        for (name, value) in emulator.environment() {
            writeln!(out, "{name}={value}")?;
        }
        writeln!(out, "POD_CODE_KEYS={}", keys.expose_secret())?;
        writeln!(out, "POD_DATABASE_URL={database}")?;
        out.flush()?;
        drop(out);
        eprintln!(
            "The world answers at http://{}. Give a `pod-server serve` the environment above, and \
             talk to it:\n  pod-server simulate --url http://{}\nCtrl-C stops the world.",
            emulator.address(),
            emulator.address()
        );

        asked_to_stop().await?;
        emulator.shutdown().await;
        Ok(ExitCode::SUCCESS)
    })
}
