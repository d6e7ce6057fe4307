//! Until when an answer is worth waiting for.

use std::time::{Duration, Instant};

/// The moment by which a caller wants its answer.
///
/// The core hands it down and never reads it: it has no clock. Adapters give
/// up their calls in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// Sets the moment.
    #[must_use]
    pub fn at(moment: Instant) -> Self {
        Self(moment)
    }

    /// The moment.
    #[must_use]
    pub fn instant(self) -> Instant {
        self.0
    }

    /// What is left of it at `now`; nothing once it has passed.
    #[must_use]
    pub fn remaining(self, now: Instant) -> Duration {
        self.0.saturating_duration_since(now)
    }
}
