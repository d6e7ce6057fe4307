//! The fake that keeps what it was given to carry.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use pod_core::ports::{Courier, DeliverError, Delivery};
use pod_core::{Code, Contact, Item, Language, OrderId, Timestamp};

use super::lock;
use super::silence::Silence;

/// What a courier was given to carry.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// Where to.
    pub contact: Contact,
    /// The code.
    pub code: Code,
    /// What the order is for.
    pub item: Item,
    /// The order.
    pub order: OrderId,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How long the code can be used from then on.
    pub lifetime: Duration,
    /// The language to write in.
    pub language: Language,
}

impl Delivered {
    /// The message as its receiver reads it.
    #[must_use]
    pub fn message(&self) -> String {
        let (code, summary) = (self.code.expose(), self.item.summary());
        format!("{code} confirms your order: {summary}.")
    }
}

/// Keeps what it was given to carry.
#[derive(Debug, Default)]
pub struct InMemoryCourier {
    delivered: Mutex<Vec<Delivered>>,
    unreachable: Mutex<Vec<Contact>>,
    silence: Silence,
}

impl InMemoryCourier {
    /// What it was given to carry, the first first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivered> {
        lock(&self.delivered).clone()
    }

    /// The code that was carried last.
    #[must_use]
    pub fn last_code(&self) -> Option<Code> {
        lock(&self.delivered).last().map(|last| last.code.clone())
    }

    /// The codes that were carried to one contact, the first first.
    #[must_use]
    pub fn codes_to(&self, contact: &Contact) -> Vec<Code> {
        lock(&self.delivered)
            .iter()
            .filter(|delivered| delivered.contact == *contact)
            .map(|delivered| delivered.code.clone())
            .collect()
    }

    /// Finds a contact undeliverable from now on.
    pub fn lose(&self, contact: &Contact) {
        lock(&self.unreachable).push(contact.clone());
    }

    /// Reaches a contact again that was lost.
    pub fn find(&self, contact: &Contact) {
        lock(&self.unreachable).retain(|lost| lost != contact);
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
impl Courier for InMemoryCourier {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        self.silence
            .wait("in-memory courier", delivery.deadline)
            .await?;
        if lock(&self.unreachable).contains(delivery.contact) {
            return Err(DeliverError::Undeliverable);
        }
        lock(&self.delivered).push(Delivered {
            contact: delivery.contact.clone(),
            code: delivery.code.clone(),
            item: delivery.order.item.clone(),
            order: delivery.order.id,
            sent_at: delivery.sent_at,
            lifetime: delivery.lifetime,
            language: delivery.language.clone(),
        });
        Ok(())
    }
}
