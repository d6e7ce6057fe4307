//! Ports that are timed: each hands everything on, and notes how long it took.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use pod_core::ports::{
    AccessToken, AuthenticateError, Authenticator, Caller, ChallengeError, ChallengeRequest,
    Challenger, CheckError, Courier, Customers, DeliverError, Delivery,
};
use pod_core::{Attempt, Code, CodeAccepted, Contact, CustomerId, Deadline, Fault, Handle};

use super::Metrics;
use crate::causes::Causes;

/// A courier that is timed.
pub struct TimedCourier {
    courier: Arc<dyn Courier>,
    metrics: Metrics,
}

impl TimedCourier {
    /// Times a courier.
    #[must_use]
    pub fn new(courier: Arc<dyn Courier>, metrics: Metrics) -> Self {
        Self { courier, metrics }
    }
}

#[async_trait]
impl Courier for TimedCourier {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let began = Instant::now();
        let delivered = self.courier.deliver(delivery).await;
        let outcome = match &delivered {
            Ok(()) => "delivered",
            Err(DeliverError::Undeliverable) => "undeliverable",
            Err(DeliverError::Fault(_)) => "fault",
        };
        self.metrics.supplier("courier", outcome, began.elapsed());
        match &delivered {
            Ok(()) => {}
            Err(DeliverError::Undeliverable) => not_reached(delivery.contact),
            Err(DeliverError::Fault(fault)) => not_taken(fault),
        }
        delivered
    }
}

/// The customer may still get the code in another way, and nobody else would
/// hear that this one is out of order.
fn not_taken(fault: &Fault) {
    tracing::warn!(
        adapter = fault.adapter(),
        error = %Causes(fault),
        "a code was not taken: the customer's next contact is tried"
    );
}

fn not_reached(contact: &Contact) {
    tracing::info!(
        channel = contact.channel().as_str(),
        country = contact.country().map(|country| country.as_str().to_owned()),
        "the supplier cannot reach this contact: the customer's next one is tried"
    );
}

/// An authenticator that is timed. Most of its calls need no network: those
/// that do stand out in the upper buckets.
pub struct TimedAuthenticator {
    authenticator: Arc<dyn Authenticator>,
    metrics: Metrics,
}

impl TimedAuthenticator {
    /// Times an authenticator.
    #[must_use]
    pub fn new(authenticator: Arc<dyn Authenticator>, metrics: Metrics) -> Self {
        Self {
            authenticator,
            metrics,
        }
    }
}

#[async_trait]
impl Authenticator for TimedAuthenticator {
    async fn authenticate(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> Result<Caller, AuthenticateError> {
        let began = Instant::now();
        let authenticated = self.authenticator.authenticate(token, deadline).await;
        let outcome = match &authenticated {
            Ok(_) => "accepted",
            Err(AuthenticateError::Rejected) => "rejected",
            Err(AuthenticateError::Fault(_)) => "fault",
        };
        self.metrics
            .supplier("authenticator", outcome, began.elapsed());
        authenticated
    }
}

/// A challenger that is timed: sending codes and judging them apart.
pub struct TimedChallenger {
    challenger: Arc<dyn Challenger>,
    metrics: Metrics,
}

impl TimedChallenger {
    /// Times a challenger.
    #[must_use]
    pub fn new(challenger: Arc<dyn Challenger>, metrics: Metrics) -> Self {
        Self {
            challenger,
            metrics,
        }
    }
}

#[async_trait]
impl Challenger for TimedChallenger {
    async fn challenge(&self, request: &ChallengeRequest<'_>) -> Result<Handle, ChallengeError> {
        let began = Instant::now();
        let challenged = self.challenger.challenge(request).await;
        let outcome = match &challenged {
            Ok(_) => "sent",
            Err(ChallengeError::Undeliverable) => "undeliverable",
            Err(ChallengeError::Fault(_)) => "fault",
        };
        self.metrics.supplier("challenge", outcome, began.elapsed());
        match &challenged {
            Ok(_) => {}
            Err(ChallengeError::Undeliverable) => not_reached(request.contact),
            Err(ChallengeError::Fault(fault)) => not_taken(fault),
        }
        challenged
    }

    async fn check(
        &self,
        attempt: &Attempt,
        code: &Code,
        deadline: Deadline,
    ) -> Result<CodeAccepted, CheckError> {
        let began = Instant::now();
        let checked = self.challenger.check(attempt, code, deadline).await;
        let outcome = match &checked {
            Ok(_) => "accepted",
            Err(CheckError::Refused) => "refused",
            Err(CheckError::Fault(_)) => "fault",
        };
        self.metrics.supplier("check", outcome, began.elapsed());
        checked
    }
}

/// A directory of customers that is timed.
pub struct TimedCustomers {
    customers: Arc<dyn Customers>,
    metrics: Metrics,
}

impl TimedCustomers {
    /// Times a directory.
    #[must_use]
    pub fn new(customers: Arc<dyn Customers>, metrics: Metrics) -> Self {
        Self { customers, metrics }
    }
}

#[async_trait]
impl Customers for TimedCustomers {
    async fn contacts(
        &self,
        customer: &CustomerId,
        deadline: Deadline,
    ) -> Result<Vec<Contact>, Fault> {
        let began = Instant::now();
        let found = self.customers.contacts(customer, deadline).await;
        let outcome = match &found {
            Ok(contacts) if contacts.is_empty() => "none",
            Ok(_) => "found",
            Err(_) => "fault",
        };
        self.metrics.supplier("customers", outcome, began.elapsed());
        found
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.customers.forget(customer).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Away;

    #[async_trait]
    impl Authenticator for Away {
        async fn authenticate(
            &self,
            _token: &AccessToken,
            _deadline: Deadline,
        ) -> Result<Caller, AuthenticateError> {
            Err(Fault::unavailable("auth0", "away").into())
        }
    }

    #[tokio::test]
    async fn a_fault_is_handed_on_and_timed_as_one() {
        let metrics = Metrics::new();
        let timed = TimedAuthenticator::new(Arc::new(Away), metrics.clone());
        let token = AccessToken::parse("token").unwrap();

        let answer = timed
            .authenticate(&token, Deadline::at(Instant::now()))
            .await;

        assert!(matches!(answer, Err(AuthenticateError::Fault(_))));
        let line = r#"pod_supplier_seconds_count{supplier="authenticator",outcome="fault"} 1"#;
        assert!(metrics.text().contains(line), "{}", metrics.text());
    }
}
