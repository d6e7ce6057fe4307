//! Keeps orders and leads them through their life.

use async_trait::async_trait;
use pod_core::ports::{
    ActivateError, BeginSendError, Claim, CloseError, Orders, PlaceError, Repeat,
};
use pod_core::{
    Allowance, Challenge, Country, CustomerId, Ending, Order, OrderId, PlacedOrder, SendLimits,
    SentTo, Stage, Timestamp,
};
use rusqlite::{Connection, Statement, params};

use super::SqliteStore;
use super::error::StoreError;
use super::kept_order::{self, columns};
use super::quotas::Asked;
use super::replies::Claimed;
use super::row::Column;
use super::writer::Writing;

/// Whether a row has the order exactly as it was placed: a code is good for
/// nothing else. Takes the parameters ?1 to ?10 in the order of [`PLACE`].
macro_rules! same {
    () => {
        "customer = ?1 AND id = ?2 AND placed_at = ?3 AND kind = ?4 AND summary = ?5 \
         AND currency IS ?6 AND minor IS ?7 AND details = ?8 AND challenge = ?9 AND nonce = ?10"
    };
}
pub(super) use same;

const PLACE: &str = "\
    INSERT INTO orders (customer, id, placed_at, kind, summary, currency, minor, details, \
        challenge, nonce, sends, last_send_at, state) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, ?3, 'placed') \
    ON CONFLICT (id) DO NOTHING";

const FIND: &str = concat!(
    "SELECT ",
    columns!(),
    ", o.seq FROM orders o WHERE o.customer = ?1 AND o.id = ?2"
);

// The conditions of the next four are what makes each step happen once: they
// are checked by the statement that writes, not only by one before it.

const COUNT_SEND: &str = "\
    UPDATE orders SET sends = sends + 1, last_send_at = ?2 \
    WHERE seq = ?1 AND ended_at IS NULL AND sends = ?3";

const LIST_OPEN: &str = concat!(
    "SELECT seq, id, state, expires_at, (",
    same!(),
    ") FROM orders WHERE customer = ?1 AND ended_at IS NULL ORDER BY id DESC"
);

/// Takes the challenge away from an order.
macro_rules! no_challenge {
    () => {
        "handle = NULL, channel = NULL, masked = NULL, sent_at = NULL, expires_at = NULL, \
         country = NULL, missed_channel = NULL, missed_country = NULL, missed_masked = NULL"
    };
}
pub(super) use no_challenge;

const AWAIT_CODE: &str = "\
    UPDATE orders SET state = 'awaiting_code', state_at = NULL, handle = ?2, channel = ?3, \
        masked = ?4, sent_at = ?5, expires_at = ?6, country = ?7, missed_channel = ?8, \
        missed_country = ?9, missed_masked = ?10 \
    WHERE seq = ?1 AND ended_at IS NULL";

const END: &str = concat!(
    "UPDATE orders SET state = ?2, state_at = ?3, ended_at = ?3, ",
    no_challenge!(),
    " WHERE seq = ?1 AND ended_at IS NULL"
);

// ?6 is the time at which a code that was lost had been sent.
const CLOSE: &str = concat!(
    "UPDATE orders SET state = ?4, state_at = ?3, ended_at = ?5, ",
    no_challenge!(),
    " WHERE customer = ?1 AND id = ?2 AND ended_at IS NULL \
        AND (expires_at IS NULL OR expires_at > ?3) \
        AND CASE \
            WHEN ?6 IS NOT NULL THEN sent_at IS ?6 \
            ELSE ?5 IS NOT NULL OR state <> 'awaiting_code' END"
);

/// The statements that write orders.
pub(super) struct Statements<'db> {
    place: Statement<'db>,
    find: Statement<'db>,
    count_send: Statement<'db>,
    list_open: Statement<'db>,
    await_code: Statement<'db>,
    end: Statement<'db>,
    close: Statement<'db>,
}

/// An open order, as much of it as [`Statements::activate`] needs.
struct Open {
    seq: i64,
    id: OrderId,
    /// Until when it awaits its code; `None` if it does not.
    awaits_until: Option<Timestamp>,
    /// Whether it is the order that was asked for, unchanged.
    same: bool,
}

