//! Keeps the one contact that a customer has yet to prove.

use async_trait::async_trait;
use pod_core::ports::{BeginEnrolmentError, Enrolments, FinishEnrolmentError};
use pod_core::{
    AttemptLimits, Challenge, ChallengeId, Contact, Country, CustomerId, Enrolled, Enrolment,
    EnrolmentAttempt, Fault, Handle, Locked, Nonce, Seed, SentCode, SentTo, Timestamp,
};
use rusqlite::{Connection, Row, Statement, params};

use super::SqliteStore;
use super::error::StoreError;
use super::kept_order;
use super::orders::changed_one;
use super::row::Column;
use super::writer::Writing;

// A newer one takes the place of the one before, with no attempt counted.
const KEEP: &str = "\
    INSERT OR REPLACE INTO enrolments (customer, contact, summary, begun_at, ends_at, \
        proof_challenge, proof_nonce, proof_handle, proof_channel, proof_country, proof_masked, \
        proof_sent_at, proof_expires_at, approval_challenge, approval_nonce, approval_handle, \
        approval_channel, approval_country, approval_masked, approval_sent_at, \
        approval_expires_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
        ?19, ?20, ?21)";

const FIND: &str = "\
    SELECT contact, summary, begun_at, attempts, \
        proof_challenge, proof_nonce, proof_handle, proof_channel, proof_country, proof_masked, \
        proof_sent_at, proof_expires_at, approval_challenge, approval_nonce, approval_handle, \
        approval_channel, approval_country, approval_masked, approval_sent_at, \
        approval_expires_at \
    FROM enrolments WHERE customer = ?1 AND ends_at > ?2";

// The limit holds by the condition of the statement that counts.
const COUNT: &str = "\
    UPDATE enrolments SET attempts = attempts + 1 \
    WHERE customer = ?1 AND contact = ?2 AND attempts < ?3 AND ends_at > ?4";

// That it happens once, in time, for this very enrolment and only with what has
// to approve it is looked at by the statement that ends it: challenges are named
// at random.
const FINISH: &str = "\
    DELETE FROM enrolments \
    WHERE customer = ?1 AND contact = ?2 AND proof_challenge = ?3 AND ends_at > ?4 \
        AND (approval_challenge IS NOT NULL \
            OR NOT EXISTS (SELECT 1 FROM contacts WHERE customer = ?1))";

const END: &str = "DELETE FROM enrolments WHERE customer = ?1";

const CONTACT: Column = column(0, "contact");
const SUMMARY: Column = column(1, "summary");
const BEGUN_AT: Column = column(2, "begun_at");
const ATTEMPTS: Column = column(3, "attempts");

const PROOF: Code = Code {
    challenge: column(4, "proof_challenge"),
    nonce: column(5, "proof_nonce"),
    handle: column(6, "proof_handle"),
    channel: column(7, "proof_channel"),
    country: column(8, "proof_country"),
    masked: column(9, "proof_masked"),
    sent_at: column(10, "proof_sent_at"),
    expires_at: column(11, "proof_expires_at"),
};

const APPROVAL: Code = Code {
    challenge: column(12, "approval_challenge"),
    nonce: column(13, "approval_nonce"),
    handle: column(14, "approval_handle"),
    channel: column(15, "approval_channel"),
    country: column(16, "approval_country"),
    masked: column(17, "approval_masked"),
    sent_at: column(18, "approval_sent_at"),
    expires_at: column(19, "approval_expires_at"),
};

const fn column(place: usize, name: &'static str) -> Column {
    Column::new(place, "enrolments", name)
}

/// The columns of a code that was sent.
struct Code {
    challenge: Column,
    nonce: Column,
    handle: Column,
    channel: Column,
    country: Column,
    masked: Column,
    sent_at: Column,
    expires_at: Column,
}

