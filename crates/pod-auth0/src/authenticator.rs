//! Access tokens that an Auth0 tenant issued.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use jsonwebtoken::{Algorithm, DecodingKey};
use pod_core::ports::{AccessToken, AuthenticateError, Authenticator, Caller, Clock, Scopes};
use pod_core::{CustomerId, Deadline, Fault};
use pod_http::Http;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use crate::client::ClientId;
use crate::domain::Auth0Domain;
use crate::keys::{KeySource, Keys};
use crate::token::{AccessRules, Claims, Kind, NotGood, Unverified, Wanted};

/// The API that tokens have to be for: its identifier in Auth0, any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience(Box<str>);

/// Not the identifier of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "write the identifier of the API as Auth0 has it, such as https://pod.example/api: it is not empty, and has no space before or after it"
)]
pub struct InvalidAudience;

impl Audience {
    /// Reads an identifier.
    ///
    /// # Errors
    ///
    /// [`InvalidAudience`] if it is empty, or has a space before or after it.
    pub fn parse(raw: &str) -> Result<Self, InvalidAudience> {
        if raw.is_empty() || raw.trim() != raw {
            Err(InvalidAudience)
        } else {
            Ok(Self(raw.into()))
        }
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The signing secret of an API whose tokens are HS256.
#[derive(Debug, Clone)]
pub struct Hs256Key(SecretString);

/// Not a signing secret; what was given is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a signing secret for HS256 has 32 bytes or more (RFC 7518, 3.2): take the one Auth0 made for the API"
)]
pub struct InvalidHs256Key;

impl Hs256Key {
    /// Takes a secret.
    ///
    /// # Errors
    ///
    /// [`InvalidHs256Key`] if it is shorter than 32 bytes.
    pub fn parse(secret: SecretString) -> Result<Self, InvalidHs256Key> {
        if secret.expose_secret().len() < 32 {
            Err(InvalidHs256Key)
        } else {
            Ok(Self(secret))
        }
    }
}

/// Whose tokens are good, and for what.
#[derive(Debug, Clone)]
pub struct AuthenticatorConfig {
    /// The tenant that issues the tokens and publishes its keys.
    pub domain: Auth0Domain,
    /// The API the tokens have to be for.
    pub audience: Audience,
    /// The applications that tokens may have been issued to (their `azp`, or
    /// `client_id`). If there is none, it does not matter.
    pub clients: Vec<ClientId>,
    /// The signing secret of the API. Without one, HS256 is not accepted.
    pub hs256_key: Option<Hs256Key>,
}

/// Verifies access tokens of an Auth0 tenant: RS256 by the keys that the
/// tenant publishes, HS256 by a secret if there is one.
///
/// Its clock and the tenant's may be thirty seconds apart. Keys are fetched
/// anew every ten minutes while they are in use, and once a minute at most for
/// a key id that nobody knows; known keys serve through an outage.
///
/// It has to be used within a Tokio runtime.
pub struct Auth0Authenticator {
    issuer: Box<str>,
    audience: Audience,
    clients: Vec<ClientId>,
    shared: Option<DecodingKey>,
    keys: Keys,
    clock: Arc<dyn Clock>,
}

impl Auth0Authenticator {
    /// Makes an authenticator that fetches keys by this way out; nothing is
    /// fetched yet.
    #[must_use]
    pub fn new(config: AuthenticatorConfig, http: Http, clock: Arc<dyn Clock>) -> Self {
        let source = KeySource::new(http, config.domain.jwks_url());
        let shared = config
            .hs256_key
            .map(|Hs256Key(secret)| DecodingKey::from_secret(secret.expose_secret().as_bytes()));
        Self {
            issuer: config.domain.issuer().into(),
            audience: config.audience,
            clients: config.clients,
            shared,
            keys: Keys::new(source, clock.clone()),
            clock,
        }
    }

    /// Fetches the tenant's keys ahead of the first token, unless they are
    /// known.
    ///
    /// # Errors
    ///
    /// [`Fault`] if there are none by the deadline; the first token then tries
    /// again.
    pub async fn warm(&self, deadline: Deadline) -> Result<(), Fault> {
        self.keys.warm(deadline).await
    }

    /// Fetches the tenant's keys, known or not, and says how many of them can
    /// verify tokens.
    ///
    /// # Errors
    ///
    /// [`Fault`] if there are none by the deadline; its source is a sentence
    /// that says what to do.
    pub async fn check(&self, deadline: Deadline) -> Result<usize, Fault> {
        self.keys.refresh(deadline).await
    }
}

impl fmt::Debug for Auth0Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth0Authenticator")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("clients", &self.clients)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Authenticator for Auth0Authenticator {
    async fn authenticate(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> Result<Caller, AuthenticateError> {
        let token = Unverified::parse(token.expose(), Kind::Access)?;
        let payload = match token.wants()? {
            Wanted::Published(kid) => {
                let key = self.keys.find(kid, deadline).await?.ok_or(NotGood)?;
                token.verify(&key, Algorithm::RS256)?
            }
            Wanted::Shared => {
                let key = self.shared.as_ref().ok_or(NotGood)?;
                token.verify(key, Algorithm::HS256)?
            }
        };
        let claims: Claims<'_> = payload.claims()?;
        claims.check(&AccessRules {
            issuer: &self.issuer,
            audience: &self.audience.0,
            clients: &self.clients,
            now: self.clock.now(),
        })?;
        let customer = CustomerId::parse(claims.subject()).map_err(|_| NotGood)?;
        Ok(Caller {
            customer,
            scopes: Scopes::parse(claims.scope()),
        })
    }
}

impl From<NotGood> for AuthenticateError {
    fn from(NotGood: NotGood) -> Self {
        Self::Rejected
    }
}
