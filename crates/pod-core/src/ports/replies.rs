//! The port that gives a repeated request its first answer.

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;

use crate::fault::Fault;
use crate::ids::CustomerId;

/// What names a request: Alexa's `requestId`, or a caller's `Idempotency-Key`,
/// with a word before it that tells the two apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReplyKey(Box<str>);

/// Not a request's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a request's name is 1 to 600 bytes")]
pub struct InvalidReplyKey;

impl ReplyKey {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`InvalidReplyKey`] unless it is 1 to 600 bytes.
    pub fn parse(raw: &str) -> Result<Self, InvalidReplyKey> {
        if (1..=600).contains(&raw.len()) {
            Ok(Self(raw.into()))
        } else {
            Err(InvalidReplyKey)
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What tells a repeated request from another one of the same name: a keyed
/// digest of its body, by
/// [`Pod::request_digest`](crate::Pod::request_digest). Without the key, a
/// code in the body cannot be found from it by trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestDigest([u8; 32]);

impl RequestDigest {
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

/// An answer as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply(Box<[u8]>);

impl Reply {
    /// Keeps the bytes of an answer; they must not hold a code or a token.
    #[must_use]
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A request that asks to be carried out once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What names it.
    pub key: ReplyKey,
    /// What tells it from another one of the same name.
    pub digest: RequestDigest,
    /// Until when a repeat of it may come.
    pub keep_until: Timestamp,
}

/// What is known of a request that has come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is the first of its name: carry it out.
    First,
    /// It is not: do nothing.
    Repeated(Repeat),
}

/// What became of the first request of a name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Repeat {
    /// It was answered: give the same answer.
    #[error("the request was answered before")]
    Answered(Reply),
    /// It was begun and has no answer: it is being carried out, or was
    /// interrupted, and may have had its effect.
    #[error("the request was begun before, and has no answer yet")]
    Unfinished,
    /// It was another request: refuse this one.
    #[error("another request had the same name")]
    OtherRequest,
}

/// Gives a repeated request its first answer, so that it has one effect.
#[async_trait]
pub trait Replies: Send + Sync {
    /// Begins a request. Of any number of calls of one name, at the same time
    /// or not, exactly one is the first, be it here, by
    /// [`Orders::place`](super::Orders::place) or by
    /// [`Attempts::begin`](super::Attempts::begin). What is known is kept at
    /// least until the claim says.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it is not known whether it is the first: carry nothing
    /// out.
    async fn begin(&self, claim: &Claim) -> Result<Begun, Fault>;

    /// Keeps the answer to a request that was begun, and whose it is, if it is
    /// anybody's. The first answer holds.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it may not have been kept.
    async fn finish(
        &self,
        key: &ReplyKey,
        customer: Option<&CustomerId>,
        reply: &Reply,
    ) -> Result<(), Fault>;

    /// Erases all answers to a customer, and nobody else's. A repeat of their
    /// requests finds them begun and without an answer: none is carried out
    /// once more.
    ///
    /// # Errors
    ///
    /// [`Fault`] if some may be left.
    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault>;
}
