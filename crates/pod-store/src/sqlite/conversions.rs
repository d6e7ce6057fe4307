//! Counts how many of the codes texted to a country are used: in memory, where
//! it is asked for with every code, and in the database for the next start.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use pod_core::ports::Conversions;
use pod_core::{
    Conversion, ConversionLimits, ConversionTallies, Country, CustomerId, Fault, Timestamp,
};
use rusqlite::{Connection, Statement, params};

use super::SqliteStore;
use super::error::StoreError;
use super::row::Column;

// Other processes count as well.
const COUNT: &str = "\
    INSERT INTO conversions (country, since, sent, used) VALUES (?1, ?2, ?3, ?4) \
    ON CONFLICT (country, since) DO UPDATE \
        SET sent = sent + excluded.sent, used = used + excluded.used";

const TAKE_BACK: &str = "\
    UPDATE conversions SET sent = sent - 1 WHERE country = ?1 AND since = ?2 AND sent > 0";

const LIST: &str = "SELECT country, since, sent, used FROM conversions";

/// The statements that count how many codes are used.
pub(super) struct Statements<'db> {
    count: Statement<'db>,
    take_back: Statement<'db>,
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            count: db.prepare(COUNT)?,
            take_back: db.prepare(TAKE_BACK)?,
        })
    }
}

/// What was counted when the database was last open.
pub(super) fn load(db: &Connection) -> Result<ConversionTallies, StoreError> {
    const COUNTRY: Column = Column::new(0, "conversions", "country");
    const SINCE: Column = Column::new(1, "conversions", "since");
    const SENT: Column = Column::new(2, "conversions", "sent");
    const USED: Column = Column::new(3, "conversions", "used");

    let mut tallies = ConversionTallies::default();
    let mut list = db.prepare(LIST)?;
    let mut rows = list.query([])?;
    while let Some(row) = rows.next()? {
        let kept = Conversion {
            since: SINCE.time(row)?,
            sent: SENT.count(row)?,
            used: USED.count(row)?,
        };
        tallies.keep(COUNTRY.parsed(row, Country::parse)?, kept);
    }
    Ok(tallies)
}

/// The tallies in memory, shared by the clones of a store.
#[derive(Default)]
pub(super) struct Tallies(Mutex<ConversionTallies>);

impl Tallies {
    pub(super) fn new(loaded: ConversionTallies) -> Self {
        Self(Mutex::new(loaded))
    }

    /// Each step under the lock is whole, even if a later one panics.
    fn lock(&self) -> MutexGuard<'_, ConversionTallies> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SqliteStore {
    fn count(&self, country: Country, since: Timestamp, sent: u32, used: u32) {
        let country = country.as_str().to_owned();
        self.write_soon(move |db| {
            let count = params![country, since.as_microsecond(), sent, used];
            db.conversions.count.execute(count)?;
            Ok(())
        });
    }
}

#[async_trait]
impl Conversions for SqliteStore {
    async fn sent(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault> {
        let counted = self.tallies.lock().sent(country, customer, placed_at);
        if let Some(counted) = counted {
            self.count(country, counted.since, 1, 0);
        }
        Ok(())
    }

    async fn used(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault> {
        let counted = self.tallies.lock().used(country, customer, placed_at);
        if let Some(counted) = counted {
            self.count(country, counted.since, 0, 1);
        }
        Ok(())
    }

    async fn lost(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault> {
        let counted = self.tallies.lock().lost(country, customer, placed_at);
        if let Some(counted) = counted {
            let country = country.as_str().to_owned();
            self.write_soon(move |db| {
                let period = params![country, counted.since.as_microsecond()];
                db.conversions.take_back.execute(period)?;
                Ok(())
            });
        }
        Ok(())
    }

    async fn paused_until(
        &self,
        country: Country,
        limits: &ConversionLimits,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Fault> {
        Ok(self.tallies.lock().paused_until(country, limits, now))
    }
}
