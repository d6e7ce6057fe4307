//! The program: everything is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;
use pod_server::config::Source;

/// Answers are made of many small pieces, in several threads.
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn main() -> ExitCode {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let source = Source::new(|name| std::env::var(name).ok(), names);
    pod_server::run(std::env::args_os(), source)
}
