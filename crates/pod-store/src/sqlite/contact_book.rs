//! Keeps the contacts that customers have proved, and which one they prefer.

use async_trait::async_trait;
use pod_core::ports::{ContactBook, ContactChange, ContactEntries};
use pod_core::{Contact, CustomerId, Fault};
use rusqlite::{Connection, Statement, params};

use super::SqliteStore;
use super::customers;
use super::error::StoreError;
use super::row::Column;

const PREFERRED: &str = "SELECT channel, contact FROM preferences WHERE customer = ?1";

const PREFER: &str = "\
    INSERT INTO preferences (customer, channel, contact) VALUES (?1, ?2, ?3) \
    ON CONFLICT (customer) DO UPDATE SET channel = excluded.channel, contact = excluded.contact \
    WHERE channel <> excluded.channel OR contact <> excluded.contact";

const KEEP: &str = "\
    INSERT INTO contacts (customer, position, channel, contact) \
    SELECT ?1, (SELECT coalesce(max(position), -1) + 1 FROM contacts WHERE customer = ?1), ?2, ?3 \
    WHERE NOT EXISTS \
        (SELECT 1 FROM contacts WHERE customer = ?1 AND channel = ?2 AND contact = ?3)";

// That one stays is looked at by the statement that removes, not by one before
// it.
const REMOVE: &str = "\
    DELETE FROM contacts WHERE customer = ?1 AND channel = ?2 AND contact = ?3 AND (?4 OR EXISTS \
        (SELECT 1 FROM contacts WHERE customer = ?1 AND NOT (channel = ?2 AND contact = ?3)))";

const FORGET_PREFERENCE: &str = "\
    DELETE FROM preferences WHERE customer = ?1 AND channel = ?2 AND contact = ?3";

const FORGET_PREFERENCES: &str = "DELETE FROM preferences WHERE customer = ?1";

/// The statement that reads preferences.
pub(super) struct Reads<'db> {
    preferred: Statement<'db>,
}

impl<'db> Reads<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            preferred: db.prepare(PREFERRED)?,
        })
    }

    fn preferred(&mut self, customer: &CustomerId) -> Result<Option<Contact>, StoreError> {
        const CHANNEL: Column = Column::new(0, "preferences", "channel");
        const CONTACT: Column = Column::new(1, "preferences", "contact");

        let mut rows = self.preferred.query([customer.as_str()])?;
        let row = rows.next()?;
        row.map(|row| customers::contact(CHANNEL, CONTACT, row))
            .transpose()
    }
}

/// The statements that write contacts and preferences.
pub(super) struct Statements<'db> {
    prefer: Statement<'db>,
    keep: Statement<'db>,
    remove: Statement<'db>,
    forget_preference: Statement<'db>,
    forget_preferences: Statement<'db>,
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            prefer: db.prepare(PREFER)?,
            keep: db.prepare(KEEP)?,
            remove: db.prepare(REMOVE)?,
            forget_preference: db.prepare(FORGET_PREFERENCE)?,
            forget_preferences: db.prepare(FORGET_PREFERENCES)?,
        })
    }

    /// Keeps a contact behind the others, unless it is there.
    pub(super) fn keep(
        &mut self,
        customer: &CustomerId,
        contact: &Contact,
    ) -> Result<(), StoreError> {
        self.keep.execute(values(customer, contact))?;
        Ok(())
    }

    fn change(
        &mut self,
        customer: &CustomerId,
        change: &ContactChange,
    ) -> Result<bool, StoreError> {
        Ok(match change {
            ContactChange::Prefer(contact) => self.prefer.execute(values(customer, contact))? > 0,
            ContactChange::Remove { contact, even_last } => {
                let removed = self.remove.execute(params![
                    customer.as_str(),
                    contact.channel().as_str(),
                    contact.expose(),
                    even_last,
                ])?;
                if removed > 0 {
                    self.forget_preference.execute(values(customer, contact))?;
                }
                removed > 0
            }
        })
    }
}

fn values<'a>(customer: &'a CustomerId, contact: &'a Contact) -> [&'a str; 3] {
    [
        customer.as_str(),
        contact.channel().as_str(),
        contact.expose(),
    ]
}

impl SqliteStore {
    /// Keeps a contact behind the customer's others, unless it is there. It must
    /// have been verified: codes are sent to it.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it may not have been kept.
    pub async fn add_contact(&self, customer: &CustomerId, contact: &Contact) -> Result<(), Fault> {
        let (customer, contact) = (customer.clone(), contact.clone());
        self.write(move |db| db.contact_book.keep(&customer, &contact))
            .await
    }
}

#[async_trait]
impl ContactBook for SqliteStore {
    async fn entries(&self, customer: &CustomerId) -> Result<ContactEntries, Fault> {
        let customer = customer.clone();
        self.read(move |db| {
            Ok(ContactEntries {
                kept: db.customers.contacts(&customer)?,
                preferred: db.contact_book.preferred(&customer)?,
            })
        })
        .await
    }

    async fn change(&self, customer: &CustomerId, change: &ContactChange) -> Result<bool, Fault> {
        let (customer, change) = (customer.clone(), change.clone());
        self.write(move |db| db.contact_book.change(&customer, &change))
            .await
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        let customer = customer.clone();
        self.write(move |db| {
            db.customers.replace(&customer, &[])?;
            db.enrolments.end(&customer)?;
            let forget = &mut db.contact_book.forget_preferences;
            forget.execute([customer.as_str()])?;
            Ok(())
        })
        .await
    }
}
