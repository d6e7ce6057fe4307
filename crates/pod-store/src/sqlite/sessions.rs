//! Keeps the sessions of browsers.

use async_trait::async_trait;
use pod_core::ports::{Session, SessionKey, SessionLimits, Sessions};
use pod_core::{CustomerId, Fault, Timestamp};
use rusqlite::{Connection, Row, Statement, params};

use super::SqliteStore;
use super::error::StoreError;
use super::row::Column;

// One that is there stays as it is.
const BEGIN: &str = "\
    INSERT INTO sessions (key, customer, began_at, seen_at, sealed) VALUES (?1, ?2, ?3, ?4, ?5)";

const FIND: &str = "SELECT customer, began_at, seen_at, sealed FROM sessions WHERE key = ?1";

const LIST: &str = "\
    SELECT customer, began_at, seen_at, sealed FROM sessions WHERE customer = ?1 \
    ORDER BY began_at DESC, key";

const SEE: &str = "UPDATE sessions SET seen_at = ?2 WHERE key = ?1 AND seen_at < ?2";

const END: &str = "DELETE FROM sessions WHERE key = ?1";

const END_ALL: &str = "DELETE FROM sessions WHERE customer = ?1";

const CUSTOMER: Column = Column::new(0, "sessions", "customer");
const BEGAN_AT: Column = Column::new(1, "sessions", "began_at");
const SEEN_AT: Column = Column::new(2, "sessions", "seen_at");
const SEALED: Column = Column::new(3, "sessions", "sealed");

/// The statements that read sessions.
pub(super) struct Reads<'db> {
    find: Statement<'db>,
    list: Statement<'db>,
}

impl<'db> Reads<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            find: db.prepare(FIND)?,
            list: db.prepare(LIST)?,
        })
    }

    fn find(&mut self, key: &SessionKey) -> Result<Option<Session>, StoreError> {
        let mut rows = self.find.query([key.as_bytes()])?;
        rows.next()?.map(session).transpose()
    }

    fn list(&mut self, customer: &CustomerId) -> Result<Vec<Session>, StoreError> {
        let mut rows = self.list.query([customer.as_str()])?;
        let mut sessions = Vec::new();
        while let Some(row) = rows.next()? {
            sessions.push(session(row)?);
        }
        Ok(sessions)
    }
}

/// The statements that keep sessions.
pub(super) struct Statements<'db> {
    begin: Statement<'db>,
    see: Statement<'db>,
    end: Statement<'db>,
    end_all: Statement<'db>,
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            begin: db.prepare(BEGIN)?,
            see: db.prepare(SEE)?,
            end: db.prepare(END)?,
            end_all: db.prepare(END_ALL)?,
        })
    }
}

fn session(row: &Row<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        customer: CUSTOMER.parsed(row, CustomerId::parse)?,
        began_at: BEGAN_AT.time(row)?,
        seen_at: SEEN_AT.time(row)?,
        sealed: SEALED.bytes(row)?.into(),
    })
}

#[async_trait]
impl Sessions for SqliteStore {
    async fn begin(&self, key: &SessionKey, session: &Session) -> Result<(), Fault> {
        let (key, session) = (*key, session.clone());
        self.write(move |db| {
            let begin = &mut db.sessions.begin;
            begin.execute(params![
                key.as_bytes(),
                session.customer.as_str(),
                session.began_at.as_microsecond(),
                session.seen_at.as_microsecond(),
                session.sealed,
            ])?;
            Ok(())
        })
        .await
    }

    async fn find(
        &self,
        key: &SessionKey,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> Result<Option<Session>, Fault> {
        let Some(mut session) = self.peek(key, limits, now).await? else {
            return Ok(None);
        };
        let key = *key;
        let noted = session.seen_at.checked_add(Session::NOTED);
        if noted.is_ok_and(|noted| noted <= now) {
            session.seen_at = now;
            let noted = self.write(move |db| {
                let seen = params![key.as_bytes(), now.as_microsecond()];
                db.sessions.see.execute(seen)?;
                Ok(())
            });
            // What is lost is a minute of a session.
            let _ = noted.await;
        }
        Ok(Some(session))
    }

    async fn peek(
        &self,
        key: &SessionKey,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> Result<Option<Session>, Fault> {
        let key = *key;
        let found = self.read(move |db| db.sessions.find(&key)).await?;
        Ok(found.filter(|session| !session.is_over(limits, now)))
    }

    async fn end(&self, key: &SessionKey) -> Result<(), Fault> {
        let key = *key;
        self.write(move |db| {
            db.sessions.end.execute([key.as_bytes()])?;
            Ok(())
        })
        .await
    }

    async fn list(
        &self,
        customer: &CustomerId,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> Result<Vec<Session>, Fault> {
        let (customer, limits) = (customer.clone(), *limits);
        let all = self.read(move |db| db.sessions.list(&customer)).await?;
        let alive = all
            .into_iter()
            .filter(|session| !session.is_over(&limits, now));
        Ok(alive.collect())
    }

    async fn end_all(&self, customer: &CustomerId) -> Result<(), Fault> {
        let customer = customer.clone();
        self.write(move |db| {
            db.sessions.end_all.execute([customer.as_str()])?;
            Ok(())
        })
        .await
    }
}
