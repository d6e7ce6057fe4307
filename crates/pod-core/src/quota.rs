//! Allowances: so many in so much time.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

/// So many in any stretch of time of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    limit: u32,
    per: Duration,
}

impl Window {
    /// Allows `limit` in any `per`.
    #[must_use]
    pub fn new(limit: u32, per: Duration) -> Self {
        Self { limit, per }
    }

    /// How many.
    #[must_use]
    pub fn limit(self) -> u32 {
        self.limit
    }

    /// In how much time.
    #[must_use]
    pub fn per(self) -> Duration {
        self.per
    }
}

/// What an allowance is counted for: "codes sent for this customer".
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuotaKey(Box<str>);

/// Not a key of an allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an allowance's key is 1 to 320 bytes")]
pub struct InvalidQuotaKey;

impl QuotaKey {
    /// Reads a key. It is kept as it is, so it must not hold a number or an
    /// address: give a keyed hash of one.
    ///
    /// # Errors
    ///
    /// [`InvalidQuotaKey`] unless it is 1 to 320 bytes.
    pub fn parse(raw: &str) -> Result<Self, InvalidQuotaKey> {
        if (1..=320).contains(&raw.len()) {
            Ok(Self(raw.into()))
        } else {
            Err(InvalidQuotaKey)
        }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for QuotaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("QuotaKey").field(&self.0).finish()
    }
}

/// What may be taken for one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// What it is counted for.
    pub key: QuotaKey,
    /// All of these hold at once.
    pub windows: Vec<Window>,
}

/// When something was taken for one key: what a quota remembers.
///
/// Whatever keeps it must read, change and write it in one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Takings(Vec<Timestamp>);

impl Takings {
    /// Takes back what was kept, oldest first.
    #[must_use]
    pub fn from_kept(mut at: Vec<Timestamp>) -> Self {
        at.sort_unstable();
        Self(at)
    }

    /// When something was taken, oldest first.
    #[must_use]
    pub fn as_slice(&self) -> &[Timestamp] {
        &self.0
    }

    /// When the next one may be taken: `None` if that is now.
    #[must_use]
    pub fn retry_at(&self, windows: &[Window], now: Timestamp) -> Option<Timestamp> {
        let wait = |window: &Window| {
            let limit = window.limit as usize;
            if limit == 0 {
                return Some(Timestamp::MAX);
            }
            // The one that must have left the window before another fits in.
            let blocking = self.0.len().checked_sub(limit)?;
            let free = self.0[blocking]
                .checked_add(window.per)
                .unwrap_or(Timestamp::MAX);
            (free > now).then_some(free)
        };
        windows.iter().filter_map(wait).max()
    }

    /// Takes one, and forgets what no window looks back to.
    pub fn take(&mut self, windows: &[Window], now: Timestamp) {
        if let Some(longest) = windows.iter().map(|window| window.per).max() {
            let since = now.checked_sub(longest).unwrap_or(Timestamp::MIN);
            self.0.retain(|taken| *taken > since);
        }
        let index = self.0.partition_point(|taken| *taken <= now);
        self.0.insert(index, now);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + seconds).unwrap()
    }

    fn windows() -> Vec<Window> {
        vec![
            Window::new(2, Duration::from_secs(10)),
            Window::new(3, Duration::from_mins(1)),
        ]
    }

    #[test]
    fn every_window_holds() {
        let mut takings = Takings::default();
        for second in [0, 1, 20] {
            assert_eq!(takings.retry_at(&windows(), at(second)), None, "{second}");
            takings.take(&windows(), at(second));
        }

        assert_eq!(takings.retry_at(&windows(), at(21)), Some(at(60)));
        assert_eq!(takings.retry_at(&windows(), at(60)), None);
    }

    #[test]
    fn nothing_may_be_taken_of_nothing() {
        let none = [Window::new(0, Duration::from_secs(1))];

        assert_eq!(
            Takings::default().retry_at(&none, at(0)),
            Some(Timestamp::MAX)
        );
    }

    proptest! {
        #[test]
        fn no_stretch_of_time_ever_holds_more_than_its_window_allows(steps in prop::collection::vec(0_i64..30, 1..80)) {
            let mut takings = Takings::default();
            let mut taken = Vec::new();
            let mut now = 0;
            for step in steps {
                now += step;
                if takings.retry_at(&windows(), at(now)).is_none() {
                    takings.take(&windows(), at(now));
                    taken.push(now);
                }
            }

            for window in windows() {
                let per = i64::try_from(window.per().as_secs()).unwrap();
                for start in &taken {
                    let inside = taken.iter().filter(|t| (*start..start + per).contains(t)).count();
                    prop_assert!(inside <= window.limit() as usize);
                }
            }
        }
    }
}
