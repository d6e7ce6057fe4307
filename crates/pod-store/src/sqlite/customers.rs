//! Knows where a code can reach a customer.

use async_trait::async_trait;
use pod_core::ports::Customers;
use pod_core::{Channel, Contact, CustomerId, Deadline, EmailAddress, Fault, PhoneNumber};
use rusqlite::{Connection, Row, Statement, params};

use super::SqliteStore;
use super::error::StoreError;
use super::kept_order;
use super::row::Column;

const LIST: &str = "SELECT channel, contact FROM contacts WHERE customer = ?1 ORDER BY position";

const KEEP: &str = "\
    INSERT INTO contacts (customer, position, channel, contact) VALUES (?1, ?2, ?3, ?4)";

const FORGET: &str = "DELETE FROM contacts WHERE customer = ?1";

/// The statement that reads contacts.
pub(super) struct Reads<'db> {
    list: Statement<'db>,
}

/// The statements that write contacts.
pub(super) struct Statements<'db> {
    keep: Statement<'db>,
    forget: Statement<'db>,
}

impl<'db> Reads<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            list: db.prepare(LIST)?,
        })
    }

    pub(super) fn contacts(&mut self, customer: &CustomerId) -> Result<Vec<Contact>, StoreError> {
        const CHANNEL: Column = Column::new(0, "contacts", "channel");
        const CONTACT: Column = Column::new(1, "contacts", "contact");

        let mut rows = self.list.query([customer.as_str()])?;
        let mut contacts = Vec::new();
        while let Some(row) = rows.next()? {
            contacts.push(contact(CHANNEL, CONTACT, row)?);
        }
        Ok(contacts)
    }
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            keep: db.prepare(KEEP)?,
            forget: db.prepare(FORGET)?,
        })
    }

    pub(super) fn replace(
        &mut self,
        customer: &CustomerId,
        contacts: &[Contact],
    ) -> Result<(), StoreError> {
        self.forget.execute([customer.as_str()])?;
        for (position, contact) in (0_i64..).zip(contacts) {
            self.keep.execute(params![
                customer.as_str(),
                position,
                contact.channel().as_str(),
                contact.expose(),
            ])?;
        }
        Ok(())
    }
}

/// Reads a contact of two columns.
pub(super) fn contact(way: Column, contact: Column, row: &Row<'_>) -> Result<Contact, StoreError> {
    Ok(match kept_order::channel(way, row)? {
        Channel::Phone => Contact::Phone(contact.parsed(row, PhoneNumber::parse)?),
        Channel::Email => Contact::Email(contact.parsed(row, EmailAddress::parse)?),
    })
}

impl SqliteStore {
    /// Keeps a customer's contacts, the preferred one first, in place of those
    /// kept before. They must have been verified: codes are sent to them.
    ///
    /// # Errors
    ///
    /// [`Fault`] if they may not have been kept; those before may then stay.
    pub async fn keep_contacts(
        &self,
        customer: &CustomerId,
        contacts: &[Contact],
    ) -> Result<(), Fault> {
        let (customer, contacts) = (customer.clone(), contacts.to_vec());
        self.write(move |db| db.customers.replace(&customer, &contacts))
            .await
    }
}

#[async_trait]
impl Customers for SqliteStore {
    async fn contacts(
        &self,
        customer: &CustomerId,
        deadline: Deadline,
    ) -> Result<Vec<Contact>, Fault> {
        let customer = customer.clone();
        let contacts = self.read(move |db| db.customers.contacts(&customer));
        match tokio::time::timeout_at(deadline.instant().into(), contacts).await {
            Ok(contacts) => contacts,
            Err(_) => Err(StoreError::Late.into()),
        }
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        let customer = customer.clone();
        self.write(move |db| db.customers.replace(&customer, &[]))
            .await
    }
}
