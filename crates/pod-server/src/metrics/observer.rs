//! Counts what the skill answers and refuses.

use std::time::Duration;

use pod_alexa::Observer;

use super::{Metrics, OfReason, OfRequest, RequestLabels};

impl Observer for Metrics {
    fn answered(&self, request: &'static str, outcome: &'static str, took: Duration) {
        self.requests
            .get_or_create(&RequestLabels { request, outcome })
            .inc();
        self.request_seconds
            .get_or_create(&OfRequest { request })
            .observe(took.as_secs_f64());
    }

    fn rejected(&self, reason: &'static str) {
        self.verification_failures
            .get_or_create(&OfReason { reason })
            .inc();
    }
}
