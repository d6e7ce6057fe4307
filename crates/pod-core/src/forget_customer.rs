//! Forgetting a customer.

use crate::cancel_order::CancelOrderError;
use crate::fault::Fault;
use crate::ids::CustomerId;
use crate::pod::Pod;

impl Pod {
    /// Cancels what the customer has open, then erases the orders, the
    /// contacts kept here, the linked accounts, and the answers kept for
    /// repeats of requests; that those were begun stays known. A lock stays,
    /// and the failures that led to it, until they would have been forgotten
    /// anyway: nobody unlocks an account by asking to be forgotten.
    ///
    /// # Errors
    ///
    /// [`Fault`] if something may be left: forget again.
    pub async fn forget_customer(&self, customer: &CustomerId) -> Result<(), Fault> {
        // First, so that no code confirms an order that is about to vanish.
        self.cancel_all(customer).await?;
        self.ports.history.erase(customer).await?;
        self.ports.customers.forget(customer).await?;
        self.ports.contact_book.forget(customer).await?;
        self.ports.links.forget(customer).await?;
        self.ports.replies.forget(customer).await
    }

    /// Cancels whatever is open, if anything is.
    pub(crate) async fn cancel_all(&self, customer: &CustomerId) -> Result<(), Fault> {
        match self.cancel_order(customer, None).await {
            Ok(_) | Err(CancelOrderError::NothingPending) => Ok(()),
            Err(CancelOrderError::Fault(fault)) => Err(fault),
        }
    }
}
