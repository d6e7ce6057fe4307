//! The tenant's keys, kept: fetched once, refreshed while they are in use, and
//! kept through an outage.

mod fetch;
mod set;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use pod_core::ports::Clock;
use pod_core::{Deadline, Fault};
use tokio::sync::watch;
use tokio::time::timeout_at;

use fetch::FetchError;
pub(crate) use fetch::KeySource;
use set::KeySet;

/// Known keys are fresh for so long (Auth0 asks for 5 to 10 minutes).
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// An unknown key id makes pod fetch no more often than this: anybody can make
/// one up.
const BETWEEN_UNKNOWN: SignedDuration = SignedDuration::from_mins(1);

/// With keys to go on with, a failed refresh is repeated after so long.
const BETWEEN_REFRESHES: SignedDuration = SignedDuration::from_mins(1);

/// Without any keys, a failed fetch is repeated after so long.
const BETWEEN_FIRST: SignedDuration = SignedDuration::from_secs(1);

/// The keys of one tenant.
#[derive(Clone)]
pub(crate) struct Keys(Arc<Shared>);

struct Shared {
    source: KeySource,
    clock: Arc<dyn Clock>,
    known: RwLock<Option<Known>>,
    fetches: Mutex<Fetches>,
}

struct Known {
    set: KeySet,
    since: Timestamp,
}

#[derive(Default)]
struct Fetches {
    running: Option<Flight>,
    /// The last fetch, if it failed.
    failed: Option<(Timestamp, Arc<FetchError>)>,
    /// When an unknown key id last made pod fetch.
    for_unknown: Option<Timestamp>,
}

/// What became of a fetch, for all who wait for it.
type Flight = watch::Receiver<Option<Outcome>>;
type Outcome = Result<(), Arc<FetchError>>;

/// Why the keys should be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    NoKeys,
    OldKeys,
    UnknownKey,
    Asked,
}

/// What the known keys say about an id.
enum Look {
    Key {
        key: Arc<DecodingKey>,
        is_fresh: bool,
    },
    UnknownKey {
        keys: usize,
    },
    NoKeys,
}

impl Keys {
    pub(crate) fn new(source: KeySource, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Shared {
            source,
            clock,
            known: RwLock::default(),
            fetches: Mutex::default(),
        }))
    }

    /// Finds the key with this id. A known one costs no waiting: when it is
    /// time to fetch anew, that happens beside.
    pub(crate) async fn find(
        &self,
        kid: &str,
        deadline: Deadline,
    ) -> Result<Option<Arc<DecodingKey>>, Fault> {
        let reason = match self.0.look(kid) {
            Look::Key { key, is_fresh } => {
                if !is_fresh {
                    // Nobody waits for it; what went wrong is kept for the
                    // next one who does.
                    let _ = self.fetch(Reason::OldKeys);
                }
                return Ok(Some(key));
            }
            Look::UnknownKey { .. } => Reason::UnknownKey,
            Look::NoKeys => Reason::NoKeys,
        };
        self.fetched(reason, deadline)
            .await
            .map_err(FetchError::into_fault)?;
        match self.0.look(kid) {
            Look::Key { key, .. } => Ok(Some(key)),
            Look::UnknownKey { keys: 1.. } => Ok(None),
            // The token may be perfect: it is the tenant that is not.
            Look::UnknownKey { keys: 0 } | Look::NoKeys => {
                Err(Arc::new(FetchError::NoUsableKey).into_fault())
            }
        }
    }

    /// Fetches the keys unless some are known.
    pub(crate) async fn warm(&self, deadline: Deadline) -> Result<(), Fault> {
        if self.0.count() == 0 {
            self.refresh(deadline).await?;
        }
        Ok(())
    }

    /// Fetches the keys, known or not, and says how many there are.
    pub(crate) async fn refresh(&self, deadline: Deadline) -> Result<usize, Fault> {
        self.fetched(Reason::Asked, deadline)
            .await
            .map_err(FetchError::into_fault)?;
        match self.0.count() {
            0 => Err(Arc::new(FetchError::NoUsableKey).into_fault()),
            keys => Ok(keys),
        }
    }

    async fn fetched(&self, reason: Reason, deadline: Deadline) -> Outcome {
        let Some(mut flight) = self.fetch(reason)? else {
            return Ok(());
        };
        let until = deadline.instant().into();
        match timeout_at(until, flight.wait_for(Option::is_some)).await {
            Ok(Ok(outcome)) => outcome.clone().unwrap_or(Ok(())),
            Ok(Err(_)) => Err(Arc::new(FetchError::Interrupted)),
            Err(_) => Err(Arc::new(FetchError::TooSlow)),
        }
    }

    /// Joins the fetch that runs, or starts one if it is time to; otherwise
    /// says how the last one ended.
    fn fetch(&self, reason: Reason) -> Result<Option<Flight>, Arc<FetchError>> {
        let now = self.0.clock.now();
        let mut fetches = self.0.fetches();
        // A flight whose sender is gone was lost with its runtime.
        if let Some(flight) = fetches
            .running
            .as_ref()
            .filter(|flight| flight.has_changed().is_ok())
        {
            return Ok(Some(flight.clone()));
        }
        if reason == Reason::NoKeys && self.0.is_known() {
            return Ok(None);
        }
        if !fetches.may_start(reason, now) {
            return fetches
                .failed
                .as_ref()
                .map_or(Ok(None), |(_, error)| Err(error.clone()));
        }
        if reason == Reason::UnknownKey {
            fetches.for_unknown = Some(now);
        }
        let (landed, flight) = watch::channel(None);
        fetches.running = Some(flight.clone());
        let shared = self.0.clone();
        // A task of its own: a caller who gives up does not take the fetch
        // away from the others.
        tokio::spawn(async move { landed.send_replace(Some(shared.fetch_now().await)) });
        Ok(Some(flight))
    }
}

