//! The contacts of a customer, and which one gets codes.

use thiserror::Error;

use crate::contact::Contact;
use crate::deadline::Deadline;
use crate::fault::Fault;
use crate::ids::CustomerId;
use crate::pod::Pod;
use crate::ports::{ContactChange, ContactEntries};

/// A contact that is known to be a customer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownContact {
    /// The contact.
    pub contact: Contact,
    /// Its [name](crate::Pepper::name), which may be shown.
    pub name: String,
    /// Whether codes may be sent there.
    pub permitted: bool,
    /// Whether the customer can remove it: it is kept by pod alone, and codes
    /// can be sent to another one.
    pub removable: bool,
    /// Whether it is known elsewhere.
    elsewhere: bool,
}

/// Why a contact stays as it is.
#[derive(Debug, Error)]
pub enum ChangeContactError {
    /// The customer has no contact of that name, or none that codes may be
    /// sent to.
    #[error("the customer has no such contact")]
    NotKnown,
    /// It is the last one that codes may be sent to, or it is kept elsewhere.
    #[error("the contact cannot be removed")]
    NotRemovable,
    /// A port broke.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Pod {
    /// The customer's contacts, in the order in which codes are sent to them.
    ///
    /// # Errors
    ///
    /// [`Fault`] if they could not be looked up in time.
    pub async fn contacts(
        &self,
        customer: &CustomerId,
        deadline: Deadline,
    ) -> Result<Vec<KnownContact>, Fault> {
        let (contacts, elsewhere) = self.looked_up(customer, deadline).await?;
        let permitted = |contact: &Contact| self.policy.permits(contact);
        let reached: Vec<_> = contacts
            .iter()
            .filter(|it| permitted(it))
            .cloned()
            .collect();
        let known = contacts.into_iter().map(|contact| {
            let elsewhere = elsewhere.contains(&contact);
            KnownContact {
                name: self.pepper.name(&contact),
                permitted: permitted(&contact),
                // Without another one, the next contact could be enrolled
                // without approval.
                removable: !elsewhere && reached.iter().any(|other| *other != contact),
                elsewhere,
                contact,
            }
        });
        Ok(known.collect())
    }

    /// Has codes go to one of the customer's contacts first, named as
    /// [`Pod::contacts`] does.
    ///
    /// # Errors
    ///
    /// [`ChangeContactError::NotKnown`] if there is none of that name that
    /// codes may be sent to; [`ChangeContactError::Fault`] if it may not have
    /// been kept.
    pub async fn prefer_contact(
        &self,
        customer: &CustomerId,
        name: &str,
        deadline: Deadline,
    ) -> Result<(), ChangeContactError> {
        let known = self.contacts(customer, deadline).await?;
        let named = known.into_iter().find(|known| known.name == name);
        let named = named.filter(|known| known.permitted);
        let named = named.ok_or(ChangeContactError::NotKnown)?;
        let prefer = ContactChange::Prefer(named.contact);
        self.ports.contact_book.change(customer, &prefer).await?;
        Ok(())
    }

    /// Removes a contact that the customer has proved to pod. The last one
    /// that codes may be sent to stays.
    ///
    /// # Errors
    ///
    /// [`ChangeContactError::NotKnown`] if there is none of that name;
    /// [`ChangeContactError::NotRemovable`] if it is the last one or kept
    /// elsewhere; [`ChangeContactError::Fault`] if it may still be there.
    pub async fn remove_contact(
        &self,
        customer: &CustomerId,
        name: &str,
        deadline: Deadline,
    ) -> Result<(), ChangeContactError> {
        let known = self.contacts(customer, deadline).await?;
        let even_last = known.iter().any(|known| known.permitted && known.elsewhere);
        let named = known.into_iter().find(|known| known.name == name);
        let named = named.ok_or(ChangeContactError::NotKnown)?;
        if !named.removable {
            return Err(ChangeContactError::NotRemovable);
        }
        let remove = ContactChange::Remove {
            contact: named.contact,
            even_last,
        };
        if self.ports.contact_book.change(customer, &remove).await? {
            Ok(())
        } else {
            Err(ChangeContactError::NotRemovable)
        }
    }

    /// The customer's contacts, the preferred one first, and those of them
    /// that are known elsewhere.
    pub(crate) async fn looked_up(
        &self,
        customer: &CustomerId,
        deadline: Deadline,
    ) -> Result<(Vec<Contact>, Vec<Contact>), Fault> {
        let ContactEntries { kept, preferred } = self.ports.contact_book.entries(customer).await?;
        let elsewhere = self.ports.customers.contacts(customer, deadline).await?;
        let mut contacts = elsewhere.clone();
        for contact in kept {
            if !contacts.contains(&contact) {
                contacts.push(contact);
            }
        }
        // One that is not the customer's any more is preferred in vain.
        if let Some(place) = contacts
            .iter()
            .position(|contact| Some(contact) == preferred.as_ref())
        {
            contacts[..=place].rotate_right(1);
        }
        Ok((contacts, elsewhere))
    }
}
