//! Sending the code of an order, the first time and again: what the two use
//! cases share.

use std::time::Duration;

use jiff::Timestamp;

use crate::challenge::Challenge;
use crate::contact::{Contact, SentTo};
use crate::deadline::Deadline;
use crate::fault::Fault;
use crate::ids::CustomerId;
use crate::language::Language;
use crate::order::{Order, PlacedOrder, Stage};
use crate::pod::Pod;
use crate::policy::{CodeLifetime, SendLimits};
use crate::ports::{ActivateError, BeginSendError, ChallengeError, ChallengeRequest, TakeError};
use crate::quota::{Allowance, QuotaKey};

/// A code to be sent.
pub(crate) struct SendCode<'a> {
    pub(crate) order: &'a PlacedOrder,
    pub(crate) previous: Option<&'a Challenge>,
    /// How many sendings have been begun, this one included.
    pub(crate) sends: u32,
    pub(crate) contacts: &'a PermittedContacts,
    /// The contact that it would have gone to.
    pub(crate) missed: Option<&'a SentTo>,
    pub(crate) language: &'a Language,
    pub(crate) deadline: Deadline,
}

/// Why a code is not on its way, or its order does not wait for it.
pub(crate) enum SendCodeError {
    NoContact,
    Undeliverable,
    TooManySends { retry_at: Timestamp },
    Paused { retry_at: Timestamp },
    NotOpen,
    Fault(Fault),
}

/// A customer's contacts that codes may be sent to: at least one.
pub(crate) struct PermittedContacts {
    preferred: Contact,
    others: Vec<Contact>,
}

impl PermittedContacts {
    fn new(contacts: Vec<Contact>) -> Option<Self> {
        let mut contacts = contacts.into_iter();
        Some(Self {
            preferred: contacts.next()?,
            others: contacts.collect(),
        })
    }

    /// Those that come after the one that a code was sent to; all of them if
    /// it is not the customer's any more. Of contacts that look like it when
    /// masked, none is left: it could be the same one again.
    pub(crate) fn after(self, missed: &SentTo) -> Option<Self> {
        let mut contacts = vec![self.preferred];
        contacts.extend(self.others);
        let place = contacts
            .iter()
            .position(|contact| contact.masked() == *missed);
        if let Some(place) = place {
            contacts.drain(..=place);
        }
        contacts.retain(|contact| contact.masked() != *missed);
        Self::new(contacts)
    }

    pub(crate) fn preferred(&self) -> &Contact {
        &self.preferred
    }

    /// Prefers the contact that a code was sent to before; the others keep
    /// their order.
    pub(crate) fn preferring(mut self, previous: &Challenge) -> Self {
        let same = |contact: &Contact| contact.masked() == previous.sent_to;
        if !same(&self.preferred)
            && let Some(index) = self.others.iter().position(same)
        {
            let preferred = self.others.remove(index);
            let next = std::mem::replace(&mut self.preferred, preferred);
            self.others.insert(0, next);
        }
        self
    }
}

impl Pod {
    pub(crate) async fn permitted_contacts(
        &self,
        customer: &CustomerId,
        deadline: Deadline,
    ) -> Result<PermittedContacts, SendCodeError> {
        let (contacts, _) = self.looked_up(customer, deadline).await?;
        let permitted = contacts
            .into_iter()
            .filter(|contact| self.policy.permits(contact));
        PermittedContacts::new(permitted.collect()).ok_or(SendCodeError::NoContact)
    }

    /// Takes one sending from the customer's allowance and the destination's.
    pub(crate) async fn take_send(
        &self,
        customer: &CustomerId,
        contact: &Contact,
    ) -> Result<(), SendCodeError> {
        let allowances = self.send_allowances(customer, contact)?;
        match self.ports.quotas.take(&allowances, self.now()).await {
            Ok(()) => Ok(()),
            Err(TakeError::Exhausted { retry_at }) => Err(SendCodeError::TooManySends { retry_at }),
            Err(TakeError::Fault(fault)) => Err(SendCodeError::Fault(fault)),
        }
    }

