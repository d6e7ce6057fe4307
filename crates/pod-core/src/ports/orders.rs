//! The port that keeps orders.

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;

use crate::challenge::Challenge;
use crate::fault::Fault;
use crate::ids::{CustomerId, OrderId};
use crate::order::{Ending, Order, PlacedOrder};
use crate::policy::SendLimits;
use crate::quota::Allowance;

use super::replies::{Claim, Repeat};

/// Keeps orders and leads them through their life.
///
/// Each method is one step: it happens whole or not at all. It looks at the
/// same quotas as [`Quotas`](super::Quotas), and at the same requests as
/// [`Replies`](super::Replies).
#[async_trait]
pub trait Orders: Send + Sync {
    /// Keeps a new order, with one sending begun when it was placed, and takes
    /// one from each of the allowances, at that time. An order that is kept
    /// already stays as it is. With a claim, the request is begun in the same
    /// step, even if the order is refused; unless it is the first of its name,
    /// nothing else happens. A refused order takes nothing from any allowance.
    ///
    /// # Errors
    ///
    /// [`PlaceError::Repeated`] if the request is not the first of its name;
    /// [`PlaceError::Exhausted`] if an allowance has nothing left;
    /// [`PlaceError::Fault`] if it may not have been kept.
    async fn place(
        &self,
        order: &PlacedOrder,
        allowances: &[Allowance],
        claim: Option<&Claim>,
    ) -> Result<(), PlaceError>;

    /// Counts that the code of an open order is about to be sent again. Of any
    /// number of calls at the same time, no more than the limits allow
    /// succeed. Returns the order, this sending included.
    ///
    /// # Errors
    ///
    /// [`BeginSendError::NotOpen`] if the customer has no such order, or it
    /// has ended; [`BeginSendError::TooSoon`] before the cool-down is over;
    /// [`BeginSendError::Exhausted`] if it was sent as often as the limits
    /// allow; [`BeginSendError::Fault`] if it may not have been counted.
    async fn begin_send(
        &self,
        customer: &CustomerId,
        order: OrderId,
        now: Timestamp,
        limits: &SendLimits,
    ) -> Result<Order, BeginSendError>;

    /// Keeps the challenge that a supplier acknowledged for an open order, and
    /// makes the order the one that awaits its code. The attempts counted
    /// stay. Every older open order of the customer is superseded in the same
    /// step; returns those.
    ///
    /// # Errors
    ///
    /// [`ActivateError::NotOpen`] if the order has ended, or a newer order of
    /// the customer awaits its code; it is then superseded.
    /// [`ActivateError::Fault`] if it may not have been kept.
    async fn activate(
        &self,
        order: &PlacedOrder,
        challenge: &Challenge,
    ) -> Result<Vec<OrderId>, ActivateError>;

    /// Ends an open order, or lays it down as undelivered. What has ended
    /// stays as it is. An order that awaits its code becomes undelivered only
    /// if that very code [was lost](Ending::Lost), and nothing else does so
    /// then; its attempts stay counted.
    ///
    /// # Errors
    ///
    /// [`CloseError::NotOpen`] if the order cannot end so any more;
    /// [`CloseError::Fault`] if it may not have been kept.
    async fn close(
        &self,
        customer: &CustomerId,
        order: OrderId,
        ending: Ending,
        at: Timestamp,
    ) -> Result<(), CloseError>;
}

/// Why an order was not kept.
#[derive(Debug, Error)]
pub enum PlaceError {
    /// The request is not the first of its name.
    #[error(transparent)]
    Repeated(#[from] Repeat),
    /// Nothing is left of an allowance.
    #[error("nothing is left of an allowance")]
    Exhausted {
        /// When all of them will have something again.
        retry_at: Timestamp,
    },
    /// It may not have been kept.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a code may not be sent again.
#[derive(Debug, Error)]
pub enum BeginSendError {
    /// The order has ended, or is not there.
    #[error("the order is not open")]
    NotOpen,
    /// The cool-down is not over.
    #[error("it is too soon to send the code again")]
    TooSoon {
        /// When it will be over.
        retry_at: Timestamp,
    },
    /// It was sent often enough.
    #[error("the code was sent as often as it may be")]
    Exhausted,
    /// It may not have been counted.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why an order does not await its code.
#[derive(Debug, Error)]
pub enum ActivateError {
    /// The order has ended, or a newer one awaits its code.
    #[error("the order is not open any more")]
    NotOpen,
    /// It may not have been kept.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why an order did not end.
#[derive(Debug, Error)]
pub enum CloseError {
    /// It cannot end so any more.
    #[error("the order is not open any more")]
    NotOpen,
    /// It may not have been kept.
    #[error(transparent)]
    Fault(#[from] Fault),
}
