//! Asking a tenant something, and waiting where it says that it is asked too
//! often.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use pod_core::Deadline;
use pod_core::ports::Clock;
use pod_http::{HeaderMap, Http, Request, StatusCode};
use tokio::time::sleep;

use crate::domain::Auth0Domain;
use crate::error::TenantError;

/// More than an answer has: a user's metadata can be large.
const LARGEST: usize = 1024 * 1024;

/// A tenant, and the way to it.
#[derive(Clone)]
pub(crate) struct Tenant {
    pub(crate) domain: Auth0Domain,
    pub(crate) http: Http,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What a tenant answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
    /// From when on it takes calls again, if it says so.
    resumes_at: Option<Timestamp>,
}

impl Tenant {
    /// Makes one request, once.
    pub(crate) async fn ask(
        &self,
        request: Request,
        until: Instant,
    ) -> Result<Answer, TenantError> {
        let answer = request.ask(until, LARGEST).await?;
        Ok(Answer {
            status: answer.status,
            resumes_at: resumes_at(&answer.headers, self.clock.now()),
            // A longer answer is none.
            body: answer.whole().unwrap_or_default(),
        })
    }

    /// Makes a request, and once more if the tenant was asked too often and
    /// takes calls again before the deadline. Such an answer means that
    /// nothing was done: only then can a request be made twice.
    pub(crate) async fn ask_patiently(
        &self,
        request: Request,
        until: Instant,
        deadline: Deadline,
    ) -> Result<Answer, TenantError> {
        let again = request.again();
        let answer = self.ask(request, until).await?;
        let (Some(again), true) = (again, answer.is_limited()) else {
            return Ok(answer);
        };
        let left = deadline.remaining(Instant::now());
        let wait = answer.wait(self.clock.now());
        match wait.filter(|wait| *wait < left) {
            Some(wait) => {
                sleep(wait).await;
                self.ask(again, until).await
            }
            None => Ok(answer),
        }
    }
}

impl Answer {
    /// Whether the caller asked too often. An account that is locked after too
    /// many attempts has the same status, and a word of its own.
    fn is_limited(&self) -> bool {
        self.status == StatusCode::TOO_MANY_REQUESTS
    }

    pub(crate) fn limited(&self) -> TenantError {
        TenantError::Limited(self.resumes_at)
    }

    fn wait(&self, now: Timestamp) -> Option<Duration> {
        let wait = self.resumes_at?.duration_since(now);
        Some(Duration::try_from(wait).unwrap_or_default())
    }
}

/// `x-ratelimit-reset` in seconds since 1970, or `retry-after` in seconds from
/// now.
fn resumes_at(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let number = |name| -> Option<i64> { headers.get(name)?.to_str().ok()?.trim().parse().ok() };
    let reset = number("x-ratelimit-reset").and_then(|at| Timestamp::from_second(at).ok());
    let after = || {
        let wait = number("retry-after").filter(|wait| *wait >= 0)?;
        now.checked_add(SignedDuration::from_secs(wait)).ok()
    };
    reset.or_else(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_795_370_863, 250_000_000);

    #[test]
    fn the_tenant_says_when_it_takes_calls_again() {
        let reset = |headers: &[(&'static str, &'static str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, value.parse().unwrap());
            }
            resumes_at(&map, NOW).map(|at| at.as_second() - NOW.as_second())
        };

        assert_eq!(reset(&[("x-ratelimit-reset", "1795370864")]), Some(1));
        assert_eq!(reset(&[("retry-after", "7")]), Some(7));
        let both = [("x-ratelimit-reset", "1795370864"), ("retry-after", "7")];
        assert_eq!(reset(&both), Some(1));
        for odd in ["", "soon", "-1x", "99999999999999999999"] {
            assert_eq!(reset(&[("x-ratelimit-reset", odd)]), None, "{odd}");
        }
        assert_eq!(reset(&[("retry-after", "-1")]), None);
        assert_eq!(reset(&[]), None);
    }
}
