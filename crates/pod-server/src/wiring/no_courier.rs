//! The courier of a pod that has none.

use async_trait::async_trait;
use pod_core::Fault;
use pod_core::ports::{Courier, DeliverError, Delivery};

/// Refuses every code, so that customers hear that it cannot be sent.
pub(super) struct NoCourier;

#[async_trait]
impl Courier for NoCourier {
    async fn deliver(&self, _delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let why = "nobody carries messages: set up Twilio, a mail server or a webhook";
        Err(Fault::broken("courier", why).into())
    }
}
