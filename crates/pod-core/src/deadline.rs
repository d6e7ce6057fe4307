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

    /// When to give up on one contact: at the deadline or, if there are
    /// others to try, after three fifths of what is left at `now`, so that
    /// they have some of it too.
    #[must_use]
    pub fn for_one_contact(self, others_left: bool, now: Instant) -> Instant {
        if others_left {
            now + self.remaining(now).mul_f64(0.6)
        } else {
            self.0
        }
    }
}
