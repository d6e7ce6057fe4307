//! A challenge: what was sent so that an order can be confirmed.

use std::fmt;

use jiff::Timestamp;
use thiserror::Error;

use crate::contact::SentTo;
use crate::ids::ChallengeId;

/// Sixteen random bytes, new for each order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// Takes sixteen random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The sixteen bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(..)")
    }
}

/// What makes the code of one order its own, fixed when the order is placed:
/// whenever it is sent, it is the same code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed {
    /// The challenge's name.
    pub challenge: ChallengeId,
    /// Random bytes beside it.
    pub nonce: Nonce,
}

/// What a challenger needs to judge a code later: opaque to everybody else,
/// kept with the order. It is no secret that would let somebody confirm.
#[derive(Clone, PartialEq, Eq)]
pub struct Handle(Box<str>);

/// Not a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a challenge's handle is at most 4096 bytes")]
pub struct InvalidHandle;

impl Handle {
    /// Keeps a text for the challenger that made it.
    ///
    /// # Errors
    ///
    /// [`InvalidHandle`] if it is longer than 4096 bytes.
    pub fn parse(raw: &str) -> Result<Self, InvalidHandle> {
        if raw.len() <= 4096 {
            Ok(Self(raw.into()))
        } else {
            Err(InvalidHandle)
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle(..)")
    }
}

/// A challenge that its supplier has acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// What the challenger needs to judge a code.
    pub handle: Handle,
    /// Where the code went, masked.
    pub sent_to: SentTo,
    /// Where it would have gone, masked, had that been possible: the customer
    /// is told.
    pub instead_of: Option<SentTo>,
    /// When it was sent last.
    pub sent_at: Timestamp,
    /// From when on no code confirms the order.
    pub expires_at: Timestamp,
}
