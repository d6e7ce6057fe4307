//! A whole Auth0 tenant: it signs customers in, sends one-time codes, issues
//! tokens, and lets its administrator in by the Management API.

mod authorize;
mod challenge;
mod demo;
mod discovery;
mod grants;
pub(crate) mod http;
mod issue;
mod limits;
mod login;
mod logins;
mod logout;
mod management;
mod message;
mod otp;
mod own;
mod page;
mod parameters;
mod passwordless;
mod record;
mod refresh;
mod refusal;
mod seed;
mod setup;
mod signer;
mod state;
mod trouble;
mod user;
mod userinfo;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::JwkSet;
use rustls_pki_types::PrivatePkcs8KeyDer;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use crate::inbox::Inbox;
use crate::keys::{KeysError, new_key};
use crate::random::Random;
use limits::Limits;
use pod_core::Fault;
use pod_core::ports::Clock;
pub use seed::{
    ADA_PASSWORD, ALEXA_CLIENT, ALEXA_REDIRECTS, ALEXA_SECRET, BACKEND_CLIENT, BACKEND_SECRET,
    GRACE_PASSWORD, SETUP_CLIENT, SETUP_SECRET, WEB_CLIENT, WEB_SECRET,
};
pub use setup::{TenantContents, TenantSetup};
use signer::{Signer, Signers};
use state::{Kind, State};
pub use trouble::Trouble;
pub(crate) use trouble::{LostConnection, Troubles};

/// How long a token lasts when nothing else is asked for: as long as Auth0's.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// A tenant on loopback: its users, clients, connections and keys.
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
    inbox: Inbox,
    keys: RwLock<Signers>,
    state: Mutex<State>,
    troubles: Troubles,
}

/// What a tenant is made of.
pub(crate) struct Parts {
    /// With a slash at its end, as Auth0's has.
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) setup: TenantSetup,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Random,
    pub(crate) inbox: Inbox,
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant")
            .field("issuer", &self.inner.issuer)
            .finish_non_exhaustive()
    }
}

/// The tenant could not do its work.
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
    /// An account could not be linked, or its tokens not renewed.
    #[error("linking an account failed: {0}")]
    Linking(String),
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
    /// Makes a tenant with one key.
    pub(crate) fn new(parts: Parts, key: &PrivatePkcs8KeyDer<'_>) -> Result<Self, TenantError> {
        let Parts {
            issuer,
            audience,
            setup,
            clock,
            random,
            inbox,
        } = parts;
        let keys = RwLock::new(Signers::new(Signer::new(key, &random)?));
        let limits = Limits::new(setup.codes_per_hour, setup.management_per_second);
        let mut state = State::new(limits);
        seed::fill(&mut state, &setup, (&issuer, &audience), clock.now());
        Ok(Self {
            inner: Arc::new(Inner {
                issuer,
                audience,
                clock,
                random,
                inbox,
                keys,
                state: Mutex::new(state),
                troubles: Troubles::default(),
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
        let now = self.now().as_second();
        let userinfo = format!("{}userinfo", self.issuer());
        let claims = Claims {
            iss: self.issuer(),
            sub: subject,
            aud: [self.audience(), &userinfo],
            azp: ALEXA_CLIENT,
            scope,
            iat: now,
            exp: now.saturating_add(lifetime.as_secs()),
        };
        Ok(self.sign("JWT", &claims)?.into())
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
        self.inner
            .keys
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .rotate(new);
        Ok(())
    }

    /// Lets a client return to an address after a login.
    pub fn allow_callback(&self, client: &str, url: &str) {
        self.add_to_client(client, "callbacks", url);
    }

    /// Lets a client return to an address after a logout.
    pub fn allow_logout_url(&self, client: &str, url: &str) {
        self.add_to_client(client, "allowed_logout_urls", url);
    }

    /// Makes the next requests whose path begins so go wrong, as many times
    /// as it says. Of several troubles for one path the first comes first.
    pub fn trouble(&self, path: &str, times: u32, trouble: Trouble) {
        self.inner.troubles.add(path, times, trouble);
    }

    /// Ends all troubles.
    pub fn end_troubles(&self) {
        self.inner.troubles.clear();
    }

    /// Counts the requests so far whose path begins so, those that went wrong
    /// included.
    #[must_use]
    pub fn requests(&self, path: &str) -> u64 {
        self.inner.troubles.count(path)
    }

    /// Delays every answer of the Authentication and the Management API.
    pub fn slow_down(&self, delay: Duration) {
        self.trouble("/", u32::MAX, Trouble::Delay(delay));
    }

    fn add_to_client(&self, client: &str, list: &str, url: &str) {
        let mut state = self.state();
        let clients = state.list_mut(Kind::Clients).iter_mut();
        for known in clients.filter(|known| known.text("client_id") == client) {
            known.add_text(list, url);
        }
    }

    /// The published keys, newest first.
    fn published(&self) -> JwkSet {
        self.inner
            .keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .published()
    }

    fn sign(&self, kind: &str, claims: &impl Serialize) -> Result<String, TenantError> {
        let keys = self
            .inner
            .keys
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        Ok(keys.sign(kind, claims)?)
    }

    /// The claims of a token of this tenant, expired or not.
    fn open(&self, token: &str) -> Option<Value> {
        let keys = self
            .inner
            .keys
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        keys.open(token)
            .filter(|claims| claims["iss"] == self.issuer())
    }

    /// Whether the claims say that a token has expired.
    fn has_expired(&self, claims: &Value) -> bool {
        claims["exp"]
            .as_i64()
            .is_none_or(|until| until <= self.now().as_second())
    }

    fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    fn random(&self) -> &Random {
        &self.inner.random
    }

    fn inbox(&self) -> &Inbox {
        &self.inner.inbox
    }

    /// A text that nobody can guess.
    pub(crate) fn unguessable(&self, length: usize) -> Result<String, Fault> {
        self.inner.random.letters(length)
    }

    /// The tenant's time.
    pub(crate) fn time(&self) -> Timestamp {
        self.now()
    }

    pub(crate) fn troubles(&self) -> &Troubles {
        &self.inner.troubles
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
