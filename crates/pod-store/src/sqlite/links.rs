//! Remembers which account at the assistant is whose.

use async_trait::async_trait;
use pod_core::ports::Links;
use pod_core::{AccountId, CustomerId, Fault};
use rusqlite::{Connection, Statement, params};

use super::SqliteStore;
use super::error::StoreError;
use super::row::Column;

// A link that holds already is not written again.
const LINK: &str = "\
    INSERT INTO links (account, customer) VALUES (?1, ?2) \
    ON CONFLICT (account) DO UPDATE SET customer = excluded.customer \
    WHERE customer <> excluded.customer";

const FIND: &str = "SELECT customer FROM links WHERE account = ?1";

const UNLINK: &str = "DELETE FROM links WHERE account = ?1 RETURNING customer";

const FORGET: &str = "DELETE FROM links WHERE customer = ?1";

const CUSTOMER: Column = Column::new(0, "links", "customer");

/// The statement that reads links.
pub(super) struct Reads<'db> {
    find: Statement<'db>,
}

impl<'db> Reads<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            find: db.prepare(FIND)?,
        })
    }

    fn find(&mut self, account: &AccountId) -> Result<Option<CustomerId>, StoreError> {
        let mut rows = self.find.query([account.as_str()])?;
        let row = rows.next()?;
        row.map(|row| CUSTOMER.parsed(row, CustomerId::parse))
            .transpose()
    }
}

/// The statements that keep links.
pub(super) struct Statements<'db> {
    link: Statement<'db>,
    unlink: Statement<'db>,
    forget: Statement<'db>,
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            link: db.prepare(LINK)?,
            unlink: db.prepare(UNLINK)?,
            forget: db.prepare(FORGET)?,
        })
    }

    fn unlink(&mut self, account: &AccountId) -> Result<Option<CustomerId>, StoreError> {
        let mut rows = self.unlink.query([account.as_str()])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let customer = CUSTOMER.parsed(row, CustomerId::parse)?;
        // Only the end of the statement tells that it went well.
        while rows.next()?.is_some() {}
        Ok(Some(customer))
    }
}

#[async_trait]
impl Links for SqliteStore {
    async fn link(&self, account: &AccountId, customer: &CustomerId) -> Result<(), Fault> {
        let (account, customer) = (account.clone(), customer.clone());
        self.write(move |db| {
            let link = &mut db.links.link;
            link.execute(params![account.as_str(), customer.as_str()])?;
            Ok(())
        })
        .await
    }

    async fn find(&self, account: &AccountId) -> Result<Option<CustomerId>, Fault> {
        let account = account.clone();
        self.read(move |db| db.links.find(&account)).await
    }

    async fn unlink(&self, account: &AccountId) -> Result<Option<CustomerId>, Fault> {
        let account = account.clone();
        self.write(move |db| db.links.unlink(&account)).await
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        let customer = customer.clone();
        self.write(move |db| {
            db.links.forget.execute([customer.as_str()])?;
            Ok(())
        })
        .await
    }
}
