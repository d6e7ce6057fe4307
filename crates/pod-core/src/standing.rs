//! How a customer stands: failures over all orders, and the lock they lead to.

use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

use crate::policy::FailureLimits;

/// A customer's failures, over all orders, sessions, devices and channels.
///
/// Every attempt counts as a failure from the moment it begins until it turns
/// out right, so that no number of attempts at the same time gets past the
/// limits. Whatever keeps it must read, change and write it in one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// When the failures of late were, oldest first.
    pub failures: Vec<Timestamp>,
    /// How many in a row, however long ago.
    pub consecutive: u32,
    /// How many locks in a row; each lasts twice as long as the one before.
    pub locks: u32,
    /// The lock that was set last; it may have passed.
    pub lock: Option<Lock>,
}

/// A lock: while it lasts, no code of the customer is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// It ends by itself.
    Until(Timestamp),
    /// Somebody has to unlock.
    UntilUnlocked,
}

impl Lock {
    /// When it ends by itself; `None` if it does not.
    #[must_use]
    pub fn until(self) -> Option<Timestamp> {
        match self {
            Self::Until(until) => Some(until),
            Self::UntilUnlocked => None,
        }
    }
}

/// The customer is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the customer is locked {}", if until.is_some() { "for a while" } else { "until unlocked" })]
pub struct Locked {
    /// When the lock ends; `None` if somebody has to unlock.
    pub until: Option<Timestamp>,
}

impl Standing {
    /// Counts an attempt that begins at `now` as a failure, and sets the lock
    /// that the limits ask for.
    ///
    /// # Errors
    ///
    /// [`Locked`], and nothing is counted, while a lock lasts.
    pub fn begin(&mut self, now: Timestamp, limits: &FailureLimits) -> Result<(), Locked> {
        match self.lock {
            Some(Lock::UntilUnlocked) => return Err(Locked { until: None }),
            Some(Lock::Until(until)) if now < until => return Err(Locked { until: Some(until) }),
            _ => self.lock = None,
        }
        let since = now.checked_sub(limits.within).unwrap_or(Timestamp::MIN);
        self.failures.retain(|failure| *failure > since);
        if self.failures.is_empty() {
            self.locks = 0;
        }
        self.failures.push(now);
        self.consecutive = self.consecutive.saturating_add(1);
        if self.consecutive >= limits.consecutive {
            self.lock = Some(Lock::UntilUnlocked);
        } else if self.failures.len() >= limits.most as usize {
            // 2^16 hours are seven years: long enough.
            let doubled = limits.lock.saturating_mul(1 << self.locks.min(16));
            self.lock = Some(Lock::Until(later(now, doubled)));
            self.locks = self.locks.saturating_add(1);
        }
        Ok(())
    }

    /// Takes back the attempt that began at `begun_at`: it turned out right.
    /// A lock is lifted, and what counts failures in a row starts anew; other
    /// failures of late stay.
    pub fn succeed(&mut self, begun_at: Timestamp) {
        if let Some(index) = self
            .failures
            .iter()
            .rposition(|failure| *failure == begun_at)
        {
            self.failures.remove(index);
        }
        self.consecutive = 0;
        self.locks = 0;
        self.lock = None;
    }
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: fn() -> FailureLimits = FailureLimits::default;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + seconds).unwrap()
    }

    fn after_ten_failures() -> Standing {
        let mut standing = Standing::default();
        for second in 0..10 {
            standing.begin(at(second), &LIMITS()).unwrap();
        }
        standing
    }

    #[test]
    fn ten_failures_in_a_day_lock_for_an_hour_then_two_then_four() {
        let mut standing = after_ten_failures();
        let mut waits = Vec::new();
        let mut now = at(10);

        for _ in 0..3 {
            let until = standing.begin(now, &LIMITS()).unwrap_err().until.unwrap();
            waits.push((until.as_second() - now.as_second()) / 3600);
            now = until;
            standing.begin(now, &LIMITS()).unwrap();
        }

        assert_eq!(waits, [0, 2, 4]);
        assert_eq!(standing.failures.len(), 13);
    }

    #[test]
    fn failures_of_yesterday_are_forgotten() {
        let mut standing = after_ten_failures();

        standing.begin(at(24 * 3600 + 9), &LIMITS()).unwrap();

        assert_eq!(standing.failures.len(), 1);
        assert_eq!((standing.lock, standing.locks), (None, 0));
        assert_eq!(standing.consecutive, 11);
    }

    #[test]
    fn a_hundred_failures_in_a_row_lock_until_unlocked() {
        let mut standing = Standing::default();

        for day in 0..100 {
            standing.begin(at(day * 25 * 3600), &LIMITS()).unwrap();
        }

        let locked = standing.begin(at(101 * 25 * 3600), &LIMITS()).unwrap_err();
        assert_eq!(locked.until, None);
    }

    #[test]
    fn the_right_code_lifts_the_lock_but_not_the_other_failures() {
        let mut standing = after_ten_failures();

        standing.succeed(at(9));

        assert_eq!(standing.lock, None);
        assert_eq!(standing.consecutive, 0);
        assert_eq!(standing.failures.len(), 9);
        standing.begin(at(11), &LIMITS()).unwrap();
        assert!(standing.begin(at(12), &LIMITS()).is_err());
    }

    #[test]
    fn a_locked_customer_is_not_counted_on() {
        let mut standing = after_ten_failures();
        let before = standing.clone();

        standing.begin(at(11), &LIMITS()).unwrap_err();

        assert_eq!(standing, before);
    }
}
