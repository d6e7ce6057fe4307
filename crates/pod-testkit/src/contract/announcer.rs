//! What [`Announcer`] promises.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use pod_core::ports::{Announcer, Event};
use pod_core::{CustomerId, Stage};

use super::at_once;
use crate::fixtures::{at, bjorn, customer, order, unusual_texts, zoe};

/// An announcer together with somebody who listens to it.
pub trait AnnouncerHarness: Send + Sync {
    /// The announcer.
    fn announcer(&self) -> Arc<dyn Announcer>;

    /// The first `count` events about a customer that somebody heard who has
    /// listened since before the first of them.
    fn heard(&self, customer: &CustomerId, count: usize)
    -> impl Future<Output = Vec<Event>> + Send;
}

/// Stamps one test for each promise of
/// [`Announcer`], on the
/// [`AnnouncerHarness`] that an expression
/// makes.
#[macro_export]
macro_rules! announcer_contract {
    ($harness:expr) => {
        $crate::__stamp_harness!(
            announcer,
            $harness,
            [
                an_event_reaches_whoever_listens_with_every_field,
                events_of_a_customer_come_in_order,
                unusual_customers_are_announced_as_they_are,
                of_64_simultaneous_events_each_is_heard,
            ]
        );
    };
}

fn event(n: u32, customer: &CustomerId, stage: Stage) -> Event {
    Event {
        customer: customer.clone(),
        order: order(n, customer).id,
        stage,
        at: at(i64::from(n)) + Duration::from_micros(u64::from(n)),
    }
}

/// An event reaches whoever listens at the time, equal in every field, in
/// whatever stage the order is.
pub async fn an_event_reaches_whoever_listens_with_every_field(harness: impl AnnouncerHarness) {
    let events = Stage::ALL.map(|stage| event(1, &zoe(), stage));

    for event in &events {
        harness.announcer().announce(event).await;
    }

    assert_eq!(harness.heard(&zoe(), events.len()).await, events);
}

/// Events about one customer come in the order in which they were announced,
/// and those about another are not mixed up with them.
pub async fn events_of_a_customer_come_in_order(harness: impl AnnouncerHarness) {
    let hers: Vec<Event> = (0..20).map(|n| event(n, &zoe(), Stage::Placed)).collect();
    let his: Vec<Event> = (0..20).map(|n| event(n, &bjorn(), Stage::Placed)).collect();

    for (her, his) in hers.iter().zip(&his) {
        harness.announcer().announce(her).await;
        harness.announcer().announce(his).await;
    }

    assert_eq!(harness.heard(&zoe(), 20).await, hers);
    assert_eq!(harness.heard(&bjorn(), 20).await, his);
}

/// Whatever text a customer's name is, it is announced as it is.
pub async fn unusual_customers_are_announced_as_they_are(harness: impl AnnouncerHarness) {
    for (n, name) in (0..).zip(unusual_texts()) {
        let event = event(n, &customer(&name), Stage::Confirmed);

        harness.announcer().announce(&event).await;

        assert_eq!(harness.heard(&customer(&name), 1).await, [event]);
    }
}

/// Of any number of events at the same time each is heard once.
pub async fn of_64_simultaneous_events_each_is_heard(harness: impl AnnouncerHarness) {
    at_once(64, |i| {
        let announcer = harness.announcer();
        let event = event(u32::try_from(i).expect("few"), &zoe(), Stage::Cancelled);
        async move { announcer.announce(&event).await }
    })
    .await;

    let mut heard = harness.heard(&zoe(), 64).await;
    heard.sort_unstable_by_key(|event| event.at);
    let expected: Vec<Event> = (0..64)
        .map(|n| event(n, &zoe(), Stage::Cancelled))
        .collect();
    assert_eq!(heard, expected);
}
