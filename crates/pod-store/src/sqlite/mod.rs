//! The store in SQLite: one thread writes, others read.

mod attempts;
mod config;
mod contact_book;
mod conversions;
mod customers;
mod digest;
mod enrolments;
mod error;
mod history;
mod kept_order;
mod links;
mod migrations;
mod open;
mod orders;
mod queue;
mod quotas;
mod reading;
mod replies;
mod row;
mod sessions;
mod standings;
mod sweep;
mod threads;
mod writer;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use pod_core::Fault;
use tokio::sync::oneshot;

pub use config::{InvalidSqliteUrl, SqliteConfig};
use conversions::Tallies;
use error::StoreError;
pub use open::OpenError;
use reading::Reading;
pub use sweep::Swept;
use threads::Threads;
use writer::{Job, Writing};

/// Keeps everything in one SQLite database.
///
/// One thread writes: whatever waits shares a transaction, and nobody hears
/// before it is on disk. Other threads read what has been committed. Several
/// processes can work with one file, though they wait for each other.
///
/// It needs a tokio runtime with its timer.
#[derive(Clone)]
pub struct SqliteStore {
    threads: Arc<Threads>,
    tallies: Arc<Tallies>,
    keep_orders: Option<Duration>,
}

impl SqliteStore {
    /// Opens a database, creates it if it is not there, and brings it up to
    /// date. Every statement is prepared.
    ///
    /// # Errors
    ///
    /// [`OpenError`], one variant for each reason; the database is then as it
    /// was.
    pub fn open(config: &SqliteConfig) -> Result<Self, OpenError> {
        let (db, _) = open::writing(config)?;
        let tallies = conversions::load(&db).map_err(|error| OpenError::Engine(error.into()))?;
        Ok(Self {
            threads: Arc::new(Threads::start(db, config)?),
            tallies: Arc::new(Tallies::new(tallies)),
            keep_orders: config.keep_orders,
        })
    }

    /// Brings a database up to date, and creates it if it is not there.
    /// Returns the names of the steps that were missing.
    ///
    /// # Errors
    ///
    /// [`OpenError`], one variant for each reason; the database is then as it
    /// was.
    pub fn migrate(config: &SqliteConfig) -> Result<Vec<&'static str>, OpenError> {
        let config = SqliteConfig {
            migrates: true,
            ..config.clone()
        };
        Ok(open::writing(&config)?.1)
    }

    /// The names of the steps that [`SqliteStore::migrate`] would take: all of
    /// them where there is no database yet. Changes nothing.
    ///
    /// # Errors
    ///
    /// [`OpenError`], one variant for each reason.
    pub fn pending_migrations(config: &SqliteConfig) -> Result<Vec<&'static str>, OpenError> {
        open::missing(config)
    }

    /// Checks that the database answers those who read, and lets this process
    /// write.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it does not.
    pub async fn check(&self) -> Result<(), Fault> {
        self.read(|db| db.history.check()).await?;
        self.write(|db| db.reading.history.check()).await
    }

    /// Takes nothing more on, finishes what waits, and closes the file. Every
    /// later call, of any clone, is a [`Fault`].
    pub async fn close(&self) {
        let threads = Arc::clone(&self.threads);
        // It cannot fail: neither is it cancelled, nor does it panic.
        let _ = tokio::task::spawn_blocking(move || threads.stop()).await;
    }

    /// Does one step that writes, and returns when it is on disk.
    async fn write<T, F>(&self, step: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Writing<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (caller, outcome) = oneshot::channel();
        self.threads.write(Box::new(Job::new(step, caller)));
        // A thread that is not there any more drops the caller's end.
        let outcome = outcome.await.unwrap_or(Err(StoreError::Stopped));
        outcome.map_err(Fault::from)
    }

    /// Has one step that writes done in its turn, and does not wait for it.
    fn write_soon<F>(&self, step: F)
    where
        F: FnMut(&mut Writing<'_>) -> Result<(), StoreError> + Send + 'static,
    {
        let (caller, _) = oneshot::channel();
        self.threads.write(Box::new(Job::new(step, caller)));
    }

    /// Does one step that only reads.
    async fn read<T, F>(&self, mut step: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Reading<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        // A database in memory has one connection only.
        if !self.threads.has_readers() {
            return self.write(move |db| step(&mut db.reading)).await;
        }
        let (caller, outcome) = oneshot::channel();
        self.threads.read(Box::new(move |db| {
            // A caller who has given up waiting does not hear.
            let _ = caller.send(step(db));
        }));
        let outcome = outcome.await.unwrap_or(Err(StoreError::Stopped));
        outcome.map_err(Fault::from)
    }

    fn keeps_orders_for(&self) -> Option<Duration> {
        self.keep_orders
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore { .. }")
    }
}
