//! The fake that keeps which account is whose.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use pod_core::ports::Links;
use pod_core::{AccountId, CustomerId, Fault};

use super::lock;

/// Keeps links.
#[derive(Debug, Default)]
pub struct InMemoryLinks(Mutex<HashMap<AccountId, CustomerId>>);

#[async_trait]
impl Links for InMemoryLinks {
    async fn link(&self, account: &AccountId, customer: &CustomerId) -> Result<(), Fault> {
        lock(&self.0).insert(account.clone(), customer.clone());
        Ok(())
    }

    async fn find(&self, account: &AccountId) -> Result<Option<CustomerId>, Fault> {
        Ok(lock(&self.0).get(account).cloned())
    }

    async fn unlink(&self, account: &AccountId) -> Result<Option<CustomerId>, Fault> {
        Ok(lock(&self.0).remove(account))
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        lock(&self.0).retain(|_, owner| owner != customer);
        Ok(())
    }
}
