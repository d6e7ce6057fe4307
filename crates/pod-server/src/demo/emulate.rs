//! `emulate`: the world outside alone, for a `serve` beside it.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use pod_core::ports::Customers as _;
use pod_core::{BoxError, Deadline, Menu};
use pod_emulator::{Emulator, EmulatorConfig};
use secrecy::ExposeSecret as _;
use url::Url;

use super::world;
use crate::cli::{Outcome, asked_to_stop, runtime};
use crate::config::{Database, fresh_code_key};
use crate::system::OsEntropy;
use crate::wiring::Store;

/// How long looking a customer up may take.
const PATIENCE: Duration = Duration::from_secs(10);

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
/// `serve`, and nothing else; the database that it names knows where codes
/// reach the customers of this world.
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
        let database = Database::file(directory.join("pod.db"));
        introduce(&database).await?;

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
             talk to it:\n  pod-server simulate --url http://{}\nThe database knows the contacts \
             of its customers, auth0|ada and auth0|grace; another one has to\nbe told them by \
             `pod-server contact add`. Ctrl-C stops the world.",
            emulator.address(),
            emulator.address()
        );

        asked_to_stop().await?;
        emulator.shutdown().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Has a database know the contacts of this world's customers, unless it has
/// other ones.
async fn introduce(database: &Database) -> Result<(), BoxError> {
    let config = database.store();
    let store = tokio::task::spawn_blocking(move || Store::open(&config)).await??;
    let deadline = Deadline::at(Instant::now() + PATIENCE);
    for (customer, contact) in world::contacts()? {
        if store.contacts(&customer, deadline).await?.is_empty() {
            store.keep_contacts(&customer, &[contact]).await?;
        }
    }
    store.close().await;
    Ok(())
}
