//! What [`Quotas`] promises.

use std::sync::Arc;
use std::time::Duration;

use pod_core::ports::{Quotas, TakeError};
use pod_core::{Allowance, QuotaKey, Timestamp, Window};

use super::at_once;
use crate::fixtures::{at, unusual_texts};

/// Stamps one test for each promise of [`Quotas`], on
/// the `Arc` of an adapter that an expression makes.
#[macro_export]
macro_rules! quotas_contract {
    ($quotas:expr) => {
        $crate::__stamp!(
            quotas,
            $quotas,
            [
                of_64_simultaneous_takings_of_a_quota_of_5_exactly_5_succeed,
                one_is_taken_from_each_allowance_or_from_none,
                of_simultaneous_takings_of_several_all_or_none_are_counted,
                the_window_slides,
                every_window_of_an_allowance_holds,
                exhausted_says_when_all_have_something_again,
                a_refused_taking_counts_nothing,
                nothing_can_be_taken_of_nothing,
                what_has_no_window_has_no_limit,
                unusual_keys_are_counted_apart,
            ]
        );
    };
}

fn key(raw: &str) -> QuotaKey {
    QuotaKey::parse(raw).expect("a key")
}

fn allowance(raw: &str, limit: u32, seconds: u64) -> Allowance {
    Allowance {
        key: key(raw),
        windows: vec![Window::new(limit, Duration::from_secs(seconds))],
    }
}

/// Takes, and returns when to try again if that failed.
async fn take(
    quotas: &Arc<dyn Quotas>,
    allowances: &[Allowance],
    now: Timestamp,
) -> Option<Timestamp> {
    match quotas.take(allowances, now).await {
        Ok(()) => None,
        Err(TakeError::Exhausted { retry_at }) => Some(retry_at),
        Err(TakeError::Fault(fault)) => panic!("{fault:?}"),
    }
}

/// However many take at the same time, no more succeed than the window allows.
pub async fn of_64_simultaneous_takings_of_a_quota_of_5_exactly_5_succeed(quotas: Arc<dyn Quotas>) {
    let outcomes = at_once(64, |_| {
        let quotas = quotas.clone();
        async move { take(&quotas, &[allowance("zoë", 5, 60)], at(0)).await }
    })
    .await;

    let taken = outcomes.iter().filter(|retry| retry.is_none()).count();
    assert_eq!(taken, 5);
    assert!(outcomes.iter().flatten().all(|retry| *retry == at(60)));
}

/// One is taken from each allowance, or, if one of them has nothing left, from
/// none, wherever in the list that one is.
pub async fn one_is_taken_from_each_allowance_or_from_none(quotas: Arc<dyn Quotas>) {
    let (narrow, wide) = (allowance("narrow", 1, 60), allowance("wide", 3, 60));
    let both = [narrow.clone(), wide.clone()];
    let turned = [wide.clone(), narrow];
    assert_eq!(take(&quotas, &both, at(0)).await, None);

    for _ in 0..5 {
        assert_eq!(take(&quotas, &both, at(1)).await, Some(at(60)));
        assert_eq!(take(&quotas, &turned, at(1)).await, Some(at(60)));
    }

    let wide = [wide];
    assert_eq!(take(&quotas, &wide, at(2)).await, None);
    assert_eq!(take(&quotas, &wide, at(3)).await, None);
    assert_eq!(take(&quotas, &wide, at(4)).await, Some(at(60)));
}

/// That holds for any number of calls at the same time, in whatever order they
/// name the allowances.
pub async fn of_simultaneous_takings_of_several_all_or_none_are_counted(quotas: Arc<dyn Quotas>) {
    let (one, other) = (allowance("one", 7, 60), allowance("other", 9, 60));

    let outcomes = at_once(64, |i| {
        let quotas = quotas.clone();
        let mut both = [one.clone(), other.clone()];
        both.rotate_left(i % 2);
        async move { take(&quotas, &both, at(0)).await }
    })
    .await;

    let taken = outcomes.iter().filter(|retry| retry.is_none()).count();
    assert_eq!(taken, 7);
    let other = [other];
    assert_eq!(take(&quotas, &other, at(1)).await, None);
    assert_eq!(take(&quotas, &other, at(1)).await, None);
    assert_eq!(take(&quotas, &other, at(1)).await, Some(at(60)));
}

