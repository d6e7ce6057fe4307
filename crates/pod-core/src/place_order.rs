//! Placing an order, and sending its code.

use jiff::Timestamp;
use thiserror::Error;

use crate::begin_request::BeginRequestError;
use crate::challenge::{Challenge, Nonce, Seed};
use crate::contact::Contact;
use crate::deadline::Deadline;
use crate::fault::Fault;
use crate::ids::{ChallengeId, CustomerId, OrderId};
use crate::item::Item;
use crate::language::Language;
use crate::order::{Ending, PlacedOrder, Stage};
use crate::pod::Pod;
use crate::ports::{Claim, PlaceError};
use crate::send_code::{PermittedContacts, SendCode, SendCodeError};

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
    /// The request it came with, so that a repeat of it has no effect: see
    /// [`Pod::begin_request`]. Without one, every call is a new order.
    pub claim: Option<Claim>,
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
    /// The request is not the first of its name, or that is not known: nothing
    /// was done for it. After any other outcome it has been begun, and waits
    /// for its answer.
    #[error(transparent)]
    NotBegun(#[from] BeginRequestError),
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
    /// No codes are texted to the customer's country at present: too many were
    /// never used.
    #[error("codes to the customer's country are paused")]
    Paused {
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
    /// to the next one if that cannot be reached now: the challenge
    /// [says so](Challenge::instead_of). Only when the supplier has
    /// acknowledged does the order take the place of an older one.
    ///
    /// # Errors
    ///
    /// [`PlaceOrderError::NotBegun`], [`PlaceOrderError::NoContact`] and
    /// [`PlaceOrderError::TooManySends`], and the customer's older order still stands;
    /// [`PlaceOrderError::Undeliverable`], [`PlaceOrderError::Paused`] and
    /// [`PlaceOrderError::Fault`], and it still stands, while the new one waits to be sent its code again;
    /// [`PlaceOrderError::Superseded`] if a newer order was faster.
    pub async fn place_order(&self, command: PlaceOrder) -> Result<CodeSent, PlaceOrderError> {
        let PlaceOrder {
            customer,
            item,
            language,
            deadline,
            claim,
        } = command;
        let claim = claim.as_ref();
        let (order, contacts) = match self.prepare(customer, item, deadline).await {
            Ok(prepared) => prepared,
            Err(error) => {
                self.begin_claimed(claim).await?;
                return Err(error.into());
            }
        };
        self.keep(&order, contacts.preferred(), claim).await?;
        let sending = SendCode {
            order: &order,
            previous: None,
            sends: 1,
            contacts: &contacts,
            missed: None,
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

    async fn prepare(
        &self,
        customer: CustomerId,
        item: Item,
        deadline: Deadline,
    ) -> Result<(PlacedOrder, PermittedContacts), SendCodeError> {
        let contacts = self.permitted_contacts(&customer, deadline).await?;
        Ok((self.new_order(customer, item)?, contacts))
    }

    /// Keeps the order, with the sending of its code taken from the quotas and
    /// its request begun: all in one step, so that it costs one commit.
    async fn keep(
        &self,
        order: &PlacedOrder,
        contact: &Contact,
        claim: Option<&Claim>,
    ) -> Result<(), PlaceOrderError> {
        let placed = match self.send_allowances(&order.customer, contact) {
            Ok(allowances) => self.ports.orders.place(order, &allowances, claim).await,
            Err(fault) => {
                self.begin_claimed(claim).await?;
                Err(fault.into())
            }
        };
        placed.map_err(|error| match error {
            PlaceError::Repeated(repeat) => BeginRequestError::from(repeat).into(),
            PlaceError::Exhausted { retry_at } => PlaceOrderError::TooManySends { retry_at },
            PlaceError::Fault(fault) if claim.is_some() => BeginRequestError::from(fault).into(),
            PlaceError::Fault(fault) => fault.into(),
        })
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
            SendCodeError::Paused { retry_at } => Self::Paused { retry_at },
            SendCodeError::NotOpen => Self::Superseded,
            SendCodeError::Fault(fault) => Self::Fault(fault),
        }
    }
}
