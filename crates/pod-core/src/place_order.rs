//! Placing an order, and sending its code.

use jiff::Timestamp;
use thiserror::Error;

use crate::challenge::{Challenge, Nonce, Seed};
use crate::deadline::Deadline;
use crate::fault::Fault;
use crate::ids::{ChallengeId, CustomerId, OrderId};
use crate::item::Item;
use crate::language::Language;
use crate::order::{Ending, PlacedOrder, Stage};
use crate::pod::Pod;
use crate::send_code::{SendCode, SendCodeError};

/// What somebody wants to order.
#[derive(Debug, Clone)]
pub struct PlaceOrder {
    /// Who.
    pub customer: CustomerId,
    /// What.
    pub item: Item,
    /// The language to write to the customer in.
    pub language: Language,
    /// By when an answer is wanted.
    pub deadline: Deadline,
}

/// A code is on its way, and the order waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSent {
    /// The order.
    pub order: PlacedOrder,
    /// The challenge, with where it went, masked, and until when it can be
    /// met.
    pub challenge: Challenge,
    /// How many attempts the order has left.
    pub attempts_left: u32,
}

/// Why no order awaits a code.
#[derive(Debug, Error)]
pub enum PlaceOrderError {
    /// No contact of the customer's is known that codes may be sent to.
    #[error("the customer has no contact that a code may be sent to")]
    NoContact,
    /// None of the customer's contacts can be reached.
    #[error("no contact of the customer's can be reached")]
    Undeliverable,
    /// Too many codes were sent of late.
    #[error("too many codes were sent")]
    TooManySends {
        /// When the next may be sent.
        retry_at: Timestamp,
    },
    /// The order ended while its code was being sent: the customer has placed
    /// a newer one in the meantime, or has cancelled it.
    #[error("a newer order took its place")]
    Superseded,
    /// A port broke. An order that was kept can be sent its code later.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Pod {
    /// Keeps an order and sends its code to the customer's preferred contact,
    /// to the next one if that cannot be reached. Only when the supplier has
    /// acknowledged does the order take the place of an older one.
    ///
    /// # Errors
    ///
    /// [`PlaceOrderError::NoContact`] and [`PlaceOrderError::TooManySends`],
    /// and the customer's older order still stands;
    /// [`PlaceOrderError::Undeliverable`] and [`PlaceOrderError::Fault`], and
    /// it still stands, while the new one waits to be sent its code again;
    /// [`PlaceOrderError::Superseded`] if a newer order was faster.
    pub async fn place_order(&self, command: PlaceOrder) -> Result<CodeSent, PlaceOrderError> {
        let PlaceOrder {
            customer,
            item,
            language,
            deadline,
        } = command;
        let contacts = self.permitted_contacts(&customer, deadline).await?;
        self.take_send(&customer, contacts.preferred()).await?;

        let order = self.new_order(customer, item)?;
        self.ports.orders.place(&order).await?;
        let sending = SendCode {
            order: &order,
            previous: None,
            contacts: &contacts,
            language: &language,
            deadline,
        };
        match self.send_code(&sending).await {
            Ok(challenge) => Ok(CodeSent {
                order,
                challenge,
                attempts_left: self.policy.attempts.per_order.get(),
            }),
            Err(error) => {
                self.lay_down(&order).await;
                Err(error.into())
            }
        }
    }

    fn new_order(&self, customer: CustomerId, item: Item) -> Result<PlacedOrder, Fault> {
        let placed_at = self.now();
        Ok(PlacedOrder {
            id: OrderId::new(placed_at, self.random()?),
            customer,
            item,
            placed_at,
            seed: Seed {
                challenge: ChallengeId::from_bytes(self.random()?),
                nonce: Nonce::from_bytes(self.random()?),
            },
        })
    }

    /// Keeps that the code could not be sent. Where even that cannot be kept,
    /// the order stays placed, which is just as lawful; one that has ended in
    /// the meantime stays as it is.
    async fn lay_down(&self, order: &PlacedOrder) {
        let at = self.now();
        let closed = self
            .ports
            .orders
            .close(&order.customer, order.id, Ending::Undelivered, at)
            .await;
        if closed.is_ok() {
            self.announce(&order.customer, order.id, Stage::Undelivered, at)
                .await;
        }
    }
}

impl From<SendCodeError> for PlaceOrderError {
    fn from(error: SendCodeError) -> Self {
        match error {
            SendCodeError::NoContact => Self::NoContact,
            SendCodeError::Undeliverable => Self::Undeliverable,
            SendCodeError::TooManySends { retry_at } => Self::TooManySends { retry_at },
            SendCodeError::NotOpen => Self::Superseded,
            SendCodeError::Fault(fault) => Self::Fault(fault),
        }
    }
}