    /// What one sending is taken from: the customer's allowance and the
    /// destination's.
    pub(crate) fn send_allowances(
        &self,
        customer: &CustomerId,
        contact: &Contact,
    ) -> Result<[Allowance; 2], Fault> {
        let key = |raw: &str| QuotaKey::parse(raw).map_err(|error| Fault::broken("quotas", error));
        Ok([
            Allowance {
                key: key(&format!("sends.customer.{}", customer.as_str()))?,
                windows: self.policy.sends_per_customer.clone(),
            },
            Allowance {
                key: key(&format!("sends.destination.{}", self.pepper.name(contact)))?,
                windows: self.policy.sends_per_destination.clone(),
            },
        ])
    }

    /// Sends a code to the first contact that can be reached now, and makes
    /// its order the one that awaits its code. The sending to the preferred
    /// contact must have been taken from the quotas.
    pub(crate) async fn send_code(
        &self,
        sending: &SendCode<'_>,
    ) -> Result<Challenge, SendCodeError> {
        let order = sending.order;
        let challenge = self.challenge_in_turn(sending).await?;
        let superseded = match self.ports.orders.activate(order, &challenge).await {
            Ok(superseded) => superseded,
            Err(ActivateError::NotOpen) => return Err(SendCodeError::NotOpen),
            Err(ActivateError::Fault(fault)) => return Err(SendCodeError::Fault(fault)),
        };
        for older in superseded {
            self.announce(&order.customer, older, Stage::Superseded, challenge.sent_at)
                .await;
        }
        self.announce(
            &order.customer,
            order.id,
            Stage::AwaitingCode,
            challenge.sent_at,
        )
        .await;

        Ok(challenge)
    }

    /// How many attempts an order has left, of which so many were counted.
    pub(crate) fn attempts_left(&self, attempts: u32) -> u32 {
        let most = self.policy.attempts.per_order.get();
        most.saturating_sub(attempts)
    }

    /// Challenges one contact after the other, until one has been sent the
    /// code. A supplier that breaks is no reason to stop: the next contact may
    /// be another supplier's.
    async fn challenge_in_turn(&self, sending: &SendCode<'_>) -> Result<Challenge, SendCodeError> {
        let PermittedContacts { preferred, others } = sending.contacts;
        let mut left = others.len();
        let mut error = match self.challenge(sending, preferred, left > 0).await {
            Ok(challenge) => return Ok(challenge),
            Err(error) => error,
        };
        let most = self.policy.sends.most;
        let mut sends = sending.sends;
        for contact in others {
            left -= 1;
            if sends >= most {
                break;
            }
            match self.begin_another(sending.order, contact).await {
                Ok(()) => sends += 1,
                Err(SendCodeError::NotOpen) => return Err(SendCodeError::NotOpen),
                Err(next) => {
                    error = error.or(next);
                    continue;
                }
            }
            match self.challenge(sending, contact, left > 0).await {
                Ok(challenge) => {
                    let missed = sending.missed.cloned();
                    return Ok(Challenge {
                        instead_of: missed.or_else(|| Some(preferred.masked())),
                        ..challenge
                    });
                }
                Err(next) => error = error.or(next),
            }
        }
        Err(error)
    }

    /// Begins the sending to another contact than the one before. It counts
    /// like any other: whoever asks which order was sent a code last has to
    /// see it, before it is sent.
    async fn begin_another(
        &self,
        order: &PlacedOrder,
        contact: &Contact,
    ) -> Result<(), SendCodeError> {
        self.not_paused(contact, self.now()).await?;
        self.take_send(&order.customer, contact).await?;
        self.begin_unasked(order).await?;
        Ok(())
    }

