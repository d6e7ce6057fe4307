//! The port that tells the time.

use jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now, in whole microseconds: what every store can keep.
    fn now(&self) -> Timestamp;
}
