//! What [`Conversions`] promises.

use std::sync::Arc;

use pod_core::ports::Conversions;
use pod_core::{ConversionLimits, ConversionTallies, Country, CustomerId, Timestamp};

use super::at_once;
use crate::fixtures::{at, customer};

/// Stamps one test for each promise of [`Conversions`], on the `Arc` of an
/// adapter that an expression makes.
#[macro_export]
macro_rules! conversions_contract {
    ($conversions:expr) => {
        $crate::__stamp!(
            conversions,
            $conversions,
            [
                nothing_is_paused_of_which_nothing_is_known,
                a_country_is_paused_as_its_tallies_say,
                one_country_does_not_pause_another,
                one_customer_does_not_pause_a_country,
                a_code_that_did_not_arrive_counts_no_more,
                of_64_simultaneous_counts_each_counts,
            ]
        );
    };
}

fn country(code: &str) -> Country {
    Country::parse(code).expect("a country")
}

async fn paused(
    conversions: &Arc<dyn Conversions>,
    code: &str,
    now: Timestamp,
) -> Option<Timestamp> {
    let limits = ConversionLimits::default();
    let paused = conversions.paused_until(country(code), &limits, now).await;
    paused.expect("known")
}

fn one(n: i64) -> CustomerId {
    customer(&format!("auth0|{n}"))
}

async fn send(conversions: &Arc<dyn Conversions>, code: &str, sent: i64, used: i64) {
    for n in 0..sent {
        let counted = conversions.sent(country(code), &one(n), at(n)).await;
        counted.expect("counted");
    }
    for n in 0..used {
        let counted = conversions.used(country(code), &one(n), at(n)).await;
        counted.expect("counted");
    }
}

/// A country of which nothing is known is not paused.
pub async fn nothing_is_paused_of_which_nothing_is_known(conversions: Arc<dyn Conversions>) {
    assert_eq!(paused(&conversions, "SE", at(1800)).await, None);
}

/// A country is paused exactly when, and until when, its tallies say so.
pub async fn a_country_is_paused_as_its_tallies_say(conversions: Arc<dyn Conversions>) {
    send(&conversions, "SE", 100, 79).await;
    let mut tallies = ConversionTallies::default();
    for n in 0..100 {
        tallies.sent(country("SE"), &one(n), at(n));
    }
    for n in 0..79 {
        tallies.used(country("SE"), &one(n), at(n));
    }

    let limits = ConversionLimits::default();
    for seconds in [60, 300, 720, 1200, 3600, 7200, 86_400, 100_000] {
        let now = at(seconds);
        let expected = tallies.paused_until(country("SE"), &limits, now);
        assert_eq!(paused(&conversions, "SE", now).await, expected, "{seconds}");
    }
    assert!(paused(&conversions, "SE", at(1200)).await.is_some());

    let late = conversions.used(country("SE"), &one(79), at(79)).await;
    late.expect("counted");
    assert_eq!(paused(&conversions, "SE", at(1200)).await, None);
}

/// What is sent to one country does not pause another.
pub async fn one_country_does_not_pause_another(conversions: Arc<dyn Conversions>) {
    send(&conversions, "SE", 100, 0).await;
    send(&conversions, "NO", 100, 100).await;

    assert!(paused(&conversions, "SE", at(1200)).await.is_some());
    assert_eq!(paused(&conversions, "NO", at(1200)).await, None);
    assert_eq!(paused(&conversions, "FI", at(1200)).await, None);
}

/// However many codes one customer is sent and does not use, no country is
/// paused for them.
pub async fn one_customer_does_not_pause_a_country(conversions: Arc<dyn Conversions>) {
    for n in 0..100 {
        let counted = conversions.sent(country("SE"), &one(0), at(n)).await;
        counted.expect("counted");
    }

    assert_eq!(paused(&conversions, "SE", at(1200)).await, None);
}

/// A code that is known not to have arrived is none that is not used.
pub async fn a_code_that_did_not_arrive_counts_no_more(conversions: Arc<dyn Conversions>) {
    send(&conversions, "SE", 100, 79).await;
    assert!(paused(&conversions, "SE", at(1200)).await.is_some());

    for n in [98, 99] {
        let lost = conversions.lost(country("SE"), &one(n), at(n)).await;
        lost.expect("counted");
    }

    assert_eq!(paused(&conversions, "SE", at(1200)).await, None);
}

/// Of any number of counts at the same time each counts.
pub async fn of_64_simultaneous_counts_each_counts(conversions: Arc<dyn Conversions>) {
    let customers: Vec<_> = (0..64).map(one).collect();
    let outcomes = at_once(64, |n| {
        let (conversions, customer) = (conversions.clone(), customers[n].clone());
        async move { conversions.sent(country("SE"), &customer, at(0)).await }
    })
    .await;

    for outcome in outcomes {
        outcome.expect("counted");
    }
    let all = ConversionLimits {
        minimum: 64,
        ..ConversionLimits::default()
    };
    let one_more = ConversionLimits {
        minimum: 65,
        ..ConversionLimits::default()
    };
    let sweden = country("SE");
    let paused = conversions.paused_until(sweden, &all, at(1200)).await;
    assert!(paused.expect("known").is_some());
    let paused = conversions.paused_until(sweden, &one_more, at(1200)).await;
    assert_eq!(paused.expect("known"), None);
}
