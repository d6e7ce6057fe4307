//! What [`Attempts::begin`](pod_core::ports::Attempts::begin) promises of
//! requests.

use pod_core::ports::{BeginAttemptError, Claim, Repeat};
use pod_core::{Attempt, AttemptLimits, CustomerId, PlacedOrder};

use super::super::stages::soon_after;
use super::super::{Store, at_once};
use crate::fixtures::{at, claim, zoe};

impl Store {
    async fn begin_once(
        &self,
        order: &PlacedOrder,
        claim: &Claim,
    ) -> Result<Attempt, BeginAttemptError> {
        let (id, now) = (Some(order.id), soon_after(order));
        let limits = AttemptLimits::default();
        let attempts = &self.attempts;
        attempts
            .begin(&order.customer, id, now, &limits, Some(claim))
            .await
    }

    async fn refused_once(&self, customer: &CustomerId, claim: &Claim) {
        let limits = AttemptLimits::default();
        let begun = self
            .attempts
            .begin(customer, None, at(0), &limits, Some(claim))
            .await;
        assert!(
            matches!(begun, Err(BeginAttemptError::NothingPending)),
            "{begun:?}"
        );
    }
}

/// With a claim, the request is begun: a repeat finds it, here and at
/// `Replies`.
pub async fn an_attempts_request_is_begun(store: Store) {
    let (order, claim) = (store.await_code(1, &zoe()).await, claim("zoë", 1));
    store
        .begin_once(&order, &claim)
        .await
        .expect("it is the first");

    let again = store.begin_once(&order, &claim).await;

    assert!(
        matches!(again, Err(BeginAttemptError::Repeated(Repeat::Unfinished))),
        "{again:?}"
    );
    assert_eq!(store.repeat(&claim).await, Some(Repeat::Unfinished));
}

/// Of any number of attempts of one request at the same time, exactly one is
/// counted.
pub async fn of_64_simultaneous_attempts_of_one_request_one_is_counted(store: Store) {
    let order = store.await_code(1, &zoe()).await;

    let outcomes = at_once(64, |_| {
        let (store, order) = (store.clone(), order.clone());
        async move { store.begin_once(&order, &claim("zoë", 1)).await }
    })
    .await;

    assert_eq!(outcomes.iter().filter(|begun| begun.is_ok()).count(), 1);
    assert_eq!(store.begin(&order).await.left(), 1);
}

/// Unless the request is the first of its name, no attempt is counted.
pub async fn a_repeated_request_counts_no_attempt(store: Store) {
    let order = store.await_code(1, &zoe()).await;
    assert_eq!(store.repeat(&claim("zoë", 1)).await, None);

    for (byte, expected) in [(1, Repeat::Unfinished), (2, Repeat::OtherRequest)] {
        let begun = store.begin_once(&order, &claim("zoë", byte)).await;
        assert!(
            matches!(&begun, Err(BeginAttemptError::Repeated(repeat)) if *repeat == expected),
            "{begun:?}"
        );
    }

    assert_eq!(store.begin(&order).await.left(), 2);
}

/// The request of an attempt that is refused has been begun all the same.
pub async fn the_request_of_a_refused_attempt_is_begun(store: Store) {
    let claim = claim("zoë", 1);

    store.refused_once(&zoe(), &claim).await;

    assert_eq!(store.repeat(&claim).await, Some(Repeat::Unfinished));
}
