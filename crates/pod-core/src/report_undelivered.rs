//! Hearing that a code did not arrive, and sending it another way.

use jiff::Timestamp;
use thiserror::Error;

use crate::challenge::Challenge;
use crate::deadline::Deadline;
use crate::fault::Fault;
use crate::ids::OrderId;
use crate::language::Language;
use crate::order::{Ending, Order, PlacedOrder, Stage, State};
use crate::place_order::CodeSent;
use crate::pod::Pod;
use crate::policy::CodeLifetime;
use crate::ports::{Begun, Claim, CloseError, ReplyKey};
use crate::send_code::{PermittedContacts, SendCode, SendCodeError};

/// A supplier's report that a message will not arrive.
#[derive(Debug, Clone)]
pub struct ReportUndelivered {
    /// Which order it was for.
    pub order: OrderId,
    /// When it was sent, as its [`Delivery`](crate::ports::Delivery) said.
    pub sent_at: Timestamp,
    /// The language it was written in.
    pub language: Language,
    /// By when an answer is wanted.
    pub deadline: Deadline,
}

/// What came of a report.
#[derive(Debug)]
pub enum Reported {
    /// The code is on its way to the customer's next contact.
    SentElsewhere(Box<CodeSent>),
    /// There is no other way left: the order is undelivered, until its code is
    /// asked for again.
    Undelivered,
    /// Nothing was done: the order does not wait for that message any more, or
    /// the report came before.
    Stale,
}

/// Why a report had no effect that it may still have.
#[derive(Debug, Error)]
pub enum ReportUndeliveredError {
    /// The supplier was faster than the answer to the sending: the order does
    /// not await its code yet. Report again in a moment.
    #[error("the order does not await its code yet")]
    TooEarly,
    /// A port broke.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Pod {
    /// Takes a report that a code did not arrive, and sends it to the next of
    /// the customer's contacts. However often a message is reported, and in
    /// whatever order, it is sent on once; a report of a message that another
    /// one has followed has no effect.
    ///
    /// The order awaits its code as before, under the same limits; without
    /// another contact, it is laid down as undelivered.
    ///
    /// # Errors
    ///
    /// [`ReportUndeliveredError::TooEarly`] if the order is still being sent
    /// its code; [`ReportUndeliveredError::Fault`] if it is not known what has
    /// become of the order.
    pub async fn report_undelivered(
        &self,
        report: ReportUndelivered,
    ) -> Result<Reported, ReportUndeliveredError> {
        let ReportUndelivered { order, sent_at, .. } = &report;
        let Some(order) = self.ports.history.find_anyones(*order).await? else {
            return Ok(Reported::Stale);
        };
        let order = order.seen_at(self.now());
        let missed = match &order.state {
            State::AwaitingCode { challenge, .. } if challenge.sent_at == *sent_at => challenge,
            // It is being sent, for the first time or again.
            State::Placed => return Err(ReportUndeliveredError::TooEarly),
            State::AwaitingCode { challenge, .. } if challenge.sent_at < *sent_at => {
                return Err(ReportUndeliveredError::TooEarly);
            }
            State::Undelivered { at, .. } if at < sent_at => {
                return Err(ReportUndeliveredError::TooEarly);
            }
            _ => return Ok(Reported::Stale),
        };
        if !self.is_first(&order, *sent_at).await? {
            return Ok(Reported::Stale);
        }
        self.count_lost(&order, missed).await;
        match self.send_elsewhere(&order, missed, &report).await {
            Ok(sent) => Ok(Reported::SentElsewhere(Box::new(sent))),
            Err(SendCodeError::NotOpen) => Ok(Reported::Stale),
            Err(_) => self.lose(&order, *sent_at).await,
        }
    }

    /// Whether this message has not been reported before.
    async fn is_first(&self, order: &Order, sent_at: Timestamp) -> Result<bool, Fault> {
        let name = format!(
            "undelivered.{}.{}",
            order.placed.id,
            sent_at.as_microsecond()
        );
        let claim = Claim {
            digest: self.request_digest(name.as_bytes()),
            key: ReplyKey::parse(&name).map_err(|error| Fault::broken("replies", error))?,
            keep_until: sent_at + 2 * CodeLifetime::LONGEST,
        };
        Ok(self.ports.replies.begin(&claim).await? == Begun::First)
    }

    /// Takes the count of the code back: nobody can use what did not arrive.
    /// The code is sent on whether or not that succeeds.
    async fn count_lost(&self, order: &Order, missed: &Challenge) {
        if let Some(country) = missed.sent_to.country() {
            let PlacedOrder {
                customer,
                placed_at,
                ..
            } = &order.placed;
            let conversions = &self.ports.conversions;
            let _ = conversions.lost(country, customer, *placed_at).await;
        }
    }

    async fn send_elsewhere(
        &self,
        order: &Order,
        missed: &Challenge,
        report: &ReportUndelivered,
    ) -> Result<CodeSent, SendCodeError> {
        let customer = &order.placed.customer;
        let contacts = self.permitted_contacts(customer, report.deadline).await?;
        let contacts = contacts.after(&missed.sent_to);
        let contacts: PermittedContacts = contacts.ok_or(SendCodeError::NoContact)?;
        self.take_send(customer, contacts.preferred()).await?;
        let order = self.begin_unasked(&order.placed).await?;
        // It may have been sent again in the meantime.
        let attempts = match &order.state {
            State::AwaitingCode {
                challenge,
                attempts,
            } if challenge.sent_at == missed.sent_at => *attempts,
            _ => return Err(SendCodeError::NotOpen),
        };
        let sending = SendCode {
            order: &order.placed,
            previous: Some(missed),
            sends: order.sends,
            contacts: &contacts,
            missed: Some(&missed.sent_to),
            language: &report.language,
            deadline: report.deadline,
        };
        let challenge = self.send_code(&sending).await?;
        Ok(CodeSent {
            order: order.placed,
            challenge,
            attempts_left: self.attempts_left(attempts),
        })
    }

    async fn lose(
        &self,
        order: &Order,
        sent_at: Timestamp,
    ) -> Result<Reported, ReportUndeliveredError> {
        let at = self.now();
        let (customer, id) = (&order.placed.customer, order.placed.id);
        let lost = Ending::Lost { sent_at };
        match self.ports.orders.close(customer, id, lost, at).await {
            Ok(()) => {
                self.announce(customer, id, Stage::Undelivered, at).await;
                Ok(Reported::Undelivered)
            }
            Err(CloseError::NotOpen) => Ok(Reported::Stale),
            Err(CloseError::Fault(fault)) => Err(fault.into()),
        }
    }
}
