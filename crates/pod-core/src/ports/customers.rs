//! The port that knows where a code can reach a customer.

use async_trait::async_trait;

use crate::contact::Contact;
use crate::deadline::Deadline;
use crate::fault::Fault;
use crate::ids::CustomerId;

/// Knows nobody: for a pod that keeps all contacts itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoDirectory;

#[async_trait]
impl Customers for NoDirectory {
    async fn contacts(
        &self,
        _customer: &CustomerId,
        _deadline: Deadline,
    ) -> Result<Vec<Contact>, Fault> {
        Ok(Vec::new())
    }

    async fn forget(&self, _customer: &CustomerId) -> Result<(), Fault> {
        Ok(())
    }
}

/// Knows where a code can reach a customer, beside what the
/// [`ContactBook`](super::ContactBook) keeps: it is not to be the same store.
#[async_trait]
pub trait Customers: Send + Sync {
    /// The customer's verified contacts, the preferred one first; none if the
    /// customer is unknown. A contact that only the customer vouches for is
    /// not among them.
    ///
    /// # Errors
    ///
    /// [`Fault`] if they could not be looked up in time.
    async fn contacts(
        &self,
        customer: &CustomerId,
        deadline: Deadline,
    ) -> Result<Vec<Contact>, Fault>;

    /// Forgets what is kept here of a customer. Forgetting one who is not
    /// known changes nothing.
    ///
    /// # Errors
    ///
    /// [`Fault`] if something may be left.
    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault>;
}
