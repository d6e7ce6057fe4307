//! Certificates kept between requests, and fetched once for all who wait.
//!
//! What an attacker can do without a signature of Amazon's is bounded: only
//! addresses in Amazon's folder are asked for, few at a time; what is fetched
//! is kept only if it is Amazon's; and of what is kept, the certificates that
//! have proved a request are the last to go.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::signature::RsaParameters;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout_at;

use super::chain::{Certificate, TrustAnchors};
use super::{CertificateHost, CertificateUrl, FetchError, Rejection};

/// How many certificates are kept.
const CAPACITY: usize = 16;

/// How long a certificate is used without asking for it again: Amazon may
/// change what is at an address without notice.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// How long a certificate is used while its host cannot be reached.
const STALE: SignedDuration = SignedDuration::from_hours(24);

/// How long an address is not asked again, whatever the requests look like.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// How many unknown addresses are asked for at a time; as many known ones are
/// asked for beside them, so that those never queue behind an attacker's.
const AT_A_TIME: usize = 4;

/// How many unknown addresses may wait for their turn.
const WAITING: usize = 64;

type Landing = Result<Arc<Certificate>, Rejection>;

/// The certificates of this endpoint.
pub(super) struct Certificates {
    shared: Arc<Shared>,
}

struct Shared {
    host: Arc<dyn CertificateHost>,
    anchors: TrustAnchors,
    algorithm: &'static RsaParameters,
    timeout: Duration,
    unknown: Semaphore,
    known: Semaphore,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Vec<Kept>,
    flights: HashMap<CertificateUrl, watch::Receiver<Option<Landing>>>,
}

struct Kept {
    url: CertificateUrl,
    certificate: Arc<Certificate>,
    fetched_at: Timestamp,
    asked_at: Timestamp,
    /// When it last proved a request; orders before every time if never.
    proved_at: Option<Timestamp>,
}

impl Kept {
    fn is_usable(&self, now: Timestamp) -> bool {
        self.certificate.is_valid_at(now) && is_younger(self.fetched_at, STALE, now)
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        is_younger(self.fetched_at, FRESH, now)
    }

    fn may_be_asked_for(&self, now: Timestamp) -> bool {
        !is_younger(self.asked_at, PAUSE, now)
    }
}

/// Whether less than this has passed; a clock that was set back counts alike.
fn is_younger(since: Timestamp, age: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(since).abs() < age
}

