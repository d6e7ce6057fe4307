//! Announces orders on Pusher Channels, and on other servers of its protocol:
//! each customer's on a private channel, which nobody else can listen to.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

mod announcer;
mod channels;
mod check;
mod config;
mod server;
mod signature;

pub use announcer::{Lost, PusherAnnouncer, PusherPosts};
pub use channels::{PusherChannels, Unauthorized};
pub use config::{InvalidPusherName, PusherAppId, PusherConfig, PusherKey};
pub use server::{InvalidPusherCluster, PusherServer};

/// What operators know it as.
const PUSHER: &str = "Pusher";
