//! The users of a tenant, each kept for a while once it was read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use pod_core::{CustomerId, Deadline};

use crate::flight::{Flights, Outcome};
use crate::management::Management;
use crate::profile::Profile;

/// The most profiles that are kept: a kilobyte or two each.
const MOST: usize = 4_096;

/// A profile, or that there is none.
type Found = Option<Arc<Profile>>;

/// The users of a tenant.
#[derive(Clone)]
pub(crate) struct Directory(Arc<Shared>);

struct Shared {
    management: Management,
    keep: SignedDuration,
    trust_user_metadata: bool,
    kept: Mutex<Kept>,
    flights: Flights<CustomerId, Found>,
}

#[derive(Default)]
struct Kept {
    profiles: HashMap<CustomerId, (Timestamp, Arc<Profile>)>,
    /// How often something was forgotten: what was read before is not kept.
    forgotten: u64,
}

impl Directory {
    pub(crate) fn new(management: Management, keep: Duration, trust_user_metadata: bool) -> Self {
        Self(Arc::new(Shared {
            management,
            keep: SignedDuration::try_from(keep).unwrap_or(SignedDuration::MAX),
            trust_user_metadata,
            kept: Mutex::default(),
            flights: Flights::default(),
        }))
    }

    pub(crate) fn management(&self) -> &Management {
        &self.0.management
    }

    /// A customer's profile, read lately or now.
    pub(crate) async fn profile(
        &self,
        customer: &CustomerId,
        deadline: Deadline,
    ) -> Outcome<Found> {
        if let Some(profile) = self.0.kept().find(customer, self.0.now(), self.0.keep) {
            return Ok(Some(profile));
        }
        let (shared, name) = (self.0.clone(), customer.clone());
        let read = || async move { shared.read(&name, deadline).await };
        self.0.flights.join(customer.clone(), deadline, read).await
    }

    /// A customer's profile, read now.
    pub(crate) async fn profile_now(
        &self,
        customer: &CustomerId,
        deadline: Deadline,
    ) -> Outcome<Found> {
        self.0.read(customer, deadline).await
    }

    /// Drops what is kept of a customer.
    pub(crate) fn forget(&self, customer: &CustomerId) {
        let mut kept = self.0.kept();
        kept.profiles.remove(customer);
        kept.forgotten += 1;
    }
}

impl Shared {
    async fn read(&self, customer: &CustomerId, deadline: Deadline) -> Outcome<Found> {
        let (forgotten, at) = (self.kept().forgotten, self.now());
        let profile = self
            .management
            .profile(customer, self.trust_user_metadata, deadline)
            .await?
            .map(Arc::new);
        if let Some(profile) = &profile {
            let mut kept = self.kept();
            if kept.forgotten == forgotten {
                kept.keep(customer, at, profile, self.keep);
            }
        }
        Ok(profile)
    }

    fn now(&self) -> Timestamp {
        self.management.tenant().clock.now()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn find(
        &self,
        customer: &CustomerId,
        now: Timestamp,
        keep: SignedDuration,
    ) -> Option<Arc<Profile>> {
        let (at, profile) = self.profiles.get(customer)?;
        is_fresh(*at, now, keep).then(|| profile.clone())
    }

    fn keep(
        &mut self,
        customer: &CustomerId,
        at: Timestamp,
        profile: &Arc<Profile>,
        keep: SignedDuration,
    ) {
        if keep.is_zero() {
            return;
        }
        if self.profiles.len() >= MOST {
            self.profiles
                .retain(|_, (then, _)| is_fresh(*then, at, keep));
        }
        // All of them are fresh: start again rather than grow.
        if self.profiles.len() >= MOST {
            self.profiles.clear();
        }
        self.profiles
            .insert(customer.clone(), (at, profile.clone()));
    }
}

/// Whether less than `keep` has passed. A clock that was set back has passed
/// everything.
fn is_fresh(at: Timestamp, now: Timestamp, keep: SignedDuration) -> bool {
    let age = now.duration_since(at);
    !age.is_negative() && age < keep
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_has_an_end_in_number_and_in_time() {
        let at = Timestamp::constant(1_795_370_863, 219_517_000);
        let keep = SignedDuration::from_secs(30);
        let user = serde_json::json!({ "user_id": "auth0|ada" });
        let profile = Arc::new(Profile::read(&user).unwrap());
        let customer = |n: usize| CustomerId::parse(&format!("auth0|{n}")).unwrap();
        let mut kept = Kept::default();

        for n in 0..=MOST {
            kept.keep(&customer(n), at, &profile, keep);
        }

        assert!(kept.profiles.len() <= MOST);
        let last = customer(MOST);
        for (later, known) in [(0, true), (29_999, true), (30_000, false), (-1, false)] {
            let now = at + SignedDuration::from_millis(later);
            assert_eq!(kept.find(&last, now, keep).is_some(), known, "{later}");
        }
        kept.keep(&customer(1), at, &profile, SignedDuration::ZERO);
        assert!(kept.find(&customer(1), at, keep).is_none());
    }
}