impl<'db> Statements<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            place: db.prepare(PLACE)?,
            find: db.prepare(FIND)?,
            count_send: db.prepare(COUNT_SEND)?,
            list_open: db.prepare(LIST_OPEN)?,
            await_code: db.prepare(AWAIT_CODE)?,
            end: db.prepare(END)?,
            close: db.prepare(CLOSE)?,
        })
    }

    fn place(&mut self, order: &PlacedOrder) -> Result<(), StoreError> {
        let (currency, minor) = kept_order::amount(&order.item);
        self.place.execute(params![
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
        ])?;
        Ok(())
    }

    fn begin_send(
        &mut self,
        customer: &CustomerId,
        id: OrderId,
        now: Timestamp,
        limits: &SendLimits,
    ) -> Result<Result<Order, NotSent>, StoreError> {
        const SEQ: Column = Column::new(kept_order::COUNT, "orders", "seq");

        let mut rows = self.find.query(params![customer.as_str(), id.to_bytes()])?;
        let Some(row) = rows.next()? else {
            return Ok(Err(NotSent::NotOpen));
        };
        let (mut order, seq) = (kept_order::read(row)?, SEQ.integer(row)?);
        drop(rows);

        if !order.clone().seen_at(now).state.is_open() {
            return Ok(Err(NotSent::NotOpen));
        }
        if order.sends >= limits.most {
            return Ok(Err(NotSent::Exhausted));
        }
        let cool_down = limits.cool_down(order.sends);
        let retry_at = order.last_send_at.checked_add(cool_down);
        let retry_at = retry_at.unwrap_or(Timestamp::MAX);
        if now < retry_at {
            return Ok(Err(NotSent::TooSoon { retry_at }));
        }
        changed_one(
            "orders.sends",
            self.count_send
                .execute(params![seq, now.as_microsecond(), order.sends])?,
        )?;
        order.sends += 1;
        order.last_send_at = now;
        Ok(Ok(order))
    }

    fn activate(
        &mut self,
        order: &PlacedOrder,
        challenge: &Challenge,
    ) -> Result<Option<Vec<OrderId>>, StoreError> {
        let at = challenge.sent_at;
        let open = self.open_orders(order)?;
        let Some(place) = open.iter().position(|open| open.same) else {
            return Ok(None);
        };
        // Newest first: those before it are newer.
        let (newer, rest) = open.split_at(place);
        let (this, older) = rest.split_at(1);
        if newer.iter().any(|newer| newer.awaits_until.is_some()) {
            self.end(this[0].seq, Stage::Superseded, at)?;
            return Ok(None);
        }

        let mut superseded = Vec::new();
        for older in older {
            match older.awaits_until {
                Some(expired_at) if expired_at <= at => {
                    self.end(older.seq, Stage::Expired, expired_at)?;
                }
                _ => {
                    self.end(older.seq, Stage::Superseded, at)?;
                    superseded.push(older.id);
                }
            }
        }
        let country = |country: Country| country.as_str().to_owned();
        let missed = challenge.instead_of.as_ref();
        changed_one(
            "orders.state",
            self.await_code.execute(params![
                this[0].seq,
                challenge.handle.as_str(),
                challenge.sent_to.channel().as_str(),
                challenge.sent_to.masked(),
                challenge.sent_at.as_microsecond(),
                challenge.expires_at.as_microsecond(),
                challenge.sent_to.country().map(country),
                missed.map(|missed| missed.channel().as_str()),
                missed.and_then(SentTo::country).map(country),
                missed.map(SentTo::masked),
            ])?,
        )?;
        Ok(Some(superseded))
    }

    fn open_orders(&mut self, order: &PlacedOrder) -> Result<Vec<Open>, StoreError> {
        const SEQ: Column = Column::new(0, "orders", "seq");
        const ID: Column = Column::new(1, "orders", "id");
        const STATE: Column = Column::new(2, "orders", "state");
        const EXPIRES_AT: Column = Column::new(3, "orders", "expires_at");
        const SAME: Column = Column::new(4, "orders", "id");

        let (currency, minor) = kept_order::amount(&order.item);
        let mut rows = self.list_open.query(params![
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
        ])?;
        let mut open = Vec::with_capacity(2);
        while let Some(row) = rows.next()? {
            let awaits = STATE.text(row)? == Stage::AwaitingCode.as_str();
            open.push(Open {
                seq: SEQ.integer(row)?,
                id: OrderId::from_bytes(ID.array(row)?),
                awaits_until: awaits.then(|| EXPIRES_AT.time(row)).transpose()?,
                same: SAME.integer(row)? != 0,
            });
        }
        Ok(open)
    }

    /// Ends an open order that has just been found.
    pub(super) fn end(&mut self, seq: i64, stage: Stage, at: Timestamp) -> Result<(), StoreError> {
        let ended = self
            .end
            .execute(params![seq, stage.as_str(), at.as_microsecond()])?;
        changed_one("orders.state", ended)
    }

    fn close(
        &mut self,
        customer: &CustomerId,
        order: OrderId,
        ending: Ending,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let at = at.as_microsecond();
        let (stage, ended_at, lost) = match ending {
            Ending::Cancelled => (Stage::Cancelled, Some(at), None),
            Ending::Refused => (Stage::Refused, Some(at), None),
            Ending::Undelivered => (Stage::Undelivered, None, None),
            Ending::Lost { sent_at } => (Stage::Undelivered, None, Some(sent_at.as_microsecond())),
        };
        let closed = self.close.execute(params![
            customer.as_str(),
            order.to_bytes(),
            at,
            stage.as_str(),
            ended_at,
            lost,
        ])?;
        Ok(closed > 0)
    }
}

