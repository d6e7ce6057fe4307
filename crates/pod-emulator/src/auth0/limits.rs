//! How often one address may ask: windows that begin with the first request.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue};
use jiff::{SignedDuration, Timestamp};

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Limited {
    /// Sending codes, per hour.
    Codes,
    /// The Management API, per second.
    Management,
}

/// The limits, and the requests that count against them.
pub(super) struct Limits {
    codes_per_hour: u32,
    management_per_second: u32,
    windows: BTreeMap<(Limited, String), Window>,
}

struct Window {
    started: Timestamp,
    count: u32,
}

/// What a request is told of its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    limit: u32,
    remaining: u32,
    /// When the window ends, in seconds since 1970.
    reset: i64,
    now: i64,
    pub(super) exceeded: bool,
}

impl Limits {
    pub(super) fn new(codes_per_hour: u32, management_per_second: u32) -> Self {
        Self {
            codes_per_hour,
            management_per_second,
            windows: BTreeMap::new(),
        }
    }

    /// Counts a request.
    pub(super) fn take(&mut self, limited: Limited, ip: &str, now: Timestamp) -> Standing {
        let (limit, length) = match limited {
            Limited::Codes => (self.codes_per_hour, SignedDuration::from_hours(1)),
            Limited::Management => (self.management_per_second, SignedDuration::from_secs(1)),
        };
        let window = self
            .windows
            .entry((limited, ip.to_owned()))
            .or_insert(Window {
                started: now,
                count: 0,
            });
        if now.duration_since(window.started) >= length {
            *window = Window {
                started: now,
                count: 0,
            };
        }
        let exceeded = window.count >= limit;
        if !exceeded {
            window.count += 1;
        }
        Standing {
            limit,
            remaining: limit - window.count,
            reset: window.started.as_second() + length.as_secs(),
            now: now.as_second(),
            exceeded,
        }
    }
}

impl Standing {
    /// Writes the headers, `retry-after` among them when it was too much.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        headers.insert("x-ratelimit-limit", self.limit.into());
        headers.insert("x-ratelimit-remaining", self.remaining.into());
        headers.insert("x-ratelimit-reset", HeaderValue::from(self.reset));
        if self.exceeded {
            headers.insert("retry-after", (self.reset - self.now).max(1).into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_an_hour_after_its_first_request() {
        let mut limits = Limits::new(2, 1);
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        let mut take = |seconds| limits.take(Limited::Codes, "127.0.0.1", at(seconds));

        assert_eq!(take(0).remaining, 1);
        assert_eq!(take(1).remaining, 0);
        assert!(take(3599).exceeded);
        assert_eq!(take(3600).remaining, 1);
        assert!(!limits.take(Limited::Codes, "192.0.2.1", at(3600)).exceeded);
    }
}