    /// Begins a sending that nobody asked for: there is nobody to cool down.
    pub(crate) async fn begin_unasked(&self, order: &PlacedOrder) -> Result<Order, SendCodeError> {
        let limits = SendLimits {
            cool_downs: vec![Duration::ZERO],
            ..self.policy.sends.clone()
        };
        let begun = self
            .ports
            .orders
            .begin_send(&order.customer, order.id, self.now(), &limits)
            .await;
        begun.map_err(|error| match error {
            BeginSendError::Fault(fault) => SendCodeError::Fault(fault),
            BeginSendError::NotOpen => SendCodeError::NotOpen,
            BeginSendError::TooSoon { .. } | BeginSendError::Exhausted => {
                SendCodeError::Undeliverable
            }
        })
    }

    /// How long a code of the order that is sent at `now` can live: as the
    /// policy says, but never past [`CodeLifetime::LONGEST`] after the order
    /// was placed.
    pub(crate) fn lifetime_left(&self, order: &PlacedOrder, now: Timestamp) -> Duration {
        let end = order.placed_at + CodeLifetime::LONGEST;
        let left = Duration::try_from(end.duration_since(now)).unwrap_or_default();
        left.min(self.policy.lifetime.get())
    }

    async fn challenge(
        &self,
        sending: &SendCode<'_>,
        contact: &Contact,
        others_left: bool,
    ) -> Result<Challenge, SendCodeError> {
        // The lifetime is counted from before the message left: no code is
        // good for longer than its message says.
        let sent_at = self.now();
        self.not_paused(contact, sent_at).await?;
        let lifetime = self.lifetime_left(sending.order, sent_at);
        let request = ChallengeRequest {
            order: sending.order,
            contact,
            previous: sending.previous,
            sent_at,
            lifetime,
            language: sending.language,
            others_left,
            deadline: sending.deadline,
        };
        let handle = match self.ports.challenger.challenge(&request).await {
            Ok(handle) => handle,
            Err(ChallengeError::Undeliverable) => return Err(SendCodeError::Undeliverable),
            Err(ChallengeError::Fault(fault)) => return Err(SendCodeError::Fault(fault)),
        };
        self.count_sent(sending, contact).await;
        Ok(Challenge {
            handle,
            sent_to: contact.masked(),
            instead_of: sending.missed.cloned(),
            sent_at,
            expires_at: sent_at + lifetime,
        })
    }
}

/// Counting how many codes texted to a country are used.
impl Pod {
    pub(crate) async fn not_paused(
        &self,
        contact: &Contact,
        now: Timestamp,
    ) -> Result<(), SendCodeError> {
        let Some(country) = contact.country() else {
            return Ok(());
        };
        let limits = &self.policy.conversions;
        let conversions = &self.ports.conversions;
        match conversions.paused_until(country, limits, now).await? {
            Some(retry_at) => Err(SendCodeError::Paused { retry_at }),
            None => Ok(()),
        }
    }

    /// Counts the code of an order that was sent to a country for the first
    /// time, or after it did not arrive there. It is on its way whether or not
    /// that succeeds.
    async fn count_sent(&self, sending: &SendCode<'_>, contact: &Contact) {
        let previous = sending.previous.and_then(|sent| sent.sent_to.country());
        let missed = sending.missed.and_then(SentTo::country);
        if let Some(country) = contact.country()
            && (previous != Some(country) || missed == Some(country))
        {
            let PlacedOrder {
                customer,
                placed_at,
                ..
            } = sending.order;
            let conversions = &self.ports.conversions;
            let _ = conversions.sent(country, customer, *placed_at).await;
        }
    }
}

impl SendCodeError {
    /// Of two contacts' errors, the one that says more of what to do: what
    /// may pass comes before what will not.
    fn or(self, next: Self) -> Self {
        match (&self, &next) {
            (Self::Undeliverable, _) => next,
            (_, Self::Fault(_) | Self::Undeliverable) => self,
            _ => next,
        }
    }
}

impl From<Fault> for SendCodeError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
