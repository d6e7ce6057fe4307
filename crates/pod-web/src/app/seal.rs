//! What a browser keeps for pod and cannot read, and what the database keeps
//! and only a browser's secret opens: sealed by ChaCha20-Poly1305 (RFC 8439).

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use pod_core::Fault;
use pod_core::ports::Entropy;

use super::APP;

/// A key that seals one kind of thing.
pub(super) struct Seal {
    key: [u8; 32],
    kind: &'static str,
}

impl Seal {
    /// Derives the key for one kind of thing from a secret.
    pub(super) fn new(secret: &[u8], kind: &'static str) -> Self {
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), kind.as_bytes());
        let mut key = [0; 32];
        key.copy_from_slice(mac.as_ref());
        Self { key, kind }
    }

    /// Seals a text, with a nonce of its own before it.
    pub(super) fn close(&self, text: &str, entropy: &dyn Entropy) -> Result<Vec<u8>, Fault> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce)?;
        let mut sealed = text.as_bytes().to_vec();
        let key = self.key().ok_or_else(broken)?;
        let nonced = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonced, Aad::from(self.kind), &mut sealed)
            .map_err(|_| broken())?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what was sealed; `None` if it was not, or was changed.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<String> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = sealed.to_vec();
        let key = self.key()?;
        let opened = key.open_in_place(nonce, Aad::from(self.kind), &mut text);
        String::from_utf8(opened.ok()?.to_vec()).ok()
    }

    fn key(&self) -> Option<LessSafeKey> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &self.key);
        key.ok().map(LessSafeKey::new)
    }
}

fn broken() -> Fault {
    Fault::broken(APP, "nothing can be sealed on this machine")
}

#[cfg(test)]
mod tests {
    use pod_testkit::FakeEntropy;

    use super::*;

    #[test]
    fn what_was_sealed_opens_with_its_own_key_only() {
        let (seal, entropy) = (Seal::new(b"secret", "a"), FakeEntropy::default());
        let sealed = seal.close("state.nonce", &entropy).unwrap();
        let again = seal.close("state.nonce", &entropy).unwrap();

        assert_ne!(sealed, again);
        assert_eq!(seal.open(&sealed).as_deref(), Some("state.nonce"));
        assert_eq!(Seal::new(b"secret", "b").open(&sealed), None);
        assert_eq!(Seal::new(b"other", "a").open(&sealed), None);
        let text = String::from_utf8_lossy(&sealed).into_owned();
        assert!(!text.contains("state"));
    }

    #[test]
    fn what_was_changed_or_is_none_does_not_open() {
        let (seal, entropy) = (Seal::new(b"secret", "a"), FakeEntropy::default());
        let sealed = seal.close("state.nonce", &entropy).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(seal.open(&changed), None, "{at}");
            assert_eq!(seal.open(&sealed[..at]), None, "{at}");
        }
    }
}
