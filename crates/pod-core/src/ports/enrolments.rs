//! The port that keeps enrolments.

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;

use crate::contact::Contact;
use crate::enrolment::{Enrolled, Enrolment, EnrolmentAttempt};
use crate::fault::Fault;
use crate::ids::CustomerId;
use crate::policy::AttemptLimits;
use crate::standing::Locked;

/// Keeps the one contact that a customer has yet to prove, and counts the
/// attempts.
///
/// Each method is one step: it happens whole or not at all. It looks at the
/// same contacts as [`ContactBook`](super::ContactBook), and at the same
/// failures of customers as [`Attempts`](super::Attempts).
#[async_trait]
pub trait Enrolments: Send + Sync {
    /// Keeps an enrolment whose codes were sent, with no attempt counted. One
    /// that the customer had before ends.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it may not have been kept.
    async fn keep(&self, enrolment: &Enrolment) -> Result<(), Fault>;

    /// The customer's enrolment, with the number of attempts counted; `None`
    /// if there is none, or its time is up.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it could not be looked up.
    async fn find(
        &self,
        customer: &CustomerId,
        now: Timestamp,
    ) -> Result<Option<(Enrolment, u32)>, Fault>;

    /// Counts an attempt at the customer's enrolment of the contact of this
    /// name, before anybody judges a code: for the enrolment and, by
    /// [`Standing::begin`](crate::Standing::begin), for the customer. Of any
    /// number of calls at the same time, no more than the limits allow
    /// succeed; a refused call counts nothing.
    ///
    /// # Errors
    ///
    /// [`BeginEnrolmentError::Locked`] if the customer is locked;
    /// [`BeginEnrolmentError::NotPending`] if that contact is not being
    /// enrolled, or its time is up; [`BeginEnrolmentError::Refused`] if its
    /// attempts are used up; [`BeginEnrolmentError::Fault`] if the attempt may
    /// not have been counted.
    async fn begin(
        &self,
        customer: &CustomerId,
        contact: &str,
        now: Timestamp,
        limits: &AttemptLimits,
    ) -> Result<EnrolmentAttempt, BeginEnrolmentError>;

    /// Keeps a contact that was proved, behind those kept before, and ends its
    /// enrolment. Of any number of calls for one enrolment, exactly one
    /// succeeds. The attempt is taken back from the customer's failures, by
    /// [`Standing::succeed`](crate::Standing::succeed).
    ///
    /// # Errors
    ///
    /// [`FinishEnrolmentError::NotPending`] if this very enrolment has ended,
    /// its time is up at `now`, or nobody had to approve it and a contact is
    /// kept by now; [`FinishEnrolmentError::Fault`] if the
    /// contact may not have been kept.
    async fn finish(
        &self,
        enrolled: &Enrolled,
        contact: &Contact,
        now: Timestamp,
    ) -> Result<(), FinishEnrolmentError>;
}

/// Why an attempt may not be judged.
#[derive(Debug, Error)]
pub enum BeginEnrolmentError {
    /// The customer failed too often.
    #[error(transparent)]
    Locked(#[from] Locked),
    /// That contact is not being enrolled.
    #[error("no such contact is being enrolled")]
    NotPending,
    /// The attempts are used up.
    #[error("the attempts are used up")]
    Refused,
    /// The attempt may not have been counted.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a contact was not kept.
#[derive(Debug, Error)]
pub enum FinishEnrolmentError {
    /// The enrolment has ended.
    #[error("the enrolment has ended")]
    NotPending,
    /// It may not have been kept.
    #[error(transparent)]
    Fault(#[from] Fault),
}
