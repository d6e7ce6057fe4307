//! How many requests a customer may make, and how that is told.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue};
use pod_core::CustomerId;

const WINDOW: Duration = Duration::from_mins(1);

/// Counts requests in windows of a minute, each customer's for themselves.
pub(crate) struct Requests {
    most: u32,
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    since: Option<Instant>,
    customers: HashMap<CustomerId, u32>,
}

/// What is left to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowed {
    most: u32,
    left: u32,
    resets_in: Duration,
    pub(crate) is_exceeded: bool,
}

impl Requests {
    pub(crate) fn new(most: u32) -> Self {
        let counted = Mutex::default();
        Self { most, counted }
    }

    /// Counts a request.
    pub(crate) fn count(&self, customer: &CustomerId, now: Instant) -> Allowed {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let since = match counted.since {
            Some(since) if now < since + WINDOW => since,
            _ => {
                counted.customers.clear();
                counted.since = Some(now);
                now
            }
        };
        let theirs = counted.customers.entry(customer.clone()).or_insert(0);
        let is_exceeded = *theirs >= self.most;
        *theirs = theirs.saturating_add(1);
        Allowed {
            most: self.most,
            left: self.most.saturating_sub(*theirs),
            resets_in: (since + WINDOW).saturating_duration_since(now),
            is_exceeded,
        }
    }
}

impl Allowed {
    pub(super) fn resets_in(self) -> Duration {
        self.resets_in
    }

    /// Tells it: `RateLimit-Policy` and `RateLimit`, as the draft of the IETF's
    /// HTTPAPI group has them (draft-ietf-httpapi-ratelimit-headers-10).
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        let Self { most, left, .. } = self;
        let window = WINDOW.as_secs();
        let reset = self.resets_in.as_secs().max(1);
        for (name, value) in [
            (
                "ratelimit-policy",
                format!("\"minute\";q={most};w={window}"),
            ),
            ("ratelimit", format!("\"minute\";r={left};t={reset}")),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_customer_has_so_many_requests_in_a_minute() {
        let requests = Requests::new(2);
        let [ada, grace] = ["ada", "grace"].map(|name| CustomerId::parse(name).unwrap());
        let now = Instant::now();
        for left in [1, 0] {
            let allowed = requests.count(&ada, now);
            assert_eq!((allowed.left, allowed.is_exceeded), (left, false));
        }
        assert!(requests.count(&ada, now).is_exceeded);
        assert!(!requests.count(&grace, now).is_exceeded);
        assert!(!requests.count(&ada, now + WINDOW).is_exceeded);
    }

    #[test]
    fn what_is_left_is_told() {
        let mut headers = HeaderMap::new();
        let ada = CustomerId::parse("ada").unwrap();
        Requests::new(60)
            .count(&ada, Instant::now())
            .tell(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"minute\";q=60;w=60");
        let told = headers["ratelimit"].to_str().unwrap();
        assert!(told.starts_with("\"minute\";r=59;t="), "{told}");
    }
}
