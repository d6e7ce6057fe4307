//! Names for destinations, customers and requests that do not tell what they
//! name.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

use crate::contact::Contact;
use crate::ids::CustomerId;
use crate::ports::RequestDigest;

/// A secret that turns a contact, a customer or a request into a name for it,
/// so that what is counted for a destination, or answered to a request, can be
/// kept without keeping the destination or the request.
#[derive(Clone)]
pub struct Pepper(std::sync::Arc<SecretBox<[u8; 32]>>);

impl Pepper {
    /// Derives a pepper from a secret of any length.
    #[must_use]
    pub fn derived(secret: &[u8]) -> Self {
        Self(std::sync::Arc::new(SecretBox::new(Box::new(tag(
            secret,
            &[b"pod pepper 1"],
        )))))
    }

    /// The digest of a request's body.
    #[must_use]
    pub fn digest(&self, body: &[u8]) -> RequestDigest {
        RequestDigest::from_bytes(tag(self.0.expose_secret(), &[b"request:", body]))
    }

    /// The contact's name: the same for the same contact under the same
    /// pepper, and of no use without it.
    #[must_use]
    pub fn name(&self, contact: &Contact) -> String {
        let way = contact.channel().as_str().as_bytes();
        self.hidden(&[way, b":", contact.expose().as_bytes()])
    }

    /// The customer's name where others read it: the same for the same
    /// customer under the same pepper, and telling nothing without it.
    #[must_use]
    pub fn customer(&self, customer: &CustomerId) -> String {
        self.hidden(&[b"customer:", customer.as_str().as_bytes()])
    }

    /// Half of a tag, as 32 hexadecimal digits.
    fn hidden(&self, parts: &[&[u8]]) -> String {
        use fmt::Write as _;

        let tag = tag(self.0.expose_secret(), parts);
        tag[..16]
            .iter()
            .fold(String::with_capacity(32), |mut name, byte| {
                let _ = write!(name, "{byte:02x}");
                name
            })
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pepper(..)")
    }
}

fn tag(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::PhoneNumber;

    #[test]
    fn a_contact_has_one_name_under_one_pepper() {
        let phone = Contact::Phone(PhoneNumber::parse("+14155550142").unwrap());
        let (one, other) = (Pepper::derived(b"one"), Pepper::derived(b"other"));

        assert_eq!(one.name(&phone), one.name(&phone));
        assert_ne!(one.name(&phone), other.name(&phone));
        assert_eq!(one.name(&phone).len(), 32);
    }

    #[test]
    fn a_customer_has_one_name_under_one_pepper() {
        let [zoe, bjorn] = ["auth0|zoe", "auth0|bjorn"].map(|raw| CustomerId::parse(raw).unwrap());
        let (one, other) = (Pepper::derived(b"one"), Pepper::derived(b"other"));

        assert_eq!(one.customer(&zoe), one.customer(&zoe));
        assert_ne!(one.customer(&zoe), one.customer(&bjorn));
        assert_ne!(one.customer(&zoe), other.customer(&zoe));
        assert_eq!(one.customer(&zoe).len(), 32);
    }
}
