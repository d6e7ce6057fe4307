//! The port that counts how many of the codes texted to a country are used.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::conversion::ConversionLimits;
use crate::country::Country;
use crate::fault::Fault;
use crate::ids::CustomerId;

/// Counts how many of the codes that are texted to a country are used.
///
/// A count may be lost when the process ends: it is a share that matters, and
/// nobody waits for a count to be kept.
#[async_trait]
pub trait Conversions: Send + Sync {
    /// Counts a code that a customer was sent to a country, for an order
    /// placed then, by
    /// [`ConversionTallies::sent`](crate::ConversionTallies::sent).
    ///
    /// # Errors
    ///
    /// [`Fault`] if it was not counted.
    async fn sent(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault>;

    /// Counts that such a code was used.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it was not counted.
    async fn used(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault>;

    /// Takes back the count of such a code, since it did not arrive.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it still counts.
    async fn lost(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault>;

    /// Until when a country is sent no codes, by
    /// [`ConversionTallies::paused_until`](crate::ConversionTallies::paused_until)
    /// of everything that was counted before the call; `None` if it is sent
    /// some.
    ///
    /// # Errors
    ///
    /// [`Fault`] if that is not known.
    async fn paused_until(
        &self,
        country: Country,
        limits: &ConversionLimits,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Fault>;
}
