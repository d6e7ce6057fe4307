//! An OpenID provider: it publishes its keys and issues access tokens for
//! linked accounts, as the Auth0 tenant behind a skill does.

pub(crate) mod http;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::SignedDuration;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rustls_pki_types::PrivatePkcs8KeyDer;
use secrecy::SecretString;
use serde::Serialize;
use thiserror::Error;

use crate::keys::{KeysError, new_key, pair};
use crate::random::Random;
use pod_core::Fault;
use pod_core::ports::Clock;

/// How long a token lasts when nothing else is asked for: as long as Auth0's.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// The client that customers link their accounts through.
pub const ALEXA_CLIENT: &str = "pod-emulator-alexa";

/// A tenant on loopback: an issuer with its keys.
///
/// Clones are the same tenant.
#[derive(Clone)]
pub struct Tenant {
    inner: Arc<Inner>,
}

struct Inner {
    issuer: String,
    audience: String,
    clock: Arc<dyn Clock>,
    random: Random,
    keys: RwLock<Signers>,
}

/// The key that signs, and those that are only published any more.
struct Signers {
    current: Signer,
    older: Vec<Signer>,
}

struct Signer {
    id: String,
    private: EncodingKey,
    public: Jwk,
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant")
            .field("issuer", &self.inner.issuer)
            .finish_non_exhaustive()
    }
}

/// The tenant could not make or use a key.
#[derive(Debug, Error)]
pub enum TenantError {
    /// A key could not be made.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A key could not be used.
    #[error("the emulated tenant could not use a key")]
    Key(#[from] rcgen::Error),
    /// No randomness.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// A token could not be signed.
    #[error("the emulated tenant could not sign a token")]
    Token(#[from] jsonwebtoken::errors::Error),
}

/// The claims of an access token, as Auth0 writes them when the scope has
/// `openid`: the audience is a list.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: [&'a str; 2],
    azp: &'a str,
    scope: &'a str,
    iat: i64,
    exp: i64,
}

impl Tenant {
    /// Makes a tenant with one key. The issuer ends with a slash, as Auth0's
    /// does.
    pub(crate) fn new(
        issuer: String,
        audience: String,
        key: &PrivatePkcs8KeyDer<'_>,
        clock: Arc<dyn Clock>,
        random: Random,
    ) -> Result<Self, TenantError> {
        let keys = RwLock::new(Signers {
            current: Signer::new(key, &random)?,
            older: Vec::new(),
        });
        Ok(Self {
            inner: Arc::new(Inner {
                issuer,
                audience,
                clock,
                random,
                keys,
            }),
        })
    }

    /// Gives the issuer of the tokens, with its trailing slash.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// Gives the API that the tokens are for.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.inner.audience
    }

    /// Issues an access token for a linked account. A lifetime below zero
    /// gives one that has expired.
    ///
    /// # Errors
    ///
    /// [`TenantError::Token`] when it cannot be signed.
    pub fn issue_token(
        &self,
        subject: &str,
        scope: &str,
        lifetime: SignedDuration,
    ) -> Result<SecretString, TenantError> {
        let Inner {
            issuer,
            audience,
            clock,
            keys,
            ..
        } = &*self.inner;
        let now = clock.now().as_second();
        let userinfo = format!("{issuer}userinfo");
        let claims = Claims {
            iss: issuer,
            sub: subject,
            aud: [audience, &userinfo],
            azp: ALEXA_CLIENT,
            scope,
            iat: now,
            exp: now.saturating_add(lifetime.as_secs()),
        };
        let keys = keys.read().unwrap_or_else(PoisonError::into_inner);
        let header = Header {
            kid: Some(keys.current.id.clone()),
            ..Header::new(Algorithm::RS256)
        };
        Ok(jsonwebtoken::encode(&header, &claims, &keys.current.private)?.into())
    }

    /// Makes a new key to sign with. Older keys stay published, so that tokens
    /// issued before are good until they expire.
    ///
    /// # Errors
    ///
    /// [`TenantError::Keys`] when no key can be made, and the others when it
    /// cannot be used; the old one then stays in use.
    pub async fn rotate(&self) -> Result<(), TenantError> {
        let new = Signer::new(&new_key().await?, &self.inner.random)?;
        let mut keys = self
            .inner
            .keys
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut keys.current, new);
        keys.older.insert(0, old);
        Ok(())
    }

    /// Gives the published keys, newest first.
    fn keys(&self) -> JwkSet {
        let keys = self
            .inner
            .keys
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        JwkSet {
            keys: std::iter::once(&keys.current)
                .chain(&keys.older)
                .map(|key| key.public.clone())
                .collect(),
        }
    }
}

impl Signer {
    fn new(key: &PrivatePkcs8KeyDer<'_>, random: &Random) -> Result<Self, TenantError> {
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
