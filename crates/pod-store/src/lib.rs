//! Keeps everything that pod has to remember in SQL: in SQLite, embedded.
//!
//! [`SqliteStore`] is one file and one process that writes it. It plays the
//! roles [`Orders`], [`Attempts`], [`History`], [`Quotas`], [`Replies`],
//! [`Customers`] and [`Links`], and is cheap to clone, so that one store can
//! stand in several places:
//!
//! ```
//! use std::sync::Arc;
//!
//! use pod_core::ports::{Attempts, Orders};
//! use pod_store::{SqliteConfig, SqliteStore};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = SqliteStore::open(&SqliteConfig::from_url("sqlite://:memory:")?)?;
//! let orders: Arc<dyn Orders> = Arc::new(store.clone());
//! let attempts: Arc<dyn Attempts> = Arc::new(store);
//! # Ok(())
//! # }
//! ```
//!
//! What must happen once is guarded by the statement that writes it and by a
//! unique index. Nobody is told that something was kept before it is on disk.
//!
//! [`Attempts`]: pod_core::ports::Attempts
//! [`Customers`]: pod_core::ports::Customers
//! [`History`]: pod_core::ports::History
//! [`Links`]: pod_core::ports::Links
//! [`Orders`]: pod_core::ports::Orders
//! [`Quotas`]: pod_core::ports::Quotas
//! [`Replies`]: pod_core::ports::Replies
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

mod sqlite;

pub use sqlite::{InvalidSqliteUrl, OpenError, SqliteConfig, SqliteStore, Swept};
