//! The identity that a classic code needs: a user of the passwordless
//! connection, linked to the customer, so that whoever says the code signs in
//! as the customer.

use pod_core::{Contact, CustomerId, Deadline};

use crate::connection::ConnectionName;
use crate::directory::Directory;
use crate::flight::{Flights, Outcome};
use crate::management::{Created, Linked};

/// Sees to identities; for each customer and contact once at a time.
pub(super) struct Linking {
    directory: Directory,
    flights: Flights<(CustomerId, Box<str>), Link>,
}

/// Whether a code to a contact will be the customer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// The contact is an identity of the customer's.
    Theirs,
    /// It is not one of the customer's contacts, or another customer signs in
    /// with it.
    NotTheirs,
}

impl Linking {
    pub(super) fn new(directory: Directory) -> Self {
        Self {
            directory,
            flights: Flights::default(),
        }
    }

    /// Makes sure of the identity. Any number of calls, here and elsewhere,
    /// make one identity and one link.
    pub(super) async fn ensure(
        &self,
        customer: &CustomerId,
        connection: &ConnectionName,
        contact: &Contact,
        deadline: Deadline,
    ) -> Outcome<Link> {
        let key = (customer.clone(), contact.expose().into());
        let missing = Missing {
            directory: self.directory.clone(),
            customer: customer.clone(),
            connection: connection.clone(),
            contact: contact.clone(),
            deadline,
        };
        self.flights
            .join(key, deadline, || async move { missing.ensure().await })
            .await
    }
}

/// An identity that may be missing.
struct Missing {
    directory: Directory,
    customer: CustomerId,
    connection: ConnectionName,
    contact: Contact,
    deadline: Deadline,
}

impl Missing {
    async fn ensure(&self) -> Outcome<Link> {
        let profile = self
            .directory
            .profile(&self.customer, self.deadline)
            .await?;
        let Some(profile) = profile.filter(|it| it.contacts().contains(&self.contact)) else {
            return Ok(Link::NotTheirs);
        };
        if profile.signs_in_with(&self.connection, &self.contact) {
            return Ok(Link::Theirs);
        }
        // Only what was verified before is called so: a number that nobody but
        // the customer vouches for has to prove itself by the code.
        let verified = profile.vouches_for(&self.contact);
        let management = self.directory.management();
        let created = management
            .create(&self.connection, &self.contact, verified, self.deadline)
            .await?;
        match created {
            Created::Now(name) => self.link(&name).await,
            Created::Before => self.link_found(verified).await,
        }
    }

    /// There is such a user: perhaps linked by now, perhaps left alone by
    /// somebody who could not finish. It may also be the account of whoever
    /// has the contact: a customer who just claims the contact does not get it.
    async fn link_found(&self, verified: bool) -> Outcome<Link> {
        if self.is_linked().await? {
            return Ok(Link::Theirs);
        }
        if !verified {
            return Ok(Link::NotTheirs);
        }
        let found = self
            .directory
            .management()
            .find_alone(&self.connection, &self.contact, self.deadline)
            .await?;
        match found {
            Some(identity) => self.link(&identity.name).await,
            None => self.linked_meanwhile().await,
        }
    }

    async fn link(&self, name: &str) -> Outcome<Link> {
        let management = self.directory.management();
        let linked = management
            .link(&self.customer, &self.contact, name, self.deadline)
            .await?;
        match linked {
            Linked::Now => {
                // What was read before does not have the identity.
                self.directory.forget(&self.customer);
                Ok(Link::Theirs)
            }
            Linked::Before => self.linked_meanwhile().await,
        }
    }

    /// Somebody was faster: for this customer, or for another one.
    async fn linked_meanwhile(&self) -> Outcome<Link> {
        Ok(if self.is_linked().await? {
            Link::Theirs
        } else {
            Link::NotTheirs
        })
    }

    async fn is_linked(&self) -> Outcome<bool> {
        self.directory.forget(&self.customer);
        let profile = self
            .directory
            .profile_now(&self.customer, self.deadline)
            .await?;
        Ok(profile.is_some_and(|it| it.signs_in_with(&self.connection, &self.contact)))
    }
}
