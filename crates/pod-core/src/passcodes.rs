//! The challenger of pod's own: codes that are derived, never stored.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use thiserror::Error;

use crate::challenge::Handle;
use crate::code::{Code, CodeDigits};
use crate::deadline::Deadline;
use crate::fault::Fault;
use crate::order::{Attempt, CodeAccepted, PlacedOrder};
use crate::pepper::Pepper;
use crate::ports::{
    ChallengeError, ChallengeRequest, Challenger, CheckError, Courier, DeliverError, Delivery,
};

const PASSCODES: &str = "passcodes";

/// A key that codes are derived with, and the short name it goes by.
pub struct CodeKey {
    id: Box<str>,
    secret: SecretBox<[u8]>,
}

/// The keys that codes are derived with: new codes with the first, older
/// codes with the one they were sent under.
#[derive(Clone)]
pub struct CodeKeys(Arc<[CodeKey]>);

/// Why keys cannot be used; it says nothing of the keys themselves.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidCodeKeys {
    /// There is none.
    #[error("at least one key is needed")]
    None,
    /// An id cannot be kept with an order.
    #[error("a key's id is 1 to 32 letters, digits, hyphens or underscores")]
    Id,
    /// Two keys have one id.
    #[error("the key id {0:?} is there twice")]
    Twice(String),
    /// A key could be guessed.
    #[error("the key {0:?} is shorter than 32 bytes")]
    Short(String),
}

impl CodeKeys {
    /// Takes keys as pairs of an id and at least 32 secret bytes, the newest
    /// first. To rotate, put a new one in front and drop the old one once
    /// every code sent under it has expired: after ten minutes.
    ///
    /// # Errors
    ///
    /// [`InvalidCodeKeys::None`] without a key, [`InvalidCodeKeys::Id`],
    /// [`InvalidCodeKeys::Twice`] or [`InvalidCodeKeys::Short`] for a bad one.
    pub fn new(
        keys: impl IntoIterator<Item = (String, SecretBox<[u8]>)>,
    ) -> Result<Self, InvalidCodeKeys> {
        let mut known: Vec<CodeKey> = Vec::new();
        for (id, secret) in keys {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            if !(1..=32).contains(&id.len()) || !id.bytes().all(plain) {
                return Err(InvalidCodeKeys::Id);
            }
            if known.iter().any(|key| *key.id == *id) {
                return Err(InvalidCodeKeys::Twice(id));
            }
            if secret.expose_secret().len() < 32 {
                return Err(InvalidCodeKeys::Short(id));
            }
            known.push(CodeKey {
                id: id.into(),
                secret,
            });
        }
        if known.is_empty() {
            return Err(InvalidCodeKeys::None);
        }
        Ok(Self(known.into()))
    }

    /// The pepper that goes with the newest key.
    #[must_use]
    pub fn pepper(&self) -> Pepper {
        Pepper::derived(self.0[0].secret.expose_secret())
    }

    fn newest(&self) -> &CodeKey {
        &self.0[0]
    }

    fn find(&self, id: &str) -> Option<&CodeKey> {
        self.0.iter().find(|key| *key.id == *id)
    }
}

impl fmt::Debug for CodeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|key| &key.id))
            .finish()
    }
}

impl CodeKey {
    /// `HMAC-SHA-256(key, challenge id ‖ nonce ‖ item digest)`, made a number
    /// whose first digit is 1 to 9.
    ///
    /// The number is taken from 128 bits, so that no code is likelier than
    /// another by more than one part in 10^29.
    fn derive(&self, order: &PlacedOrder, digits: CodeDigits) -> Code {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret())
            .expect("HMAC takes a key of any length");
        mac.update(&order.seed.challenge.to_bytes());
        mac.update(&order.seed.nonce.to_bytes());
        mac.update(order.item.digest().as_bytes());
        let tag: [u8; 32] = mac.finalize().into_bytes().into();
        let [half, _] = [tag.first_chunk::<16>(), tag.last_chunk::<16>()];
        let random = u128::from_be_bytes(*half.expect("a tag has 32 bytes"));
        let (first, count) = digits.range();
        let number = first + random % count;
        Code::parse(&number.to_string()).expect("the range has 4 to 8 digits")
    }
}

/// Challenges customers with codes of pod's own, carried by a [`Courier`].
///
/// What is kept of a code is the id of the key it was derived with. A stolen
/// database holds no codes; a code sent again is the same code; a changed
/// order would have another.
#[derive(Clone)]
pub struct Passcodes {
    keys: CodeKeys,
    digits: CodeDigits,
    courier: Arc<dyn Courier>,
}

impl Passcodes {
    /// Derives codes of `digits` digits with `keys`, and has `courier` carry
    /// them.
    #[must_use]
    pub fn new(keys: CodeKeys, digits: CodeDigits, courier: Arc<dyn Courier>) -> Self {
        Self {
            keys,
            digits,
            courier,
        }
    }
}

