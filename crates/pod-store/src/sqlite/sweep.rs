//! Forgets what nobody needs any more.

use std::time::Duration;

use pod_core::{ConversionTallies, Fault, Timestamp};
use rusqlite::{Connection, Statement, params};

use super::SqliteStore;
use super::error::StoreError;

/// So many rows at a time, so that whoever waits meanwhile waits for a few
/// milliseconds only.
const PORTION: u32 = 500;

/// A session that was not used for so long is over by any limits.
const UNUSED: Duration = Duration::from_hours(24);

const REQUESTS: &str = "\
    DELETE FROM requests WHERE seq IN \
        (SELECT seq FROM requests WHERE keep_until <= ?1 ORDER BY keep_until LIMIT ?2)";

// The keys are digests, so each first byte has its part of all of them.
const QUOTAS: &str = "\
    DELETE FROM quotas WHERE key >= ?1 AND key < ?2 AND forget_at <= ?3";

// Failures in a row count however long ago they were, unless their customer
// wants to be forgotten.
const STANDINGS: &str = "\
    DELETE FROM standings WHERE (consecutive = 0 OR erased = 1) AND forget_at <= ?1 AND locked_for_good = 0 \
        AND (locked_until IS NULL OR locked_until <= ?1)";

// The oldest rows come first: where one of them is young, so are the others.
const ORDERS: &str = "\
    DELETE FROM orders WHERE seq IN (SELECT seq FROM orders ORDER BY seq LIMIT ?3) \
        AND placed_at <= ?1 AND NOT (state = 'awaiting_code' AND expires_at > ?2)";

const CONVERSIONS: &str = "DELETE FROM conversions WHERE since <= ?1";

const SESSIONS: &str = "DELETE FROM sessions WHERE seen_at <= ?1";

const ENROLMENTS: &str = "DELETE FROM enrolments WHERE ends_at <= ?1";

/// The statements that forget.
pub(super) struct Statements<'db> {
    requests: Statement<'db>,
    quotas: Statement<'db>,
    standings: Statement<'db>,
    orders: Statement<'db>,
    conversions: Statement<'db>,
    sessions: Statement<'db>,
    enrolments: Statement<'db>,
}

/// How much was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Answers to requests that will not be repeated.
    pub replies: u64,
    /// Allowances of which nothing is used any more.
    pub quotas: u64,
    /// Customers whose failures are too old to count.
    pub standings: u64,
    /// Orders that were kept for long enough.
    pub orders: u64,
    /// Counts of used codes that are too old to matter.
    pub conversions: u64,
    /// Sessions of browsers that were not used for a day.
    pub sessions: u64,
    /// Contacts that were not proved in time.
    pub enrolments: u64,
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            requests: db.prepare(REQUESTS)?,
            quotas: db.prepare(QUOTAS)?,
            standings: db.prepare(STANDINGS)?,
            orders: db.prepare(ORDERS)?,
            conversions: db.prepare(CONVERSIONS)?,
            sessions: db.prepare(SESSIONS)?,
            enrolments: db.prepare(ENROLMENTS)?,
        })
    }

    fn quotas(&mut self, first: u8, now: Timestamp) -> Result<u64, StoreError> {
        let from = vec![first];
        let to = first
            .checked_add(1)
            .map_or(vec![0xFF; 17], |next| vec![next]);
        let swept = self
            .quotas
            .execute(params![from, to, now.as_microsecond()])?;
        Ok(swept as u64)
    }
}

impl SqliteStore {
    /// Forgets what nobody needs at `now` any more: answers kept for long
    /// enough, allowances of which nothing is used, failures too old to count,
    /// and, if [so configured](super::SqliteConfig::keep_orders_for), old
    /// orders. Others can work meanwhile.
    ///
    /// # Errors
    ///
    /// [`Fault`] if something may be left: sweep again later.
    pub async fn sweep(&self, now: Timestamp) -> Result<Swept, Fault> {
        let mut swept = Swept::default();
        let micros = now.as_microsecond();
        swept.replies = self
            .sweep_portions(move |sweep| sweep.requests.execute(params![micros, PORTION]))
            .await?;
        for first in 0..=u8::MAX {
            swept.quotas += self.write(move |db| db.sweep.quotas(first, now)).await?;
        }
        swept.standings = self
            .write(move |db| Ok(db.sweep.standings.execute([micros])? as u64))
            .await?;
        let useless = now.checked_sub(ConversionTallies::KEEP);
        let useless = useless.unwrap_or(Timestamp::MIN).as_microsecond();
        swept.conversions = self
            .write(move |db| Ok(db.sweep.conversions.execute([useless])? as u64))
            .await?;
        let unused = now.checked_sub(UNUSED).unwrap_or(Timestamp::MIN);
        let unused = unused.as_microsecond();
        swept.sessions = self
            .write(move |db| Ok(db.sweep.sessions.execute([unused])? as u64))
            .await?;
        swept.enrolments = self
            .write(move |db| Ok(db.sweep.enrolments.execute([micros])? as u64))
            .await?;
        if let Some(age) = self.keeps_orders_for() {
            let before = now.checked_sub(age).unwrap_or(Timestamp::MIN);
            let before = before.as_microsecond();
            swept.orders = self
                .sweep_portions(move |sweep| sweep.orders.execute(params![before, micros, PORTION]))
                .await?;
        }
        Ok(swept)
    }

    /// Repeats a step, each time in its turn among the others who write, until
    /// it finds nothing: some of a portion may have to stay.
    async fn sweep_portions<F>(&self, step: F) -> Result<u64, Fault>
    where
        F: Fn(&mut Statements<'_>) -> rusqlite::Result<usize> + Copy + Send + Sync + 'static,
    {
        let mut swept = 0;
        loop {
            let portion = self
                .write(move |db| Ok(step(&mut db.sweep)? as u64))
                .await?;
            if portion == 0 {
                return Ok(swept);
            }
            swept += portion;
        }
    }
}
