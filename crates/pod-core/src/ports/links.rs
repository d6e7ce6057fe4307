//! The port that remembers which account at the assistant is whose.

use async_trait::async_trait;

use crate::fault::Fault;
use crate::ids::{AccountId, CustomerId};

/// Remembers which account at the assistant is whose.
///
/// A customer has as many accounts as devices' owners have enabled the skill;
/// an account is one customer's.
#[async_trait]
pub trait Links: Send + Sync {
    /// Links an account to a customer; the latest link holds.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it may not have been kept.
    async fn link(&self, account: &AccountId, customer: &CustomerId) -> Result<(), Fault>;

    /// Whose an account is; `None` if it is nobody's.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it could not be looked up.
    async fn find(&self, account: &AccountId) -> Result<Option<CustomerId>, Fault>;

    /// Unlinks an account, and says whose it was; `None` if it was nobody's.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it may still be linked.
    async fn unlink(&self, account: &AccountId) -> Result<Option<CustomerId>, Fault>;

    /// Unlinks all accounts of a customer.
    ///
    /// # Errors
    ///
    /// [`Fault`] if some may be left.
    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault>;
}
