//! `emulate`: the world outside alone, for a `serve` beside it.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use pod_core::Menu;
use pod_emulator::{
    DeviceAccount, Emulator, EmulatorConfig, SETUP_CLIENT, SETUP_SECRET, TenantContents,
    TenantSetup, WEB_CLIENT, WEB_SECRET,
};
use secrecy::ExposeSecret as _;
use url::Url;

use super::world;
use crate::cli::{Outcome, asked_to_stop, runtime};
use crate::config::{ChallengerKind, Database, fresh_code_key};
use crate::system::OsEntropy;

/// What the world outside can be told.
#[derive(Args)]
pub(crate) struct EmulateArgs {
    /// Where the Echo, the inbox and the Auth0 tenant answer
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
    /// Who is to make and judge the codes of the `serve` beside it: pod itself,
    /// or an emulated supplier
    #[arg(long, value_enum, default_value_t, conflicts_with = "empty_tenant")]
    challenger: ChallengerKind,
}

/// Runs until it is asked to stop. Standard output has the environment for a
/// `serve` and for whoever else uses the tenant, and nothing else.
pub(crate) fn emulate(args: EmulateArgs) -> Outcome {
    runtime()?.block_on(async {
        let asked_to_stop = asked_to_stop()?;
        let temporary = tempfile::Builder::new().prefix("pod-emulate-").tempdir()?;
        let directory = args.dir.unwrap_or_else(|| temporary.path().to_owned());
        std::fs::create_dir_all(&directory)?;
        let directory = directory.canonicalize()?;

        let contents = if args.empty_tenant {
            TenantContents::Empty
        } else {
            TenantContents::Demo
        };
        let public = args.skill_url.origin().ascii_serialization();
        let app = args.skill_url.join("app/")?;
        let mut around = world::emulator(&Menu::default(), args.skill_url)?;
        if contents == TenantContents::Empty {
            // Nobody has an account there.
            for device in &mut around.devices {
                device.account = DeviceAccount::NotLinked;
            }
        }
        let emulator = Emulator::start(EmulatorConfig {
            listen: args.listen,
            proxy_listen: args.proxy_listen,
            roots: Some(directory.clone()),
            tenant: TenantSetup {
                contents,
                web_callbacks: vec![format!("{app}oidc/callback")],
                web_logout_urls: vec![format!("{app}?said=signed-out")],
                ..TenantSetup::default()
            },
            tls: args.tls,
            ..around
        });
        let emulator = emulator.await?;
        let keys = fresh_code_key("emulate", &OsEntropy)?;
        let database = Database::file(directory.join("pod.db"));

        let mut out = std::io::stdout().lock();
        let environment = emulator.environment().into_iter();
        let clients = clients(&emulator, contents, &public);
        let suppliers = match contents {
            TenantContents::Demo => suppliers(&emulator, args.challenger),
            TenantContents::Empty => Vec::new(),
        };
        for (name, value) in environment.chain(clients).chain(suppliers) {
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

        asked_to_stop.await?;
        emulator.shutdown().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// The tenant's clients that programs outside act by: the back end's, through
/// which `serve` has codes sent, and the web app's; or the administrator's of an empty tenant.
fn clients(
    emulator: &Emulator,
    contents: TenantContents,
    public: &str,
) -> Vec<(&'static str, String)> {
    match contents {
        TenantContents::Demo => {
            let mut settings = emulator.tenant_environment();
            settings.extend([
                ("POD_WEB_CLIENT_ID", WEB_CLIENT.to_owned()),
                ("POD_WEB_CLIENT_SECRET", WEB_SECRET.to_owned()),
                ("POD_PUBLIC_URL", public.to_owned()),
            ]);
            settings
        }
        TenantContents::Empty => vec![
            ("SETUP_CLIENT_ID", SETUP_CLIENT.to_owned()),
            ("SETUP_CLIENT_SECRET", SETUP_SECRET.to_owned()),
        ],
    }
}

/// Who carries the codes of the `serve` beside it.
fn suppliers(emulator: &Emulator, challenger: ChallengerKind) -> Vec<(&'static str, String)> {
    match challenger {
        ChallengerKind::Passcodes => emulator.delivery_environment(),
        ChallengerKind::Auth0 => vec![("POD_CHALLENGER", "auth0".to_owned())],
        ChallengerKind::TwilioVerify => {
            let mut settings = emulator.verify_environment();
            settings.push(("POD_CHALLENGER", "twilio-verify".to_owned()));
            settings
        }
    }
}

/// What there is to know of the customers.
fn who_is_there(contents: TenantContents) -> &'static str {
    match contents {
        TenantContents::Demo => "The tenant knows its customers, auth0|ada and auth0|grace.",
        TenantContents::Empty => {
            "The tenant is empty: `pod-server setup auth0`, with the environment above, fills it."
        }
    }
}