impl Certificates {
    pub(super) fn new(
        host: Arc<dyn CertificateHost>,
        anchors: TrustAnchors,
        algorithm: &'static RsaParameters,
        timeout: Duration,
    ) -> Self {
        let shared = Shared {
            host,
            anchors,
            algorithm,
            timeout,
            unknown: Semaphore::new(AT_A_TIME),
            known: Semaphore::new(AT_A_TIME),
            state: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Finds the certificate at this address, or fetches it.
    pub(super) async fn get(
        &self,
        url: &CertificateUrl,
        now: Timestamp,
        deadline: Instant,
    ) -> Landing {
        let (flight, last_resort) = {
            let mut state = self.shared.state();
            let kept = state.kept.iter().find(|kept| kept.url == *url);
            let usable = kept.filter(|kept| kept.is_usable(now));
            let may_be_asked_for = kept.is_none_or(|kept| kept.may_be_asked_for(now));
            if let Some(kept) = usable
                && (kept.is_fresh(now) || !may_be_asked_for)
            {
                return Ok(Arc::clone(&kept.certificate));
            }
            let last_resort = usable.map(|kept| Arc::clone(&kept.certificate));
            if let Some(kept) = kept
                && !may_be_asked_for
                && !state.flights.contains_key(url)
            {
                let has_expired = !kept.certificate.is_valid_at(now);
                return Err(if has_expired {
                    Rejection::CertificateDates
                } else {
                    Rejection::TooManyFetches
                });
            }
            (self.shared.board(&mut state, url, now)?, last_resort)
        };

        match (land(flight, deadline).await, last_resort) {
            (Ok(certificate), _) if certificate.is_valid_at(now) => Ok(certificate),
            (Ok(_), _) => Err(Rejection::CertificateDates),
            (Err(outage), Some(certificate)) if outage.is_outage() => {
                tracing::warn!(reason = outage.reason(), %url, "certificate not renewed: the one kept is used on");
                Ok(certificate)
            }
            (Err(rejection), _) => Err(rejection),
        }
    }

    /// Finds another certificate at this address than the one that did not
    /// prove a request: a newer one that is kept already, or one fetched now;
    /// but not if that was tried a moment ago, so that bad signatures cannot
    /// make us fetch as often as they come.
    ///
    /// The one kept stays where it is until there is a better one.
    pub(super) async fn renew(
        &self,
        url: &CertificateUrl,
        failed: &Arc<Certificate>,
        now: Timestamp,
        deadline: Instant,
    ) -> Option<Arc<Certificate>> {
        let flight = {
            let mut state = self.shared.state();
            let kept = state.kept.iter().find(|kept| kept.url == *url)?;
            if !Arc::ptr_eq(&kept.certificate, failed) {
                return kept.is_usable(now).then(|| Arc::clone(&kept.certificate));
            }
            if !kept.may_be_asked_for(now) && !state.flights.contains_key(url) {
                return None;
            }
            self.shared.board(&mut state, url, now).ok()?
        };
        land(flight, deadline)
            .await
            .ok()
            .filter(|renewed| renewed.is_valid_at(now))
    }

    /// Remembers that the certificate at this address proved a request.
    pub(super) fn proved(&self, url: &CertificateUrl, now: Timestamp) {
        let mut state = self.shared.state();
        if let Some(kept) = state.kept.iter_mut().find(|kept| kept.url == *url) {
            kept.proved_at = Some(now);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held, and each change is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the flight for this address, or starts one.
    fn board(
        self: &Arc<Self>,
        state: &mut State,
        url: &CertificateUrl,
        now: Timestamp,
    ) -> Result<watch::Receiver<Option<Landing>>, Rejection> {
        if let Some(flight) = state.flights.get(url) {
            return Ok(flight.clone());
        }
        let kept = state.kept.iter_mut().find(|kept| kept.url == *url);
        let known = kept.is_some();
        if let Some(kept) = kept {
            kept.asked_at = now;
        } else if state.flights.len() >= WAITING {
            return Err(Rejection::TooManyFetches);
        }

        let (tell, told) = watch::channel(None);
        state.flights.insert(url.clone(), told.clone());
        let flight = Flight {
            shared: Arc::clone(self),
            url: url.clone(),
            known,
            tell,
        };
        // On its own, so that no caller who gives up takes the others with him.
        tokio::spawn(flight.fly(now));
        Ok(told)
    }

    async fn fetch(
        &self,
        url: &CertificateUrl,
        known: bool,
        now: Timestamp,
        deadline: Instant,
    ) -> Landing {
        let turn = if known { &self.known } else { &self.unknown };
        let Ok(Ok(_turn)) = timeout_at(deadline.into(), turn.acquire()).await else {
            return Err(Rejection::TooManyFetches);
        };
        let file = timeout_at(deadline.into(), self.host.fetch(url, deadline))
            .await
            .unwrap_or(Err(FetchError::TimedOut))
            .map_err(Rejection::CertificateFetch)?;
        Certificate::read(&file, &self.anchors, self.algorithm, now).map(Arc::new)
    }
}

/// One fetch, for all who wait for it.
struct Flight {
    shared: Arc<Shared>,
    url: CertificateUrl,
    known: bool,
    tell: watch::Sender<Option<Landing>>,
}

impl Flight {
    async fn fly(self, now: Timestamp) {
        let deadline = tokio::time::Instant::now() + self.shared.timeout;
        let landing = self
            .shared
            .fetch(&self.url, self.known, now, deadline.into_std())
            .await;
        {
            let mut state = self.shared.state();
            state.keep(&self.url, &landing, now);
            state.flights.remove(&self.url);
        }
        self.tell.send_replace(Some(landing));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        // Only a flight that was cut short is still listed.
        if self.tell.borrow().is_none() {
            self.shared.state().flights.remove(&self.url);
        }
    }
}

impl State {
    /// Takes in what was fetched. A failure is never kept; one that shows the
    /// address to be Amazon's no longer ends what was kept.
    fn keep(&mut self, url: &CertificateUrl, landing: &Landing, now: Timestamp) {
        match landing {
            Err(rejection) if rejection.is_outage() => {}
            Err(_) => self.kept.retain(|kept| kept.url != *url),
            Ok(certificate) => {
                let proved_at = self.take(url).and_then(|kept| kept.proved_at);
                if self.kept.len() == CAPACITY {
                    self.drop_least_proved();
                }
                let certificate = Arc::clone(certificate);
                self.kept.push(Kept {
                    url: url.clone(),
                    certificate,
                    fetched_at: now,
                    asked_at: now,
                    proved_at,
                });
            }
        }
    }

    fn take(&mut self, url: &CertificateUrl) -> Option<Kept> {
        let place = self.kept.iter().position(|kept| kept.url == *url)?;
        Some(self.kept.swap_remove(place))
    }

    fn drop_least_proved(&mut self) {
        let victim = self
            .kept
            .iter()
            .enumerate()
            .min_by_key(|(_, kept)| (kept.proved_at, kept.fetched_at));
        if let Some((place, _)) = victim {
            self.kept.swap_remove(place);
        }
    }
}

/// Waits for a flight, but not beyond the deadline.
async fn land(mut flight: watch::Receiver<Option<Landing>>, deadline: Instant) -> Landing {
    let landed = timeout_at(deadline.into(), flight.wait_for(Option::is_some))
        .await
        .map_err(|_| Rejection::Deadline)?;
    match landed.as_deref() {
        Ok(Some(landing)) => landing.clone(),
        _ => Err(Rejection::CertificateFetch(FetchError::unreachable(
            "the fetch was cut short",
        ))),
    }
}
