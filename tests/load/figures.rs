//! Figures: how long answers took, and how they are written down.

use std::fmt;
use std::time::Duration;

/// How long each answer took.
#[derive(Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

/// The figures of many answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spread {
    /// Half were faster.
    pub(crate) median: Duration,
    /// One in a hundred was slower.
    pub(crate) ninety_ninth: Duration,
    /// None was slower.
    pub(crate) most: Duration,
}

impl Latencies {
    /// Notes one more.
    pub(crate) fn note(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// Takes the notes of another in.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The figures, if there was an answer.
    pub(crate) fn spread(&mut self) -> Option<Spread> {
        self.0.sort_unstable();
        let last = self.0.len().checked_sub(1)?;
        Some(Spread {
            median: self.0[last / 2],
            ninety_ninth: self.0[last * 99 / 100],
            most: self.0[last],
        })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [median, ninety_ninth, most] =
            [self.median, self.ninety_ninth, self.most].map(|took| took.as_secs_f64() * 1e3);
        write!(
            f,
            "p50 {median:.2} ms, p99 {ninety_ninth:.2} ms, max {most:.2} ms"
        )
    }
}

/// How many of something there are in a second.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts are far below 2^52, and a rate is rounded anyway"
)]
pub(crate) fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64().max(f64::EPSILON)
}

/// A part of a time, in microseconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts are far below 2^52, and a time is rounded anyway"
)]
pub(crate) fn share(time: Duration, count: usize) -> f64 {
    time.as_secs_f64() * 1e6 / count.max(1) as f64
}

/// Bytes in megabytes, of 2^20.
#[expect(
    clippy::cast_precision_loss,
    reason = "memory is far below 2^52, and is rounded anyway"
)]
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_that_of_the_sorted_times() {
        let mut latencies = Latencies::default();
        for ms in (1..=1000).rev() {
            latencies.note(Duration::from_millis(ms));
        }

        let spread = latencies.spread().unwrap();

        assert_eq!(spread.median, Duration::from_millis(500));
        assert_eq!(spread.ninety_ninth, Duration::from_millis(990));
        assert_eq!(spread.most, Duration::from_secs(1));
        assert_eq!(Latencies::default().spread(), None);
    }

    #[test]
    fn figures_are_in_the_units_they_say() {
        assert!((rate(500, Duration::from_millis(250)) - 2000.0).abs() < 1e-9);
        assert!((share(Duration::from_secs(3), 10_000) - 300.0).abs() < 1e-9);
        assert!((megabytes(15 << 20) - 15.0).abs() < 1e-9);
    }
}
