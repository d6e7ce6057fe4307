//! Counts attempts, and confirms each order at most once.

use async_trait::async_trait;
use pod_core::ports::{Attempts, BeginAttemptError, Claim, ConfirmAttemptError, Repeat};
use pod_core::{
    Attempt, AttemptLimits, Challenge, CodeLifetime, Confirmation, CustomerId, Fault, Handle,
    Locked, OrderId, PlacedOrder, Stage, Standing, State, Timestamp,
};
use rusqlite::{Connection, Statement, params};

use super::SqliteStore;
use super::error::StoreError;
use super::kept_order::{self, columns};
use super::orders::{changed_one, no_challenge, same};
use super::replies::Claimed;
use super::row::Column;
use super::standings::{self, standing_columns};
use super::writer::Writing;

const FIND_AWAITING: &str = concat!(
    "SELECT ",
    columns!(),
    ", o.seq, ",
    standing_columns!(),
    " FROM orders o LEFT JOIN standings s ON s.customer = o.customer \
     WHERE o.customer = ?1 AND o.state = 'awaiting_code'"
);

// Whether sending a code for another order was begun since ?4. Orders are named
// by when they were placed, and none that can still be sent is older than ?2.
const OVERTAKEN: &str = "\
    SELECT EXISTS (SELECT 1 FROM orders WHERE customer = ?1 AND id > ?2 AND id <> ?3 \
        AND last_send_at > ?4)";

// The limit holds by the condition of the statement that counts.
const COUNT: &str = "\
    UPDATE orders SET attempts = attempts + 1 \
    WHERE seq = ?1 AND state = 'awaiting_code' AND attempts < ?2 AND expires_at > ?3";

// The conditions are what makes a code work once, in time, and for the very
// order and challenge it was sent for: they are checked by the statement that
// writes, not by one before it.
const CONFIRM: &str = concat!(
    "UPDATE orders SET state = 'confirmed', state_at = ?11, ended_at = ?11, ",
    no_challenge!(),
    " WHERE state = 'awaiting_code' AND handle = ?12 AND expires_at > ?11 AND ",
    same!()
);

/// The statements that count attempts and confirm orders.
pub(super) struct Statements<'db> {
    find_awaiting: Statement<'db>,
    overtaken: Statement<'db>,
    count: Statement<'db>,
    confirm: Statement<'db>,
}

/// Why an attempt may not be judged.
enum NotBegun {
    Repeated(Repeat),
    Locked(Locked),
    NothingPending,
    Expired(OrderId),
    Refused(OrderId),
}

/// An order that awaits its code, though its time may be up.
struct Awaiting {
    seq: i64,
    placed: PlacedOrder,
    challenge: Challenge,
    attempts: u32,
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            find_awaiting: db.prepare(FIND_AWAITING)?,
            overtaken: db.prepare(OVERTAKEN)?,
            count: db.prepare(COUNT)?,
            confirm: db.prepare(CONFIRM)?,
        })
    }

    /// The customer's order that awaits its code, if there is one, and with it
    /// how the customer stands.
    fn find(&mut self, customer: &CustomerId) -> Result<Option<(Awaiting, Standing)>, StoreError> {
        const SEQ: Column = Column::new(kept_order::COUNT, "orders", "seq");

        let mut rows = self.find_awaiting.query([customer.as_str()])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let standing = standings::read(row, kept_order::COUNT + 1)?;
        let order = kept_order::read(row)?;
        let State::AwaitingCode {
            challenge,
            attempts,
        } = order.state
        else {
            return Err(kept_order::ID.broken("an order of another state was found"));
        };
        let awaiting = Awaiting {
            seq: SEQ.integer(row)?,
            placed: order.placed,
            challenge,
            attempts,
        };
        Ok(Some((awaiting, standing)))
    }

    /// Whether sending a code for another order of the customer was begun after
    /// this challenge was sent, or was underway.
    fn is_overtaken(
        &mut self,
        order: &PlacedOrder,
        challenge: &Challenge,
    ) -> Result<bool, StoreError> {
        let oldest = order.placed_at.checked_sub(CodeLifetime::LONGEST);
        let oldest = OrderId::new(oldest.unwrap_or(Timestamp::UNIX_EPOCH), [0; 10]);
        let underway = challenge.sent_at.checked_sub(Attempt::UNDERWAY);
        let overtaken = self.overtaken.query_row(
            params![
                order.customer.as_str(),
                oldest.to_bytes(),
                order.id.to_bytes(),
                underway.unwrap_or(Timestamp::MIN).as_microsecond(),
            ],
            |row| row.get(0),
        )?;
        Ok(overtaken)
    }

    fn confirm(&mut self, confirmation: &Confirmed) -> Result<bool, StoreError> {
        let Confirmed {
            order, handle, at, ..
        } = confirmation;
        let (currency, minor) = kept_order::amount(&order.item);
        let confirmed = self.confirm.execute(params![
            order.customer.as_str(),
            order.id.to_bytes(),
            order.placed_at.as_microsecond(),
            order.item.kind(),
            order.item.summary(),
            currency,
            minor,
            order.item.details(),
            order.seed.challenge.to_bytes(),
            order.seed.nonce.to_bytes(),
            at.as_microsecond(),
            handle.as_str(),
        ])?;
        Ok(confirmed > 0)
    }
}

