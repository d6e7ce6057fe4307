//! Logs: one line for each thing that went wrong, on standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Begins to log what `targets` let through. Only the first call counts.
pub fn start(targets: Targets) {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_filter(targets);
    let logger = tracing_subscriber::registry().with(lines);
    // An error means that somebody logs already.
    let _logging = logger.try_init();
}
