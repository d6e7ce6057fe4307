//! Confirming an order by its code.

use jiff::Timestamp;
use thiserror::Error;

use crate::begin_request::BeginRequestError;
use crate::code::Code;
use crate::deadline::Deadline;
use crate::fault::Fault;
use crate::ids::{CustomerId, OrderId};
use crate::order::{Attempt, Confirmation, Ending, PlacedOrder, Stage};
use crate::pod::Pod;
use crate::ports::{BeginAttemptError, CheckError, Claim, ConfirmAttemptError};

/// A code, and what it is to confirm.
#[derive(Debug, Clone)]
pub struct ConfirmOrder {
    /// Who says it.
    pub customer: CustomerId,
    /// Which order to confirm; `None` for the one that awaits its code.
    pub order: Option<OrderId>,
    /// What was said.
    pub code: Code,
    /// By when an answer is wanted.
    pub deadline: Deadline,
    /// The request it came with, so that a repeat of it has no effect: see
    /// [`Pod::begin_request`]. Without one, every call is an attempt.
    pub claim: Option<Claim>,
}

/// Why an order was not confirmed.
#[derive(Debug, Error)]
pub enum ConfirmOrderError {
    /// The request is not the first of its name, or that is not known: nothing
    /// was done for it, unless an attempt was counted whose answer was lost.
    /// After any other outcome it has been begun, and waits for its answer.
    #[error(transparent)]
    NotBegun(#[from] BeginRequestError),
    /// No such order awaits a code.
    #[error("no order awaits a code")]
    NothingPending,
    /// It is not the right code.
    #[error("that is not the right code")]
    WrongCode {
        /// How many attempts the order has left: at least one.
        attempts_left: u32,
    },
    /// The attempts are used up, and the order has ended.
    #[error("the attempts are used up")]
    Refused,
    /// The time is up, and the order has ended.
    #[error("the code has expired")]
    Expired,
    /// The customer failed too often, this time included.
    #[error("the customer is locked")]
    Locked {
        /// When the lock ends; `None` if somebody has to unlock.
        until: Option<Timestamp>,
    },
    /// A port broke. The attempt may have been counted; where only the answer
    /// to the confirmation was lost, the order is confirmed: [`Pod::order`]
    /// shows it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Pod {
    /// Confirms the order that awaits its code, if the code is the right one.
    /// The attempt is counted before the code is judged, and the confirmation
    /// is durable before this returns.
    ///
    /// # Errors
    ///
    /// [`ConfirmOrderError`], one variant for each reason. None says more of a
    /// wrong code than that it is wrong.
    pub async fn confirm_order(
        &self,
        command: ConfirmOrder,
    ) -> Result<Confirmation, ConfirmOrderError> {
        let ConfirmOrder {
            customer,
            order,
            code,
            deadline,
            claim,
        } = command;
        let (limits, claim) = (&self.policy.attempts, claim.as_ref());
        let begun = self
            .ports
            .attempts
            .begin(&customer, order, self.now(), limits, claim)
            .await;
        let attempt = match begun {
            Ok(attempt) => attempt,
            Err(BeginAttemptError::Fault(fault)) if claim.is_some() => {
                return Err(BeginRequestError::from(fault).into());
            }
            Err(error) => return Err(self.not_begun(&customer, error).await),
        };

        let proof = match self.ports.challenger.check(&attempt, &code, deadline).await {
            Ok(proof) => proof,
            Err(CheckError::Fault(fault)) => return Err(fault.into()),
            Err(CheckError::Refused) => return Err(self.refused(&customer, &attempt).await),
        };
        let confirmation = attempt
            .confirm(proof, self.now())
            .map_err(|mismatch| Fault::broken("challenger", mismatch))?;
        self.ports.attempts.confirm(&confirmation).await?;

        self.count_used(&confirmation).await;
        let id = confirmation.order().id;
        self.announce(&customer, id, Stage::Confirmed, confirmation.at())
            .await;
        Ok(confirmation)
    }

    /// Counts that a code was used. The order is confirmed whether or not that
    /// succeeds: what is lost is one of many counts.
    async fn count_used(&self, confirmation: &Confirmation) {
        let sent_to = &confirmation.attempt().challenge().sent_to;
        if let Some(country) = sent_to.country() {
            let PlacedOrder {
                customer,
                placed_at,
                ..
            } = confirmation.order();
            let conversions = &self.ports.conversions;
            let _ = conversions.used(country, customer, *placed_at).await;
        }
    }

    async fn not_begun(
        &self,
        customer: &CustomerId,
        error: BeginAttemptError,
    ) -> ConfirmOrderError {
        match error {
            BeginAttemptError::Repeated(repeat) => BeginRequestError::from(repeat).into(),
            BeginAttemptError::Locked(locked) => ConfirmOrderError::Locked {
                until: locked.until,
            },
            BeginAttemptError::NothingPending => ConfirmOrderError::NothingPending,
            BeginAttemptError::Expired(order) => {
                self.announce(customer, order, Stage::Expired, self.now())
                    .await;
                ConfirmOrderError::Expired
            }
            BeginAttemptError::Refused(order) => {
                self.announce(customer, order, Stage::Refused, self.now())
                    .await;
                ConfirmOrderError::Refused
            }
            BeginAttemptError::Fault(fault) => ConfirmOrderError::Fault(fault),
        }
    }

    /// What a wrong code comes to: if it locked the customer, that is what
    /// matters.
    async fn refused(&self, customer: &CustomerId, attempt: &Attempt) -> ConfirmOrderError {
        if attempt.left() == 0 {
            self.refuse(customer, attempt.order().id).await;
        }
        match attempt.lock() {
            Some(lock) => ConfirmOrderError::Locked {
                until: lock.until(),
            },
            None if attempt.left() == 0 => ConfirmOrderError::Refused,
            None => ConfirmOrderError::WrongCode {
                attempts_left: attempt.left(),
            },
        }
    }

    /// Ends an order whose last attempt failed. Where that cannot be kept, the
    /// next attempt finds none left, and ends it.
    async fn refuse(&self, customer: &CustomerId, order: OrderId) {
        let at = self.now();
        let closed = self
            .ports
            .orders
            .close(customer, order, Ending::Refused, at)
            .await;
        if closed.is_ok() {
            self.announce(customer, order, Stage::Refused, at).await;
        }
    }
}

impl From<ConfirmAttemptError> for ConfirmOrderError {
    fn from(error: ConfirmAttemptError) -> Self {
        match error {
            ConfirmAttemptError::NotAwaiting => Self::NothingPending,
            ConfirmAttemptError::Fault(fault) => Self::Fault(fault),
        }
    }
}
