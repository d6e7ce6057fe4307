//! The port that challenges customers.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;

use crate::challenge::{Challenge, Handle};
use crate::code::Code;
use crate::contact::Contact;
use crate::deadline::Deadline;
use crate::fault::Fault;
use crate::language::Language;
use crate::order::{Attempt, CodeAccepted, PlacedOrder};

/// A challenge to be sent.
#[derive(Debug, Clone, Copy)]
pub struct ChallengeRequest<'a> {
    /// The order to be confirmed.
    pub order: &'a PlacedOrder,
    /// Where to send the code.
    pub contact: &'a Contact,
    /// The challenge sent before for the same order, if there is one.
    pub previous: Option<&'a Challenge>,
    /// When it is sent: now.
    pub sent_at: Timestamp,
    /// How long the code can be used from then on.
    pub lifetime: Duration,
    /// The language to write in.
    pub language: &'a Language,
    /// Whether the customer has other contacts to try: they need some of the
    /// time.
    pub others_left: bool,
    /// When to give up.
    pub deadline: Deadline,
}

/// Challenges customers: sends a code for an order, and judges the code that
/// comes back.
#[async_trait]
pub trait Challenger: Send + Sync {
    /// Sends the code of an order, and returns once the supplier has
    /// acknowledged it. Sent again, it is a code that the order can be
    /// confirmed with, and where the supplier allows it the same code.
    ///
    /// # Errors
    ///
    /// [`ChallengeError::Undeliverable`] if this contact cannot be reached,
    /// now or later; [`ChallengeError::Fault`] if the supplier did not
    /// acknowledge in time.
    async fn challenge(&self, request: &ChallengeRequest<'_>) -> Result<Handle, ChallengeError>;

    /// Judges a code. The right code of this very order is accepted; any
    /// other, another order's included, is not.
    ///
    /// # Errors
    ///
    /// [`CheckError::Refused`] if it is not the right code, for whatever
    /// reason; [`CheckError::Fault`] if it could not be judged in time.
    async fn check(
        &self,
        attempt: &Attempt,
        code: &Code,
        deadline: Deadline,
    ) -> Result<CodeAccepted, CheckError>;
}

/// Why a code was not sent.
#[derive(Debug, Error)]
pub enum ChallengeError {
    /// This contact cannot be reached.
    #[error("the contact cannot be reached")]
    Undeliverable,
    /// The supplier did not acknowledge.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a code was not accepted.
#[derive(Debug, Error)]
pub enum CheckError {
    /// It is not the right code.
    #[error("the code was refused")]
    Refused,
    /// It could not be judged.
    #[error(transparent)]
    Fault(#[from] Fault),
}
