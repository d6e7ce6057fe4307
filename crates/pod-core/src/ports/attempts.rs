//! The port that counts attempts and confirms orders.

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;

use crate::fault::Fault;
use crate::ids::{CustomerId, OrderId};
use crate::order::{Attempt, Confirmation};
use crate::policy::AttemptLimits;
use crate::standing::Locked;

use super::replies::{Claim, Repeat};

/// Counts attempts, and confirms each order at most once.
///
/// It looks at the same orders as [`Orders`](super::Orders), and at the same
/// requests as [`Replies`](super::Replies).
#[async_trait]
pub trait Attempts: Send + Sync {
    /// Counts an attempt at the customer's order that awaits its code, before
    /// anybody judges the code: for the order and, by
    /// [`Standing::begin`](crate::Standing::begin), for the customer. With
    /// `order`, only that order will do. Of any number of calls at the same
    /// time, no more than the limits allow succeed; a refused call counts
    /// nothing. An order found to be past its time is kept as expired, one
    /// found to have no attempts left as refused. The attempt
    /// [is overtaken](Attempt::is_overtaken) if sending a code for another
    /// order of the customer was begun after its challenge was sent, or less
    /// than [`Attempt::UNDERWAY`] before, and names [the lock](Attempt::lock) that it leaves behind if it is wrong. With a
    /// claim, the request is begun in the same step, even if the attempt is
    /// refused; unless it is the first of its name, nothing else happens.
    ///
    /// # Errors
    ///
    /// [`BeginAttemptError::Repeated`] if the request is not the first of its
    /// name; [`BeginAttemptError::Locked`] if the customer is locked, whatever
    /// the orders; [`BeginAttemptError::NothingPending`] if no such order awaits a
    /// code; [`BeginAttemptError::Expired`] if its time is up;
    /// [`BeginAttemptError::Refused`] if its attempts are used up;
    /// [`BeginAttemptError::Fault`] if the attempt may not have been counted.
    async fn begin(
        &self,
        customer: &CustomerId,
        order: Option<OrderId>,
        now: Timestamp,
        limits: &AttemptLimits,
        claim: Option<&Claim>,
    ) -> Result<Attempt, BeginAttemptError>;

    /// Keeps a confirmation, durably. Of any number of calls for one order, at
    /// the same time or not, exactly one succeeds. The attempt is taken back
    /// from the customer's failures, by
    /// [`Standing::succeed`](crate::Standing::succeed).
    ///
    /// # Errors
    ///
    /// [`ConfirmAttemptError::NotAwaiting`] if the order does not, or no
    /// longer, await the code of this very challenge for this very content,
    /// or its time is up;
    /// [`ConfirmAttemptError::Fault`] if it may not have been kept.
    async fn confirm(&self, confirmation: &Confirmation) -> Result<(), ConfirmAttemptError>;

    /// Unlocks a customer and forgets the failures. Unlocking one who is not
    /// locked changes nothing else.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the lock may still be there.
    async fn unlock(&self, customer: &CustomerId) -> Result<(), Fault>;
}

/// Why an attempt may not be judged.
#[derive(Debug, Error)]
pub enum BeginAttemptError {
    /// The request is not the first of its name.
    #[error(transparent)]
    Repeated(#[from] Repeat),
    /// The customer failed too often.
    #[error(transparent)]
    Locked(#[from] Locked),
    /// No such order awaits a code.
    #[error("no order awaits a code")]
    NothingPending,
    /// The order's time is up.
    #[error("the order's time is up")]
    Expired(OrderId),
    /// The order's attempts are used up.
    #[error("the order's attempts are used up")]
    Refused(OrderId),
    /// The attempt may not have been counted.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a confirmation was not kept.
#[derive(Debug, Error)]
pub enum ConfirmAttemptError {
    /// The order does not await the code of this challenge.
    #[error("the order does not await this code")]
    NotAwaiting,
    /// It may not have been kept.
    #[error(transparent)]
    Fault(#[from] Fault),
}
