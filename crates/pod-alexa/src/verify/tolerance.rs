//! How far a request's time may be from ours.

use jiff::SignedDuration;
use thiserror::Error;

/// Events, which Amazon sends when a customer enables, disables or links the
/// skill, and may send late. Only exactly these get the longer tolerance.
const EVENTS: [&str; 7] = [
    "AlexaSkillEvent.SkillEnabled",
    "AlexaSkillEvent.SkillDisabled",
    "AlexaSkillEvent.SkillPermissionAccepted",
    "AlexaSkillEvent.SkillPermissionChanged",
    "AlexaSkillEvent.SkillAccountLinked",
    "AlexaSkillEvent.ProactiveSubscriptionChanged",
    "AlexaSkillEvent.NotificationSubscriptionChanged",
];

/// How far a request's time may be from ours, in either direction.
///
/// Amazon demands 150 seconds at most, and allows an hour for events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    normal: SignedDuration,
    clamped: bool,
}

/// A tolerance below zero.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a tolerance is not negative: give 0 to 150000 milliseconds")]
pub struct NegativeTolerance;

impl Tolerance {
    const MAX_MILLIS: i64 = 150_000;
    const EVENT: SignedDuration = SignedDuration::from_secs(3_600);

    /// Reads a tolerance in milliseconds; more than Amazon's limit of 150 000
    /// becomes the limit.
    ///
    /// # Errors
    ///
    /// [`NegativeTolerance`] if it is below zero.
    pub fn from_millis(millis: i64) -> Result<Self, NegativeTolerance> {
        if millis < 0 {
            return Err(NegativeTolerance);
        }
        Ok(Self {
            normal: SignedDuration::from_millis(millis.min(Self::MAX_MILLIS)),
            clamped: millis > Self::MAX_MILLIS,
        })
    }

    /// Tells whether more was asked for than Amazon's limit.
    #[must_use]
    pub fn is_clamped(self) -> bool {
        self.clamped
    }

    /// The tolerance for requests of this type.
    pub(super) fn of(self, request_type: &str) -> SignedDuration {
        if EVENTS.contains(&request_type) {
            Self::EVENT
        } else {
            self.normal
        }
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Self {
            normal: SignedDuration::from_millis(Self::MAX_MILLIS),
            clamped: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_tolerance_is_refused() {
        // T7
        assert_eq!(Tolerance::from_millis(-1), Err(NegativeTolerance));
        assert_eq!(Tolerance::from_millis(i64::MIN), Err(NegativeTolerance));
    }

    #[test]
    fn a_tolerance_above_the_limit_becomes_the_limit_and_says_so() {
        // T7
        for millis in [150_001, i64::MAX] {
            let tolerance = Tolerance::from_millis(millis).unwrap();

            assert_eq!(
                tolerance.of("LaunchRequest"),
                SignedDuration::from_secs(150)
            );
            assert!(tolerance.is_clamped());
        }
    }

    #[test]
    fn a_tolerance_within_the_limit_is_taken_as_it_is() {
        // T7
        for millis in [0, 75_000, 149_999, 150_000] {
            let tolerance = Tolerance::from_millis(millis).unwrap();

            assert_eq!(
                tolerance.of("IntentRequest"),
                SignedDuration::from_millis(millis)
            );
            assert!(!tolerance.is_clamped());
        }
    }

    #[test]
    fn only_the_events_amazon_names_may_be_an_hour_old() {
        // T6
        let tolerance = Tolerance::from_millis(0).unwrap();

        for event in EVENTS {
            assert_eq!(
                tolerance.of(event),
                SignedDuration::from_hours(1),
                "{event}"
            );
        }
        for other in [
            "AlexaSkillEvent",
            "AlexaSkillEvent.",
            "AlexaSkillEvent.SkillEnabled2",
            "alexaskillevent.skillenabled",
        ] {
            assert_eq!(tolerance.of(other), SignedDuration::ZERO, "{other}");
        }
    }
}
