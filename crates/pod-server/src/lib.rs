//! The program around pod: command line, configuration, serving, metrics, and
//! the wiring of the adapters.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

pub mod admin;
mod causes;
mod cli;
pub mod config;
#[cfg(feature = "demo")]
mod demo;
pub mod logging;
pub mod metrics;
pub mod reports;
pub mod running;
pub mod serving;
pub mod system;
pub mod wiring;

pub use cli::run;
