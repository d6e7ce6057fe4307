//! The names of orders, challenges, customers and linked accounts.

use std::fmt;

use jiff::Timestamp;
use thiserror::Error;
use uuid::Uuid;

/// The name of one order: a UUID of version 7 (RFC 9562), so that names sort
/// by the time the order was placed, to the millisecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(Uuid);

/// The name of one challenge: sixteen random bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChallengeId([u8; 16]);

/// Not an order's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an order's name is a UUID such as 0199c0de-7a11-7000-8000-0123456789ab")]
pub struct InvalidOrderId;

impl OrderId {
    /// Names an order placed at `placed_at`, with ten random bytes.
    #[must_use]
    pub fn new(placed_at: Timestamp, random: [u8; 10]) -> Self {
        let millis = u64::try_from(placed_at.as_millisecond()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// Reads a name in the hyphenated form.
    ///
    /// # Errors
    ///
    /// [`InvalidOrderId`] if it is not a UUID.
    pub fn parse(raw: &str) -> Result<Self, InvalidOrderId> {
        Uuid::try_parse(raw).map(Self).map_err(|_| InvalidOrderId)
    }

    /// Takes back a name that [`OrderId::to_bytes`] gave out.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_bytes(bytes).into_uuid())
    }

    /// The name as sixteen bytes, big end first; they sort as the names do.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrderId({self})")
    }
}

impl ChallengeId {
    /// Names a challenge by sixteen random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The name's sixteen bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Debug for ChallengeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChallengeId({:032x})", u128::from_be_bytes(self.0))
    }
}

/// The name of a customer: the `sub` of the access token, whatever text the
/// identity provider made it of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CustomerId(Box<str>);

/// Not a customer's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a customer's name is 1 to 255 bytes of text without control characters")]
pub struct InvalidCustomerId;

impl CustomerId {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`InvalidCustomerId`] unless it is 1 to 255 bytes without control
    /// characters. (`OpenID Connect` Core, section 2, allows a `sub` of up to
    /// 255 ASCII characters.)
    pub fn parse(raw: &str) -> Result<Self, InvalidCustomerId> {
        short_text(raw, 255).map(Self).ok_or(InvalidCustomerId)
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of an account at the assistant, Alexa's `userId`: a customer gets
/// a new one each time the skill is enabled.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AccountId(Box<str>);

/// Not an account's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an account's name is 1 to 512 bytes of text without control characters")]
pub struct InvalidAccountId;

impl AccountId {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`InvalidAccountId`] unless it is 1 to 512 bytes without control
    /// characters.
    pub fn parse(raw: &str) -> Result<Self, InvalidAccountId> {
        short_text(raw, 512).map(Self).ok_or(InvalidAccountId)
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn short_text(raw: &str, most: usize) -> Option<Box<str>> {
    let fits = !raw.is_empty() && raw.len() <= most && !raw.chars().any(char::is_control);
    fits.then(|| raw.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_orders_sort_by_time_and_survive_bytes_and_text() {
        let early = OrderId::new(
            Timestamp::from_millisecond(1_790_000_000_123).unwrap(),
            [9; 10],
        );
        let late = OrderId::new(
            Timestamp::from_millisecond(1_790_000_000_124).unwrap(),
            [1; 10],
        );

        assert!(early < late);
        assert!(early.to_bytes() < late.to_bytes());
        assert_eq!(OrderId::from_bytes(early.to_bytes()), early);
        assert_eq!(OrderId::parse(&early.to_string()), Ok(early));
    }

    #[test]
    fn a_customers_name_is_just_a_string() {
        for raw in [
            "auth0|5a1",
            "__proto__",
            "Robert'); DROP TABLE orders;--",
            "Zoë",
            "%00",
        ] {
            assert_eq!(CustomerId::parse(raw).unwrap().as_str(), raw);
        }
    }

    #[test]
    fn an_empty_long_or_unprintable_name_is_refused() {
        for raw in ["", "a\0b", "a\nb", &"x".repeat(256)] {
            assert_eq!(CustomerId::parse(raw), Err(InvalidCustomerId), "{raw:?}");
        }
        assert_eq!(AccountId::parse(&"x".repeat(513)), Err(InvalidAccountId));
        assert_eq!(OrderId::parse("17"), Err(InvalidOrderId));
    }
}
