//! Each customer's channel, and who may listen to it.

use pod_core::{CustomerId, Pepper};
use serde_json::json;
use thiserror::Error;

use crate::config::PusherConfig;
use crate::signature::Signer;

/// The private channels that orders are announced on: one for each customer.
#[derive(Debug, Clone)]
pub struct PusherChannels {
    signer: Signer,
    pepper: Pepper,
}

/// Why nobody may listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unauthorized {
    /// The socket has no id that Pusher gives out.
    #[error("a socket's id is digits, a full stop and digits: send the one that the server gave")]
    SocketId,
    /// The channel is somebody else's, or nobody's.
    #[error("the channel is not this customer's: ask for the customer's own")]
    Channel,
}

impl PusherChannels {
    /// Takes an app, and the pepper that hides customers in the names of their
    /// channels. Whoever announces and whoever authorizes need the same.
    #[must_use]
    pub fn new(config: &PusherConfig, pepper: Pepper) -> Self {
        Self {
            signer: Signer::new(config),
            pepper,
        }
    }

    /// The name of a customer's channel: `private-orders-` and 32 hexadecimal
    /// digits. Who knows the customer but not the pepper cannot tell it.
    #[must_use]
    pub fn channel(&self, customer: &CustomerId) -> String {
        format!("private-orders-{}", self.pepper.customer(customer))
    }

    /// Lets a customer's page listen: what its authorization endpoint answers,
    /// as JSON: `{"auth":"KEY:SIGNATURE"}`
    /// (<https://pusher.com/docs/channels/server_api/authorizing-users/>).
    /// It is good for this socket and this channel only.
    ///
    /// # Errors
    ///
    /// [`Unauthorized::SocketId`] if `socket_id` is malformed,
    /// [`Unauthorized::Channel`] if `channel` is not, to the letter, the
    /// customer's own.
    pub fn authorize(
        &self,
        customer: &CustomerId,
        socket_id: &str,
        channel: &str,
    ) -> Result<String, Unauthorized> {
        // A socket id with a colon would have another text signed.
        if !is_socket_id(socket_id) {
            return Err(Unauthorized::SocketId);
        }
        if channel != self.channel(customer) {
            return Err(Unauthorized::Channel);
        }
        let auth = self.signer.authorization(socket_id, channel);
        Ok(json!({ "auth": auth }).to_string())
    }
}

fn is_socket_id(raw: &str) -> bool {
    let is_number =
        |part: &str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
    raw.split_once('.')
        .is_some_and(|(one, other)| is_number(one) && is_number(other))
}
