//! An enrolment: a contact that a customer wants codes sent to, and has yet to
//! prove.

use jiff::Timestamp;

use crate::challenge::{Challenge, Seed};
use crate::fault::Fault;
use crate::ids::{CustomerId, OrderId};
use crate::item::{InvalidItem, Item};
use crate::order::{Attempt, Confirmation, PlacedOrder, ProofMismatch};
use crate::standing::Lock;

/// A contact that a customer wants codes sent to, from when a code was sent
/// there until it comes back.
///
/// Where codes could be sent before, one was sent there as well: whoever has
/// got into an account must not be able to send its codes elsewhere. The
/// contact itself is not kept, only its [name](crate::Pepper::name).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Whose contact it will be.
    pub customer: CustomerId,
    /// The contact's name.
    pub contact: Box<str>,
    /// What the messages say that the code is for.
    pub summary: Box<str>,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// The code that was sent to the new contact.
    pub proof: SentCode,
    /// The code that was sent to a contact known before, if there was one.
    pub approval: Option<SentCode>,
}

/// A code that was sent for an enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentCode {
    /// What the code is derived from.
    pub seed: Seed,
    /// The challenge that the supplier acknowledged.
    pub challenge: Challenge,
}

impl Enrolment {
    /// The kind of [`Item`] that the codes of an enrolment are bound to.
    pub const KIND: &'static str = "pod-contact";

    /// From when on its codes enrol nothing.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        let proof = self.proof.challenge.expires_at;
        let approval = self.approval.as_ref();
        approval.map_or(proof, |approval| approval.challenge.expires_at.min(proof))
    }

    /// What a code of the enrolment is bound to, in the form that challengers
    /// judge: an order of the very contact, which nobody keeps.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the enrolment is none that pod has begun.
    pub fn order(&self, seed: Seed) -> Result<PlacedOrder, Fault> {
        order(
            &self.customer,
            &self.contact,
            &self.summary,
            self.begun_at,
            seed,
        )
        .map_err(|error| Fault::broken("enrolments", error))
    }
}

/// What a code for enrolling a contact is bound to.
pub(crate) fn order(
    customer: &CustomerId,
    contact: &str,
    summary: &str,
    begun_at: Timestamp,
    seed: Seed,
) -> Result<PlacedOrder, InvalidItem> {
    let bytes = seed.challenge.to_bytes();
    let (random, _) = bytes.split_first_chunk().unwrap_or((&[0; 10], &[]));
    Ok(PlacedOrder {
        id: OrderId::new(begun_at, *random),
        customer: customer.clone(),
        item: Item::new(Enrolment::KIND, summary, None, contact)?,
        placed_at: begun_at,
        seed,
    })
}

/// One attempt to prove a contact, counted before it is judged.
///
/// Only what keeps the enrolments makes one, after counting it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentAttempt {
    enrolment: Enrolment,
    left: u32,
    begun_at: Timestamp,
    lock: Option<Lock>,
}

impl EnrolmentAttempt {
    /// Puts an attempt together that has just been counted; `left` is how many
    /// more the enrolment has after this one, and `lock` what it leaves behind
    /// unless it turns out right.
    #[must_use]
    pub fn counted(
        enrolment: Enrolment,
        left: u32,
        begun_at: Timestamp,
        lock: Option<Lock>,
    ) -> Self {
        Self {
            enrolment,
            left,
            begun_at,
            lock,
        }
    }

    /// The enrolment.
    #[must_use]
    pub fn enrolment(&self) -> &Enrolment {
        &self.enrolment
    }

    /// How many attempts it has after this one.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.left
    }

    /// When it was counted.
    #[must_use]
    pub fn begun_at(&self) -> Timestamp {
        self.begun_at
    }

    /// The lock that it leaves behind unless it turns out right.
    #[must_use]
    pub fn lock(&self) -> Option<Lock> {
        self.lock
    }

    /// The attempt at one of the codes, for a challenger to judge.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the enrolment is none that pod has begun.
    pub fn at(&self, code: &SentCode) -> Result<Attempt, Fault> {
        let order = self.enrolment.order(code.seed)?;
        let challenge = code.challenge.clone();
        Ok(Attempt::counted(order, challenge, self.left, self.begun_at))
    }

    /// Spends the proofs, one for each code that was sent.
    ///
    /// # Errors
    ///
    /// [`ProofMismatch`] if one is missing, or for something else.
    pub fn enrol(
        self,
        proof: Confirmation,
        approval: Option<Confirmation>,
    ) -> Result<Enrolled, ProofMismatch> {
        let is_for = |code: &SentCode, proof: &Confirmation| {
            let order = self.enrolment.order(code.seed);
            order.is_ok_and(|order| order == *proof.order())
        };
        let approved = match (&self.enrolment.approval, &approval) {
            (Some(code), Some(proof)) => is_for(code, proof),
            (None, None) => true,
            _ => false,
        };
        if !approved || !is_for(&self.enrolment.proof, &proof) {
            return Err(ProofMismatch);
        }
        Ok(Enrolled {
            attempt: self,
            _proof: proof,
            _approval: approval,
        })
    }
}

/// A contact that was proved, to be kept. It holds the proofs it was made
/// with.
#[derive(Debug)]
pub struct Enrolled {
    attempt: EnrolmentAttempt,
    _proof: Confirmation,
    _approval: Option<Confirmation>,
}

impl Enrolled {
    /// The attempt that succeeded.
    #[must_use]
    pub fn attempt(&self) -> &EnrolmentAttempt {
        &self.attempt
    }
}
