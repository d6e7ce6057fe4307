//! What a token says, and whether the tenant said it.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

use crate::claims::{Moment, Recipients};
use crate::client::ClientId;

/// What a token is to be: its header may say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It lets its holder use an API.
    Access,
    /// It tells an application who signed in.
    Identity,
}

impl Kind {
    /// The types that a token of this kind may say it has (RFC 7519, 5.1;
    /// RFC 9068, 2.1).
    fn types(self) -> &'static [&'static str] {
        match self {
            Self::Access => &["JWT", "at+jwt", "application/at+jwt"],
            Self::Identity => &["JWT"],
        }
    }
}

/// Not a good token. It does not say why: whoever holds the token is not to
/// learn it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotGood;

/// A token as it came: its header can be read, nothing in it is to be believed.
#[derive(Debug)]
pub(crate) struct Unverified<'t> {
    header: Header,
    message: &'t str,
    payload: &'t str,
    signature: &'t str,
}

/// The header, as far as it decides anything. What else it may hold (`jku`,
/// `jwk`, `x5u`, `x5c`) offers keys of the sender's own: it is not read.
#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

/// The key a token asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted<'t> {
    /// The tenant's published key with this id, which signs RS256.
    Published(&'t str),
    /// The secret shared with the tenant, which signs HS256.
    Shared,
}

impl<'t> Unverified<'t> {
    /// Takes a token apart (RFC 7515, 3.1).
    pub(crate) fn parse(token: &'t str, kind: Kind) -> Result<Self, NotGood> {
        let (message, signature) = token.rsplit_once('.').ok_or(NotGood)?;
        let (header, payload) = message.split_once('.').ok_or(NotGood)?;
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| NotGood)?;
        let header: Header = object(&header)?;

        let typed = header.typ.as_deref().is_none_or(|typ| {
            let mut types = kind.types().iter();
            types.any(|known| typ.eq_ignore_ascii_case(known))
        });
        // Whatever is critical, pod does not understand it (RFC 7515, 4.1.11).
        if !typed || header.crit {
            return Err(NotGood);
        }
        Ok(Self {
            header,
            message,
            payload,
            signature,
        })
    }

    /// Which key is to verify the token. The header only points at one of the
    /// keys; the algorithm is the key's own.
    pub(crate) fn wants(&self) -> Result<Wanted<'_>, NotGood> {
        match (&*self.header.alg, &self.header.kid) {
            ("RS256", Some(kid)) => Ok(Wanted::Published(kid)),
            ("HS256", _) => Ok(Wanted::Shared),
            _ => Err(NotGood),
        }
    }

    /// Verifies the signature by a key and that key's one algorithm, and gives
    /// the payload out.
    pub(crate) fn verify(
        &self,
        key: &DecodingKey,
        algorithm: Algorithm,
    ) -> Result<Payload, NotGood> {
        match crypto::verify(self.signature, self.message.as_bytes(), key, algorithm) {
            Ok(true) => URL_SAFE_NO_PAD
                .decode(self.payload)
                .map(Payload)
                .map_err(|_| NotGood),
            Ok(false) | Err(_) => Err(NotGood),
        }
    }
}

/// What the tenant signed.
pub(crate) struct Payload(Vec<u8>);

impl Payload {
    /// Reads the claims.
    pub(crate) fn claims<'a, C: Deserialize<'a>>(&'a self) -> Result<C, NotGood> {
        object(&self.0)
    }
}

/// What an access token has to say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AccessRules<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) audience: &'a str,
    /// The applications it may have been issued to; if none, any.
    pub(crate) clients: &'a [ClientId],
    pub(crate) now: Timestamp,
}

/// The claims of an access token.
#[derive(Deserialize)]
pub(crate) struct Claims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    aud: Recipients<'a>,
    #[serde(borrow)]
    sub: Cow<'a, str>,
    #[serde(borrow, default)]
    azp: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    client_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    scope: Option<Cow<'a, str>>,
    exp: Moment,
    nbf: Option<Moment>,
    iat: Option<Moment>,
}

impl Claims<'_> {
    /// Checks who issued the token, to whom and for whom, and that it is good
    /// now.
    pub(crate) fn check(&self, rules: &AccessRules<'_>) -> Result<(), NotGood> {
        let has_begun =
            |moment: &Option<Moment>| moment.is_none_or(|begin| begin.has_come(rules.now));
        let good = self.iss == rules.issuer
            && self.aud.contain(rules.audience)
            && self.is_for(rules.clients)
            && !self.exp.is_over(rules.now)
            && has_begun(&self.nbf)
            && has_begun(&self.iat);
        good.then_some(()).ok_or(NotGood)
    }

    /// Whether the token was issued to one of these applications: in RFC
    /// 9068's profile it says so as `client_id`, else as `azp`. What says both
    /// says the same.
    fn is_for(&self, clients: &[ClientId]) -> bool {
        let known = |name: &Cow<'_, str>| clients.iter().any(|client| client.as_str() == name);
        let names = [&self.azp, &self.client_id];
        let mut names = names.into_iter().flatten().peekable();
        clients.is_empty() || (names.peek().is_some() && names.all(known))
    }

    /// Whom the token was issued for.
    pub(crate) fn subject(&self) -> &str {
        &self.sub
    }

    /// What the token allows.
    pub(crate) fn scope(&self) -> &str {
        self.scope.as_deref().unwrap_or_default()
    }
}

/// Reads a JSON object. A list would do for serde, too: its items, in order.
fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, NotGood> {
    if !json.trim_ascii_start().starts_with(b"{") {
        return Err(NotGood);
    }
    serde_json::from_slice(json).map_err(|_| NotGood)
}

/// Notices a member, whatever its value.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}
