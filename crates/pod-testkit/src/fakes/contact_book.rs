//! The fake that keeps the contacts that customers have proved, and the one
//! that is to be proved.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use pod_core::ports::{
    BeginEnrolmentError, ContactBook, ContactChange, ContactEntries, Enrolments,
    FinishEnrolmentError,
};
use pod_core::{
    AttemptLimits, Contact, CustomerId, Enrolled, Enrolment, EnrolmentAttempt, Fault, Timestamp,
};

use super::lock;
use super::orders::InMemoryOrders;

/// Keeps contacts and enrolments in memory, behind one lock, so that each call
/// is one step.
#[derive(Debug, Default)]
pub struct InMemoryContactBook {
    kept: Mutex<Kept>,
    orders: Arc<InMemoryOrders>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<CustomerId, ContactEntries>,
    enrolments: HashMap<CustomerId, (Enrolment, u32)>,
}

impl InMemoryContactBook {
    /// Keeps nothing yet, and counts failures with these orders.
    #[must_use]
    pub fn beside(orders: Arc<InMemoryOrders>) -> Self {
        Self {
            kept: Mutex::default(),
            orders,
        }
    }
}

#[async_trait]
impl ContactBook for InMemoryContactBook {
    async fn entries(&self, customer: &CustomerId) -> Result<ContactEntries, Fault> {
        let kept = lock(&self.kept);
        Ok(kept.entries.get(customer).cloned().unwrap_or_default())
    }

    async fn change(&self, customer: &CustomerId, change: &ContactChange) -> Result<bool, Fault> {
        let mut kept = lock(&self.kept);
        let entries = kept.entries.entry(customer.clone()).or_default();
        match change {
            ContactChange::Prefer(contact) => {
                let before = entries.preferred.replace(contact.clone());
                Ok(before.as_ref() != Some(contact))
            }
            ContactChange::Remove { contact, even_last } => {
                let may_go = entries.kept.len() > 1 || *even_last;
                if !may_go || !entries.kept.contains(contact) {
                    return Ok(false);
                }
                entries.kept.retain(|kept| kept != contact);
                entries.preferred.take_if(|preferred| preferred == contact);
                Ok(true)
            }
        }
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        let mut kept = lock(&self.kept);
        kept.entries.remove(customer);
        kept.enrolments.remove(customer);
        Ok(())
    }
}

#[async_trait]
impl Enrolments for InMemoryContactBook {
    async fn keep(&self, enrolment: &Enrolment) -> Result<(), Fault> {
        let customer = enrolment.customer.clone();
        let enrolments = &mut lock(&self.kept).enrolments;
        enrolments.insert(customer, (enrolment.clone(), 0));
        Ok(())
    }

    async fn find(
        &self,
        customer: &CustomerId,
        now: Timestamp,
    ) -> Result<Option<(Enrolment, u32)>, Fault> {
        let found = lock(&self.kept).enrolments.get(customer).cloned();
        Ok(found.filter(|(enrolment, _)| now < enrolment.expires_at()))
    }

    async fn begin(
        &self,
        customer: &CustomerId,
        contact: &str,
        now: Timestamp,
        limits: &AttemptLimits,
    ) -> Result<EnrolmentAttempt, BeginEnrolmentError> {
        let mut kept = lock(&self.kept);
        self.orders.kept(|orders| {
            // Kept only if the attempt succeeds: a refused one counts nothing.
            let mut standing = orders.standings.get(customer).cloned().unwrap_or_default();
            standing.begin(now, &limits.failures)?;
            let (enrolment, attempts) = kept
                .enrolments
                .get_mut(customer)
                .filter(|(enrolment, _)| *enrolment.contact == *contact)
                .filter(|(enrolment, _)| now < enrolment.expires_at())
                .ok_or(BeginEnrolmentError::NotPending)?;
            let left = limits.per_order.get().checked_sub(*attempts + 1);
            let left = left.ok_or(BeginEnrolmentError::Refused)?;
            *attempts += 1;
            let lock = standing.lock;
            orders.standings.insert(customer.clone(), standing);
            Ok(EnrolmentAttempt::counted(
                enrolment.clone(),
                left,
                now,
                lock,
            ))
        })
    }

    async fn finish(
        &self,
        enrolled: &Enrolled,
        contact: &Contact,
        now: Timestamp,
    ) -> Result<(), FinishEnrolmentError> {
        let attempt = enrolled.attempt();
        let proved = attempt.enrolment();
        let mut kept = lock(&self.kept);
        let ended = kept
            .enrolments
            .get(&proved.customer)
            .is_some_and(|(enrolment, _)| enrolment == proved && now < enrolment.expires_at());
        let is_first = kept
            .entries
            .get(&proved.customer)
            .is_none_or(|entries| entries.kept.is_empty());
        if !ended || !(is_first || proved.approval.is_some()) {
            return Err(FinishEnrolmentError::NotPending);
        }
        kept.enrolments.remove(&proved.customer);
        let entries = kept.entries.entry(proved.customer.clone()).or_default();
        if !entries.kept.contains(contact) {
            entries.kept.push(contact.clone());
        }
        self.orders.kept(|orders| {
            if let Some(standing) = orders.standings.get_mut(&proved.customer) {
                standing.succeed(attempt.begun_at());
            }
        });
        Ok(())
    }
}
