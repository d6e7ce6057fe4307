//! Unlocking a customer who failed too often.

use crate::fault::Fault;
use crate::ids::CustomerId;
use crate::pod::Pod;

impl Pod {
    /// Lifts a customer's lock and forgets the failures that led to it. For
    /// operators: whoever asks for it must have convinced them.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the lock may still be there.
    pub async fn unlock_customer(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.ports.attempts.unlock(customer).await
    }
}
