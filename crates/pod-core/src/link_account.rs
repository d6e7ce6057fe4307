//! Linking an account at the assistant to a customer, and unlinking it.

use crate::fault::Fault;
use crate::ids::{AccountId, CustomerId};
use crate::pod::Pod;

impl Pod {
    /// Remembers that an account at the assistant is the customer's, so that
    /// it can be told whose it was when it goes. Nothing is written for one
    /// that is known.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it may not have been kept.
    pub async fn link_account(
        &self,
        account: &AccountId,
        customer: &CustomerId,
    ) -> Result<(), Fault> {
        if self.ports.links.find(account).await?.as_ref() == Some(customer) {
            return Ok(());
        }
        self.ports.links.link(account, customer).await
    }

    /// Forgets all of a customer's accounts at the assistant, and cancels what
    /// the customer has open.
    ///
    /// # Errors
    ///
    /// [`Fault`] if an account may still be linked, or an order open: unlink
    /// again.
    pub async fn unlink_customer(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.cancel_all(customer).await?;
        self.ports.links.forget(customer).await
    }

    /// Forgets an account at the assistant, as when its skill is disabled, and
    /// cancels what its customer has open. Returns the customer; `None` if the
    /// account was nobody's.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the account may still be linked, or an order open: unlink
    /// again.
    pub async fn unlink_account(&self, account: &AccountId) -> Result<Option<CustomerId>, Fault> {
        let Some(customer) = self.ports.links.find(account).await? else {
            return Ok(None);
        };
        // First, so that whoever tries again after a fault still finds whose
        // orders are to be cancelled.
        self.cancel_all(&customer).await?;
        self.ports.links.unlink(account).await?;
        Ok(Some(customer))
    }
}
