//! Gives a repeated request its first answer.

use async_trait::async_trait;
use pod_core::ports::{Begun, Replies, Reply, ReplyKey, RequestDigest};
use pod_core::{Fault, Timestamp};
use rusqlite::{Connection, Statement, params};

use super::SqliteStore;
use super::digest;
use super::error::StoreError;
use super::row::Column;

// That the key is unique is what makes one request the first.
const BEGIN: &str = "\
    INSERT INTO requests (key, digest, keep_until) VALUES (?1, ?2, ?3) \
    ON CONFLICT (key) DO NOTHING";

const FIND: &str = "\
    SELECT q.digest, p.reply FROM requests q LEFT JOIN replies p ON p.request = q.seq \
    WHERE q.key = ?1";

const FINISH: &str = "\
    INSERT INTO replies (request, reply) SELECT seq, ?2 FROM requests WHERE key = ?1 \
    ON CONFLICT (request) DO NOTHING";

/// The statements that keep answers.
pub(super) struct Statements<'db> {
    begin: Statement<'db>,
    find: Statement<'db>,
    finish: Statement<'db>,
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            begin: db.prepare(BEGIN)?,
            find: db.prepare(FIND)?,
            finish: db.prepare(FINISH)?,
        })
    }

    fn begin(
        &mut self,
        key: [u8; 16],
        digest: &RequestDigest,
        keep_until: Timestamp,
    ) -> Result<Begun, StoreError> {
        const DIGEST: Column = Column::new(0, "requests", "digest");
        const REPLY: Column = Column::new(1, "replies", "reply");

        let keep_until = keep_until.as_microsecond();
        let first = self
            .begin
            .execute(params![key, digest.as_bytes(), keep_until])?;
        if first > 0 {
            return Ok(Begun::First);
        }
        let mut rows = self.find.query([key])?;
        let row = rows.next()?.ok_or(StoreError::Guard("requests.key"))?;
        if DIGEST.array(row)? != *digest.as_bytes() {
            return Ok(Begun::OtherRequest);
        }
        if REPLY.is_null(row)? {
            return Ok(Begun::Unfinished);
        }
        Ok(Begun::Answered(Reply::new(REPLY.bytes(row)?)))
    }
}

#[async_trait]
impl Replies for SqliteStore {
    async fn begin(
        &self,
        key: &ReplyKey,
        digest: &RequestDigest,
        keep_until: Timestamp,
    ) -> Result<Begun, Fault> {
        let (key, digest) = (digest::short(key.as_str()), *digest);
        self.write(move |db| db.replies.begin(key, &digest, keep_until))
            .await
    }

    async fn finish(&self, key: &ReplyKey, reply: &Reply) -> Result<(), Fault> {
        let (key, reply) = (digest::short(key.as_str()), reply.clone());
        self.write(move |db| {
            db.replies.finish.execute(params![key, reply.as_bytes()])?;
            Ok(())
        })
        .await
    }
}
