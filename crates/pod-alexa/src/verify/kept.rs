//! The certificates that are kept: which, how long, and which goes first.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::CertificateUrl;
use super::chain::Certificate;

/// How many certificates are kept.
const CAPACITY: usize = 16;

/// How long a certificate is used without asking for it again: Amazon may
/// change what is at an address without notice.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// How long a certificate is used while its host cannot be reached.
const STALE: SignedDuration = SignedDuration::from_hours(24);

/// How long an address is not asked again, whatever the requests look like.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// A certificate that was fetched and found good.
pub(super) struct Kept {
    url: CertificateUrl,
    certificate: Arc<Certificate>,
    fetched_at: Timestamp,
    asked_at: Timestamp,
    /// When it last proved a request; orders before every time if never.
    proved_at: Option<Timestamp>,
}

impl Kept {
    pub(super) fn certificate(&self) -> Arc<Certificate> {
        Arc::clone(&self.certificate)
    }

    pub(super) fn is(&self, certificate: &Arc<Certificate>) -> bool {
        Arc::ptr_eq(&self.certificate, certificate)
    }

    /// Whether every certificate of its chain is valid.
    pub(super) fn is_valid(&self, now: Timestamp) -> bool {
        self.certificate.is_valid_at(now)
    }

    /// Whether it may be used, if there is no way to ask for it again.
    pub(super) fn is_usable(&self, now: Timestamp) -> bool {
        self.is_valid(now) && is_younger(self.fetched_at, STALE, now)
    }

    /// Whether there is no need to ask for it again.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        is_younger(self.fetched_at, FRESH, now)
    }

    /// Whether it was not asked for a moment ago.
    pub(super) fn may_be_asked_for(&self, now: Timestamp) -> bool {
        !is_younger(self.asked_at, PAUSE, now)
    }

    pub(super) fn asked(&mut self, now: Timestamp) {
        self.asked_at = now;
    }

    pub(super) fn proved(&mut self, now: Timestamp) {
        self.proved_at = Some(now);
    }
}

/// Whether less than this has passed; a clock that was set back counts alike.
fn is_younger(since: Timestamp, age: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(since).abs() < age
}

/// All the certificates that are kept.
#[derive(Default)]
pub(super) struct Keep(Vec<Kept>);

impl Keep {
    pub(super) fn find(&self, url: &CertificateUrl) -> Option<&Kept> {
        self.0.iter().find(|kept| kept.url == *url)
    }

    pub(super) fn find_mut(&mut self, url: &CertificateUrl) -> Option<&mut Kept> {
        self.0.iter_mut().find(|kept| kept.url == *url)
    }

    /// Keeps a certificate in place of the one before it; if there is no room,
    /// in place of the one that has proved nothing for the longest time.
    pub(super) fn put(
        &mut self,
        url: &CertificateUrl,
        certificate: Arc<Certificate>,
        now: Timestamp,
    ) {
        let proved_at = self.remove(url).and_then(|before| before.proved_at);
        if self.0.len() == CAPACITY {
            self.make_room();
        }
        self.0.push(Kept {
            url: url.clone(),
            certificate,
            fetched_at: now,
            asked_at: now,
            proved_at,
        });
    }

    pub(super) fn remove(&mut self, url: &CertificateUrl) -> Option<Kept> {
        let place = self.0.iter().position(|kept| kept.url == *url)?;
        Some(self.0.swap_remove(place))
    }

    fn make_room(&mut self) {
        let worth = |(_, kept): &(usize, &Kept)| (kept.proved_at, kept.fetched_at);
        if let Some((place, _)) = self.0.iter().enumerate().min_by_key(worth) {
            self.0.swap_remove(place);
        }
    }
}
