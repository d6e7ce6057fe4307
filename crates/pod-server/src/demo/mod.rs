//! The demo: a pod and the world around it, both on this machine.

mod emulate;
mod guide;
mod once;
mod page;
mod play;
mod prompt;
mod remote;
mod talk;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use url::Url;

use crate::cli::{Outcome, runtime};
use crate::config::{ChallengerKind, DemoConfig, Source};
use crate::logging;
pub(crate) use emulate::{EmulateArgs, emulate};
use play::play;
use remote::Remote;
use talk::Talk;
#[cfg(test)]
pub(crate) use world::emulator;
use world::{Failure, World, WorldConfig};

/// What the demo can be told.
#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Plays one whole conversation, and exits 0 if the order was confirmed
    #[arg(long)]
    once: bool,
    /// Where the skill answers [default: 127.0.0.1:7100; a free port with --once]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where health and metrics answer [default: 127.0.0.1:7101; a free port with --once]
    #[arg(long, value_name = "ADDRESS")]
    admin_listen: Option<SocketAddr>,
    /// Where the world answers [default: 127.0.0.1:7102; a free port with --once]
    #[arg(long, value_name = "ADDRESS")]
    world_listen: Option<SocketAddr>,
    /// The SQLite file to keep orders in [default: one that is removed at the end]
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// Who makes and judges codes: pod itself, or an emulated supplier
    #[arg(long, value_enum, default_value_t)]
    challenger: ChallengerKind,
    /// What goes wrong with messages of pod's own
    #[arg(long, value_enum)]
    fail: Option<Failure>,
}

/// What a conversation in the terminal can be told.
#[derive(Args)]
pub(crate) struct SimulateArgs {
    /// The world to talk in: what `demo` or `emulate` says it answers at
    /// [default: a demo of its own]
    #[arg(long)]
    url: Option<Url>,
    /// The skill to talk to, if it is not the one that world knows
    #[arg(long, requires = "url")]
    skill_url: Option<Url>,
    /// The device to talk to [default: the first one, Ada's]
    #[arg(long)]
    device: Option<String>,
}

pub(crate) fn demo(args: DemoArgs, source: &Source<'_>) -> Outcome {
    if args.fail.is_some() && args.challenger != ChallengerKind::Passcodes {
        return Err(
            "--fail is about the messages that pod sends itself: leave --challenger out".into(),
        );
    }
    let DemoConfig { lifetime, log } = DemoConfig::read(source)?;
    logging::start(log);
    runtime()?.block_on(async {
        let port = |port| local(if args.once { 0 } else { port });
        let world = World::start(WorldConfig {
            listen: args.listen.unwrap_or(port(7100)),
            admin_listen: args.admin_listen.unwrap_or(port(7101)),
            world_listen: args.world_listen.unwrap_or(port(7102)),
            database: args.database,
            challenger: args.challenger,
            lifetime,
            fail: args.fail,
        });
        let world = world.await?;
        let outcome = if args.once {
            once::once(&world).await
        } else {
            let (talk, events) = (Talk::here(&world), Some(world.events()));
            let words = guide::demo(&world);
            play(&words, talk, events, None, prompt::terminal_only()).await
        };
        world.stop().await;
        outcome
    })
}

pub(crate) fn simulate(args: SimulateArgs, source: &Source<'_>) -> Outcome {
    let DemoConfig { lifetime, log } = DemoConfig::read(source)?;
    logging::start(log);
    runtime()?.block_on(async {
        if let Some(url) = args.url {
            let talk = Talk::there(Remote::new(&url, args.skill_url)?).await?;
            return play("", talk, None, args.device, prompt::terminal_or_pipe()).await;
        }
        let world = World::start(WorldConfig {
            listen: local(0),
            admin_listen: local(0),
            world_listen: local(0),
            database: None,
            challenger: ChallengerKind::default(),
            lifetime,
            fail: None,
        });
        let world = world.await?;
        let (talk, events) = (Talk::here(&world), Some(world.events()));
        let outcome = play("", talk, events, args.device, prompt::terminal_or_pipe()).await;
        world.stop().await;
        outcome
    })
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// The exit code of what worked, or did not.
fn verdict(worked: bool) -> ExitCode {
    if worked {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
