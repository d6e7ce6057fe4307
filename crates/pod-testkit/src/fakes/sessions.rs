//! The fake that keeps the sessions of browsers.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use pod_core::ports::{Session, SessionKey, SessionLimits, Sessions};
use pod_core::{CustomerId, Fault, Timestamp};

use super::lock;

/// Keeps sessions.
#[derive(Debug, Default)]
pub struct InMemorySessions(Mutex<HashMap<SessionKey, Session>>);

#[async_trait]
impl Sessions for InMemorySessions {
    async fn begin(&self, key: &SessionKey, session: &Session) -> Result<(), Fault> {
        let mut kept = lock(&self.0);
        if kept.contains_key(key) {
            return Err(Fault::broken("sessions", "there is a session of that key"));
        }
        kept.insert(*key, session.clone());
        Ok(())
    }

    async fn find(
        &self,
        key: &SessionKey,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> Result<Option<Session>, Fault> {
        let mut kept = lock(&self.0);
        let session = kept.get_mut(key);
        let Some(session) = session.filter(|session| !session.is_over(limits, now)) else {
            return Ok(None);
        };
        if session.seen_at + Session::NOTED <= now {
            session.seen_at = now;
        }
        Ok(Some(session.clone()))
    }

    async fn peek(
        &self,
        key: &SessionKey,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> Result<Option<Session>, Fault> {
        let found = lock(&self.0).get(key).cloned();
        Ok(found.filter(|session| !session.is_over(limits, now)))
    }

    async fn end(&self, key: &SessionKey) -> Result<(), Fault> {
        lock(&self.0).remove(key);
        Ok(())
    }

    async fn list(
        &self,
        customer: &CustomerId,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> Result<Vec<Session>, Fault> {
        let kept = lock(&self.0);
        let theirs = kept
            .values()
            .filter(|session| session.customer == *customer);
        let alive = theirs.filter(|session| !session.is_over(limits, now));
        let mut sessions: Vec<_> = alive.cloned().collect();
        sessions.sort_by_key(|session| std::cmp::Reverse(session.began_at));
        Ok(sessions)
    }

    async fn end_all(&self, customer: &CustomerId) -> Result<(), Fault> {
        lock(&self.0).retain(|_, session| session.customer != *customer);
        Ok(())
    }
}