/// Insists that a statement found what the one before it had found: both are
/// in one transaction.
pub(super) fn changed_one(what: &'static str, rows: usize) -> Result<(), StoreError> {
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Guard(what))
    }
}

fn place(
    db: &mut Writing<'_>,
    order: &PlacedOrder,
    asked: &[Asked],
    claim: Option<&Claimed>,
) -> Result<Result<(), NotPlaced>, StoreError> {
    if let Some(claim) = claim
        && let Err(repeat) = db.replies.begin(claim)?
    {
        return Ok(Err(NotPlaced::Repeated(repeat)));
    }
    if let Some(retry_at) = db.quotas.take(asked, order.placed_at)? {
        return Ok(Err(NotPlaced::Exhausted { retry_at }));
    }
    db.orders.place(order)?;
    Ok(Ok(()))
}

/// Why an order was not kept.
enum NotPlaced {
    Repeated(Repeat),
    Exhausted { retry_at: Timestamp },
}

/// Why a code may not be sent again.
enum NotSent {
    NotOpen,
    TooSoon { retry_at: Timestamp },
    Exhausted,
}

#[async_trait]
impl Orders for SqliteStore {
    async fn place(
        &self,
        order: &PlacedOrder,
        allowances: &[Allowance],
        claim: Option<&Claim>,
    ) -> Result<(), PlaceError> {
        let (order, asked) = (order.clone(), Asked::all(allowances));
        let claim = claim.map(Claimed::from);
        self.write(move |db| place(db, &order, &asked, claim.as_ref()))
            .await?
            .map_err(|not_placed| match not_placed {
                NotPlaced::Repeated(repeat) => PlaceError::Repeated(repeat),
                NotPlaced::Exhausted { retry_at } => PlaceError::Exhausted { retry_at },
            })
    }

    async fn begin_send(
        &self,
        customer: &CustomerId,
        order: OrderId,
        now: Timestamp,
        limits: &SendLimits,
    ) -> Result<Order, BeginSendError> {
        let (customer, limits) = (customer.clone(), limits.clone());
        self.write(move |db| db.orders.begin_send(&customer, order, now, &limits))
            .await?
            .map_err(|not_sent| match not_sent {
                NotSent::NotOpen => BeginSendError::NotOpen,
                NotSent::TooSoon { retry_at } => BeginSendError::TooSoon { retry_at },
                NotSent::Exhausted => BeginSendError::Exhausted,
            })
    }

    async fn activate(
        &self,
        order: &PlacedOrder,
        challenge: &Challenge,
    ) -> Result<Vec<OrderId>, ActivateError> {
        let (order, challenge) = (order.clone(), challenge.clone());
        self.write(move |db| db.orders.activate(&order, &challenge))
            .await?
            .ok_or(ActivateError::NotOpen)
    }

    async fn close(
        &self,
        customer: &CustomerId,
        order: OrderId,
        ending: Ending,
        at: Timestamp,
    ) -> Result<(), CloseError> {
        let customer = customer.clone();
        let closed = self
            .write(move |db| db.orders.close(&customer, order, ending, at))
            .await?;
        if closed {
            Ok(())
        } else {
            Err(CloseError::NotOpen)
        }
    }
}
