//! The port that carries a code to a contact.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;

use crate::code::Code;
use crate::contact::Contact;
use crate::deadline::Deadline;
use crate::fault::Fault;
use crate::language::Language;
use crate::order::PlacedOrder;

/// A code to be carried, and what the message has to name so that the
/// customer knows what is being approved.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// Where to.
    pub contact: &'a Contact,
    /// The code.
    pub code: &'a Code,
    /// The order that it confirms, with the item that the message names.
    pub order: &'a PlacedOrder,
    /// When it is sent, which tells this sending from others of the order: a
    /// report that it did not arrive says so to
    /// [`Pod::report_undelivered`](crate::Pod::report_undelivered).
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

/// Carries a code to a contact.
#[async_trait]
pub trait Courier: Send + Sync {
    /// Carries a code, and returns once somebody has taken over responsibility
    /// for the message. The message has the code and names the item.
    ///
    /// # Errors
    ///
    /// [`DeliverError::Undeliverable`] if this contact cannot be reached, now
    /// or later; [`DeliverError::Fault`] if the message may not have been
    /// taken in time.
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError>;
}

/// Why a message was not taken.
#[derive(Debug, Error)]
pub enum DeliverError {
    /// This contact cannot be reached.
    #[error("the contact cannot be reached")]
    Undeliverable,
    /// The message may not have been taken.
    #[error(transparent)]
    Fault(#[from] Fault),
}
