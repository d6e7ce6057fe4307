//! The fake that keeps what was taken.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use pod_core::ports::{Quotas, TakeError};
use pod_core::{Allowance, QuotaKey, Takings, Timestamp};

use super::lock;

/// Keeps what was taken.
#[derive(Debug, Default)]
pub struct InMemoryQuotas(Mutex<HashMap<QuotaKey, Takings>>);

impl InMemoryQuotas {
    /// The keys that something was taken for, sorted.
    #[must_use]
    pub fn keys(&self) -> Vec<QuotaKey> {
        let mut keys: Vec<QuotaKey> = lock(&self.0).keys().cloned().collect();
        keys.sort_unstable();
        keys
    }

    /// When something was taken for one key, oldest first.
    #[must_use]
    pub fn taken(&self, key: &QuotaKey) -> Vec<Timestamp> {
        let kept = lock(&self.0);
        kept.get(key)
            .map_or_else(Vec::new, |takings| takings.as_slice().to_vec())
    }
}

#[async_trait]
impl Quotas for InMemoryQuotas {
    async fn take(&self, allowances: &[Allowance], now: Timestamp) -> Result<(), TakeError> {
        match self.take_at_once(allowances, now) {
            Ok(()) => Ok(()),
            Err(retry_at) => Err(TakeError::Exhausted { retry_at }),
        }
    }
}

impl InMemoryQuotas {
    /// Takes from all, or says when that will be possible.
    pub(super) fn take_at_once(
        &self,
        allowances: &[Allowance],
        now: Timestamp,
    ) -> Result<(), Timestamp> {
        let mut kept = lock(&self.0);
        let exhausted = allowances.iter().filter_map(|allowance| {
            let takings = kept.get(&allowance.key).cloned().unwrap_or_default();
            takings.retry_at(&allowance.windows, now)
        });
        if let Some(retry_at) = exhausted.max() {
            return Err(retry_at);
        }
        for allowance in allowances {
            let takings = kept.entry(allowance.key.clone()).or_default();
            takings.take(&allowance.windows, now);
        }
        Ok(())
    }
}
