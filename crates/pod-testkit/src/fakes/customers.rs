//! The fake that knows the contacts it was told.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use pod_core::ports::Customers;
use pod_core::{Contact, CustomerId, Deadline, Fault};

use super::lock;
use super::silence::Silence;

/// Knows the contacts it was told.
#[derive(Debug, Default)]
pub struct InMemoryCustomers {
    known: Mutex<HashMap<CustomerId, Vec<Known>>>,
    silence: Silence,
}

#[derive(Debug, Clone)]
struct Known {
    contact: Contact,
    verified: bool,
}

impl InMemoryCustomers {
    /// Knows a customer by verified contacts, the preferred one first, and by
    /// no others.
    pub fn know(&self, customer: &CustomerId, contacts: Vec<Contact>) {
        let verified = |contact| Known {
            contact,
            verified: true,
        };
        let contacts = contacts.into_iter().map(verified).collect();
        lock(&self.known).insert(customer.clone(), contacts);
    }

    /// Takes note of a contact, preferred to all others, that nobody but the
    /// customer vouches for.
    pub fn claim(&self, customer: &CustomerId, contact: Contact) {
        let claimed = Known {
            contact,
            verified: false,
        };
        let mut known = lock(&self.known);
        known
            .entry(customer.clone())
            .or_default()
            .insert(0, claimed);
    }

    /// Whether anything is kept of a customer.
    #[must_use]
    pub fn knows(&self, customer: &CustomerId) -> bool {
        lock(&self.known).contains_key(customer)
    }

    /// Answers nobody from now on.
    pub fn fall_silent(&self) {
        self.silence.begin();
    }

    /// Answers again.
    pub fn speak_again(&self) {
        self.silence.end();
    }
}

#[async_trait]
impl Customers for InMemoryCustomers {
    async fn contacts(
        &self,
        customer: &CustomerId,
        deadline: Deadline,
    ) -> Result<Vec<Contact>, Fault> {
        self.silence.wait("in-memory customers", deadline).await?;
        let known = lock(&self.known);
        let contacts = known.get(customer).into_iter().flatten();
        Ok(contacts
            .filter(|known| known.verified)
            .map(|known| known.contact.clone())
            .collect())
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        lock(&self.known).remove(customer);
        Ok(())
    }
}
