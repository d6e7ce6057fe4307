//! The port that finds, lists and erases orders.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::fault::Fault;
use crate::ids::{CustomerId, OrderId};
use crate::order::{Order, Stage};

/// Which of a customer's orders to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Only those of this stage, as of `now`.
    pub stage: Option<Stage>,
    /// Only those older than this one.
    pub older_than: Option<OrderId>,
    /// At most so many.
    pub limit: u32,
    /// The time, to tell what has expired.
    pub now: Timestamp,
}

/// Some of a customer's orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The orders, newest first.
    pub orders: Vec<Order>,
    /// Whether there are older ones.
    pub more: bool,
}

/// Finds, lists and erases orders.
///
/// It looks at the same orders as [`Orders`](super::Orders).
#[async_trait]
pub trait History: Send + Sync {
    /// Finds one order of a customer; `None` if there is none of that name,
    /// or it is somebody else's.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it could not be looked up.
    async fn find(&self, customer: &CustomerId, order: OrderId) -> Result<Option<Order>, Fault>;

    /// Finds one order, whoever's it is; `None` if there is none of that name.
    /// It is for what a supplier says of an order, never for what somebody
    /// asks.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it could not be looked up.
    async fn find_anyones(&self, order: OrderId) -> Result<Option<Order>, Fault>;

    /// Lists a customer's orders, newest first. An order that awaits its code
    /// past its time is listed as expired.
    ///
    /// # Errors
    ///
    /// [`Fault`] if they could not be looked up.
    async fn page(&self, customer: &CustomerId, request: &PageRequest) -> Result<Page, Fault>;

    /// Clears a customer's orders that have ended, and leaves those that are
    /// open. Returns how many there were.
    ///
    /// # Errors
    ///
    /// [`Fault`] if some may be left.
    async fn clear(&self, customer: &CustomerId, now: Timestamp) -> Result<u64, Fault>;

    /// Erases all orders of a customer, and nobody else's. The customer's
    /// failures and lock stay: erasing them would unlock.
    ///
    /// # Errors
    ///
    /// [`Fault`] if some may be left.
    async fn erase(&self, customer: &CustomerId) -> Result<(), Fault>;
}
