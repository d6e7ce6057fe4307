//! Gives a repeated request its first answer.

use async_trait::async_trait;
use pod_core::ports::{Begun, Claim, Repeat, Replies, Reply, ReplyKey, RequestDigest};
use pod_core::{CustomerId, Fault, Timestamp};
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
    INSERT INTO replies (request, customer, reply) \
    SELECT seq, ?2, ?3 FROM requests WHERE key = ?1 \
    ON CONFLICT (request) DO NOTHING";

// The requests stay, which say nothing of anybody: none is to have its effect
// once more.
const FORGET: &str = "DELETE FROM replies WHERE customer = ?1";

/// A claim whose key is already its short name.
pub(super) struct Claimed {
    key: [u8; 16],
    digest: RequestDigest,
    keep_until: Timestamp,
}

impl From<&Claim> for Claimed {
    fn from(claim: &Claim) -> Self {
        Self {
            key: digest::short(claim.key.as_str()),
            digest: claim.digest,
            keep_until: claim.keep_until,
        }
    }
}

/// The statements that keep answers.
pub(super) struct Statements<'db> {
    begin: Statement<'db>,
    find: Statement<'db>,
    finish: Statement<'db>,
    forget: Statement<'db>,
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            begin: db.prepare(BEGIN)?,
            find: db.prepare(FIND)?,
            finish: db.prepare(FINISH)?,
            forget: db.prepare(FORGET)?,
        })
    }

    /// Begins a request, or returns what became of the first of its name.
    pub(super) fn begin(&mut self, claim: &Claimed) -> Result<Result<(), Repeat>, StoreError> {
        const DIGEST: Column = Column::new(0, "requests", "digest");
        const REPLY: Column = Column::new(1, "replies", "reply");

        let Claimed {
            key,
            digest,
            keep_until,
        } = claim;
        let first =
            self.begin
                .execute(params![key, digest.as_bytes(), keep_until.as_microsecond()])?;
        if first > 0 {
            return Ok(Ok(()));
        }
        let mut rows = self.find.query([key])?;
        let row = rows.next()?.ok_or(StoreError::Guard("requests.key"))?;
        if DIGEST.array(row)? != *digest.as_bytes() {
            return Ok(Err(Repeat::OtherRequest));
        }
        if REPLY.is_null(row)? {
            return Ok(Err(Repeat::Unfinished));
        }
        Ok(Err(Repeat::Answered(Reply::new(REPLY.bytes(row)?))))
    }
}

#[async_trait]
impl Replies for SqliteStore {
    async fn begin(&self, claim: &Claim) -> Result<Begun, Fault> {
        let claim = Claimed::from(claim);
        let begun = self.write(move |db| db.replies.begin(&claim)).await?;
        Ok(match begun {
            Ok(()) => Begun::First,
            Err(repeat) => Begun::Repeated(repeat),
        })
    }

    async fn finish(
        &self,
        key: &ReplyKey,
        customer: Option<&CustomerId>,
        reply: &Reply,
    ) -> Result<(), Fault> {
        let (key, reply) = (digest::short(key.as_str()), reply.clone());
        let customer = customer.map(|customer| digest::short(customer.as_str()));
        self.write(move |db| {
            let finish = &mut db.replies.finish;
            finish.execute(params![key, customer, reply.as_bytes()])?;
            Ok(())
        })
        .await
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        let customer = digest::short(customer.as_str());
        self.write(move |db| {
            db.replies.forget.execute([customer])?;
            Ok(())
        })
        .await
    }
}
