//! The port that keeps the sessions of browsers.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::fault::Fault;
use crate::ids::CustomerId;

/// What a session is found by: a digest of the secret that its browser has. A
/// stolen table of sessions opens none of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// Takes the thirty-two bytes of a digest.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The thirty-two bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

/// A browser in which a customer has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub customer: CustomerId,
    /// When.
    pub began_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// What only the browser's own secret opens.
    pub sealed: Box<[u8]>,
}

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without being used.
    pub idle: Duration,
    /// At most.
    pub absolute: Duration,
}

impl Default for SessionLimits {
    /// An hour without being used, twelve hours at most.
    fn default() -> Self {
        Self {
            idle: Duration::from_hours(1),
            absolute: Duration::from_hours(12),
        }
    }
}

impl Session {
    /// Being used is noted once in such a time: looking at a page need not
    /// write.
    pub const NOTED: Duration = Duration::from_mins(1);

    /// Whether its time is up.
    #[must_use]
    pub fn is_over(&self, limits: &SessionLimits, now: Timestamp) -> bool {
        let passed = |since: Timestamp, time: Duration| {
            since.checked_add(time).is_ok_and(|until| until <= now)
        };
        passed(self.seen_at, limits.idle) || passed(self.began_at, limits.absolute)
    }
}

/// Keeps the sessions of browsers.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Keeps a new session.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it may not have been kept, or there is one of that key: it
    /// stays as it is.
    async fn begin(&self, key: &SessionKey, session: &Session) -> Result<(), Fault>;

    /// Finds a session whose time is not up, and notes that it is used; `None`
    /// if there is none.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it could not be looked up.
    async fn find(
        &self,
        key: &SessionKey,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> Result<Option<Session>, Fault>;

    /// Finds a session whose time is not up, and leaves it as it is; `None` if
    /// there is none.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it could not be looked up.
    async fn peek(
        &self,
        key: &SessionKey,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> Result<Option<Session>, Fault>;

    /// Ends a session, if it is there.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it may go on.
    async fn end(&self, key: &SessionKey) -> Result<(), Fault>;

    /// The sessions of a customer whose time is not up, the newest first.
    ///
    /// # Errors
    ///
    /// [`Fault`] if they could not be looked up.
    async fn list(
        &self,
        customer: &CustomerId,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> Result<Vec<Session>, Fault>;

    /// Ends all sessions of a customer, and nobody else's.
    ///
    /// # Errors
    ///
    /// [`Fault`] if some may go on.
    async fn end_all(&self, customer: &CustomerId) -> Result<(), Fault>;
}
