//! Live events keep the contract of announcers.

use std::sync::Arc;

use pod_core::ports::{Announcer, Event};
use pod_core::{CustomerId, Stage};
use pod_testkit::contract::AnnouncerHarness;
use pod_testkit::fixtures::{at, customer, order};
use pod_web::{EventId, Heard, Live};

pod_testkit::announcer_contract!(async { Harness(Live::new(1)) });

/// Live events, and somebody who has listened from the beginning.
struct Harness(Live);

impl AnnouncerHarness for Harness {
    fn announcer(&self) -> Arc<dyn Announcer> {
        Arc::new(self.0.clone())
    }

    async fn heard(&self, customer: &CustomerId, count: usize) -> Vec<Event> {
        let beginning = EventId::parse("0000000000000001-0");
        let mut listener = self.0.listen(customer, beginning);
        let mut heard = Vec::new();
        while heard.len() < count {
            match listener.next().await.expect("it goes on") {
                Heard::Events(events) => heard.extend(events.into_iter().map(|event| Event {
                    customer: customer.clone(),
                    order: event.order,
                    stage: event.stage,
                    at: event.at,
                })),
                Heard::Missed(_) => panic!("some were missed"),
            }
        }
        heard.truncate(count);
        heard
    }
}

#[tokio::test]
async fn a_crowd_of_customers_is_forgotten_apart_from_those_who_listen() {
    let live = Live::new(1);
    let (away, present) = (customer("away"), customer("present"));
    let tell = |customer: &CustomerId| {
        let order = order(1, customer).id;
        let event = Event {
            customer: customer.clone(),
            order,
            stage: Stage::Confirmed,
            at: at(0),
        };
        let live = live.clone();
        async move { live.announce(&event).await }
    };
    let mut listener = live.listen(&present, None);
    for customer in [&away, &away, &present] {
        tell(customer).await;
    }
    let first = EventId::parse("0000000000000001-1");
    let second = live.listen(&away, first).next().await.unwrap();
    assert!(matches!(second, Heard::Events(events) if events.len() == 1));

    for n in 0..20_000 {
        tell(&customer(&format!("crowd-{n}"))).await;
    }

    let second = live.listen(&away, first).next().await.unwrap();
    assert!(matches!(second, Heard::Missed(_)));
    let heard = listener.next().await.unwrap();
    assert!(matches!(heard, Heard::Events(events) if events.len() == 1));
}