impl Shared {
    async fn fetch_now(&self) -> Outcome {
        let answer = self.source.fetch().await;
        let now = self.clock.now();
        let outcome = answer.map_err(Arc::new).map(|set| {
            let known = Known { set, since: now };
            *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        });
        let mut fetches = self.fetches();
        fetches.running = None;
        fetches.failed = outcome.as_ref().err().map(|error| (now, error.clone()));
        outcome
    }

    fn look(&self, kid: &str) -> Look {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            None => Look::NoKeys,
            Some(Known { set, since }) => match set.find(kid) {
                Some(key) => Look::Key {
                    key,
                    is_fresh: within(FRESH, *since, self.clock.now()),
                },
                None => Look::UnknownKey { keys: set.len() },
            },
        }
    }

    fn count(&self) -> usize {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().map_or(0, |known| known.set.len())
    }

    fn is_known(&self) -> bool {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    fn fetches(&self) -> MutexGuard<'_, Fetches> {
        self.fetches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fetches {
    fn may_start(&self, reason: Reason, now: Timestamp) -> bool {
        let failed = self.failed.as_ref().map(|(at, _)| *at);
        let (last, pause) = match reason {
            Reason::NoKeys => (failed, BETWEEN_FIRST),
            Reason::OldKeys => (failed, BETWEEN_REFRESHES),
            Reason::UnknownKey => (self.for_unknown, BETWEEN_UNKNOWN),
            Reason::Asked => (None, SignedDuration::ZERO),
        };
        !last.is_some_and(|last| within(pause, last, now))
    }
}

/// Whether less than `span` has passed. A clock that was set back has passed
/// everything: better one fetch too many than none for hours.
fn within(span: SignedDuration, since: Timestamp, now: Timestamp) -> bool {
    let passed = now.duration_since(since);
    !passed.is_negative() && passed < span
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_795_370_863, 219_517_000);

    /// Whether a fetch may start so many milliseconds after one failed and one
    /// was made for an unknown key.
    fn may_start(reason: Reason, after: i64) -> bool {
        let last = NOW - SignedDuration::from_millis(after);
        let fetches = Fetches {
            running: None,
            failed: Some((last, Arc::new(FetchError::TooSlow))),
            for_unknown: Some(last),
        };
        fetches.may_start(reason, NOW)
    }

    #[test]
    fn nothing_keeps_the_first_fetch_waiting() {
        for reason in [
            Reason::NoKeys,
            Reason::OldKeys,
            Reason::UnknownKey,
            Reason::Asked,
        ] {
            assert!(Fetches::default().may_start(reason, NOW), "{reason:?}");
        }
    }

    #[test]
    fn a_fetch_that_failed_is_repeated_after_a_pause() {
        for (reason, pause) in [
            (Reason::NoKeys, 1_000),
            (Reason::OldKeys, 60_000),
            (Reason::UnknownKey, 60_000),
        ] {
            assert!(!may_start(reason, 0), "{reason:?}");
            assert!(!may_start(reason, pause - 1), "{reason:?}");
            assert!(may_start(reason, pause), "{reason:?}");
            assert!(
                may_start(reason, -1),
                "{reason:?} on a clock that was set back"
            );
        }
        assert!(may_start(Reason::Asked, 0));
    }
}
