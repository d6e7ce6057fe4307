//! The adapters that look at the same orders, together.

use std::fmt;
use std::sync::Arc;

use pod_core::ports::{Attempts, History, Orders};

/// Three ports that look at the same orders: none can be tested without the
/// others.
#[derive(Clone)]
pub struct Store {
    /// Keeps orders.
    pub orders: Arc<dyn Orders>,
    /// Counts attempts and confirms orders.
    pub attempts: Arc<dyn Attempts>,
    /// Finds, lists and erases orders.
    pub history: Arc<dyn History>,
}

impl Store {
    /// Takes one adapter that is all three.
    #[must_use]
    pub fn of<A: Orders + Attempts + History + 'static>(adapter: Arc<A>) -> Self {
        Self {
            orders: adapter.clone(),
            attempts: adapter.clone(),
            history: adapter,
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store { .. }")
    }
}
