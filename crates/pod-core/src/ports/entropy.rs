//! The port that gives randomness.

use crate::fault::Fault;

/// Gives randomness.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with bytes that nobody can guess.
    ///
    /// # Errors
    ///
    /// [`Fault`] if there is no randomness; `bytes` is then not to be used.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault>;
}
