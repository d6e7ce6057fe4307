//! The port that keeps what customers have decided of their contacts.

use async_trait::async_trait;

use crate::contact::Contact;
use crate::fault::Fault;
use crate::ids::CustomerId;

/// What a customer has decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactEntries {
    /// The contacts that were proved to pod, the oldest first.
    pub kept: Vec<Contact>,
    /// The contact that codes go to first: one of these, or one that
    /// [`Customers`](super::Customers) knows.
    pub preferred: Option<Contact>,
}

/// Something that a customer decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactChange {
    /// Codes go to this contact first.
    Prefer(Contact),
    /// Codes do not go to this contact any more, as far as it is kept here.
    Remove {
        /// The contact.
        contact: Contact,
        /// Whether it may be the last one that is kept: codes can be sent
        /// elsewhere then.
        even_last: bool,
    },
}

/// Keeps the contacts that customers have proved to pod, and which one they
/// want codes sent to. It looks at the same contacts as
/// [`Enrolments`](super::Enrolments), by which they get here.
#[async_trait]
pub trait ContactBook: Send + Sync {
    /// What a customer has decided; nothing if the customer is unknown.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it could not be looked up.
    async fn entries(&self, customer: &CustomerId) -> Result<ContactEntries, Fault>;

    /// Keeps a decision. The latest preference holds; removing a contact takes
    /// back a preference for it, and removing one that is not there changes
    /// nothing. Of any number of contacts that are removed at the same time,
    /// one stays unless it [may be the last](ContactChange::Remove). Returns
    /// whether anything is different now.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it may not have been kept.
    async fn change(&self, customer: &CustomerId, change: &ContactChange) -> Result<bool, Fault>;

    /// Forgets a customer's contacts, preference and enrolment, and nobody
    /// else's.
    ///
    /// # Errors
    ///
    /// [`Fault`] if something may be left.
    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault>;
}