/// In any stretch of time as long as the window no more succeed than it
/// allows, and as soon as one has left it, to the microsecond, another does.
pub async fn the_window_slides(quotas: Arc<dyn Quotas>) {
    let two = [allowance("zoë", 2, 10)];
    let tick = Duration::from_micros(1);
    assert_eq!(take(&quotas, &two, at(0)).await, None);
    assert_eq!(take(&quotas, &two, at(4)).await, None);

    assert_eq!(take(&quotas, &two, at(10) - tick).await, Some(at(10)));
    assert_eq!(take(&quotas, &two, at(10)).await, None);
    assert_eq!(take(&quotas, &two, at(10)).await, Some(at(14)));
    assert_eq!(take(&quotas, &two, at(14) - tick).await, Some(at(14)));
    assert_eq!(take(&quotas, &two, at(14)).await, None);
    assert_eq!(take(&quotas, &two, at(15)).await, Some(at(20)));
}

/// All windows of an allowance hold at once.
pub async fn every_window_of_an_allowance_holds(quotas: Arc<dyn Quotas>) {
    let allowances = [Allowance {
        key: key("zoë"),
        windows: vec![
            Window::new(4, Duration::from_secs(100)),
            Window::new(1, Duration::from_secs(10)),
        ],
    }];
    for second in [0, 10, 20, 30] {
        assert_eq!(take(&quotas, &allowances, at(second)).await, None);
        let soon = take(&quotas, &allowances, at(second + 1)).await;
        assert_eq!(soon, Some(at(if second < 30 { second + 10 } else { 100 })));
    }

    assert_eq!(take(&quotas, &allowances, at(99)).await, Some(at(100)));
    assert_eq!(take(&quotas, &allowances, at(100)).await, None);
    assert_eq!(take(&quotas, &allowances, at(101)).await, Some(at(110)));
}

/// What is exhausted says when all of the allowances, and not only the first
/// of them, have something again.
pub async fn exhausted_says_when_all_have_something_again(quotas: Arc<dyn Quotas>) {
    let all = [
        allowance("short", 1, 10),
        allowance("long", 1, 1000),
        allowance("free", 9, 5000),
        allowance("middling", 1, 100),
    ];
    assert_eq!(take(&quotas, &all, at(0)).await, None);

    assert_eq!(take(&quotas, &all, at(1)).await, Some(at(1000)));
    assert_eq!(take(&quotas, &all[..1], at(1)).await, Some(at(10)));
    assert_eq!(take(&quotas, &all[..1], at(10)).await, None);
    assert_eq!(take(&quotas, &all, at(999)).await, Some(at(1000)));
    assert_eq!(take(&quotas, &all, at(1000)).await, None);
}

/// A taking that was refused counts nothing, however often it is tried.
pub async fn a_refused_taking_counts_nothing(quotas: Arc<dyn Quotas>) {
    let one = [allowance("zoë", 1, 10)];
    assert_eq!(take(&quotas, &one, at(0)).await, None);

    for second in 1..10 {
        assert_eq!(take(&quotas, &one, at(second)).await, Some(at(10)));
    }

    assert_eq!(take(&quotas, &one, at(10)).await, None);
}

/// An allowance of none has nothing left, ever.
pub async fn nothing_can_be_taken_of_nothing(quotas: Arc<dyn Quotas>) {
    let none = [allowance("zoë", 0, 10)];

    for second in [0, 10, 100_000] {
        let retry = take(&quotas, &none, at(second)).await;
        assert_eq!(retry, Some(Timestamp::MAX));
    }
}

/// Without an allowance, or an allowance without a window, there is no limit.
pub async fn what_has_no_window_has_no_limit(quotas: Arc<dyn Quotas>) {
    let unlimited = [Allowance {
        key: key("zoë"),
        windows: Vec::new(),
    }];

    for _ in 0..20 {
        assert_eq!(take(&quotas, &unlimited, at(0)).await, None);
        assert_eq!(take(&quotas, &[], at(0)).await, None);
    }
}

/// Whatever text a key is, it is counted apart from all others.
pub async fn unusual_keys_are_counted_apart(quotas: Arc<dyn Quotas>) {
    let mut keys = unusual_texts();
    keys.push("y".repeat(320));
    keys.push("y".repeat(319));
    for key in &keys {
        assert_eq!(take(&quotas, &[allowance(key, 1, 60)], at(0)).await, None);
    }

    for key in &keys {
        let again = take(&quotas, &[allowance(key, 1, 60)], at(1)).await;
        assert_eq!(again, Some(at(60)), "{key:?}");
    }
}
