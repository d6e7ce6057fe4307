//! The adapters that look at the same things, together.

use std::fmt;
use std::sync::Arc;

use pod_core::ports::{Attempts, History, Orders, Quotas, Replies};

/// Five ports that look at the same orders, quotas and requests: orders cannot
/// be tested without the others.
#[derive(Clone)]
pub struct Store {
    /// Keeps orders.
    pub orders: Arc<dyn Orders>,
    /// Counts attempts and confirms orders.
    pub attempts: Arc<dyn Attempts>,
    /// Finds, lists and erases orders.
    pub history: Arc<dyn History>,
    /// Counts what is limited.
    pub quotas: Arc<dyn Quotas>,
    /// Gives a repeated request its first answer.
    pub replies: Arc<dyn Replies>,
}

impl Store {
    /// Takes one adapter that is all of them.
    #[must_use]
    pub fn of<A>(adapter: Arc<A>) -> Self
    where
        A: Orders + Attempts + History + Quotas + Replies + 'static,
    {
        Self {
            orders: adapter.clone(),
            attempts: adapter.clone(),
            history: adapter.clone(),
            quotas: adapter.clone(),
            replies: adapter,
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store { .. }")
    }
}
