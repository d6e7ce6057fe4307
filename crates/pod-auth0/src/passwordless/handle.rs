//! What is kept of a challenge: a name for its contact that tells nobody which
//! it is, or the tenant's name for the challenge.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use pod_core::{Contact, Handle, OrderId};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::client::ClientSecret;

const CLASSIC: &str = "classic";
const SESSION: &str = "otp";

/// A handle, read.
pub(super) enum Kept {
    /// The code went to the contact with this tag.
    Classic(Tag),
    /// The tenant has a session of its own for the code.
    Session(SecretString),
}

/// A contact under a secret and a nonce, for one order.
pub(super) struct Tag {
    nonce: [u8; 16],
    tag: Vec<u8>,
}

impl Kept {
    /// Reads a handle; `None` if it is nobody's here.
    pub(super) fn read(handle: &Handle) -> Option<Self> {
        match handle.as_str().split_once('.')? {
            (CLASSIC, tag) => {
                let (nonce, tag) = tag.split_once('.')?;
                let nonce = URL_SAFE_NO_PAD.decode(nonce).ok()?;
                Some(Self::Classic(Tag {
                    nonce: nonce.try_into().ok()?,
                    tag: URL_SAFE_NO_PAD.decode(tag).ok()?,
                }))
            }
            (SESSION, session) => Some(Self::Session(session.into())),
            _ => None,
        }
    }

    /// The text to keep.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Classic(Tag { nonce, tag }) => {
                let [nonce, tag] = [&nonce[..], tag].map(|part| URL_SAFE_NO_PAD.encode(part));
                format!("{CLASSIC}.{nonce}.{tag}")
            }
            Self::Session(session) => format!("{SESSION}.{}", session.expose_secret()),
        }
    }
}

impl Tag {
    pub(super) fn new(
        secret: &ClientSecret,
        nonce: [u8; 16],
        order: OrderId,
        contact: &Contact,
    ) -> Self {
        Self {
            nonce,
            tag: mac(secret, nonce, order, contact)
                .finalize()
                .into_bytes()
                .to_vec(),
        }
    }

    /// Whether it is this contact's, for this order.
    pub(super) fn is_of(&self, secret: &ClientSecret, order: OrderId, contact: &Contact) -> bool {
        mac(secret, self.nonce, order, contact)
            .verify_slice(&self.tag)
            .is_ok()
    }
}

/// `HMAC-SHA-256(client secret, nonce ‖ order id ‖ way ":" contact)`.
#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn mac(secret: &ClientSecret, nonce: [u8; 16], order: OrderId, contact: &Contact) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(&nonce);
    mac.update(&order.to_bytes());
    mac.update(contact.channel().as_str().as_bytes());
    mac.update(b":");
    mac.update(contact.expose().as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use pod_core::{EmailAddress, PhoneNumber};

    fn secret(raw: &str) -> ClientSecret {
        ClientSecret::parse(raw.into()).unwrap()
    }

    fn read(raw: &str) -> Option<Kept> {
        Kept::read(&Handle::parse(raw).unwrap())
    }

    #[test]
    fn a_tag_is_of_one_contact_for_one_order_under_one_secret() {
        let phone = |raw| Contact::Phone(PhoneNumber::parse(raw).unwrap());
        let (hers, other) = (phone("+14155550142"), phone("+14155550143"));
        let email = Contact::Email(EmailAddress::parse("ada@example.com").unwrap());
        let [one, two] = [[1; 16], [2; 16]].map(OrderId::from_bytes);
        let key = secret("hush-hush");

        let kept = Kept::Classic(Tag::new(&key, [7; 16], one, &hers)).text();

        assert!(!kept.contains("4155550142"));
        let Some(Kept::Classic(tag)) = read(&kept) else {
            panic!("a tag: {kept}")
        };
        assert!(tag.is_of(&key, one, &hers));
        assert!(!tag.is_of(&key, one, &other));
        assert!(!tag.is_of(&key, one, &email));
        assert!(!tag.is_of(&key, two, &hers));
        assert!(!tag.is_of(&secret("hush"), one, &hers));
        let again = Kept::Classic(Tag::new(&key, [8; 16], one, &hers)).text();
        assert_ne!(kept, again);
    }

    #[test]
    fn what_is_no_handle_of_this_challenger_is_not_read() {
        let good = Kept::Classic(Tag::new(
            &secret("hush"),
            [7; 16],
            OrderId::from_bytes([1; 16]),
            &Contact::Phone(PhoneNumber::parse("+14155550142").unwrap()),
        ));
        assert!(read(&good.text()).is_some());
        for raw in [
            "",
            "classic",
            "classic.",
            "classic.AAAA.AAAA",
            "classic.*.*",
            "6.new",
        ] {
            assert!(read(raw).is_none(), "{raw:?}");
        }
        // A tag that was cut off is nobody's.
        let short = &good.text()[.."classic.".len() + 23];
        let Some(Kept::Classic(tag)) = read(short) else {
            panic!("a tag: {short}")
        };
        let contact = Contact::Phone(PhoneNumber::parse("+14155550142").unwrap());
        assert!(!tag.is_of(&secret("hush"), OrderId::from_bytes([1; 16]), &contact));
    }
}
