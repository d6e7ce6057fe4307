//! What is ordered, whatever it is.

use std::fmt;

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::money::Money;

/// What an order is for.
///
/// A code is bound to all of it, by [`Item::digest`]: change one letter and
/// the code is another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    kind: Box<str>,
    summary: Box<str>,
    amount: Option<Money>,
    details: Box<str>,
}

/// Why something is not an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidItem {
    /// The kind is not a short word.
    #[error("an item's kind is 1 to 40 lower-case letters, digits or hyphens")]
    Kind,
    /// The summary is not a line that can be spoken.
    #[error("an item's summary is one line of 1 to 240 characters")]
    Summary,
    /// The details are too long.
    #[error("an item's details are at most 16384 bytes")]
    Details,
}

impl Item {
    /// Describes something to order.
    ///
    /// * `kind`: what sort of thing it is, for programs: `pizza`;
    /// * `summary`: the line the customer is told before a code is asked for,
    ///   reading on after "I have your order:": `a large pizza with onions`;
    /// * `amount`: what it costs, if it has a price;
    /// * `details`: whatever the one who fulfils it needs, kept as it is.
    ///
    /// # Errors
    ///
    /// [`InvalidItem::Kind`], [`InvalidItem::Summary`] or
    /// [`InvalidItem::Details`] for the part that breaks its rule.
    pub fn new(
        kind: &str,
        summary: &str,
        amount: Option<Money>,
        details: &str,
    ) -> Result<Self, InvalidItem> {
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=40).contains(&kind.len()) || !kind.bytes().all(word) {
            return Err(InvalidItem::Kind);
        }
        if !(1..=240).contains(&summary.chars().count())
            || summary.trim().is_empty()
            || summary.chars().any(char::is_control)
        {
            return Err(InvalidItem::Summary);
        }
        if details.len() > 16_384 {
            return Err(InvalidItem::Details);
        }
        Ok(Self {
            kind: kind.into(),
            summary: summary.into(),
            amount,
            details: details.into(),
        })
    }

    /// What sort of thing it is.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The line the customer is told.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// What it costs, if it has a price.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        self.amount
    }

    /// What the one who fulfils it needs.
    #[must_use]
    pub fn details(&self) -> &str {
        &self.details
    }

    /// The SHA-256 of the item in one canonical form, in which no two
    /// different items are alike: every part is preceded by its length.
    #[must_use]
    pub fn digest(&self) -> ItemDigest {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(b"pod item 1");
        part(self.kind.as_bytes());
        part(self.summary.as_bytes());
        match self.amount {
            None => part(b""),
            Some(amount) => {
                part(amount.currency().as_str().as_bytes());
                part(&amount.minor().to_be_bytes());
            }
        }
        part(self.details.as_bytes());
        ItemDigest(hash.finalize().into())
    }
}

/// What stands for an item where a code is bound to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ItemDigest([u8; 32]);

impl ItemDigest {
    /// The thirty-two bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for ItemDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ItemDigest(")?;
        self.0[..4].iter().try_for_each(|b| write!(f, "{b:02x}"))?;
        f.write_str("..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn item(kind: &str, summary: &str, minor: Option<u64>, details: &str) -> Item {
        Item::new(
            kind,
            summary,
            minor.map(|m| Money::new(m, Currency::USD)),
            details,
        )
        .unwrap()
    }

    #[test]
    fn every_part_changes_the_digest() {
        let digests = [
            item("pizza", "a large pizza", Some(1850), "large"),
            item("pasta", "a large pizza", Some(1850), "large"),
            item("pizza", "a small pizza", Some(1850), "large"),
            item("pizza", "a large pizza", Some(1851), "large"),
            item("pizza", "a large pizza", None, "large"),
            item("pizza", "a large pizza", Some(1850), "larg"),
            item("pizza", "a large pizzal", Some(1850), "arge"),
        ]
        .map(|item| item.digest().0);

        for (i, one) in digests.iter().enumerate() {
            assert!(!digests[i + 1..].contains(one), "{i} is not alone");
        }
    }

    #[test]
    fn a_part_that_cannot_be_spoken_or_kept_is_refused() {
        let long = "x".repeat(16_385);
        let line = "x".repeat(241);

        for (kind, summary, details, why) in [
            ("", "a pizza", "", InvalidItem::Kind),
            ("Pizza!", "a pizza", "", InvalidItem::Kind),
            ("pizza", " ", "", InvalidItem::Summary),
            ("pizza", "two\nlines", "", InvalidItem::Summary),
            ("pizza", line.as_str(), "", InvalidItem::Summary),
            ("pizza", "a pizza", long.as_str(), InvalidItem::Details),
        ] {
            assert_eq!(Item::new(kind, summary, None, details), Err(why));
        }
    }
}
