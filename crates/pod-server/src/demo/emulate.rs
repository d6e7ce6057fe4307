//! `emulate`: the world outside alone, for a `serve` beside it.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use pod_core::ports::Customers as _;
use pod_core::{BoxError, Deadline, Menu};
use pod_emulator::{
    Emulator, EmulatorConfig, SETUP_CLIENT, SETUP_SECRET, TenantContents, TenantSetup,
};
use secrecy::ExposeSecret as _;
use url::Url;

use super::world;
use crate::cli::{Outcome, asked_to_stop, runtime};
use crate::config::{Database, SETTINGS, fresh_code_key};
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
    /// Have the tenant call itself https://localhost:PORT/, for programs that
    /// reach a tenant by TLS only
    #[arg(long)]
    tls: bool,
    /// Start with a tenant as Auth0 hands it over, with nobody and nothing in
    /// it but its administrator's client
    #[arg(long)]
    empty_tenant: bool,
}

/// Runs until it is asked to stop. Standard output has the environment for a
/// `serve` and for whoever else uses the tenant, and nothing else; the database
/// that it names knows where codes reach the customers of this world.
pub(crate) fn emulate(args: EmulateArgs) -> Outcome {
    runtime()?.block_on(async {
        let temporary = tempfile::Builder::new().prefix("pod-emulate-").tempdir()?;
        let directory = args.dir.unwrap_or_else(|| temporary.path().to_owned());
        std::fs::create_dir_all(&directory)?;
        let directory = directory.canonicalize()?;

        let contents = if args.empty_tenant {
            TenantContents::Empty
        } else {
            TenantContents::Demo
        };
        let emulator = Emulator::start(EmulatorConfig {
            listen: args.listen,
            proxy_listen: args.proxy_listen,
            roots: Some(directory.clone()),
            tenant: TenantSetup {
                contents,
                ..TenantSetup::default()
            },
            tls: args.tls,
            ..world::emulator(&Menu::default(), args.skill_url)?
        });
        let emulator = emulator.await?;
        let keys = fresh_code_key("emulate", &OsEntropy)?;
        let database = Database::file(directory.join("pod.db"));
        if contents == TenantContents::Demo {
            introduce(&database).await?;
        }

        let mut out = std::io::stdout().lock();
        let environment = emulator.environment().into_iter();
        for (name, value) in environment.chain(clients(&emulator, contents)) {
            writeln!(out, "{name}={value}")?;
        }
        writeln!(out, "POD_CODE_KEYS={}", keys.expose_secret())?;
        writeln!(out, "POD_DATABASE_URL={database}")?;
        out.flush()?;
        drop(out);
        let address = emulator.address();
        eprintln!(
            "The world answers at http://{address}. Give a `pod-server serve` the environment above, \
             and talk to it:\n  pod-server simulate --url http://{address}\n{} Ctrl-C stops the world.",
            who_is_there(contents)
        );

        asked_to_stop().await?;
        emulator.shutdown().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// The tenant's clients that programs outside act by: the back end's, so far as
/// `serve` goes by it, or the administrator's of an empty tenant.
fn clients(emulator: &Emulator, contents: TenantContents) -> Vec<(&'static str, String)> {
    match contents {
        TenantContents::Demo => {
            let mut settings = emulator.tenant_environment();
            // `serve` refuses what it cannot use.
            settings.retain(|(name, _)| SETTINGS.iter().any(|known| known.name == *name));
            settings
        }
        TenantContents::Empty => vec![
            ("SETUP_CLIENT_ID", SETUP_CLIENT.to_owned()),
            ("SETUP_CLIENT_SECRET", SETUP_SECRET.to_owned()),
        ],
    }
}

/// What there is to know of the customers.
fn who_is_there(contents: TenantContents) -> &'static str {
    match contents {
        TenantContents::Demo => {
            "The database knows the contacts of its customers, auth0|ada and auth0|grace; another \
             one has to\nbe told them by `pod-server contact add`."
        }
        TenantContents::Empty => {
            "The tenant is empty: its administrator's client can fill it, and nobody has a contact \
             until\n`pod-server contact add` tells one."
        }
    }
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
