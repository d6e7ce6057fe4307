//! What the claims of every token are made of: names, and times.

use std::borrow::Cow;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

/// How far the tenant's clock and this one may be apart. A minute is the most
/// that anybody should grant.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);

/// The `aud` claim: one name or several.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Recipients<'a> {
    One(#[serde(borrow)] Cow<'a, str>),
    Several(#[serde(borrow)] Vec<Cow<'a, str>>),
}

impl Recipients<'_> {
    pub(crate) fn contain(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Several(several) => several.iter().any(|one| one == name),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Several(several) => several.len(),
        }
    }
}

/// A time in a claim: seconds since 1970, whole or not (RFC 7519, 2).
#[derive(Clone, Copy)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl Moment {
    /// Whether it has come, give or take the leeway.
    pub(crate) fn has_come(self, now: Timestamp) -> bool {
        self.0.duration_since(now) <= LEEWAY
    }

    /// Whether it is over, and the leeway too.
    pub(crate) fn is_over(self, now: Timestamp) -> bool {
        now.duration_since(self.0) >= LEEWAY
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seconds;

        impl Visitor<'_> for Seconds {
            type Value = Moment;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since 1970")
            }

            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Moment, E> {
                Timestamp::from_second(seconds)
                    .map(Moment)
                    .map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Moment, E> {
                self.visit_i64(i64::try_from(seconds).map_err(E::custom)?)
            }

            fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Moment, E> {
                SignedDuration::try_from_secs_f64(seconds)
                    .and_then(Timestamp::from_duration)
                    .map(Moment)
                    .map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_granted_more_than_a_minute() {
        assert!(LEEWAY <= SignedDuration::from_mins(1));
    }
}
