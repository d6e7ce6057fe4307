//! Opens a database, or says in a sentence why it is left alone.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use pod_core::BoxError;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use thiserror::Error;

use super::config::{Place, SqliteConfig};
use super::migrations::{self, APPLICATION};

/// So long a process waits that meets another one in changing to WAL.
const PAUSE: Duration = Duration::from_millis(5);

/// Why a database was not opened. Nothing was written to it.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file cannot be read or created.
    #[error(
        "the database file {} cannot be opened or created: check that its folder is there, and \
         that pod may read and write both", path.display()
    )]
    Inaccessible {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The file can be read and not written.
    #[error("the database file {} cannot be written: give pod the permission", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else.
    #[error(
        "the file {} is not a SQLite database, and pod leaves it alone: name another file",
        path.display()
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// Another program's database.
    #[error(
        "the database {} belongs to another program, and pod leaves it alone: name another file",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A later version of pod wrote it.
    #[error(
        "the database {} was written by a newer pod (version {found}, and this one knows \
         {known}): run that one, or restore a backup", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i32,
        /// The newest version that is known.
        known: i32,
    },
    /// It is not up to date, and was not to be brought up to date.
    #[error(
        "the database is not up to date: run `pod-server migrate` first (missing: {})",
        missing.join(", ")
    )]
    Behind {
        /// The steps that are missing.
        missing: Vec<&'static str>,
    },
    /// Where the file is, SQLite cannot do its work.
    #[error(
        "the database {} cannot be written ahead (SQLite's WAL): put it on a local disk",
        path.display()
    )]
    NoWal {
        /// The file.
        path: PathBuf,
    },
    /// SQLite reports a failure.
    #[error(
        "the database cannot be worked with: if another process holds it, end that one; if it is \
         damaged, restore a backup"
    )]
    Engine(#[source] BoxError),
    /// No thread could be started.
    #[error("no thread can be started for the database: the system's limit is reached")]
    NoThread(#[source] io::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error.into())
    }
}

/// Opens the connection that writes, and brings the database up to date.
/// Returns the steps that were taken.
pub(super) fn writing(config: &SqliteConfig) -> Result<(Connection, Vec<&'static str>), OpenError> {
    let mut db = match &config.place {
        Place::Memory => Connection::open_in_memory()?,
        Place::File(path) => {
            if !config.migrates {
                let missing = missing(config)?;
                if !missing.is_empty() {
                    return Err(OpenError::Behind { missing });
                }
            }
            create(path)?;
            inspect(path, config)?;
            connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?
        }
    };
    db.busy_timeout(config.patience)?;
    if let Place::File(path) = &config.place {
        if db.is_readonly("main")? {
            return Err(OpenError::ReadOnly { path: path.clone() });
        }
        if write_ahead(&db, config.patience)? != "wal" {
            return Err(OpenError::NoWal { path: path.clone() });
        }
    }
    db.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA secure_delete = FAST;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -4096;
         PRAGMA wal_autocheckpoint = 4000;",
    )?;
    let taken = names(migrations::take(&mut db)?);
    Ok((db, taken))
}

/// Opens a connection that reads, beside the one that writes.
pub(super) fn reading(path: &Path, config: &SqliteConfig) -> Result<Connection, OpenError> {
    let db = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    db.busy_timeout(config.patience)?;
    db.execute_batch(
        "PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -1024;",
    )?;
    Ok(db)
}

/// The steps that a database has not taken, without taking them: all of them
/// where there is no file yet.
pub(super) fn missing(config: &SqliteConfig) -> Result<Vec<&'static str>, OpenError> {
    let version = match &config.place {
        Place::File(path) if exists(path)? => inspect(path, config)?,
        _ => 0,
    };
    Ok(names(migrations::missing(version)))
}

fn names(steps: &[migrations::Step]) -> Vec<&'static str> {
    steps.iter().map(|step| step.name).collect()
}

fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

fn exists(path: &Path) -> Result<bool, OpenError> {
    path.try_exists().map_err(|source| OpenError::Inaccessible {
        path: path.to_owned(),
        source,
    })
}

/// Creates the file if it is not there, for its owner only: orders and
/// contacts are nobody else's business. SQLite gives the files that it puts
/// beside it the same permissions.
fn create(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(OpenError::Inaccessible {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Looks at a file without changing it, and returns the version of the
/// database in it if it is pod's or is empty.
///
/// Only SQLite opens it. Closing a file drops every lock that the process has
/// on it: with a plain look, a store of this process that is at work would lose
/// its own, and another process could delete what it has written ahead.
fn inspect(path: &Path, config: &SqliteConfig) -> Result<i32, OpenError> {
    if path.is_dir() {
        return Err(OpenError::Inaccessible {
            path: path.to_owned(),
            source: io::ErrorKind::IsADirectory.into(),
        });
    }
    let look = || {
        let mut db = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        db.busy_timeout(config.patience)?;
        // In one transaction, since another process may be creating it.
        let looking = db.transaction()?;
        let (application, version) = migrations::identity(&looking)?;
        let count = "SELECT EXISTS (SELECT 1 FROM sqlite_schema)";
        let occupied = looking.query_row(count, [], |row| row.get(0))?;
        Ok((application, version, occupied))
    };
    let looked: rusqlite::Result<(i32, i32, bool)> = look();
    match looked {
        Ok((application, version, occupied)) => known(path, application, version, occupied),
        Err(error) => Err(match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => OpenError::NotADatabase {
                path: path.to_owned(),
            },
            Some(ErrorCode::CannotOpen) => OpenError::Inaccessible {
                path: path.to_owned(),
                source: io::Error::other(error),
            },
            _ => error.into(),
        }),
    }
}

/// The version of a database if it is pod's, or nobody's yet.
fn known(path: &Path, application: i32, version: i32, occupied: bool) -> Result<i32, OpenError> {
    let nobodys = application == 0 && version == 0 && !occupied;
    if application != APPLICATION && !nobodys {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
        });
    }
    if version > migrations::newest() {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            found: version,
            known: migrations::newest(),
        });
    }
    Ok(version)
}

/// Has what is written go to a file beside the database first, and returns the
/// mode that it is in then. Of two processes that change to it at once, one is
/// refused without waiting: it tries again.
fn write_ahead(db: &Connection, patience: Duration) -> rusqlite::Result<String> {
    let begun = Instant::now();
    loop {
        match db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && begun.elapsed() < patience =>
            {
                thread::sleep(PAUSE);
            }
            mode => return mode,
        }
    }
}
