//! The program around pod: command line, configuration, serving, metrics, and
//! the wiring of the adapters.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

pub mod config;
pub mod metrics;
pub mod serving;
pub mod system;
