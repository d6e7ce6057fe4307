//! How many of the codes that are texted to a country are used.
//!
//! Who has codes sent for the sake of the messages, and a share of their
//! price, has no use for the codes: a country where too few are used is sent
//! none for a while.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::Timestamp;

use crate::country::Country;

/// The codes for orders of so long a time are counted together.
const PERIOD: Duration = Duration::from_mins(5);

/// A code that is not used so long after its order was placed counts as one
/// that never will be; if it is used after all, the count is put right.
const PATIENCE: Duration = Duration::from_mins(5);

/// How many codes may remain unused before a country is sent no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversionLimits {
    /// All of these hold at once.
    pub windows: Vec<ConversionWindow>,
    /// No share is worth anything of fewer codes than this.
    pub minimum: u32,
}

/// The share of codes that may remain unused in some length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConversionWindow {
    /// The time.
    pub within: Duration,
    /// Percent of the codes that were sent.
    pub unused: u32,
}

impl Default for ConversionLimits {
    /// 20 % in an hour, 30 % in a day, of at least 50 codes.
    fn default() -> Self {
        let window = |hours, unused| ConversionWindow {
            within: Duration::from_hours(hours),
            unused,
        };
        Self {
            windows: vec![window(1, 20), window(24, 30)],
            minimum: 50,
        }
    }
}

/// The codes that were texted to one country for orders of five minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversion {
    /// When the five minutes began.
    pub since: Timestamp,
    /// How many codes were sent, each counted once.
    pub sent: u32,
    /// How many of them were used.
    pub used: u32,
}

/// What was sent to each country, and used, of late: what
/// [`Conversions`](crate::ports::Conversions) remember.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversionTallies(HashMap<Country, BTreeMap<Timestamp, (u32, u32)>>);

impl ConversionTallies {
    /// So long counts are of use.
    pub const KEEP: Duration = Duration::from_hours(25);

    /// When the five minutes began that an order of that time is counted in.
    #[must_use]
    pub fn period(placed_at: Timestamp) -> Timestamp {
        let period = i64::try_from(PERIOD.as_micros()).unwrap_or(i64::MAX);
        let since = placed_at.as_microsecond().div_euclid(period) * period;
        Timestamp::from_microsecond(since).unwrap_or(Timestamp::MIN)
    }

    /// Takes back what was kept of a country.
    pub fn keep(&mut self, country: Country, kept: Conversion) {
        let counts = (kept.sent, kept.used);
        self.0
            .entry(country)
            .or_default()
            .insert(kept.since, counts);
    }

    /// Counts a code that was sent, and returns its five minutes.
    pub fn sent(&mut self, country: Country, placed_at: Timestamp) -> Conversion {
        self.count(country, placed_at, |(sent, _)| *sent += 1)
    }

    /// Counts a code that was used, and returns its five minutes.
    pub fn used(&mut self, country: Country, placed_at: Timestamp) -> Conversion {
        self.count(country, placed_at, |(_, used)| *used += 1)
    }

    fn count(
        &mut self,
        country: Country,
        placed_at: Timestamp,
        count: impl FnOnce(&mut (u32, u32)),
    ) -> Conversion {
        let since = Self::period(placed_at);
        let periods = self.0.entry(country).or_default();
        let counts = periods.entry(since).or_default();
        count(counts);
        let (sent, used) = *counts;
        let forgotten = since.checked_sub(Self::KEEP).unwrap_or(Timestamp::MIN);
        while let Some(oldest) = periods.first_entry()
            && *oldest.key() < forgotten
        {
            oldest.remove();
        }
        Conversion { since, sent, used }
    }

    /// Until when a country is sent no codes; `None` if it is sent some.
    #[must_use]
    pub fn paused_until(
        &self,
        country: Country,
        limits: &ConversionLimits,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let periods = self.0.get(&country)?;
        if !is_exceeded(periods, limits, now) {
            return None;
        }
        // What has been sent leaves the windows period by period.
        let mut at = now;
        while is_exceeded(periods, limits, at) {
            at = at.checked_add(PERIOD).ok()?;
        }
        Some(at)
    }
}

