//! One courier for each way to reach a customer.

use std::sync::Arc;

use async_trait::async_trait;
use pod_core::Channel;
use pod_core::ports::{Courier, DeliverError, Delivery};

/// Gives each code to the courier of its contact's channel. Without one, the
/// contact cannot be reached.
#[derive(Clone, Default)]
pub struct Couriers {
    /// Carries codes to telephones.
    pub phone: Option<Arc<dyn Courier>>,
    /// Carries codes to mailboxes.
    pub email: Option<Arc<dyn Courier>>,
}

#[async_trait]
impl Courier for Couriers {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let courier = match delivery.contact.channel() {
            Channel::Phone => &self.phone,
            Channel::Email => &self.email,
        };
        match courier {
            Some(courier) => courier.deliver(delivery).await,
            None => Err(DeliverError::Undeliverable),
        }
    }
}
