//! How many of the codes that are texted to a country are used.
//!
//! Who has codes sent for the sake of the messages, and a share of their
//! price, has no use for the codes: a country where too few are used is sent
//! none for a while.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::Timestamp;

use crate::country::Country;
use crate::ids::CustomerId;

/// The codes for orders of so long a time are counted together.
const PERIOD: Duration = Duration::from_mins(5);

/// A code that is not used so long after its order was placed counts as one
/// that never will be; if it is used after all, the count is put right.
const PATIENCE: Duration = Duration::from_mins(5);

/// So many codes that one customer was sent and did not use count in a day:
/// nobody can have a country paused alone.
const MOST_OF_ONE: usize = 2;

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
pub struct ConversionTallies {
    countries: HashMap<Country, BTreeMap<Timestamp, (u32, u32)>>,
    /// The codes that were counted and are not used, by customer.
    unused: HashMap<CustomerId, Vec<(Country, Timestamp)>>,
    /// The last period of which counts were taken back, without customers.
    kept_until: Option<Timestamp>,
    /// Up to when what is too old was forgotten.
    forgotten_until: Option<Timestamp>,
}

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
        let periods = self.countries.entry(country).or_default();
        periods.insert(kept.since, counts);
        self.kept_until = self.kept_until.max(Some(kept.since));
    }

    /// Counts a code that a customer was sent, and returns its five minutes;
    /// `None` if too many of that customer's count as unused already.
    pub fn sent(
        &mut self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Option<Conversion> {
        let since = Self::period(placed_at);
        self.forget(since);
        let unused = self.unused.entry(customer.clone()).or_default();
        if unused.len() >= MOST_OF_ONE {
            return None;
        }
        unused.push((country, since));
        Some(self.count(country, since, |(sent, _)| *sent += 1))
    }

    /// Counts a code that a customer used, and returns its five minutes; `None`
    /// if it was not counted when it was sent.
    pub fn used(
        &mut self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Option<Conversion> {
        let since = Self::period(placed_at);
        self.settle(country, customer, since)
            .then(|| self.count(country, since, |(_, used)| *used += 1))
    }

    /// Takes back the count of a code that did not arrive, and returns its
    /// five minutes; `None` if it was not counted.
    pub fn lost(
        &mut self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Option<Conversion> {
        let since = Self::period(placed_at);
        self.settle(country, customer, since)
            .then(|| self.count(country, since, |(sent, _)| *sent = sent.saturating_sub(1)))
    }

    /// Whether a code of so long ago was counted; it is then none of those that
    /// are not used.
    fn settle(&mut self, country: Country, customer: &CustomerId, since: Timestamp) -> bool {
        let code = (country, since);
        let Some(unused) = self.unused.get_mut(customer) else {
            return self.kept_until.is_some_and(|kept| since <= kept);
        };
        let Some(place) = unused.iter().position(|unused| *unused == code) else {
            return false;
        };
        unused.swap_remove(place);
        if unused.is_empty() {
            self.unused.remove(customer);
        }
        true
    }

    fn count(
        &mut self,
        country: Country,
        since: Timestamp,
        count: impl FnOnce(&mut (u32, u32)),
    ) -> Conversion {
        let counts = self.countries.entry(country).or_default();
        let counts = counts.entry(since).or_default();
        count(counts);
        let (sent, used) = *counts;
        Conversion { since, sent, used }
    }

    /// Forgets, once every five minutes, what is too old to count.
    fn forget(&mut self, now: Timestamp) {
        if self.forgotten_until >= Some(now) {
            return;
        }
        self.forgotten_until = Some(now);
        let oldest = now.checked_sub(Self::KEEP).unwrap_or(Timestamp::MIN);
        for periods in self.countries.values_mut() {
            *periods = periods.split_off(&oldest);
        }
        self.unused.retain(|_, unused| {
            unused.retain(|(_, since)| *since >= oldest);
            !unused.is_empty()
        });
    }

    /// Until when a country is sent no codes; `None` if it is sent some.
    #[must_use]
    pub fn paused_until(
        &self,
        country: Country,
        limits: &ConversionLimits,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let periods = self.countries.get(&country)?;
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

    fn customer(minutes: i64, n: u32) -> CustomerId {
        CustomerId::parse(&format!("auth0|{minutes}.{n}")).unwrap()
    }

    fn tallies(counts: &[(i64, u32, u32)]) -> ConversionTallies {
        let mut tallies = ConversionTallies::default();
        for (minutes, sent, used) in counts {
            for n in 0..*sent {
                tallies.sent(sweden(), &customer(*minutes, n), at(*minutes));
            }
            for n in 0..(*used).min(*sent) {
                tallies.used(sweden(), &customer(*minutes, n), at(*minutes));
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
        tallies.used(sweden(), &customer(0, 99), at(0));
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
        tallies.sent(sweden(), &customer(0, 100), at(26 * 60));
        assert_eq!(tallies.countries[&sweden()].len(), 1);
        assert_eq!(tallies.unused.len(), 1);
    }

    #[test]
    fn nobody_has_a_country_paused_alone() {
        let mut tallies = ConversionTallies::default();
        for minute in 0..1000 {
            tallies.sent(sweden(), &customer(0, 0), at(minute));
        }
        let counted = &tallies.countries[&sweden()];
        assert_eq!(counted.values().map(|(sent, _)| sent).sum::<u32>(), 2);

        // Whoever uses the codes may be sent as many as there are.
        for minute in 0..100 {
            let counted = tallies.sent(sweden(), &customer(0, 1), at(minute));
            assert!(counted.is_some());
            let counted = tallies.used(sweden(), &customer(0, 1), at(minute));
            assert!(counted.is_some());
        }
    }

    #[test]
    fn what_was_not_counted_as_sent_is_not_counted_as_used() {
        let mut tallies = ConversionTallies::default();
        let zoe = customer(0, 0);
        for _ in 0..2 {
            assert!(tallies.sent(sweden(), &zoe, at(0)).is_some());
        }
        assert_eq!(tallies.sent(sweden(), &zoe, at(10)), None);

        assert_eq!(tallies.used(sweden(), &zoe, at(10)), None);
        assert_eq!(tallies.lost(sweden(), &zoe, at(10)), None);
    }

    #[test]
    fn a_code_that_did_not_arrive_is_not_one_that_is_not_used() {
        let mut tallies = tallies(&[(0, 100, 79)]);
        assert!(paused(&tallies, 30).is_some());
        let one = customer(0, 99);

        let counted = tallies.lost(sweden(), &one, at(0)).unwrap();

        assert_eq!((counted.sent, counted.used), (99, 79));
        assert_eq!(tallies.lost(sweden(), &one, at(0)), None);
        tallies.lost(sweden(), &customer(0, 98), at(0));
        assert_eq!(paused(&tallies, 30), None);
    }

    #[test]
    fn codes_that_were_sent_before_the_last_start_are_counted_when_used() {
        let mut tallies = ConversionTallies::default();
        let since = ConversionTallies::period(at(0));
        let kept = Conversion {
            since,
            sent: 3,
            used: 1,
        };
        tallies.keep(sweden(), kept);

        let counted = tallies.used(sweden(), &customer(0, 0), at(0)).unwrap();

        assert_eq!((counted.sent, counted.used), (3, 2));
        assert_eq!(tallies.used(sweden(), &customer(0, 0), at(10)), None);
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
