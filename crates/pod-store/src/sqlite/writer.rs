//! The thread that writes: whatever waits shares one transaction.

use std::sync::Arc;

use rusqlite::{Connection, Statement};
use tokio::sync::oneshot;

use super::error::StoreError;
use super::queue::Queue;
use super::{
    attempts, contact_book, conversions, customers, enrolments, history, links, orders, quotas,
    reading, replies, sessions, standings, sweep,
};

/// At most so many jobs share a transaction.
const MOST: usize = 256;

/// One step of a port that writes, and the caller who waits for it.
pub(super) trait Work: Send {
    /// Does the step. It may be done again, in a transaction of its own, if
    /// the first time was undone.
    fn step(&mut self, db: &mut Writing<'_>) -> Result<(), &StoreError>;

    /// Tells the caller what came of it, once it is known whether it is kept.
    fn tell(self: Box<Self>, kept: Result<(), StoreError>);
}

/// A [`Work`] made of a closure.
pub(super) struct Job<T, F> {
    step: F,
    outcome: Option<Result<T, StoreError>>,
    caller: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job<T, F> {
    pub(super) fn new(step: F, caller: oneshot::Sender<Result<T, StoreError>>) -> Self {
        Self {
            step,
            outcome: None,
            caller,
        }
    }
}

impl<T, F> Work for Job<T, F>
where
    T: Send,
    F: FnMut(&mut Writing<'_>) -> Result<T, StoreError> + Send,
{
    fn step(&mut self, db: &mut Writing<'_>) -> Result<(), &StoreError> {
        let outcome = self.outcome.insert((self.step)(db));
        outcome.as_ref().map(|_| ())
    }

    fn tell(self: Box<Self>, kept: Result<(), StoreError>) {
        let outcome = match (kept, self.outcome) {
            (_, Some(Err(error))) | (Err(error), _) => Err(error),
            (Ok(()), Some(Ok(outcome))) => Ok(outcome),
            (Ok(()), None) => Err(StoreError::Undone),
        };
        // A caller who has given up waiting does not hear.
        let _ = self.caller.send(outcome);
    }
}

/// The connection that writes, with every statement it will need: a mistake in
/// one shows when the store is opened.
pub(super) struct Writing<'db> {
    db: &'db Connection,
    begin: Statement<'db>,
    commit: Statement<'db>,
    changes_at_begin: u64,
    #[cfg(feature = "slow-disk")]
    commit_delay: std::time::Duration,
    pub(super) attempts: attempts::Statements<'db>,
    pub(super) contact_book: contact_book::Statements<'db>,
    pub(super) conversions: conversions::Statements<'db>,
    pub(super) customers: customers::Statements<'db>,
    pub(super) enrolments: enrolments::Statements<'db>,
    pub(super) history: history::Statements<'db>,
    pub(super) links: links::Statements<'db>,
    pub(super) orders: orders::Statements<'db>,
    pub(super) quotas: quotas::Statements<'db>,
    pub(super) reading: reading::Reading<'db>,
    pub(super) replies: replies::Statements<'db>,
    pub(super) sessions: sessions::Statements<'db>,
    pub(super) standings: standings::Statements<'db>,
    pub(super) sweep: sweep::Statements<'db>,
}

/// Why a transaction was undone.
enum Undone {
    /// One job failed after it had written: the others do not suffer for it if
    /// each is done alone.
    ByOne,
    /// No job of it can be kept.
    ByAll(StoreError),
}

impl<'db> Writing<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            db,
            begin: db.prepare("BEGIN IMMEDIATE")?,
            commit: db.prepare("COMMIT")?,
            changes_at_begin: 0,
            #[cfg(feature = "slow-disk")]
            commit_delay: std::time::Duration::ZERO,
            attempts: attempts::Statements::prepare(db)?,
            contact_book: contact_book::Statements::prepare(db)?,
            conversions: conversions::Statements::prepare(db)?,
            customers: customers::Statements::prepare(db)?,
            enrolments: enrolments::Statements::prepare(db)?,
            history: history::Statements::prepare(db)?,
            links: links::Statements::prepare(db)?,
            orders: orders::Statements::prepare(db)?,
            quotas: quotas::Statements::prepare(db)?,
            reading: reading::Reading::prepare(db)?,
            replies: replies::Statements::prepare(db)?,
            sessions: sessions::Statements::prepare(db)?,
            standings: standings::Statements::prepare(db)?,
            sweep: sweep::Statements::prepare(db)?,
        })
    }

    #[cfg(feature = "slow-disk")]
    pub(super) fn delay_commits(&mut self, delay: std::time::Duration) {
        self.commit_delay = delay;
    }

    /// Works until the queue is closed and empty.
    pub(super) fn work(&mut self, queue: &Queue<Box<dyn Work>>) {
        let mut batch = Vec::with_capacity(MOST);
        while queue.take(&mut batch, MOST) {
            match self.together(&mut batch, queue) {
                Ok(()) => batch.drain(..).for_each(|job| job.tell(Ok(()))),
                Err(Undone::ByAll(error)) => {
                    for job in batch.drain(..) {
                        job.tell(Err(error.again()));
                    }
                }
                Err(Undone::ByOne) => {
                    for mut job in batch.drain(..) {
                        let kept = self.alone(job.as_mut());
                        job.tell(kept);
                    }
                }
            }
        }
    }

    /// Does every job of the batch, and those that come meanwhile: a commit
    /// costs more than many jobs, and the same page is written once for all.
    fn together(
        &mut self,
        batch: &mut Vec<Box<dyn Work>>,
        queue: &Queue<Box<dyn Work>>,
    ) -> Result<(), Undone> {
        self.transaction(|db| {
            let mut done = 0;
            while done < batch.len() {
                for job in &mut batch[done..] {
                    db.step(job.as_mut())?;
                }
                done = batch.len();
                queue.take_more(batch, MOST - done);
            }
            Ok(())
        })
    }

    fn alone(&mut self, job: &mut dyn Work) -> Result<(), StoreError> {
        self.transaction(|db| db.step(job))
            .map_err(|undone| match undone {
                Undone::ByOne => StoreError::Undone,
                Undone::ByAll(error) => error,
            })
    }

    fn transaction(
        &mut self,
        steps: impl FnOnce(&mut Self) -> Result<(), Undone>,
    ) -> Result<(), Undone> {
        let done = self
            .begin()
            .and_then(|()| steps(self))
            .and_then(|()| self.commit());
        // SQLite has rolled back by itself after some errors.
        if done.is_err() && !self.db.is_autocommit() {
            let _ = self.db.execute_batch("ROLLBACK");
        }
        done
    }

    fn begin(&mut self) -> Result<(), Undone> {
        self.changes_at_begin = self.db.total_changes();
        self.begin.execute([]).map_err(Undone::by_all)?;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Undone> {
        #[cfg(feature = "slow-disk")]
        if !self.commit_delay.is_zero() && self.db.total_changes() != self.changes_at_begin {
            std::thread::sleep(self.commit_delay);
        }
        self.commit.execute([]).map_err(Undone::by_all)?;
        Ok(())
    }

    fn step(&mut self, job: &mut dyn Work) -> Result<(), Undone> {
        let before = self.db.total_changes();
        let Err(error) = job.step(self) else {
            return Ok(());
        };
        if !error.concerns_one_job() || self.db.is_autocommit() {
            return Err(Undone::ByAll(StoreError::Undone));
        }
        // A statement that fails undoes itself; what the job wrote before it
        // must not stay either.
        if self.db.total_changes() == before {
            Ok(())
        } else {
            Err(Undone::ByOne)
        }
    }
}

impl Undone {
    fn by_all(error: rusqlite::Error) -> Self {
        Self::ByAll(StoreError::Transaction(Arc::new(error)))
    }
}

impl StoreError {
    /// The same for the next caller: of what undoes a whole transaction.
    fn again(&self) -> Self {
        match self {
            Self::Transaction(error) => Self::Transaction(Arc::clone(error)),
            _ => Self::Undone,
        }
    }
}

#[cfg(test)]
mod tests;
