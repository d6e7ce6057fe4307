//! Live events keep the contract of announcers.

use std::sync::Arc;

use pod_core::CustomerId;
use pod_core::ports::{Announcer, Event};
use pod_testkit::contract::AnnouncerHarness;
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