impl Code {
    fn read(&self, row: &Row<'_>) -> Result<SentCode, StoreError> {
        Ok(SentCode {
            seed: Seed {
                challenge: ChallengeId::from_bytes(self.challenge.array(row)?),
                nonce: Nonce::from_bytes(self.nonce.array(row)?),
            },
            challenge: Challenge {
                handle: self.handle.parsed(row, Handle::parse)?,
                sent_to: kept_order::sent_to(self.channel, self.country, self.masked, row)?,
                instead_of: None,
                sent_at: self.sent_at.time(row)?,
                expires_at: self.expires_at.time(row)?,
            },
        })
    }
}

/// The statement that reads enrolments.
pub(super) struct Reads<'db> {
    find: Statement<'db>,
}

impl<'db> Reads<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            find: db.prepare(FIND)?,
        })
    }

    fn find(
        &mut self,
        customer: &CustomerId,
        now: Timestamp,
    ) -> Result<Option<(Enrolment, u32)>, StoreError> {
        let named = params![customer.as_str(), now.as_microsecond()];
        let mut rows = self.find.query(named)?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let approval = if APPROVAL.challenge.is_null(row)? {
            None
        } else {
            Some(APPROVAL.read(row)?)
        };
        let enrolment = Enrolment {
            customer: customer.clone(),
            contact: CONTACT.text(row)?.into(),
            summary: SUMMARY.text(row)?.into(),
            begun_at: BEGUN_AT.time(row)?,
            proof: PROOF.read(row)?,
            approval,
        };
        Ok(Some((enrolment, ATTEMPTS.count(row)?)))
    }
}

/// The statements that write enrolments.
pub(super) struct Statements<'db> {
    keep: Statement<'db>,
    count: Statement<'db>,
    finish: Statement<'db>,
    end: Statement<'db>,
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            keep: db.prepare(KEEP)?,
            count: db.prepare(COUNT)?,
            finish: db.prepare(FINISH)?,
            end: db.prepare(END)?,
        })
    }

    fn keep(&mut self, enrolment: &Enrolment) -> Result<(), StoreError> {
        let country = |country: Country| country.as_str().to_owned();
        let (proof, approval) = (&enrolment.proof, enrolment.approval.as_ref());
        let sent_to = &proof.challenge.sent_to;
        let approved_by = approval.map(|code| &code.challenge.sent_to);
        self.keep.execute(params![
            enrolment.customer.as_str(),
            enrolment.contact,
            enrolment.summary,
            enrolment.begun_at.as_microsecond(),
            enrolment.expires_at().as_microsecond(),
            proof.seed.challenge.to_bytes(),
            proof.seed.nonce.to_bytes(),
            proof.challenge.handle.as_str(),
            sent_to.channel().as_str(),
            sent_to.country().map(country),
            sent_to.masked(),
            proof.challenge.sent_at.as_microsecond(),
            proof.challenge.expires_at.as_microsecond(),
            approval.map(|code| code.seed.challenge.to_bytes()),
            approval.map(|code| code.seed.nonce.to_bytes()),
            approval.map(|code| code.challenge.handle.as_str()),
            approved_by.map(|sent_to| sent_to.channel().as_str()),
            approved_by.and_then(SentTo::country).map(country),
            approved_by.map(SentTo::masked),
            approval.map(|code| code.challenge.sent_at.as_microsecond()),
            approval.map(|code| code.challenge.expires_at.as_microsecond()),
        ])?;
        Ok(())
    }

    /// Ends whatever the customer has yet to prove.
    pub(super) fn end(&mut self, customer: &CustomerId) -> Result<(), StoreError> {
        self.end.execute([customer.as_str()])?;
        Ok(())
    }
}

/// Why an attempt may not be judged.
enum NotBegun {
    Locked(Locked),
    NotPending,
    Refused,
}

