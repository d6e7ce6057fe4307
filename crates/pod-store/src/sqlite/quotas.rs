//! Counts what is limited.

use std::time::Duration;

use async_trait::async_trait;
use pod_core::ports::{Quotas, TakeError};
use pod_core::{Allowance, Takings, Timestamp, Window};
use rusqlite::{Connection, Statement, params};

use super::SqliteStore;
use super::digest;
use super::error::StoreError;
use super::row::{Column, times};

const FIND: &str = "SELECT takings FROM quotas WHERE key = ?1";

const KEEP: &str = "\
    INSERT INTO quotas (key, takings, forget_at) VALUES (?1, ?2, ?3) \
    ON CONFLICT (key) DO UPDATE SET takings = excluded.takings, forget_at = excluded.forget_at";

/// The statements that count what is limited.
pub(super) struct Statements<'db> {
    find: Statement<'db>,
    keep: Statement<'db>,
}

/// An allowance whose key is already its short name.
pub(super) struct Asked {
    key: [u8; 16],
    windows: Vec<Window>,
}

impl Asked {
    pub(super) fn all(allowances: &[Allowance]) -> Vec<Self> {
        allowances
            .iter()
            // Without a window there is no limit, and nothing to remember.
            .filter(|allowance| !allowance.windows.is_empty())
            .map(|allowance| Self {
                key: digest::short(allowance.key.as_str()),
                windows: allowance.windows.clone(),
            })
            .collect()
    }
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            find: db.prepare(FIND)?,
            keep: db.prepare(KEEP)?,
        })
    }

    /// Takes from each, or returns when that will be possible.
    pub(super) fn take(
        &mut self,
        asked: &[Asked],
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut retry_at = None;
        let mut taken: Vec<(&Asked, Takings)> = Vec::with_capacity(asked.len());
        for asked in asked {
            // Asked for twice, it is taken from twice.
            let before = taken.iter().rfind(|(before, _)| before.key == asked.key);
            let mut takings = match before {
                Some((_, takings)) => takings.clone(),
                None => self.find(&asked.key)?,
            };
            retry_at = retry_at.max(takings.retry_at(&asked.windows, now));
            takings.take(&asked.windows, now);
            taken.push((asked, takings));
        }
        if retry_at.is_none() {
            for (asked, takings) in &taken {
                self.keep(asked, takings)?;
            }
        }
        Ok(retry_at)
    }

    fn find(&mut self, key: &[u8; 16]) -> Result<Takings, StoreError> {
        const TAKINGS: Column = Column::new(0, "quotas", "takings");

        let mut rows = self.find.query([key])?;
        match rows.next()? {
            Some(row) => Ok(Takings::from_kept(TAKINGS.times(row)?)),
            None => Ok(Takings::default()),
        }
    }

    fn keep(&mut self, asked: &Asked, takings: &Takings) -> Result<(), StoreError> {
        let takings = takings.as_slice();
        let longest = asked.windows.iter().map(|window| window.per()).max();
        let newest = takings.last().copied().unwrap_or(Timestamp::MIN);
        let forget_at = newest.checked_add(longest.unwrap_or(Duration::ZERO));
        self.keep.execute(params![
            asked.key,
            times(takings),
            forget_at.unwrap_or(Timestamp::MAX).as_microsecond(),
        ])?;
        Ok(())
    }
}

#[async_trait]
impl Quotas for SqliteStore {
    async fn take(&self, allowances: &[Allowance], now: Timestamp) -> Result<(), TakeError> {
        let asked = Asked::all(allowances);
        match self.write(move |db| db.quotas.take(&asked, now)).await? {
            None => Ok(()),
            Some(retry_at) => Err(TakeError::Exhausted { retry_at }),
        }
    }
}
