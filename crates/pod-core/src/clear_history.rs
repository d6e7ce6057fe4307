//! Clearing a customer's history.

use crate::fault::Fault;
use crate::ids::CustomerId;
use crate::pod::Pod;

impl Pod {
    /// Clears the customer's orders that have ended, and leaves open ones.
    /// Returns how many there were.
    ///
    /// # Errors
    ///
    /// [`Fault`] if some may be left.
    pub async fn clear_history(&self, customer: &CustomerId) -> Result<u64, Fault> {
        self.ports.history.clear(customer, self.now()).await
    }
}
