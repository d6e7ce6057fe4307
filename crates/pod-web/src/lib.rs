//! What customers and their programs see of pod over HTTP: the JSON API and
//! its events, and the web app.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

mod api;
mod app;
mod languages;
mod live;
mod names;

pub use api::{Api, ApiConfig, ApiPorts};
pub use app::{App, AppConfig, AppPorts, Authorize, ChannelOf, Push};
pub use live::{EventId, Heard, Listener, Live, Numbered};