#[async_trait]
impl Challenger for Passcodes {
    async fn challenge(&self, request: &ChallengeRequest<'_>) -> Result<Handle, ChallengeError> {
        // A code sent again must stay the same, whatever has become the newest
        // key and the number of digits since.
        let kept = request
            .previous
            .and_then(|challenge| read(&challenge.handle));
        let kept = kept.and_then(|(id, digits)| Some((self.keys.find(id)?, digits)));
        let (key, digits) = kept.unwrap_or((self.keys.newest(), self.digits));

        let code = key.derive(request.order, digits);
        let delivery = Delivery {
            contact: request.contact,
            code: &code,
            order: request.order,
            sent_at: request.sent_at,
            lifetime: request.lifetime,
            language: request.language,
            others_left: request.others_left,
            deadline: request.deadline,
        };
        self.courier
            .deliver(&delivery)
            .await
            .map_err(|error| match error {
                DeliverError::Undeliverable => ChallengeError::Undeliverable,
                DeliverError::Fault(fault) => ChallengeError::Fault(fault),
            })?;

        Handle::parse(&format!("{}.{}", digits.get(), key.id))
            .map_err(|error| Fault::broken(PASSCODES, error).into())
    }

    async fn check(
        &self,
        attempt: &Attempt,
        code: &Code,
        _deadline: Deadline,
    ) -> Result<CodeAccepted, CheckError> {
        let handle = &attempt.challenge().handle;
        let Some((id, digits)) = read(handle) else {
            return Err(Fault::broken(PASSCODES, UnknownKey).into());
        };
        let Some(key) = self.keys.find(id) else {
            return Err(Fault::broken(PASSCODES, UnknownKey).into());
        };
        if key.derive(attempt.order(), digits).matches(code) {
            Ok(CodeAccepted::assertion(attempt))
        } else {
            Err(CheckError::Refused)
        }
    }
}

/// An order's code was derived with a key that is not there any more.
#[derive(Debug, Error)]
#[error(
    "the code was derived with a key that is not configured any more: put it back behind the newest"
)]
struct UnknownKey;

fn read(handle: &Handle) -> Option<(&str, CodeDigits)> {
    let (digits, id) = handle.as_str().split_once('.')?;
    let digits = match digits {
        "4" => CodeDigits::four_as_in_2017(),
        more => CodeDigits::new(more.parse().ok()?).ok()?,
    };
    Some((id, digits))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::challenge::{Nonce, Seed};
    use crate::ids::{ChallengeId, CustomerId, OrderId};
    use crate::item::Item;

    fn key(id: &str, byte: u8) -> (String, SecretBox<[u8]>) {
        (
            id.to_owned(),
            SecretBox::new(Box::new([byte; 32]) as Box<[u8]>),
        )
    }

    fn order(summary: &str, nonce: u8) -> PlacedOrder {
        let placed_at = Timestamp::from_second(1_795_000_000).unwrap();
        PlacedOrder {
            id: OrderId::new(placed_at, [7; 10]),
            customer: CustomerId::parse("auth0|ada").unwrap(),
            item: Item::new("pizza", summary, None, "").unwrap(),
            placed_at,
            seed: Seed {
                challenge: ChallengeId::from_bytes([1; 16]),
                nonce: Nonce::from_bytes([nonce; 16]),
            },
        }
    }

    #[test]
    fn a_code_has_the_asked_number_of_digits_and_no_leading_zero() {
        let keys = CodeKeys::new([key("k", 7)]).unwrap();

        for digits in [
            CodeDigits::four_as_in_2017(),
            CodeDigits::default(),
            CodeDigits::new(8).unwrap(),
        ] {
            for nonce in 0..200 {
                let code = keys.newest().derive(&order("a pizza", nonce), digits);
                assert_eq!(code.digits(), digits.get());
                assert!(!code.expose().starts_with('0'));
            }
        }
    }

    #[test]
    fn item_nonce_and_key_each_change_the_code() {
        let keys = CodeKeys::new([key("new", 7), key("old", 8)]).unwrap();
        let code = |key: &CodeKey, order: &PlacedOrder| {
            key.derive(order, CodeDigits::new(8).unwrap())
                .expose()
                .to_owned()
        };
        let (new, old) = (keys.newest(), keys.find("old").unwrap());

        let base = code(new, &order("a pizza", 2));

        assert_eq!(base, code(new, &order("a pizza", 2)));
        assert_ne!(base, code(new, &order("a pizzo", 2)));
        assert_ne!(base, code(new, &order("a pizza", 3)));
        assert_ne!(base, code(old, &order("a pizza", 2)));
    }

    #[test]
    fn keys_that_could_be_guessed_or_mixed_up_are_refused() {
        let short = (
            "s".to_owned(),
            SecretBox::new(Box::new([1_u8; 31]) as Box<[u8]>),
        );

        assert_eq!(CodeKeys::new([]).unwrap_err(), InvalidCodeKeys::None);
        assert_eq!(
            CodeKeys::new([short]).unwrap_err(),
            InvalidCodeKeys::Short("s".into())
        );
        assert_eq!(
            CodeKeys::new([key("a b", 1)]).unwrap_err(),
            InvalidCodeKeys::Id
        );
        assert_eq!(
            CodeKeys::new([key("a", 1), key("a", 2)]).unwrap_err(),
            InvalidCodeKeys::Twice("a".into())
        );
    }

    #[test]
    fn keys_do_not_show_themselves() {
        let keys = CodeKeys::new([key("2026-11", 7)]).unwrap();

        assert_eq!(format!("{keys:?}"), r#"["2026-11"]"#);
    }
}
