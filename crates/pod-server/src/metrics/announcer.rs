//! The announcer of a pod that runs alone: counts what becomes of orders, and
//! tells whoever listens within the program.

use async_trait::async_trait;
use pod_core::ports::{Announcer, Event};
use pod_core::{OrderId, Stage, Timestamp};
use tokio::sync::broadcast;

use super::{Metrics, OfStage};

/// How many events a listener may be behind before it misses some.
pub const EVENTS: usize = 256;

/// Counts what becomes of orders, and tells whoever listens within the
/// program.
#[derive(Debug, Clone)]
pub struct InProcessAnnouncer {
    metrics: Metrics,
    events: broadcast::Sender<Event>,
}

impl InProcessAnnouncer {
    /// Makes an announcer that nobody listens to yet.
    #[must_use]
    pub fn new(metrics: Metrics) -> Self {
        let (events, _nobody) = broadcast::channel(EVENTS);
        Self { metrics, events }
    }

    /// Listens from now on. One who falls [`EVENTS`] events behind misses the
    /// oldest, and is told so.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }
}

#[async_trait]
impl Announcer for InProcessAnnouncer {
    async fn announce(&self, event: &Event) {
        let stage = event.stage.as_str();
        self.metrics.orders.get_or_create(&OfStage { stage }).inc();
        if event.stage == Stage::Confirmed {
            let took = event.at.duration_since(placed_at(event.order));
            self.metrics
                .seconds_to_confirm
                .observe(took.as_secs_f64().max(0.0));
        }
        // An error means that nobody listens.
        let _nobody = self.events.send(event.clone());
    }
}

/// When an order was placed, which is in its name (RFC 9562, 5.7).
fn placed_at(order: OrderId) -> Timestamp {
    let mut millis = [0; 8];
    millis[2..].copy_from_slice(&order.to_bytes()[..6]);
    let millis = i64::from_be_bytes(millis);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use pod_core::CustomerId;

    use super::*;

    fn event(stage: Stage, seconds_later: i64) -> Event {
        let placed = Timestamp::from_millisecond(1_795_000_000_123).unwrap();
        Event {
            customer: CustomerId::parse("auth0|ada").unwrap(),
            order: OrderId::new(placed, [7; 10]),
            stage,
            at: placed + SignedDuration::from_secs(seconds_later),
        }
    }

    #[tokio::test]
    async fn whoever_listens_hears_what_is_announced_afterwards() {
        let announcer = InProcessAnnouncer::new(Metrics::new());

        announcer.announce(&event(Stage::AwaitingCode, 0)).await;
        let mut listener = announcer.listen();
        announcer.announce(&event(Stage::Confirmed, 7)).await;

        assert_eq!(listener.recv().await, Ok(event(Stage::Confirmed, 7)));
        assert!(listener.is_empty());
    }

    #[tokio::test]
    async fn orders_are_counted_by_stage_and_confirmations_timed() {
        let metrics = Metrics::new();
        let announcer = InProcessAnnouncer::new(metrics.clone());

        announcer.announce(&event(Stage::AwaitingCode, 0)).await;
        announcer.announce(&event(Stage::Confirmed, 7)).await;
        let text = metrics.text();

        for line in [
            r#"pod_orders_total{stage="awaiting_code"} 1"#,
            r#"pod_orders_total{stage="confirmed"} 1"#,
            "pod_seconds_to_confirm_sum 7.0",
            r#"pod_seconds_to_confirm_bucket{le="5.0"} 0"#,
            r#"pod_seconds_to_confirm_bucket{le="10.0"} 1"#,
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
