//! What every test stands on: the built program with the world around it, and
//! browsers to look at it with.

mod browser;
mod demo;
mod driver;
mod http;
mod process;

pub(crate) use browser::Browser;
pub(crate) use demo::Demo;
pub(crate) use driver::{Driver, Kind};
pub(crate) use http::exchange;

use std::time::Duration;

/// How long anything may take; far longer than it needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How often a page is looked at.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);
