//! The system's own time and randomness.

use pod_core::ports::{Clock, Entropy};
use pod_core::{Fault, Timestamp};

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the port that time comes in by"
        )]
        let now = Timestamp::now();
        // Never an error: a clock that is right is far from the ends of time.
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

/// The system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the port that randomness comes in by"
        )]
        let filled = getrandom::fill(bytes);
        filled.map_err(|error| Fault::broken("entropy", error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_in_whole_microseconds() {
        let now = SystemClock.now();

        assert_eq!(now.as_nanosecond() % 1000, 0);
        assert!(now > Timestamp::from_second(1_790_000_000).unwrap());
    }

    #[test]
    fn randomness_is_not_twice_the_same() {
        let (mut one, mut other) = ([0; 32], [0; 32]);

        OsEntropy.fill(&mut one).unwrap();
        OsEntropy.fill(&mut other).unwrap();

        assert_ne!(one, other);
    }
}
