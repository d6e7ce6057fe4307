//! The fake that counts how many codes are used.

use std::sync::Mutex;

use async_trait::async_trait;
use pod_core::ports::Conversions;
use pod_core::{ConversionLimits, ConversionTallies, Country, CustomerId, Fault, Timestamp};

use super::lock;

/// Counts in memory.
#[derive(Debug, Default)]
pub struct InMemoryConversions(Mutex<ConversionTallies>);

#[async_trait]
impl Conversions for InMemoryConversions {
    async fn sent(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault> {
        lock(&self.0).sent(country, customer, placed_at);
        Ok(())
    }

    async fn used(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault> {
        lock(&self.0).used(country, customer, placed_at);
        Ok(())
    }

    async fn lost(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault> {
        lock(&self.0).lost(country, customer, placed_at);
        Ok(())
    }

    async fn paused_until(
        &self,
        country: Country,
        limits: &ConversionLimits,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Fault> {
        Ok(lock(&self.0).paused_until(country, limits, now))
    }
}
