//! The port that tells who is listening what became of an order.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::ids::{CustomerId, OrderId};
use crate::order::Stage;

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Whose order.
    pub customer: CustomerId,
    /// Which order.
    pub order: OrderId,
    /// What it has become.
    pub stage: Stage,
    /// When.
    pub at: Timestamp,
}

/// Tells who is listening what became of an order.
#[async_trait]
pub trait Announcer: Send + Sync {
    /// Announces an event after it was durably kept. An event reaches whoever
    /// listens at the time. Listening is a convenience: a listener who must
    /// not miss anything reads the orders.
    async fn announce(&self, event: &Event);
}