fn is_exceeded(
    periods: &BTreeMap<Timestamp, (u32, u32)>,
    limits: &ConversionLimits,
    now: Timestamp,
) -> bool {
    let before = |now: Timestamp, time| now.checked_sub(time).unwrap_or(Timestamp::MIN);
    let settled = before(now, PERIOD + PATIENCE);
    limits.windows.iter().any(|window| {
        let from = before(settled, window.within);
        let counted = periods.range(from..=settled);
        let (sent, used) = counted.fold((0_u64, 0_u64), |(sent, used), (_, counts)| {
            (sent + u64::from(counts.0), used + u64::from(counts.1))
        });
        let unused = sent.saturating_sub(used);
        sent >= u64::from(limits.minimum.max(1)) && unused * 100 > sent * u64::from(window.unused)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_200 + minutes * 60).unwrap()
    }

    fn sweden() -> Country {
        Country::parse("SE").unwrap()
    }

    fn tallies(counts: &[(i64, u32, u32)]) -> ConversionTallies {
        let mut tallies = ConversionTallies::default();
        for (minutes, sent, used) in counts {
            for _ in 0..*sent {
                tallies.sent(sweden(), at(*minutes));
            }
            for _ in 0..*used {
                tallies.used(sweden(), at(*minutes));
            }
        }
        tallies
    }

    fn paused(tallies: &ConversionTallies, minutes: i64) -> Option<i64> {
        let until = tallies.paused_until(sweden(), &ConversionLimits::default(), at(minutes))?;
        Some((until.as_second() - at(0).as_second()).div_euclid(60))
    }

    #[test]
    fn a_share_of_few_codes_is_worth_nothing() {
        assert_eq!(paused(&tallies(&[(0, 49, 0)]), 30), None);
        assert!(paused(&tallies(&[(0, 50, 0)]), 30).is_some());
    }

    #[test]
    fn a_country_is_paused_above_its_share_and_not_at_it() {
        assert_eq!(paused(&tallies(&[(0, 100, 80)]), 30), None);
        assert_eq!(paused(&tallies(&[(0, 100, 79)]), 30), Some(75));
    }

    #[test]
    fn codes_that_may_still_be_used_are_not_counted() {
        let tallies = tallies(&[(0, 100, 0)]);
        assert_eq!(paused(&tallies, 9), None);
        assert!(paused(&tallies, 10).is_some());
    }

    #[test]
    fn a_code_that_is_used_late_is_counted_as_used() {
        let mut tallies = tallies(&[(0, 100, 79)]);
        assert!(paused(&tallies, 30).is_some());
        tallies.used(sweden(), at(0));
        assert_eq!(paused(&tallies, 30), None);
    }

    #[test]
    fn the_day_looks_back_further_than_the_hour() {
        // A quarter unused is too much for an hour, and not for a day.
        let quarter = tallies(&[(0, 100, 75)]);
        assert!(paused(&quarter, 30).is_some());
        assert_eq!(paused(&quarter, 120), None);

        let half = tallies(&[(0, 100, 50)]);
        assert_eq!(paused(&half, 120), Some(24 * 60 + 15));
    }

    #[test]
    fn one_country_does_not_pause_another() {
        let tallies = tallies(&[(0, 100, 0)]);
        let norway = Country::parse("NO").unwrap();
        let limits = ConversionLimits::default();
        assert_eq!(tallies.paused_until(norway, &limits, at(30)), None);
    }

    #[test]
    fn what_is_too_old_to_count_is_forgotten() {
        let mut tallies = tallies(&[(0, 100, 0)]);
        tallies.sent(sweden(), at(26 * 60));
        assert_eq!(tallies.0[&sweden()].len(), 1);
    }

    proptest! {
        #[test]
        fn a_pause_ends_when_it_says(
            counts in prop::collection::vec((0_i64..1500, 0_u32..200, 0_u32..200), 0..12),
            now in 0_i64..3000,
        ) {
            let tallies = tallies(&counts);
            let limits = ConversionLimits::default();
            if let Some(until) = tallies.paused_until(sweden(), &limits, at(now)) {
                prop_assert!(until > at(now));
                prop_assert!(until <= at(3000) + ConversionTallies::KEEP);
                prop_assert_eq!(tallies.paused_until(sweden(), &limits, until), None);
            }
        }
    }
}
