//! The announcer keeps the contract.

use std::sync::Arc;

use pod_core::ports::{Announcer, Event};
use pod_core::{CustomerId, OrderId, Stage};
use pod_testkit::contract::AnnouncerHarness;
use serde_json::Value;

use crate::far_end::{Announcing, FarEnd, channels};

/// An announcer, and the server that it posts to.
struct Harness {
    announcing: Announcing,
    far_end: FarEnd,
}

async fn harness() -> Harness {
    let far_end = FarEnd::start().await;
    let announcing = Announcing::at(&far_end.server.uri()).post();
    Harness {
        announcing,
        far_end,
    }
}

impl AnnouncerHarness for Harness {
    fn announcer(&self) -> Arc<dyn Announcer> {
        self.announcing.announcer.clone()
    }

    async fn heard(&self, customer: &CustomerId, count: usize) -> Vec<Event> {
        let channel = channels().channel(customer);
        let theirs = |bodies: &[Vec<u8>]| -> Vec<Event> {
            let posts = bodies
                .iter()
                .map(|body| serde_json::from_slice::<Value>(body).unwrap());
            let theirs = posts.filter(|post| post["channels"] == serde_json::json!([channel]));
            theirs.map(|post| event(customer, &post)).collect()
        };
        let heard = self
            .far_end
            .heard(|bodies| theirs(bodies).len() >= count)
            .await;
        let mut events = theirs(&heard);
        events.truncate(count);
        events
    }
}

fn event(customer: &CustomerId, post: &Value) -> Event {
    let data: Value = serde_json::from_str(post["data"].as_str().unwrap()).unwrap();
    let text = |name: &str| data[name].as_str().unwrap();
    assert_eq!(post["name"], format!("order.{}", text("stage")));
    Event {
        customer: customer.clone(),
        order: OrderId::parse(text("order")).unwrap(),
        stage: Stage::named(text("stage")).unwrap(),
        at: text("at").parse().unwrap(),
    }
}

pod_testkit::announcer_contract!(harness());
