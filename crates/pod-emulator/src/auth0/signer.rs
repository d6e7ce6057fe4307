//! The tenant's keys: one signs, the older ones are still published.

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rustls_pki_types::PrivatePkcs8KeyDer;
use serde::Serialize;
use serde_json::Value;

use super::TenantError;
use crate::keys::pair;
use crate::random::Random;

/// The key that signs, and those that are only published any more.
pub(super) struct Signers {
    current: Signer,
    older: Vec<Signer>,
}

/// One key, private and public.
pub(super) struct Signer {
    id: String,
    private: EncodingKey,
    public: Jwk,
}

impl Signers {
    pub(super) fn new(first: Signer) -> Self {
        Self {
            current: first,
            older: Vec::new(),
        }
    }

    /// Signs with a new key from now on.
    pub(super) fn rotate(&mut self, new: Signer) {
        let old = std::mem::replace(&mut self.current, new);
        self.older.insert(0, old);
    }

    /// The published keys, newest first.
    pub(super) fn published(&self) -> JwkSet {
        JwkSet {
            keys: std::iter::once(&self.current)
                .chain(&self.older)
                .map(|key| key.public.clone())
                .collect(),
        }
    }

    /// Signs with RS256; the header says the type, which is `JWT` for most.
    pub(super) fn sign(
        &self,
        kind: &str,
        claims: &impl Serialize,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let header = Header {
            typ: Some(kind.to_owned()),
            kid: Some(self.current.id.clone()),
            ..Header::new(Algorithm::RS256)
        };
        jsonwebtoken::encode(&header, claims, &self.current.private)
    }

    /// The claims of a token that one of these keys has signed, whatever its
    /// times and its audience say.
    pub(super) fn open(&self, token: &str) -> Option<Value> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let mut keys = std::iter::once(&self.current).chain(&self.older);
        let key = keys.find(|key| key.id == kid)?;
        let key = DecodingKey::from_jwk(&key.public).ok()?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let token = jsonwebtoken::decode::<Value>(token, &key, &validation).ok()?;
        Some(token.claims)
    }
}

impl Signer {
    pub(super) fn new(key: &PrivatePkcs8KeyDer<'_>, random: &Random) -> Result<Self, TenantError> {
        let private = EncodingKey::from_rsa_pem(pair(key)?.serialize_pem().as_bytes())?;
        let id = random.letters(21)?;
        let mut public = Jwk::from_encoding_key(&private, Algorithm::RS256)?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self {
            id,
            private,
            public,
        })
    }
}

/// Signs with HS256, as for an API that shares a secret with the tenant.
pub(super) fn sign_shared(
    secret: &str,
    claims: &impl Serialize,
) -> Result<String, jsonwebtoken::errors::Error> {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key)
}
