//! What is counted and timed, as operators see it on `/metrics`.
//!
//! There is no global registry: whoever counts is handed a clone.

mod announcer;
mod counted;
mod observer;
mod timed;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use pod_core::{Channel, Country};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

pub use announcer::{EVENTS, InProcessAnnouncer};
pub use counted::{Counted, CountedContacts};
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
    sends_refused: Family<OfReason, Counter>,
    fallbacks: Family<OfChannel, Counter>,
    message_reports: Family<OfOutcome, Counter>,
    reports_refused: Family<OfReason, Counter>,
    codes_by_country: Family<CountryLabels, Counter>,
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

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfChannel {
    channel: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfOutcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CountryLabels {
    country: String,
    code: &'static str,
}

/// Why a code was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Too many were sent to the customer or the destination.
    Quota,
    /// The order's was sent as often as it may be.
    Order,
    /// No codes are texted to the country.
    Country,
    /// The number takes no text messages, or costs extra.
    Number,
    /// Too many of the country's codes are not used.
    Paused,
}

impl Refusal {
    fn word(self) -> &'static str {
        match self {
            Self::Quota => "quota",
            Self::Order => "order",
            Self::Country => "country",
            Self::Number => "number",
            Self::Paused => "paused",
        }
    }
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

        let sends_refused = Family::default();
        let fallbacks = Family::default();
        let message_reports = Family::default();
        let reports_refused = Family::default();
        let codes_by_country = Family::default();

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
        registry.register(
            "sends_refused",
            "Codes that were not sent, by what protects against abuse",
            Family::clone(&sends_refused),
        );
        registry.register(
            "fallbacks",
            "Codes that went to another contact than they should, by where they went",
            Family::clone(&fallbacks),
        );
        registry.register(
            "message_reports",
            "What the supplier reported of messages that it had taken",
            Family::clone(&message_reports),
        );
        registry.register(
            "message_reports_refused",
            "Reports that were not the supplier's, by the rule they broke",
            Family::clone(&reports_refused),
        );
        registry.register(
            "codes_by_country",
            "Codes that were texted to a country, and those of them that were used",
            Family::clone(&codes_by_country),
        );
        Self {
            registry: Arc::new(registry),
            requests,
            request_seconds,
            verification_failures,
            orders,
            supplier_seconds,
            seconds_to_confirm,
            sends_refused,
            fallbacks,
            message_reports,
            reports_refused,
            codes_by_country,
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

    /// Counts a code that was not sent.
    pub fn refused(&self, refusal: Refusal) {
        let reason = refusal.word();
        self.sends_refused.get_or_create(&OfReason { reason }).inc();
    }

    fn fell_back(&self, channel: Channel) {
        let channel = channel.as_str();
        self.fallbacks.get_or_create(&OfChannel { channel }).inc();
    }

    /// Counts what a supplier reported of a message.
    pub fn reported(&self, outcome: &'static str) {
        self.message_reports
            .get_or_create(&OfOutcome { outcome })
            .inc();
    }

    /// Counts a report that was not the supplier's.
    pub fn report_rejected(&self, reason: &'static str) {
        self.reports_refused
            .get_or_create(&OfReason { reason })
            .inc();
    }

    fn code_sent_to(&self, country: Country) {
        self.code(country, "sent");
    }

    fn code_used_from(&self, country: Country) {
        self.code(country, "used");
    }

    fn code(&self, country: Country, code: &'static str) {
        let country = country.as_str().to_owned();
        let labels = CountryLabels { country, code };
        self.codes_by_country.get_or_create(&labels).inc();
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
