//! Counts of used codes: kept for the next start, and forgotten in time.

use std::time::Duration;

use pod_core::ports::Conversions;
use pod_core::{ConversionLimits, ConversionTallies, Country, CustomerId};
use pod_store::{SqliteConfig, SqliteStore};
use pod_testkit::fixtures::{at, customer};

fn sweden() -> Country {
    Country::parse("SE").expect("a country")
}

fn one(n: i64) -> CustomerId {
    customer(&format!("auth0|{n}"))
}

async fn is_paused(store: &SqliteStore, seconds: i64) -> bool {
    let limits = ConversionLimits::default();
    let paused = store.paused_until(sweden(), &limits, at(seconds)).await;
    paused.expect("known").is_some()
}

#[tokio::test]
async fn counts_outlive_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = SqliteConfig::file(folder.path().join("pod.db"));
    let store = SqliteStore::open(&config).expect("it opens");
    for n in 0..100 {
        let counted = store.sent(sweden(), &one(n), at(n)).await;
        counted.expect("counted");
    }
    for n in 0..78 {
        let counted = store.used(sweden(), &one(n), at(n)).await;
        counted.expect("counted");
    }
    let lost = store.lost(sweden(), &one(99), at(99)).await;
    lost.expect("counted");
    store.close().await;

    let store = SqliteStore::open(&config).expect("it opens again");

    assert!(is_paused(&store, 1200).await);
    for n in [78, 79] {
        let counted = store.used(sweden(), &one(n), at(n)).await;
        counted.expect("counted");
    }
    assert!(!is_paused(&store, 1200).await);
}

#[tokio::test]
async fn counts_that_are_too_old_are_swept_and_others_stay() {
    let store = SqliteStore::open(&SqliteConfig::in_memory()).expect("it opens");
    let old = i64::try_from(ConversionTallies::KEEP.as_secs()).expect("a day");
    for since in [0, old] {
        let counted = store.sent(sweden(), &one(0), at(since)).await;
        counted.expect("counted");
    }

    let kept = store.sweep(at(old) - Duration::from_mins(10)).await;
    let swept = store.sweep(at(old) + Duration::from_mins(10)).await;

    assert_eq!(kept.expect("swept").conversions, 0);
    assert_eq!(swept.expect("swept").conversions, 1);
}