fn begin(
    db: &mut Writing<'_>,
    customer: &CustomerId,
    order: Option<OrderId>,
    now: Timestamp,
    limits: &AttemptLimits,
    claim: Option<&Claimed>,
) -> Result<Result<Attempt, NotBegun>, StoreError> {
    if let Some(claim) = claim
        && let Err(repeat) = db.replies.begin(claim)?
    {
        return Ok(Err(NotBegun::Repeated(repeat)));
    }
    let (awaiting, mut standing) = match db.attempts.find(customer)? {
        Some((awaiting, standing)) => (Some(awaiting), standing),
        None => (None, db.standings.find(customer)?),
    };
    // Kept only if the attempt succeeds: a refused one counts nothing.
    if let Err(locked) = standing.begin(now, &limits.failures) {
        return Ok(Err(NotBegun::Locked(locked)));
    }
    let awaiting = awaiting.filter(|found| order.is_none_or(|order| order == found.placed.id));
    let Some(awaiting) = awaiting else {
        return Ok(Err(NotBegun::NothingPending));
    };
    let (seq, id) = (awaiting.seq, awaiting.placed.id);
    let expires_at = awaiting.challenge.expires_at;
    if expires_at <= now {
        db.orders.end(seq, Stage::Expired, expires_at)?;
        return Ok(Err(NotBegun::Expired(id)));
    }
    let most = limits.per_order.get();
    let Some(left) = most.checked_sub(awaiting.attempts.saturating_add(1)) else {
        db.orders.end(seq, Stage::Refused, now)?;
        return Ok(Err(NotBegun::Refused(id)));
    };
    changed_one(
        "orders.attempts",
        db.attempts
            .count
            .execute(params![seq, most, now.as_microsecond()])?,
    )?;
    let forget_at = now.checked_add(limits.failures.within);
    db.standings
        .keep(customer, &standing, forget_at.unwrap_or(Timestamp::MAX))?;
    let Awaiting {
        placed, challenge, ..
    } = awaiting;
    let overtaken = db.attempts.is_overtaken(&placed, &challenge)?;
    let attempt = Attempt::counted(placed, challenge, left, now).locking(standing.lock);
    Ok(Ok(if overtaken {
        attempt.overtaken()
    } else {
        attempt
    }))
}

fn confirm(db: &mut Writing<'_>, confirmation: &Confirmed) -> Result<bool, StoreError> {
    let confirmed = db.attempts.confirm(confirmation)?;
    if confirmed {
        let customer = &confirmation.order.customer;
        db.standings.succeed(customer, confirmation.begun_at)?;
    }
    Ok(confirmed)
}

/// What is kept of a confirmation.
struct Confirmed {
    order: PlacedOrder,
    handle: Handle,
    begun_at: Timestamp,
    at: Timestamp,
}

#[async_trait]
impl Attempts for SqliteStore {
    async fn begin(
        &self,
        customer: &CustomerId,
        order: Option<OrderId>,
        now: Timestamp,
        limits: &AttemptLimits,
        claim: Option<&Claim>,
    ) -> Result<Attempt, BeginAttemptError> {
        let (customer, limits) = (customer.clone(), *limits);
        let claim = claim.map(Claimed::from);
        self.write(move |db| begin(db, &customer, order, now, &limits, claim.as_ref()))
            .await?
            .map_err(|not_begun| match not_begun {
                NotBegun::Repeated(repeat) => BeginAttemptError::Repeated(repeat),
                NotBegun::Locked(locked) => BeginAttemptError::Locked(locked),
                NotBegun::NothingPending => BeginAttemptError::NothingPending,
                NotBegun::Expired(order) => BeginAttemptError::Expired(order),
                NotBegun::Refused(order) => BeginAttemptError::Refused(order),
            })
    }

    async fn confirm(&self, confirmation: &Confirmation) -> Result<(), ConfirmAttemptError> {
        let attempt = confirmation.attempt();
        let confirmation = Confirmed {
            order: attempt.order().clone(),
            handle: attempt.challenge().handle.clone(),
            begun_at: attempt.begun_at(),
            at: confirmation.at(),
        };
        if self.write(move |db| confirm(db, &confirmation)).await? {
            Ok(())
        } else {
            Err(ConfirmAttemptError::NotAwaiting)
        }
    }

    async fn unlock(&self, customer: &CustomerId) -> Result<(), Fault> {
        let customer = customer.clone();
        self.write(move |db| db.standings.forget(&customer)).await
    }
}
