//! Ports that are watched for what protects against abuse: each hands
//! everything on, and counts what was refused.

use std::sync::Arc;

use async_trait::async_trait;
use pod_core::ports::{
    ActivateError, BeginSendError, Claim, CloseError, ContactBook, ContactChange, ContactEntries,
    Conversions, Customers, Orders, PlaceError, Quotas, TakeError,
};
use pod_core::{
    Allowance, Challenge, Contact, ConversionLimits, Country, CustomerId, Deadline, Ending, Fault,
    Order, OrderId, PlacedOrder, Policy, SendLimits, Timestamp,
};

use super::{Metrics, Refusal};

/// Whatever is watched, and where it is counted.
pub struct Counted<P: ?Sized> {
    port: Arc<P>,
    metrics: Metrics,
}

impl<P: ?Sized> Counted<P> {
    /// Watches a port.
    #[must_use]
    pub fn new(port: Arc<P>, metrics: Metrics) -> Self {
        Self { port, metrics }
    }
}

/// Counts what the quotas refuse.
#[async_trait]
impl Quotas for Counted<dyn Quotas> {
    async fn take(&self, allowances: &[Allowance], now: Timestamp) -> Result<(), TakeError> {
        let taken = self.port.take(allowances, now).await;
        if let Err(TakeError::Exhausted { .. }) = taken {
            self.metrics.refused(Refusal::Quota);
        }
        taken
    }
}

/// Counts what the quotas refuse, and orders that were sent too often.
#[async_trait]
impl Orders for Counted<dyn Orders> {
    async fn place(
        &self,
        order: &PlacedOrder,
        allowances: &[Allowance],
        claim: Option<&Claim>,
    ) -> Result<(), PlaceError> {
        let placed = self.port.place(order, allowances, claim).await;
        if let Err(PlaceError::Exhausted { .. }) = placed {
            self.metrics.refused(Refusal::Quota);
        }
        placed
    }

    async fn begin_send(
        &self,
        customer: &CustomerId,
        order: OrderId,
        now: Timestamp,
        limits: &SendLimits,
    ) -> Result<Order, BeginSendError> {
        let begun = self.port.begin_send(customer, order, now, limits).await;
        if let Err(BeginSendError::Exhausted) = begun {
            self.metrics.refused(Refusal::Order);
        }
        begun
    }

    async fn activate(
        &self,
        order: &PlacedOrder,
        challenge: &Challenge,
    ) -> Result<Vec<OrderId>, ActivateError> {
        let activated = self.port.activate(order, challenge).await;
        if activated.is_ok() && challenge.instead_of.is_some() {
            self.metrics.fell_back(challenge.sent_to.channel());
        }
        activated
    }

    async fn close(
        &self,
        customer: &CustomerId,
        order: OrderId,
        ending: Ending,
        at: Timestamp,
    ) -> Result<(), CloseError> {
        self.port.close(customer, order, ending, at).await
    }
}

/// Counts messages that were not sent to a paused country.
#[async_trait]
impl Conversions for Counted<dyn Conversions> {
    async fn sent(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault> {
        self.metrics.code_sent_to(country);
        self.port.sent(country, customer, placed_at).await
    }

    async fn used(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault> {
        self.metrics.code_used_from(country);
        self.port.used(country, customer, placed_at).await
    }

    async fn lost(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault> {
        self.port.lost(country, customer, placed_at).await
    }

    async fn paused_until(
        &self,
        country: Country,
        limits: &ConversionLimits,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Fault> {
        let paused = self.port.paused_until(country, limits, now).await;
        if let Ok(Some(until)) = &paused {
            self.metrics.refused(Refusal::Paused);
            tracing::warn!(
                country = country.as_str(),
                %until,
                "no code was texted: too many of that country's codes are not used"
            );
        }
        paused
    }
}

/// Whatever knows contacts, and a count of the telephones in it whose country
/// no codes are texted to.
pub struct CountedContacts<P: ?Sized> {
    port: Arc<P>,
    policy: Policy,
    metrics: Metrics,
}

impl<P: ?Sized> CountedContacts<P> {
    /// Watches a port.
    #[must_use]
    pub fn new(port: Arc<P>, policy: Policy, metrics: Metrics) -> Self {
        Self {
            port,
            policy,
            metrics,
        }
    }

    fn count(&self, contacts: &[Contact]) {
        for contact in contacts {
            if matches!(contact, Contact::Phone(_)) && !self.policy.permits(contact) {
                self.metrics.refused(Refusal::Country);
            }
        }
    }
}

#[async_trait]
impl Customers for CountedContacts<dyn Customers> {
    async fn contacts(
        &self,
        customer: &CustomerId,
        deadline: Deadline,
    ) -> Result<Vec<Contact>, Fault> {
        let contacts = self.port.contacts(customer, deadline).await?;
        self.count(&contacts);
        Ok(contacts)
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.port.forget(customer).await
    }
}

#[async_trait]
impl ContactBook for CountedContacts<dyn ContactBook> {
    async fn entries(&self, customer: &CustomerId) -> Result<ContactEntries, Fault> {
        let entries = self.port.entries(customer).await?;
        self.count(&entries.kept);
        Ok(entries)
    }

    async fn change(&self, customer: &CustomerId, change: &ContactChange) -> Result<bool, Fault> {
        self.port.change(customer, change).await
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.port.forget(customer).await
    }
}
