//! What customers and their programs see of pod over HTTP: the JSON API and
//! its events.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

mod api;
mod live;

pub use api::{Api, ApiConfig, ApiPorts};
pub use live::{EventId, Heard, Listener, Live, Numbered};
