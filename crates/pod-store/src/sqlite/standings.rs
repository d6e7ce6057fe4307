//! How customers stand: failures over all their orders.

use pod_core::{CustomerId, Lock, Standing, Timestamp};
use rusqlite::{Connection, Row, Statement, params};

use super::error::StoreError;
use super::row::{Column, times};

/// The columns that [`read`] reads, of a table `s`.
macro_rules! standing_columns {
    () => {
        "s.failures, s.consecutive, s.locks, s.locked_until, s.locked_for_good"
    };
}
pub(super) use standing_columns;

const FIND: &str = concat!(
    "SELECT ",
    standing_columns!(),
    " FROM standings s WHERE s.customer = ?1"
);

const KEEP: &str = "\
    INSERT INTO standings (customer, failures, consecutive, locks, locked_until, \
        locked_for_good, forget_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
    ON CONFLICT (customer) DO UPDATE SET failures = excluded.failures, \
        consecutive = excluded.consecutive, locks = excluded.locks, \
        locked_until = excluded.locked_until, locked_for_good = excluded.locked_for_good, \
        forget_at = max(forget_at, excluded.forget_at), erased = 0";

const FORGET: &str = "DELETE FROM standings WHERE customer = ?1";

const FORGET_ONLY_FAILURE: &str = "DELETE FROM standings WHERE customer = ?1 AND failures = ?2";

/// The statements that keep standings.
pub(super) struct Statements<'db> {
    find: Statement<'db>,
    keep: Statement<'db>,
    forget: Statement<'db>,
    forget_only_failure: Statement<'db>,
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            find: db.prepare(FIND)?,
            keep: db.prepare(KEEP)?,
            forget: db.prepare(FORGET)?,
            forget_only_failure: db.prepare(FORGET_ONLY_FAILURE)?,
        })
    }

    /// How a customer stands.
    pub(super) fn find(&mut self, customer: &CustomerId) -> Result<Standing, StoreError> {
        let mut rows = self.find.query([customer.as_str()])?;
        match rows.next()? {
            Some(row) => read(row, 0),
            None => Ok(Standing::default()),
        }
    }

    /// Keeps how a customer stands, for the failures at least until
    /// `forget_at`.
    pub(super) fn keep(
        &mut self,
        customer: &CustomerId,
        standing: &Standing,
        forget_at: Timestamp,
    ) -> Result<(), StoreError> {
        let (locked_until, locked_for_good) = match standing.lock {
            None => (None, false),
            Some(Lock::Until(until)) => (Some(until.as_microsecond()), false),
            Some(Lock::UntilUnlocked) => (None, true),
        };
        self.keep.execute(params![
            customer.as_str(),
            times(&standing.failures),
            standing.consecutive,
            standing.locks,
            locked_until,
            locked_for_good,
            forget_at.as_microsecond(),
        ])?;
        Ok(())
    }

    /// Takes back the attempt that began at `begun_at`.
    pub(super) fn succeed(
        &mut self,
        customer: &CustomerId,
        begun_at: Timestamp,
    ) -> Result<(), StoreError> {
        // Mostly it is the only failure, and without it there is nothing to
        // keep: then this statement does it all.
        let only = times(&[begun_at]);
        let forgotten = self
            .forget_only_failure
            .execute(params![customer.as_str(), only])?;
        if forgotten > 0 {
            return Ok(());
        }
        let mut standing = self.find(customer)?;
        if standing == Standing::default() {
            return Ok(());
        }
        standing.succeed(begun_at);
        if standing == Standing::default() {
            return self.forget(customer);
        }
        self.keep(customer, &standing, Timestamp::MIN)
    }

    /// Forgets failures and lock.
    pub(super) fn forget(&mut self, customer: &CustomerId) -> Result<(), StoreError> {
        self.forget.execute([customer.as_str()])?;
        Ok(())
    }
}

/// Reads a standing whose first column is at `place`; where there is none, the
/// customer has no failures.
pub(super) fn read(row: &Row<'_>, place: usize) -> Result<Standing, StoreError> {
    let column = |offset, name| Column::new(place + offset, "standings", name);
    let failures = column(0, "failures");
    let until = column(3, "locked_until");
    if failures.is_null(row)? {
        return Ok(Standing::default());
    }
    let lock = if column(4, "locked_for_good").integer(row)? != 0 {
        Some(Lock::UntilUnlocked)
    } else if until.is_null(row)? {
        None
    } else {
        Some(Lock::Until(until.time(row)?))
    };
    Ok(Standing {
        failures: failures.times(row)?,
        consecutive: column(1, "consecutive").count(row)?,
        locks: column(2, "locks").count(row)?,
        lock,
    })
}
