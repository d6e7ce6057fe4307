//! Finds, lists and erases orders.

use async_trait::async_trait;
use pod_core::ports::{History, Page, PageRequest};
use pod_core::{CustomerId, Fault, Order, OrderId, Stage, Timestamp};
use rusqlite::{Connection, Statement, params};

use super::SqliteStore;
use super::error::StoreError;
use super::kept_order::{self, columns};

const FIND: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM orders o WHERE o.customer = ?1 AND o.id = ?2"
);

const FIND_ANYONES: &str = concat!("SELECT ", columns!(), " FROM orders o WHERE o.id = ?1");

const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM orders o WHERE o.customer = ?1 AND o.id < ?2 ORDER BY o.id DESC LIMIT ?3"
);

const LIST_STAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM orders o WHERE o.customer = ?1 AND o.id < ?2 \
        AND CASE WHEN o.state = 'awaiting_code' AND o.expires_at <= ?5 THEN 'expired' \
            ELSE o.state END = ?4 \
     ORDER BY o.id DESC LIMIT ?3"
);

const CLEAR: &str = "\
    DELETE FROM orders WHERE customer = ?1 \
        AND (ended_at IS NOT NULL OR state = 'awaiting_code' AND expires_at <= ?2)";

const ERASE: &str = "DELETE FROM orders WHERE customer = ?1";

// They count on until they are too old: nobody unlocks an account this way.
const ERASE_STANDING: &str = "UPDATE standings SET erased = 1 WHERE customer = ?1";

const CHECK: &str = "SELECT EXISTS (SELECT 1 FROM orders)";

/// Greater than every order's name.
const BEYOND: [u8; 17] = [0xFF; 17];

/// The statements that read orders.
pub(super) struct Reads<'db> {
    find: Statement<'db>,
    find_anyones: Statement<'db>,
    list: Statement<'db>,
    list_stage: Statement<'db>,
    check: Statement<'db>,
}

/// The statements that erase orders.
pub(super) struct Statements<'db> {
    clear: Statement<'db>,
    erase: Statement<'db>,
    erase_standing: Statement<'db>,
}

impl<'db> Reads<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            find: db.prepare(FIND)?,
            find_anyones: db.prepare(FIND_ANYONES)?,
            list: db.prepare(LIST)?,
            list_stage: db.prepare(LIST_STAGE)?,
            check: db.prepare(CHECK)?,
        })
    }

    /// Looks whether there is anything, only to see that looking works.
    pub(super) fn check(&mut self) -> Result<(), StoreError> {
        self.check.query_row([], |_| Ok(()))?;
        Ok(())
    }

    fn find(&mut self, customer: &CustomerId, id: OrderId) -> Result<Option<Order>, StoreError> {
        let mut rows = self.find.query(params![customer.as_str(), id.to_bytes()])?;
        rows.next()?.map(kept_order::read).transpose()
    }

    fn find_anyones(&mut self, id: OrderId) -> Result<Option<Order>, StoreError> {
        let mut rows = self.find_anyones.query([id.to_bytes()])?;
        rows.next()?.map(kept_order::read).transpose()
    }

    fn page(&mut self, customer: &CustomerId, request: &PageRequest) -> Result<Page, StoreError> {
        let beyond = request
            .older_than
            .map_or(BEYOND.to_vec(), |order| order.to_bytes().to_vec());
        // One more than was asked for tells whether there are more.
        let most = i64::from(request.limit) + 1;
        let mut rows = match request.stage.map(Stage::as_str) {
            None => self.list.query(params![customer.as_str(), beyond, most])?,
            Some(stage) => self.list_stage.query(params![
                customer.as_str(),
                beyond,
                most,
                stage,
                request.now.as_microsecond(),
            ])?,
        };
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let mut orders = Vec::new();
        while let Some(row) = rows.next()? {
            if orders.len() == limit {
                return Ok(Page { orders, more: true });
            }
            orders.push(kept_order::read(row)?.seen_at(request.now));
        }
        let more = false;
        Ok(Page { orders, more })
    }
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            clear: db.prepare(CLEAR)?,
            erase: db.prepare(ERASE)?,
            erase_standing: db.prepare(ERASE_STANDING)?,
        })
    }

    fn clear(&mut self, customer: &CustomerId, now: Timestamp) -> Result<u64, StoreError> {
        let cleared = self
            .clear
            .execute(params![customer.as_str(), now.as_microsecond()])?;
        Ok(cleared as u64)
    }

    fn erase(&mut self, customer: &CustomerId) -> Result<(), StoreError> {
        self.erase.execute([customer.as_str()])?;
        self.erase_standing.execute([customer.as_str()])?;
        Ok(())
    }
}

#[async_trait]
impl History for SqliteStore {
    async fn find(&self, customer: &CustomerId, order: OrderId) -> Result<Option<Order>, Fault> {
        let customer = customer.clone();
        self.read(move |db| db.history.find(&customer, order)).await
    }

    async fn find_anyones(&self, order: OrderId) -> Result<Option<Order>, Fault> {
        self.read(move |db| db.history.find_anyones(order)).await
    }

    async fn page(&self, customer: &CustomerId, request: &PageRequest) -> Result<Page, Fault> {
        let (customer, request) = (customer.clone(), *request);
        self.read(move |db| db.history.page(&customer, &request))
            .await
    }

    async fn clear(&self, customer: &CustomerId, now: Timestamp) -> Result<u64, Fault> {
        let customer = customer.clone();
        self.write(move |db| db.history.clear(&customer, now)).await
    }

    async fn erase(&self, customer: &CustomerId) -> Result<(), Fault> {
        let customer = customer.clone();
        self.write(move |db| db.history.erase(&customer)).await
    }
}
