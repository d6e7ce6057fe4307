//! Enrolling a contact: sending the codes that prove it.

use jiff::Timestamp;
use thiserror::Error;

use crate::challenge::{Challenge, Nonce, Seed};
use crate::contact::Contact;
use crate::deadline::Deadline;
use crate::enrolment::{Enrolment, SentCode, order};
use crate::fault::Fault;
use crate::ids::{ChallengeId, CustomerId};
use crate::item::InvalidItem;
use crate::language::Language;
use crate::pod::Pod;
use crate::ports::{ChallengeError, ChallengeRequest, Challenger, TakeError};
use crate::quota::{Allowance, QuotaKey, Window};
use crate::send_code::SendCodeError;

/// A contact that somebody wants codes sent to.
#[derive(Debug, Clone)]
pub struct EnrolContact {
    /// Who.
    pub customer: CustomerId,
    /// Where to.
    pub contact: Contact,
    /// What the messages say that the code is for, reading on after "482913
    /// confirms": `sending codes to the phone ending in 42`. It has to name the
    /// contact, masked.
    pub summary: String,
    /// The language to write in.
    pub language: Language,
    /// By when an answer is wanted.
    pub deadline: Deadline,
}

/// Why no code for enrolling a contact is on its way.
#[derive(Debug, Error)]
pub enum EnrolContactError {
    /// Codes are not pod's own, so contacts are not either.
    #[error("contacts are enrolled elsewhere")]
    NotHere,
    /// It is the customer's already.
    #[error("the contact is known already")]
    KnownAlready,
    /// The customer has as many as may be.
    #[error("the customer has as many contacts as may be")]
    TooMany,
    /// No code may be sent there.
    #[error("no code may be sent to the contact")]
    NotPermitted,
    /// The summary is not one line that a message can say.
    #[error(transparent)]
    Summary(#[from] InvalidItem),
    /// No contact known before could be reached to approve it.
    #[error("no contact known before can be reached")]
    NotApprovable,
    /// The new contact cannot be reached.
    #[error("the contact cannot be reached")]
    Undeliverable,
    /// Too many codes were sent of late, or too many contacts enrolled.
    #[error("too many codes were sent")]
    TooManySends {
        /// When the next may be sent.
        retry_at: Timestamp,
    },
    /// No codes are texted to the contact's country at present.
    #[error("codes to the contact's country are paused")]
    Paused {
        /// When the next may be sent.
        retry_at: Timestamp,
    },
    /// A port broke.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Pod {
    /// Sends a code to a contact that is to be enrolled, and one to the first
    /// contact known before that can be reached, if there is one: both have to
    /// come back by [`Pod::prove_contact`]. An enrolment that was not finished
    /// ends.
    ///
    /// # Errors
    ///
    /// [`EnrolContactError`], one variant for each reason; an enrolment that
    /// was not finished still stands.
    pub async fn enrol_contact(
        &self,
        command: EnrolContact,
    ) -> Result<Enrolment, EnrolContactError> {
        let EnrolContact {
            customer,
            contact,
            summary,
            language,
            deadline,
        } = command;
        let challenger = self.ports.enrolment_challenger.as_deref();
        let challenger = challenger.ok_or(EnrolContactError::NotHere)?;
        let (known, _) = self.looked_up(&customer, deadline).await?;
        if known.contains(&contact) {
            return Err(EnrolContactError::KnownAlready);
        }
        if known.len() >= self.policy.contacts {
            return Err(EnrolContactError::TooMany);
        }
        if !self.policy.permits(&contact) {
            return Err(EnrolContactError::NotPermitted);
        }
        let begun_at = self.now();
        self.not_paused(&contact, begun_at).await?;
        let sending = Sending {
            challenger,
            customer: &customer,
            name: self.pepper.name(&contact),
            summary: &summary,
            begun_at,
            language: &language,
            deadline,
        };
        // Before anything is taken for it.
        order(&customer, &sending.name, &summary, begun_at, self.seed()?)?;
        self.take_enrolment(&customer).await?;
        let approval = self.approval(&sending, &known).await?;
        self.take_destination(&contact).await?;
        let proof = self.send_proof(&sending, &contact, false).await?;
        let enrolment = Enrolment {
            customer: customer.clone(),
            contact: sending.name.into(),
            summary: summary.into(),
            begun_at,
            proof,
            approval,
        };
        self.ports.enrolments.keep(&enrolment).await?;
        Ok(enrolment)
    }

    /// Has the first contact that can be reached approve the new one; `None`
    /// only where none is known: a customer whom no code may be sent to does
    /// not get around approval.
    async fn approval(
        &self,
        sending: &Sending<'_>,
        known: &[Contact],
    ) -> Result<Option<SentCode>, EnrolContactError> {
        if known.is_empty() {
            return Ok(None);
        }
        let permitted = known.iter().filter(|known| self.policy.permits(known));
        let mut left = permitted.clone().count();
        let mut error = EnrolContactError::NotApprovable;
        for contact in permitted {
            left -= 1;
            let sent = match self.not_paused(contact, self.now()).await {
                Ok(()) => match self.take_send(sending.customer, contact).await {
                    Ok(()) => self.send_proof(sending, contact, left > 0).await,
                    Err(refused) => Err(refused.into()),
                },
                Err(paused) => Err(paused.into()),
            };
            match sent {
                Ok(sent) => return Ok(Some(sent)),
                Err(EnrolContactError::Undeliverable) => {}
                Err(other) => error = other,
            }
        }
        Err(error)
    }

    /// Takes one enrolment from the customer's allowance.
    async fn take_enrolment(&self, customer: &CustomerId) -> Result<(), EnrolContactError> {
        let name = format!("enrolments.customer.{}", customer.as_str());
        let windows = &self.policy.enrolments_per_customer;
        self.take_all(&[(&name, windows)]).await
    }

    /// Takes one code from the allowances of a contact that nobody has proved,
    /// and of its country.
    async fn take_destination(&self, contact: &Contact) -> Result<(), EnrolContactError> {
        let policy = &self.policy;
        let name = format!("enrolments.destination.{}", self.pepper.name(contact));
        let mut allowances = vec![(&*name, &policy.enrolments_per_destination)];
        let country = contact.country();
        let country = country.map(|it| format!("enrolments.country.{}", it.as_str()));
        if let Some(country) = &country {
            allowances.push((country, &policy.enrolments_per_country));
        }
        self.take_all(&allowances).await
    }

    async fn take_all(&self, allowances: &[(&str, &Vec<Window>)]) -> Result<(), EnrolContactError> {
        let allowance = |(name, windows): &(&str, &Vec<Window>)| {
            let key = QuotaKey::parse(name).map_err(|error| Fault::broken("quotas", error))?;
            let windows = (*windows).clone();
            Ok(Allowance { key, windows })
        };
        let allowances: Result<Vec<_>, Fault> = allowances.iter().map(allowance).collect();
        match self.ports.quotas.take(&allowances?, self.now()).await {
            Ok(()) => Ok(()),
            Err(TakeError::Exhausted { retry_at }) => {
                Err(EnrolContactError::TooManySends { retry_at })
            }
            Err(TakeError::Fault(fault)) => Err(fault.into()),
        }
    }

    async fn send_proof(
        &self,
        sending: &Sending<'_>,
        contact: &Contact,
        others_left: bool,
    ) -> Result<SentCode, EnrolContactError> {
        let seed = self.seed()?;
        let order = order(
            sending.customer,
            &sending.name,
            sending.summary,
            sending.begun_at,
            seed,
        )?;
        // The lifetime is counted from before the message left.
        let (sent_at, lifetime) = (self.now(), self.policy.lifetime.get());
        let request = ChallengeRequest {
            order: &order,
            contact,
            previous: None,
            sent_at,
            lifetime,
            language: sending.language,
            others_left,
            deadline: sending.deadline,
        };
        let handle = sending.challenger.challenge(&request).await?;
        Ok(SentCode {
            seed,
            challenge: Challenge {
                handle,
                sent_to: contact.masked(),
                instead_of: None,
                sent_at,
                expires_at: sent_at + lifetime,
            },
        })
    }

    fn seed(&self) -> Result<Seed, Fault> {
        Ok(Seed {
            challenge: ChallengeId::from_bytes(self.random()?),
            nonce: Nonce::from_bytes(self.random()?),
        })
    }
}

/// What the codes of an enrolment have in common.
struct Sending<'a> {
    challenger: &'a dyn Challenger,
    customer: &'a CustomerId,
    name: String,
    summary: &'a str,
    begun_at: Timestamp,
    language: &'a Language,
    deadline: Deadline,
}

impl From<ChallengeError> for EnrolContactError {
    fn from(error: ChallengeError) -> Self {
        match error {
            ChallengeError::Undeliverable => Self::Undeliverable,
            ChallengeError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<SendCodeError> for EnrolContactError {
    fn from(error: SendCodeError) -> Self {
        match error {
            SendCodeError::TooManySends { retry_at } => Self::TooManySends { retry_at },
            SendCodeError::Paused { retry_at } => Self::Paused { retry_at },
            SendCodeError::Fault(fault) => Self::Fault(fault),
            SendCodeError::NoContact | SendCodeError::Undeliverable | SendCodeError::NotOpen => {
                Self::Undeliverable
            }
        }
    }
}
