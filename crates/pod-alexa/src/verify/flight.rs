//! One fetch for all who want the same certificate, and few fetches at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::signature::RsaParameters;
use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout_at;

use super::cache::Shared;
use super::chain::{Certificate, TrustAnchors};
use super::{CertificateHost, CertificateUrl, FetchError, Rejection};

/// How many unknown addresses are asked for at a time; as many known ones are
/// asked for beside them, so that those never queue behind an attacker's.
const AT_A_TIME: usize = 4;

/// How many unknown addresses may wait for their turn.
const WAITING: usize = 64;

/// What a flight brings home.
pub(super) type Landing = Result<Arc<Certificate>, Rejection>;

/// Where certificates come from.
pub(super) struct Source {
    host: Arc<dyn CertificateHost>,
    anchors: TrustAnchors,
    algorithm: &'static RsaParameters,
    timeout: Duration,
    unknown: Semaphore,
    known: Semaphore,
}

impl Source {
    pub(super) fn new(
        host: Arc<dyn CertificateHost>,
        anchors: TrustAnchors,
        algorithm: &'static RsaParameters,
        timeout: Duration,
    ) -> Self {
        let (unknown, known) = (Semaphore::new(AT_A_TIME), Semaphore::new(AT_A_TIME));
        Self {
            host,
            anchors,
            algorithm,
            timeout,
            unknown,
            known,
        }
    }

    async fn fetch(&self, url: &CertificateUrl, is_known: bool, now: Timestamp) -> Landing {
        let deadline = tokio::time::Instant::now() + self.timeout;
        let turn = if is_known { &self.known } else { &self.unknown };
        let Ok(Ok(_turn)) = timeout_at(deadline, turn.acquire()).await else {
            return Err(Rejection::TooManyFetches);
        };
        let file = timeout_at(deadline, self.host.fetch(url, deadline.into_std()))
            .await
            .unwrap_or(Err(FetchError::TimedOut))
            .map_err(Rejection::CertificateFetch)?;
        Certificate::read(&file, &self.anchors, self.algorithm, now).map(Arc::new)
    }
}

/// The flights under way, by where they go.
#[derive(Default)]
pub(super) struct Flights(HashMap<CertificateUrl, watch::Receiver<Option<Landing>>>);

impl Flights {
    /// Whether there is one to this address.
    pub(super) fn go_to(&self, url: &CertificateUrl) -> bool {
        self.0.contains_key(url)
    }

    /// Takes a seat on the flight to this address, or on a new one.
    pub(super) fn board(
        &mut self,
        shared: &Arc<Shared>,
        url: &CertificateUrl,
        is_known: bool,
        now: Timestamp,
    ) -> Result<Seat, Rejection> {
        if let Some(landing) = self.0.get(url) {
            return Ok(Seat {
                landing: landing.clone(),
                flight: None,
            });
        }
        if !is_known && self.0.len() >= WAITING {
            return Err(Rejection::TooManyFetches);
        }

        let (tell, landing) = watch::channel(None);
        self.0.insert(url.clone(), landing.clone());
        let flight = Flight {
            shared: Arc::clone(shared),
            url: url.clone(),
            is_known,
            now,
            tell,
        };
        Ok(Seat {
            landing,
            flight: Some(flight),
        })
    }
}

/// The right to hear what a flight brings; the first passenger starts it.
pub(super) struct Seat {
    landing: watch::Receiver<Option<Landing>>,
    flight: Option<Flight>,
}

impl Seat {
    /// Whether the flight waits for this passenger.
    pub(super) fn is_first(&self) -> bool {
        self.flight.is_some()
    }

    /// Waits for the landing, but not beyond the deadline.
    pub(super) async fn land(mut self, deadline: Instant) -> Landing {
        if let Some(flight) = self.flight.take() {
            // On its own, so that no caller who gives up takes the others with
            // him; and here, where the state is not locked: a runtime that is
            // stopping drops it at once.
            tokio::spawn(flight.fly());
        }
        let landing = timeout_at(deadline.into(), self.landing.wait_for(Option::is_some))
            .await
            .map_err(|_| Rejection::Deadline)?;
        match landing.as_deref() {
            Ok(Some(landing)) => landing.clone(),
            _ => Err(Rejection::CertificateFetch(FetchError::unreachable(
                "the fetch was cut short",
            ))),
        }
    }
}

/// One fetch, for all who wait for it.
struct Flight {
    shared: Arc<Shared>,
    url: CertificateUrl,
    is_known: bool,
    now: Timestamp,
    tell: watch::Sender<Option<Landing>>,
}

impl Flight {
    async fn fly(self) {
        let landing = self
            .shared
            .source()
            .fetch(&self.url, self.is_known, self.now)
            .await;
        {
            let mut state = self.shared.state();
            state.take_in(&self.url, &landing, self.now);
            state.flights.0.remove(&self.url);
        }
        self.tell.send_replace(Some(landing));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        // Only a flight that was cut short is still listed.
        if self.tell.borrow().is_none() {
            self.shared.state().flights.0.remove(&self.url);
        }
    }
}
