//! `pod-load` measures a pod from outside: it orders and confirms as Amazon
//! and many customers would, checks every answer, and says what it cost.
//!
//! Everything is on this machine: other addresses are refused.

mod address;
mod codes;
mod customers;
mod figures;
mod fill;
mod line;
mod orders;
mod process;
mod run;
mod serve;
mod signing;
mod start;
mod window;
mod world;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use pod_core::BoxError;

/// As the program has it.
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

/// Measures a pod: serves one, asks one, fills a database, or times a start.
///
/// Run `pod-load serve` in one terminal and `pod-load run` in another, or point
/// `run` at any other pod on this machine that trusts the environment it
/// prints.
#[derive(Parser)]
#[command(name = "pod-load", max_term_width = 100)]
enum Command {
    Run(run::Run),
    Serve(serve::Serve),
    Fill(fill::Fill),
    Start(start::Start),
}

fn main() -> ExitCode {
    let done = match Command::parse() {
        Command::Run(run) => run.start(),
        Command::Serve(serve) => serve.start(),
        Command::Fill(fill) => fill.start(),
        Command::Start(start) => start.start(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pod-load: {}", causes(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with what is behind it.
fn causes(error: &BoxError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Command::command().debug_assert();
    }
}
