//! What is counted and timed, as operators see it on `/metrics`.
//!
//! There is no global registry: whoever counts is handed a clone.

mod announcer;
mod observer;
mod timed;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

pub use announcer::{EVENTS, InProcessAnnouncer};
pub use timed::{TimedAuthenticator, TimedChallenger, TimedCourier, TimedCustomers};

/// Everything that is counted and timed. Clones count together.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Family<OfRequest, Histogram, Buckets>,
    verification_failures: Family<OfReason, Counter>,
    orders: Family<OfStage, Counter>,
    supplier_seconds: Family<SupplierLabels, Histogram, Buckets>,
    seconds_to_confirm: Histogram,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    request: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRequest {
    request: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfReason {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfStage {
    stage: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SupplierLabels {
    supplier: &'static str,
    outcome: &'static str,
}

/// Up to the eight seconds that Alexa waits; below a millisecond is what needs
/// no network.
#[derive(Clone, Copy)]
struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new([
            0.000_25, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0,
        ])
    }
}

impl Metrics {
    /// Starts to count from nothing.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("pod");
        let requests = Family::default();
        let request_seconds = Family::new_with_constructor(Buckets);
        let verification_failures = Family::default();
        let orders = Family::default();
        let supplier_seconds = Family::new_with_constructor(Buckets);
        let seconds_to_confirm = Histogram::new([5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0]);

        registry.register(
            "requests",
            "Verified requests of Alexa's, by what was asked for and what came of it",
            Family::clone(&requests),
        );
        registry.register(
            "request_seconds",
            "How long verified requests took to be answered",
            Family::clone(&request_seconds),
        );
        registry.register(
            "verification_failures",
            "Requests that were refused, by the rule they broke",
            Family::clone(&verification_failures),
        );
        registry.register(
            "orders",
            "Orders, by what has become of them: each is counted once for each stage it reaches",
            Family::clone(&orders),
        );
        registry.register(
            "supplier_seconds",
            "How long suppliers took, by what came of it",
            Family::clone(&supplier_seconds),
        );
        registry.register(
            "seconds_to_confirm",
            "How long it took from placing an order to confirming it",
            seconds_to_confirm.clone(),
        );
        Self {
            registry: Arc::new(registry),
            requests,
            request_seconds,
            verification_failures,
            orders,
            supplier_seconds,
            seconds_to_confirm,
        }
    }

    /// Everything counted so far, in the text format of `OpenMetrics`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _infallible = encode(&mut text, &self.registry);
        text
    }

    fn supplier(&self, supplier: &'static str, outcome: &'static str, took: Duration) {
        self.supplier_seconds
            .get_or_create(&SupplierLabels { supplier, outcome })
            .observe(took.as_secs_f64());
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics { .. }")
    }
}

#[cfg(test)]
mod tests {
    use pod_alexa::Observer as _;

    use super::*;

    #[test]
    fn what_is_counted_is_shown() {
        let metrics = Metrics::new();

        metrics.rejected("signature");
        metrics.rejected("signature");
        metrics.answered("order", "code_sent", Duration::from_millis(3));
        let text = metrics.text();

        for line in [
            r#"pod_verification_failures_total{reason="signature"} 2"#,
            r#"pod_requests_total{request="order",outcome="code_sent"} 1"#,
            r#"pod_request_seconds_bucket{le="0.005",request="order"} 1"#,
            r#"pod_request_seconds_bucket{le="0.0025",request="order"} 0"#,
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
