//! Where the SQLite database is, and how it is worked with.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

const TWO: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

/// Where a SQLite database is, and how it is worked with.
#[derive(Debug, Clone)]
pub struct SqliteConfig {
    pub(super) place: Place,
    pub(super) readers: NonZeroUsize,
    pub(super) patience: Duration,
    pub(super) migrates: bool,
    pub(super) keep_orders: Option<Duration>,
    #[cfg(feature = "slow-disk")]
    pub(super) commit_delay: Duration,
}

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Memory,
    File(PathBuf),
}

/// Why a URL does not name a SQLite database.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidSqliteUrl {
    /// It does not begin with `sqlite://`.
    #[error("a SQLite database is named by sqlite:// and a path, such as sqlite://pod.db")]
    Scheme,
    /// Nothing follows.
    #[error(
        "the path is missing: write sqlite://pod.db for a file, sqlite:///var/lib/pod/pod.db for \
         one by its full path, or sqlite://:memory: for a database that is forgotten at the end"
    )]
    NoPath,
    /// Something other than a path follows.
    #[error("a SQLite database has no parameters: leave out {0:?} and what follows")]
    Parameters(char),
}

impl SqliteConfig {
    /// Works with a file, which is created if it is not there.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::at(Place::File(path.into()))
    }

    /// Works with a database of the store's own that is gone with it.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::at(Place::Memory)
    }

    /// Works with the database that a URL names: `sqlite://pod.db`,
    /// `sqlite:///var/lib/pod/pod.db` or `sqlite://:memory:`.
    ///
    /// # Errors
    ///
    /// [`InvalidSqliteUrl::Scheme`], [`InvalidSqliteUrl::NoPath`] or
    /// [`InvalidSqliteUrl::Parameters`] for the part that is wrong.
    pub fn from_url(url: &str) -> Result<Self, InvalidSqliteUrl> {
        let path = url
            .strip_prefix("sqlite://")
            .ok_or(InvalidSqliteUrl::Scheme)?;
        if let Some(mark) = path.chars().find(|c| "?#".contains(*c)) {
            return Err(InvalidSqliteUrl::Parameters(mark));
        }
        match path {
            "" | "/" => Err(InvalidSqliteUrl::NoPath),
            ":memory:" => Ok(Self::in_memory()),
            path => Ok(Self::file(path)),
        }
    }

    fn at(place: Place) -> Self {
        Self {
            place,
            readers: TWO,
            patience: Duration::from_secs(4),
            migrates: true,
            keep_orders: None,
            #[cfg(feature = "slow-disk")]
            commit_delay: Duration::ZERO,
        }
    }

    /// Reads in so many threads; in two, if nothing is said. A database in
    /// memory is read by the one that writes it.
    #[must_use]
    pub fn readers(mut self, readers: NonZeroUsize) -> Self {
        self.readers = readers;
        self
    }

    /// Waits so long for another process that is writing; four seconds, if
    /// nothing is said.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Opens the database only if it is up to date, instead of bringing it up
    /// to date.
    #[must_use]
    pub fn without_migrating(mut self) -> Self {
        self.migrates = false;
        self
    }

    /// Has [`sweep`](super::SqliteStore::sweep) erase orders that were placed
    /// longer ago than this and do not wait for their code. Without it orders
    /// stay until their customer clears them or is forgotten.
    #[must_use]
    pub fn keep_orders_for(mut self, age: Duration) -> Self {
        self.keep_orders = Some(age);
        self
    }

    /// For measuring only: sleeps so long before each commit that writes
    /// something, as if the disk were that much slower.
    #[cfg(feature = "slow-disk")]
    #[must_use]
    pub fn commit_delay(mut self, delay: Duration) -> Self {
        self.commit_delay = delay;
        self
    }

    /// The file; `None` if the database is in memory.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Memory => None,
            Place::File(path) => Some(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file_or_memory() {
        let path = |url| {
            SqliteConfig::from_url(url)
                .unwrap()
                .path()
                .map(PathBuf::from)
        };

        assert_eq!(path("sqlite://pod.db"), Some("pod.db".into()));
        assert_eq!(
            path("sqlite:///var/lib/pod.db"),
            Some("/var/lib/pod.db".into())
        );
        assert_eq!(path("sqlite://a b%20c.db"), Some("a b%20c.db".into()));
        assert_eq!(path("sqlite://:memory:"), None);
    }

    #[test]
    fn a_url_that_names_something_else_is_refused() {
        for (url, why) in [
            ("postgres://localhost/pod", InvalidSqliteUrl::Scheme),
            ("sqlite:pod.db", InvalidSqliteUrl::Scheme),
            ("pod.db", InvalidSqliteUrl::Scheme),
            ("sqlite://", InvalidSqliteUrl::NoPath),
            ("sqlite://pod.db?mode=ro", InvalidSqliteUrl::Parameters('?')),
            ("sqlite://pod.db#1", InvalidSqliteUrl::Parameters('#')),
        ] {
            assert_eq!(SqliteConfig::from_url(url).unwrap_err(), why, "{url}");
        }
    }
}
