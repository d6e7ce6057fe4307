//! The fake clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use pod_core::Timestamp;
use pod_core::ports::Clock;

use crate::fixtures;

/// Stands still until it is moved; begins at [`fixtures::start`].
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl Default for FakeClock {
    fn default() -> Self {
        Self(AtomicI64::new(fixtures::start().as_microsecond()))
    }
}

impl FakeClock {
    /// Sets the clock, and drops what is below a microsecond.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_microsecond(), Ordering::SeqCst);
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
    }
}
