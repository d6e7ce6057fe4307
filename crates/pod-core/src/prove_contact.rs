//! Proving a contact by the codes that were sent for it.

use jiff::Timestamp;
use thiserror::Error;

use crate::code::Code;
use crate::contact::Contact;
use crate::deadline::Deadline;
use crate::enrolment::{Enrolment, EnrolmentAttempt, SentCode};
use crate::fault::Fault;
use crate::ids::CustomerId;
use crate::order::Confirmation;
use crate::pod::Pod;
use crate::ports::{BeginEnrolmentError, Challenger, CheckError, FinishEnrolmentError};

/// Codes, and the contact that they are to prove.
#[derive(Debug, Clone)]
pub struct ProveContact {
    /// Who says them.
    pub customer: CustomerId,
    /// The contact that is being enrolled.
    pub contact: Contact,
    /// The code that was sent there.
    pub code: Code,
    /// The code that was sent to a contact known before, if one was.
    pub approval: Option<Code>,
    /// By when an answer is wanted.
    pub deadline: Deadline,
}

/// Why a contact is not the customer's yet.
#[derive(Debug, Error)]
pub enum ProveContactError {
    /// That contact is not being enrolled, or its codes have expired.
    #[error("no such contact is being enrolled")]
    NotPending,
    /// The code of the contact known before is missing. No attempt was counted.
    #[error("the code of the contact known before is missing")]
    NotApproved,
    /// A code is wrong.
    #[error("those are not the right codes")]
    WrongCode {
        /// How many attempts are left: at least one.
        attempts_left: u32,
    },
    /// The attempts are used up.
    #[error("the attempts are used up")]
    Refused,
    /// The customer failed too often, this time included.
    #[error("the customer is locked")]
    Locked {
        /// When the lock ends; `None` if somebody has to unlock.
        until: Option<Timestamp>,
    },
    /// A port broke. The attempt may have been counted.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Pod {
    /// A contact that a customer has yet to prove, and how many attempts are
    /// left; `None` if that one is not being enrolled.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it could not be looked up in time.
    pub async fn enrolment(
        &self,
        customer: &CustomerId,
        contact: &Contact,
        deadline: Deadline,
    ) -> Result<Option<(Enrolment, u32)>, Fault> {
        let found = self.pending_enrolment(customer, contact, deadline).await?;
        let found = found.map(|(enrolment, attempts)| (enrolment, self.attempts_left(attempts)));
        Ok(found.filter(|(_, left)| *left > 0))
    }

    /// Whether contacts can be enrolled here.
    #[must_use]
    pub fn enrols(&self) -> bool {
        self.ports.enrolment_challenger.is_some()
    }

    /// Keeps a contact for good if the codes are the right ones. The attempt is
    /// counted before the codes are judged, and the contact is durable before
    /// this returns.
    ///
    /// # Errors
    ///
    /// [`ProveContactError`], one variant for each reason. None says which of
    /// two codes is wrong.
    pub async fn prove_contact(&self, command: ProveContact) -> Result<(), ProveContactError> {
        let ProveContact {
            customer,
            contact,
            code,
            approval,
            deadline,
        } = command;
        let challenger = self.ports.enrolment_challenger.as_deref();
        let challenger = challenger.ok_or(ProveContactError::NotPending)?;
        let pending = self.pending_enrolment(&customer, &contact, deadline);
        let (pending, _) = pending.await?.ok_or(ProveContactError::NotPending)?;
        if pending.approval.is_some() && approval.is_none() {
            return Err(ProveContactError::NotApproved);
        }
        let (name, limits) = (self.pepper.name(&contact), &self.policy.attempts);
        let begun = self
            .ports
            .enrolments
            .begin(&customer, &name, self.now(), limits)
            .await;
        let attempt = begun?;

        let enrolment = attempt.enrolment();
        let judged = Judge {
            pod: self,
            challenger,
            attempt: &attempt,
            deadline,
        };
        // Both are judged, so that nobody finds out one at a time.
        let proof = judged.judge(&enrolment.proof, Some(&code)).await?;
        let approved = match &enrolment.approval {
            Some(sent) => judged.judge(sent, approval.as_ref()).await?.map(Some),
            None => Some(None),
        };
        let (Some(proof), Some(approved)) = (proof, approved) else {
            return Err(refused(&attempt));
        };
        let enrolled = attempt
            .enrol(proof, approved)
            .map_err(|mismatch| Fault::broken("challenger", mismatch))?;
        let finished = self
            .ports
            .enrolments
            .finish(&enrolled, &contact, self.now());
        finished.await?;
        Ok(())
    }

    /// The customer's enrolment of this contact. One that nobody had to approve
    /// has ended once there is somebody who could.
    async fn pending_enrolment(
        &self,
        customer: &CustomerId,
        contact: &Contact,
        deadline: Deadline,
    ) -> Result<Option<(Enrolment, u32)>, Fault> {
        let found = self.ports.enrolments.find(customer, self.now()).await?;
        let name = self.pepper.name(contact);
        let Some(found) = found.filter(|(enrolment, _)| *enrolment.contact == *name) else {
            return Ok(None);
        };
        if found.0.approval.is_none() {
            let (known, _) = self.looked_up(customer, deadline).await?;
            if !known.is_empty() {
                return Ok(None);
            }
        }
        Ok(Some(found))
    }
}

/// What an attempt is judged with.
struct Judge<'a> {
    pod: &'a Pod,
    challenger: &'a dyn Challenger,
    attempt: &'a EnrolmentAttempt,
    deadline: Deadline,
}

impl Judge<'_> {
    /// Judges one code; `None` if it is wrong or missing.
    async fn judge(
        &self,
        sent: &SentCode,
        code: Option<&Code>,
    ) -> Result<Option<Confirmation>, Fault> {
        let Some(code) = code else {
            return Ok(None);
        };
        let attempt = self.attempt.at(sent)?;
        let proof = match self.challenger.check(&attempt, code, self.deadline).await {
            Ok(proof) => proof,
            Err(CheckError::Refused) => return Ok(None),
            Err(CheckError::Fault(fault)) => return Err(fault),
        };
        let confirmed = attempt.confirm(proof, self.pod.now());
        let confirmed = confirmed.map_err(|mismatch| Fault::broken("challenger", mismatch))?;
        Ok(Some(confirmed))
    }
}

/// What a wrong code comes to: if it locked the customer, that is what
/// matters.
fn refused(attempt: &EnrolmentAttempt) -> ProveContactError {
    match attempt.lock() {
        Some(lock) => ProveContactError::Locked {
            until: lock.until(),
        },
        None if attempt.left() == 0 => ProveContactError::Refused,
        None => ProveContactError::WrongCode {
            attempts_left: attempt.left(),
        },
    }
}

impl From<BeginEnrolmentError> for ProveContactError {
    fn from(error: BeginEnrolmentError) -> Self {
        match error {
            BeginEnrolmentError::Locked(locked) => Self::Locked {
                until: locked.until,
            },
            BeginEnrolmentError::NotPending => Self::NotPending,
            BeginEnrolmentError::Refused => Self::Refused,
            BeginEnrolmentError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<FinishEnrolmentError> for ProveContactError {
    fn from(error: FinishEnrolmentError) -> Self {
        match error {
            FinishEnrolmentError::NotPending => Self::NotPending,
            FinishEnrolmentError::Fault(fault) => Self::Fault(fault),
        }
    }
}
