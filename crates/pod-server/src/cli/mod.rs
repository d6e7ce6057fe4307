//! The command line: what can be asked for, and who does it.

mod check;
mod code_key;
mod contact;
mod env_file;
mod migrate;
mod serve;
mod setup;
mod signals;
mod unlock;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use pod_core::{BoxError, Contact, CustomerId, EmailAddress, PhoneNumber};
use tokio::runtime::Runtime;

use crate::causes::Causes;
use crate::config::{self, ConfigError, Source};
#[cfg(feature = "demo")]
use crate::demo;

use setup::SetupCommand;
pub(crate) use signals::asked_to_stop;

/// The exit code of a problem with the configuration, as of the command line.
const MISCONFIGURED: u8 = 2;

/// What a command comes to: an exit code, or what went wrong.
pub(crate) type Outcome = Result<ExitCode, BoxError>;

/// Lets a voice assistant act only for the person who owns the account: every
/// order spoken to Alexa is confirmed by a one-time code that reaches the
/// customer by another way.
#[cfg_attr(
    feature = "demo",
    doc = "\nNew here? `pod-server demo --once` plays one whole conversation on this machine, without \
           an account anywhere; `pod-server demo` lets you talk."
)]
#[derive(Parser)]
#[command(name = "pod-server", version, disable_help_subcommand = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Plays with everything on this machine: a pod, an Echo, an inbox
    #[cfg(feature = "demo")]
    Demo(demo::DemoArgs),
    /// Answers Alexa
    #[command(after_help = config::table())]
    Serve(ConfigFile),
    /// Says what is wrong with the configuration and the suppliers, and how to
    /// mend it
    #[command(after_help = config::table())]
    Check(ConfigFile),
    /// Has a supplier know pod
    #[command(subcommand)]
    Setup(SetupCommand),
    /// Brings the database up to date
    Migrate(ConfigFile),
    /// Runs the world outside a pod on this machine, to try `serve` with
    ///
    /// Standard output has the environment for that `serve`, a line for each setting. The
    /// emulated tenant sends the codes, to an inbox that `simulate` shows.
    #[cfg(feature = "demo")]
    Emulate(demo::EmulateArgs),
    /// Talks to Alexa in the terminal
    #[cfg(feature = "demo")]
    Simulate(demo::SimulateArgs),
    /// Says where codes reach a customer
    #[command(subcommand)]
    Contact(ContactCommand),
    /// Unlocks a customer who failed too often
    Unlock {
        /// The customer: the `sub` of the access token, such as auth0|5f7c
        #[arg(value_parser = customer)]
        customer: CustomerId,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Makes a key for `POD_CODE_KEYS`
    CodeKey,
}

#[derive(Subcommand)]
enum ContactCommand {
    /// Adds a contact that was verified to be the customer's
    Add {
        /// Prefers it to those there are
        #[arg(long)]
        preferred: bool,
        #[command(flatten)]
        of: ContactArgs,
    },
    /// Lists the contacts, masked, the preferred one first
    List {
        /// The customer: the `sub` of the access token, such as auth0|5f7c
        #[arg(value_parser = customer)]
        customer: CustomerId,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Removes a contact
    Remove(ContactArgs),
}

#[derive(Args)]
struct ContactArgs {
    /// The customer: the `sub` of the access token, such as auth0|5f7c
    #[arg(value_parser = customer)]
    customer: CustomerId,
    /// A phone number such as +14155550142, or an e-mail address
    #[arg(value_parser = contact)]
    contact: Contact,
    #[command(flatten)]
    config: ConfigFile,
}

/// Where settings are.
#[derive(Args)]
pub(crate) struct ConfigFile {
    /// The settings file [default: pod.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Does what the command line asks for. Settings come from `source`, and the
/// file that the command line may name.
pub fn run(line: impl IntoIterator<Item = OsString>, source: Source<'_>) -> ExitCode {
    let line = match CommandLine::try_parse_from(line) {
        Ok(line) => line,
        Err(error) => error.exit(),
    };
    match dispatch(line.command, source) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("pod-server: {}", Causes(&*error));
            if error.is::<ConfigError>() {
                ExitCode::from(MISCONFIGURED)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

fn dispatch(command: Option<Command>, source: Source<'_>) -> Outcome {
    let Some(command) = command else {
        CommandLine::command().print_long_help()?;
        return Ok(ExitCode::SUCCESS);
    };
    match command {
        #[cfg(feature = "demo")]
        Command::Demo(args) => demo::demo(args, &source),
        Command::Serve(file) => serve::serve(&file.open(source)),
        Command::Check(file) => check::check(&file.open(source)),
        Command::Setup(SetupCommand::Auth0(args)) => {
            let source = source.with_file(args.config.path());
            setup::auth0(&args, &source)
        }
        Command::Migrate(file) => migrate::migrate(&file.open(source)),
        #[cfg(feature = "demo")]
        Command::Emulate(args) => demo::emulate(args),
        #[cfg(feature = "demo")]
        Command::Simulate(args) => demo::simulate(args, &source),
        Command::Contact(ContactCommand::Add { preferred, of }) => contact::add(
            &of.config.open(source),
            &of.customer,
            &of.contact,
            preferred,
        ),
        Command::Contact(ContactCommand::List { customer, config }) => {
            contact::list(&config.open(source), &customer)
        }
        Command::Contact(ContactCommand::Remove(of)) => {
            contact::remove(&of.config.open(source), &of.customer, &of.contact)
        }
        Command::Unlock { customer, config } => unlock::unlock(&config.open(source), &customer),
        Command::CodeKey => code_key::code_key(),
    }
}

impl ConfigFile {
    fn path(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    fn open(self, source: Source<'_>) -> Source<'_> {
        source.with_file(self.path())
    }
}

/// A runtime with a thread for each processor.
///
/// # Errors
///
/// What the system says.
pub(crate) fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}

fn customer(raw: &str) -> Result<CustomerId, String> {
    CustomerId::parse(raw).map_err(|error| error.to_string())
}

fn contact(raw: &str) -> Result<Contact, String> {
    if raw.contains('@') {
        let address = EmailAddress::parse(raw).map_err(|error| error.to_string())?;
        return Ok(Contact::Email(address));
    }
    let number = PhoneNumber::parse(raw).map_err(|error| error.to_string())?;
    Ok(Contact::Phone(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_contact_is_a_number_or_an_address() {
        assert!(matches!(contact("+1 415 555 0142"), Ok(Contact::Phone(_))));
        assert!(matches!(contact("ada@example.com"), Ok(Contact::Email(_))));
        assert!(contact("0142").is_err());
        assert!(contact("ada@").is_err());
    }
}
