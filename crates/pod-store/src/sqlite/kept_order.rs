//! An order as a row.

use pod_core::{
    Challenge, ChallengeId, Channel, Country, Currency, CustomerId, Handle, InvalidItem, Item,
    Money, Nonce, Order, OrderId, PlacedOrder, Seed, SentTo, Stage, State,
};
use rusqlite::Row;

use super::error::StoreError;
use super::row::Column;

/// The columns that [`read`] reads, of a table `o`.
macro_rules! columns {
    () => {
        "o.customer, o.id, o.placed_at, o.kind, o.summary, o.currency, o.minor, o.details, \
         o.challenge, o.nonce, o.sends, o.last_send_at, o.state, o.state_at, o.attempts, \
         o.handle, o.channel, o.masked, o.sent_at, o.expires_at, \
         o.country, o.missed_channel, o.missed_country, o.missed_masked"
    };
}
pub(super) use columns;

const fn column(place: usize, name: &'static str) -> Column {
    Column::new(place, "orders", name)
}

const CUSTOMER: Column = column(0, "customer");
pub(super) const ID: Column = column(1, "id");
const PLACED_AT: Column = column(2, "placed_at");
const KIND: Column = column(3, "kind");
const SUMMARY: Column = column(4, "summary");
const CURRENCY: Column = column(5, "currency");
const MINOR: Column = column(6, "minor");
const DETAILS: Column = column(7, "details");
const CHALLENGE: Column = column(8, "challenge");
const NONCE: Column = column(9, "nonce");
const SENDS: Column = column(10, "sends");
const LAST_SEND_AT: Column = column(11, "last_send_at");
const STATE: Column = column(12, "state");
const STATE_AT: Column = column(13, "state_at");
const ATTEMPTS: Column = column(14, "attempts");
const HANDLE: Column = column(15, "handle");
const CHANNEL: Column = column(16, "channel");
const MASKED: Column = column(17, "masked");
const SENT_AT: Column = column(18, "sent_at");
const EXPIRES_AT: Column = column(19, "expires_at");
const COUNTRY: Column = column(20, "country");
const MISSED_CHANNEL: Column = column(21, "missed_channel");
const MISSED_COUNTRY: Column = column(22, "missed_country");
const MISSED_MASKED: Column = column(23, "missed_masked");

/// How many columns [`columns!`] has: the place of the next one.
pub(super) const COUNT: usize = 24;

/// Reads an order back.
pub(super) fn read(row: &Row<'_>) -> Result<Order, StoreError> {
    Ok(Order {
        placed: placed(row)?,
        sends: SENDS.count(row)?,
        last_send_at: LAST_SEND_AT.time(row)?,
        state: state(row)?,
    })
}

fn placed(row: &Row<'_>) -> Result<PlacedOrder, StoreError> {
    Ok(PlacedOrder {
        id: OrderId::from_bytes(ID.array(row)?),
        customer: CUSTOMER.parsed(row, CustomerId::parse)?,
        item: item(row)?,
        placed_at: PLACED_AT.time(row)?,
        seed: Seed {
            challenge: ChallengeId::from_bytes(CHALLENGE.array(row)?),
            nonce: Nonce::from_bytes(NONCE.array(row)?),
        },
    })
}

fn item(row: &Row<'_>) -> Result<Item, StoreError> {
    let amount = if CURRENCY.is_null(row)? {
        None
    } else {
        let currency = CURRENCY.parsed(row, Currency::parse)?;
        Some(Money::new(MINOR.integer(row)?.cast_unsigned(), currency))
    };
    Item::new(
        KIND.text(row)?,
        SUMMARY.text(row)?,
        amount,
        DETAILS.text(row)?,
    )
    .map_err(|error| match error {
        InvalidItem::Kind => KIND.broken(error),
        InvalidItem::Summary => SUMMARY.broken(error),
        InvalidItem::Details => DETAILS.broken(error),
    })
}

fn state(row: &Row<'_>) -> Result<State, StoreError> {
    let stage = STATE.parsed(row, |word| {
        Stage::named(word).ok_or("not the word for a state")
    })?;
    Ok(match stage {
        Stage::Placed => State::Placed,
        Stage::AwaitingCode => State::AwaitingCode {
            challenge: challenge(row)?,
            attempts: ATTEMPTS.count(row)?,
        },
        Stage::Confirmed => State::Confirmed {
            at: STATE_AT.time(row)?,
        },
        Stage::Expired => State::Expired {
            at: STATE_AT.time(row)?,
        },
        Stage::Refused => State::Refused {
            at: STATE_AT.time(row)?,
        },
        Stage::Superseded => State::Superseded {
            at: STATE_AT.time(row)?,
        },
        Stage::Cancelled => State::Cancelled {
            at: STATE_AT.time(row)?,
        },
        Stage::Undelivered => State::Undelivered {
            at: STATE_AT.time(row)?,
            attempts: ATTEMPTS.count(row)?,
        },
    })
}

fn challenge(row: &Row<'_>) -> Result<Challenge, StoreError> {
    let missed = if MISSED_CHANNEL.is_null(row)? {
        None
    } else {
        Some(sent_to(MISSED_CHANNEL, MISSED_COUNTRY, MISSED_MASKED, row)?)
    };
    Ok(Challenge {
        handle: HANDLE.parsed(row, Handle::parse)?,
        sent_to: sent_to(CHANNEL, COUNTRY, MASKED, row)?,
        instead_of: missed,
        sent_at: SENT_AT.time(row)?,
        expires_at: EXPIRES_AT.time(row)?,
    })
}

/// Reads a contact in the form that may be shown.
pub(super) fn sent_to(
    way: Column,
    country: Column,
    masked: Column,
    row: &Row<'_>,
) -> Result<SentTo, StoreError> {
    let country = if country.is_null(row)? {
        None
    } else {
        Some(country.parsed(row, Country::parse)?)
    };
    Ok(SentTo::from_kept(
        channel(way, row)?,
        country,
        masked.text(row)?,
    ))
}

/// Reads which way a contact is reached.
pub(super) fn channel(column: Column, row: &Row<'_>) -> Result<Channel, StoreError> {
    match column.text(row)? {
        "phone" => Ok(Channel::Phone),
        "email" => Ok(Channel::Email),
        _ => Err(column.broken("neither phone nor email")),
    }
}

/// An amount as two values that are kept.
pub(super) fn amount(item: &Item) -> (Option<String>, Option<i64>) {
    let amount = item.amount();
    (
        amount.map(|amount| amount.currency().as_str().to_owned()),
        amount.map(|amount| amount.minor().cast_signed()),
    )
}
