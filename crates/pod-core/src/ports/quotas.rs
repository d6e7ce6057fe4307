//! The port that counts what is limited.

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;

use crate::fault::Fault;
use crate::quota::Allowance;

/// Counts what is limited.
#[async_trait]
pub trait Quotas: Send + Sync {
    /// Takes one from each of several allowances, or, if one of them has
    /// nothing left, from none. In any stretch of time as long as a window, no
    /// more succeed than the window allows, however many call at the same
    /// time.
    ///
    /// # Errors
    ///
    /// [`TakeError::Exhausted`] if an allowance has nothing left;
    /// [`TakeError::Fault`] if they may not have been counted.
    async fn take(&self, allowances: &[Allowance], now: Timestamp) -> Result<(), TakeError>;
}

/// Why nothing was taken.
#[derive(Debug, Error)]
pub enum TakeError {
    /// An allowance has nothing left.
    #[error("nothing is left of an allowance")]
    Exhausted {
        /// When all of them will have something again.
        retry_at: Timestamp,
    },
    /// They may not have been counted.
    #[error(transparent)]
    Fault(#[from] Fault),
}
