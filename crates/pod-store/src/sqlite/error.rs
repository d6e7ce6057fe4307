//! What goes wrong with a database, and what it means to the core.

use std::sync::Arc;

use pod_core::{BoxError, Fault};
use rusqlite::ErrorCode;
use thiserror::Error;

/// The store as operators know it.
pub(super) const SQLITE: &str = "sqlite";

/// What went wrong with the database.
#[derive(Debug, Error)]
pub(super) enum StoreError {
    /// A statement failed.
    #[error("a statement failed")]
    Statement(#[from] rusqlite::Error),
    /// A transaction could not be begun or committed: nothing of it is kept,
    /// as far as anybody can know.
    #[error("the transaction failed")]
    Transaction(#[source] Arc<rusqlite::Error>),
    /// Another job of the transaction failed so badly that all of it was
    /// undone.
    #[error("the transaction was undone, because something else in it failed")]
    Undone,
    /// The database holds something impossible.
    #[error("the database holds something impossible in {table}.{column}")]
    Row {
        table: &'static str,
        column: &'static str,
        #[source]
        why: BoxError,
    },
    /// A writing statement refused what the one before it had found.
    #[error("{0} was not changed although it was found")]
    Guard(&'static str),
    /// The thread that works with the database is not there any more.
    #[error("the store has been closed, or a thread of it has panicked: restart")]
    Stopped,
    /// The caller's deadline passed.
    #[error("the database did not answer in time")]
    Late,
}

impl StoreError {
    /// Whether it concerns one job only: whatever else is in the transaction
    /// can be kept.
    pub(super) fn concerns_one_job(&self) -> bool {
        match self {
            Self::Row { .. } | Self::Guard(_) => true,
            Self::Statement(error) => match error.sqlite_error_code() {
                Some(code) => matches!(
                    code,
                    ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig
                ),
                // Not SQLite's, but about the values of one statement.
                None => true,
            },
            _ => false,
        }
    }

    fn is_temporary(&self) -> bool {
        match self {
            Self::Transaction(_) | Self::Undone | Self::Late => true,
            Self::Row { .. } | Self::Guard(_) | Self::Stopped => false,
            Self::Statement(error) => matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::DiskFull
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::OutOfMemory
                        | ErrorCode::OperationInterrupted
                        | ErrorCode::OperationAborted
                        | ErrorCode::SchemaChanged
                        | ErrorCode::CannotOpen
                        | ErrorCode::FileLockingProtocolFailed
                )
            ),
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        if error.is_temporary() {
            Self::unavailable(SQLITE, error)
        } else {
            Self::broken(SQLITE, error)
        }
    }
}
