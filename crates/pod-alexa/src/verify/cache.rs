//! Certificates kept between requests, and fetched once for all who wait.
//!
//! What an attacker can do without a signature of Amazon's is bounded: only
//! addresses in Amazon's folder are asked for, few at a time; what is fetched
//! is kept only if it is Amazon's; and of what is kept, the certificates that
//! have proved a request are the last to go.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::signature::RsaParameters;
use jiff::Timestamp;

use super::chain::{Certificate, TrustAnchors};
use super::flight::{Flights, Landing, Seat, Source};
use super::kept::{Keep, Kept};
use super::{CertificateHost, CertificateUrl, Rejection};

/// The certificates of this endpoint.
pub(super) struct Certificates {
    shared: Arc<Shared>,
}

/// What the requests and the fetches between them have in common.
pub(super) struct Shared {
    source: Source,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) keep: Keep,
    pub(super) flights: Flights,
}

impl Certificates {
    pub(super) fn new(
        host: Arc<dyn CertificateHost>,
        anchors: TrustAnchors,
        algorithm: &'static RsaParameters,
        timeout: Duration,
    ) -> Self {
        let source = Source::new(host, anchors, algorithm, timeout);
        Self {
            shared: Arc::new(Shared {
                source,
                state: Mutex::default(),
            }),
        }
    }

    /// Finds the certificate at this address, or fetches it.
    pub(super) async fn get(
        &self,
        url: &CertificateUrl,
        now: Timestamp,
        deadline: Instant,
    ) -> Landing {
        let (seat, last_resort) = {
            let mut state = self.shared.state();
            match state.advise(url, now) {
                Advice::Use(certificate) => return Ok(certificate),
                Advice::Refuse(rejection) => return Err(rejection),
                Advice::Fetch { last_resort } => {
                    (self.shared.board(&mut state, url, now)?, last_resort)
                }
            }
        };

        match (seat.land(deadline).await, last_resort) {
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
        let seat = {
            let mut state = self.shared.state();
            let kept = state.keep.find(url)?;
            if !kept.is(failed) {
                return kept.is_usable(now).then(|| kept.certificate());
            }
            if !kept.may_be_asked_for(now) && !state.flights.go_to(url) {
                return None;
            }
            self.shared.board(&mut state, url, now).ok()?
        };
        seat.land(deadline)
            .await
            .ok()
            .filter(|renewed| renewed.is_valid_at(now))
    }

    /// Remembers that the certificate at this address proved a request.
    pub(super) fn proved(&self, url: &CertificateUrl, now: Timestamp) {
        if let Some(kept) = self.shared.state().keep.find_mut(url) {
            kept.proved(now);
        }
    }
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held, and each change is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// Takes a seat on the flight to this address, or on a new one.
    fn board(
        self: &Arc<Self>,
        state: &mut State,
        url: &CertificateUrl,
        now: Timestamp,
    ) -> Result<Seat, Rejection> {
        let kept = state.keep.find_mut(url);
        let is_known = kept.is_some();
        let seat = state.flights.board(self, url, is_known, now)?;
        if let Some(kept) = kept
            && seat.is_first()
        {
            kept.asked(now);
        }
        Ok(seat)
    }
}

/// What to do about a certificate that is wanted.
enum Advice {
    Use(Arc<Certificate>),
    Refuse(Rejection),
    Fetch {
        last_resort: Option<Arc<Certificate>>,
    },
}

impl State {
    fn advise(&self, url: &CertificateUrl, now: Timestamp) -> Advice {
        let Some(kept) = self.keep.find(url) else {
            return Advice::Fetch { last_resort: None };
        };
        let usable = Some(kept)
            .filter(|kept| kept.is_usable(now))
            .map(Kept::certificate);
        let may_be_asked_for = kept.may_be_asked_for(now);
        match usable {
            Some(certificate) if kept.is_fresh(now) || !may_be_asked_for => {
                Advice::Use(certificate)
            }
            last_resort if may_be_asked_for || self.flights.go_to(url) => {
                Advice::Fetch { last_resort }
            }
            _ if kept.is_valid(now) => Advice::Refuse(Rejection::TooManyFetches),
            _ => Advice::Refuse(Rejection::CertificateDates),
        }
    }

    /// Takes in what was fetched. A failure is never kept; one that shows the
    /// address to be Amazon's no longer ends what was kept.
    pub(super) fn take_in(&mut self, url: &CertificateUrl, landing: &Landing, now: Timestamp) {
        match landing {
            Ok(certificate) => self.keep.put(url, Arc::clone(certificate), now),
            Err(rejection) if rejection.is_outage() => {}
            Err(_) => drop(self.keep.remove(url)),
        }
    }
}
