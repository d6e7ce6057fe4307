//! The use cases' common ground.

use jiff::Timestamp;

use crate::fault::Fault;
use crate::ids::{CustomerId, OrderId};
use crate::order::Stage;
use crate::pepper::Pepper;
use crate::policy::Policy;
use crate::ports::{Event, Ports, RequestDigest};

/// Transaction authentication by voice: places orders, and confirms each by
/// the code that was sent for it.
///
/// One pod serves all customers; share it in an `Arc`.
#[derive(Debug)]
pub struct Pod {
    pub(crate) ports: Ports,
    pub(crate) policy: Policy,
    pub(crate) pepper: Pepper,
}

impl Pod {
    /// Makes a pod that goes by `policy`, of one adapter for each port.
    /// `pepper` hides destinations and requests where they are counted: see
    /// [`CodeKeys::pepper`](crate::CodeKeys::pepper).
    #[must_use]
    pub fn new(ports: Ports, policy: Policy, pepper: Pepper) -> Self {
        Self {
            ports,
            policy,
            pepper,
        }
    }

    /// The rules it goes by.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The digest that tells a repeated request from another one of the same
    /// name.
    #[must_use]
    pub fn request_digest(&self, body: &[u8]) -> RequestDigest {
        self.pepper.digest(body)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.ports.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(crate) async fn announce(
        &self,
        customer: &CustomerId,
        order: OrderId,
        stage: Stage,
        at: Timestamp,
    ) {
        let event = Event {
            customer: customer.clone(),
            order,
            stage,
            at,
        };
        self.ports.announcer.announce(&event).await;
    }
}