fn begin(
    db: &mut Writing<'_>,
    customer: &CustomerId,
    contact: &str,
    now: Timestamp,
    limits: &AttemptLimits,
) -> Result<Result<EnrolmentAttempt, NotBegun>, StoreError> {
    // Kept only if the attempt succeeds: a refused one counts nothing.
    let mut standing = db.standings.find(customer)?;
    if let Err(locked) = standing.begin(now, &limits.failures) {
        return Ok(Err(NotBegun::Locked(locked)));
    }
    let found = db.reading.enrolments.find(customer, now)?;
    let found = found.filter(|(enrolment, _)| *enrolment.contact == *contact);
    let Some((enrolment, attempts)) = found else {
        return Ok(Err(NotBegun::NotPending));
    };
    let most = limits.per_order.get();
    let Some(left) = most.checked_sub(attempts.saturating_add(1)) else {
        return Ok(Err(NotBegun::Refused));
    };
    changed_one(
        "enrolments.attempts",
        db.enrolments.count.execute(params![
            customer.as_str(),
            contact,
            most,
            now.as_microsecond()
        ])?,
    )?;
    let forget_at = now.checked_add(limits.failures.within);
    db.standings
        .keep(customer, &standing, forget_at.unwrap_or(Timestamp::MAX))?;
    let lock = standing.lock;
    Ok(Ok(EnrolmentAttempt::counted(enrolment, left, now, lock)))
}

/// What is kept of a contact that was proved.
struct Proved {
    customer: CustomerId,
    name: Box<str>,
    challenge: ChallengeId,
    contact: Contact,
    begun_at: Timestamp,
    now: Timestamp,
}

fn finish(db: &mut Writing<'_>, proved: &Proved) -> Result<bool, StoreError> {
    let ended = db.enrolments.finish.execute(params![
        proved.customer.as_str(),
        proved.name,
        proved.challenge.to_bytes(),
        proved.now.as_microsecond(),
    ])?;
    if ended == 0 {
        return Ok(false);
    }
    db.contact_book.keep(&proved.customer, &proved.contact)?;
    db.standings.succeed(&proved.customer, proved.begun_at)?;
    Ok(true)
}

#[async_trait]
impl Enrolments for SqliteStore {
    async fn keep(&self, enrolment: &Enrolment) -> Result<(), Fault> {
        let enrolment = enrolment.clone();
        self.write(move |db| db.enrolments.keep(&enrolment)).await
    }

    async fn find(
        &self,
        customer: &CustomerId,
        now: Timestamp,
    ) -> Result<Option<(Enrolment, u32)>, Fault> {
        let customer = customer.clone();
        self.read(move |db| db.enrolments.find(&customer, now))
            .await
    }

    async fn begin(
        &self,
        customer: &CustomerId,
        contact: &str,
        now: Timestamp,
        limits: &AttemptLimits,
    ) -> Result<EnrolmentAttempt, BeginEnrolmentError> {
        let (customer, contact, limits) = (customer.clone(), contact.to_owned(), *limits);
        self.write(move |db| begin(db, &customer, &contact, now, &limits))
            .await?
            .map_err(|not_begun| match not_begun {
                NotBegun::Locked(locked) => BeginEnrolmentError::Locked(locked),
                NotBegun::NotPending => BeginEnrolmentError::NotPending,
                NotBegun::Refused => BeginEnrolmentError::Refused,
            })
    }

    async fn finish(
        &self,
        enrolled: &Enrolled,
        contact: &Contact,
        now: Timestamp,
    ) -> Result<(), FinishEnrolmentError> {
        let attempt = enrolled.attempt();
        let enrolment = attempt.enrolment();
        let proved = Proved {
            customer: enrolment.customer.clone(),
            name: enrolment.contact.clone(),
            challenge: enrolment.proof.seed.challenge,
            contact: contact.clone(),
            begun_at: attempt.begun_at(),
            now,
        };
        if self.write(move |db| finish(db, &proved)).await? {
            Ok(())
        } else {
            Err(FinishEnrolmentError::NotPending)
        }
    }
}
