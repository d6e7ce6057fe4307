//! Sending the code of an open order again.

use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

use crate::deadline::Deadline;
use crate::fault::Fault;
use crate::ids::{CustomerId, OrderId};
use crate::language::Language;
use crate::order::{Order, State};
use crate::place_order::CodeSent;
use crate::pod::Pod;
use crate::ports::BeginSendError;
use crate::send_code::{SendCode, SendCodeError};

/// A code with less time than this left is not sent again.
const TOO_SHORT: Duration = Duration::from_secs(30);

/// Whose code to send again.
#[derive(Debug, Clone)]
pub struct ResendCode {
    /// The customer who asks.
    pub customer: CustomerId,
    /// Of which order; `None` for the newest that is open.
    pub order: Option<OrderId>,
    /// The language to write to the customer in.
    pub language: Language,
    /// By when an answer is wanted.
    pub deadline: Deadline,
}

/// Why a code was not sent again.
#[derive(Debug, Error)]
pub enum ResendCodeError {
    /// No such order is open.
    #[error("no order is open")]
    NothingPending,
    /// The cool-down is not over.
    #[error("it is too soon to send the code again")]
    TooSoon {
        /// When it will be over.
        retry_at: Timestamp,
    },
    /// The order's code was sent as often as it may be.
    #[error("the code was sent as often as it may be")]
    Exhausted,
    /// The order is so old that its code would expire at once.
    #[error("the order is too old for its code to be sent again")]
    TooLate,
    /// No contact of the customer's is known that codes may be sent to.
    #[error("the customer has no contact that a code may be sent to")]
    NoContact,
    /// None of the customer's contacts can be reached.
    #[error("no contact of the customer's can be reached")]
    Undeliverable,
    /// Too many codes were sent of late, over all orders.
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
    /// A port broke. A code that was sent before is still good.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Pod {
    /// Sends the code of an open order again: the same code, where the
    /// challenger can. Attempts counted stay counted. The code lives anew, but
    /// never longer than [`CodeLifetime::LONGEST`](crate::CodeLifetime::LONGEST) after the order was placed.
    ///
    /// # Errors
    ///
    /// [`ResendCodeError`], one variant for each reason; a code that was sent
    /// before is still good.
    pub async fn resend_code(&self, command: ResendCode) -> Result<CodeSent, ResendCodeError> {
        let ResendCode {
            customer,
            order,
            language,
            deadline,
        } = command;
        let order = match order {
            Some(id) => self
                .order(&customer, id)
                .await?
                .filter(|order| order.state.is_open()),
            None => self.open_orders(&customer).await?.into_iter().next(),
        };
        let order = order.ok_or(ResendCodeError::NothingPending)?;
        if self.lifetime_left(&order.placed, self.now()) < TOO_SHORT {
            return Err(ResendCodeError::TooLate);
        }
        self.cooled_down(&order)?;

        let mut contacts = self.permitted_contacts(&customer, deadline).await?;
        if let State::AwaitingCode { challenge, .. } = &order.state {
            contacts = contacts.preferring(challenge);
        }
        self.take_send(&customer, contacts.preferred()).await?;

        let order = self
            .ports
            .orders
            .begin_send(&customer, order.placed.id, self.now(), &self.policy.sends)
            .await?;
        let (previous, attempts) = match &order.state {
            State::AwaitingCode {
                challenge,
                attempts,
            } => (Some(challenge), *attempts),
            State::Undelivered { attempts, .. } => (None, *attempts),
            _ => (None, 0),
        };
        let sending = SendCode {
            order: &order.placed,
            previous,
            sends: order.sends,
            contacts: &contacts,
            missed: None,
            language: &language,
            deadline,
        };
        let challenge = self.send_code(&sending).await?;
        Ok(CodeSent {
            order: order.placed,
            challenge,
            attempts_left: self.attempts_left(attempts),
        })
    }

    /// Asks first what [`Orders::begin_send`](crate::ports::Orders::begin_send)
    /// will decide, so that asking too often does not use up the quotas.
    fn cooled_down(&self, order: &Order) -> Result<(), ResendCodeError> {
        if order.sends >= self.policy.sends.most {
            return Err(ResendCodeError::Exhausted);
        }
        let cool_down = self.policy.sends.cool_down(order.sends);
        let retry_at = order.last_send_at.checked_add(cool_down);
        let retry_at = retry_at.unwrap_or(Timestamp::MAX);
        if self.now() < retry_at {
            return Err(ResendCodeError::TooSoon { retry_at });
        }
        Ok(())
    }
}

impl From<BeginSendError> for ResendCodeError {
    fn from(error: BeginSendError) -> Self {
        match error {
            BeginSendError::NotOpen => Self::NothingPending,
            BeginSendError::TooSoon { retry_at } => Self::TooSoon { retry_at },
            BeginSendError::Exhausted => Self::Exhausted,
            BeginSendError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<SendCodeError> for ResendCodeError {
    fn from(error: SendCodeError) -> Self {
        match error {
            SendCodeError::NoContact => Self::NoContact,
            SendCodeError::Undeliverable => Self::Undeliverable,
            SendCodeError::TooManySends { retry_at } => Self::TooManySends { retry_at },
            SendCodeError::Paused { retry_at } => Self::Paused { retry_at },
            SendCodeError::NotOpen => Self::NothingPending,
            SendCodeError::Fault(fault) => Self::Fault(fault),
        }
    }
}
