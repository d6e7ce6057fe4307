//! What an access token says, and whether the tenant said it.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, Visitor};

/// How far the tenant's clock and this one may be apart.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);

/// The types an access token may say it has (RFC 7519, 5.1; RFC 9068, 2.1).
const TYPES: [&str; 3] = ["JWT", "at+jwt", "application/at+jwt"];

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
    pub(crate) fn parse(token: &'t str) -> Result<Self, NotGood> {
        let (message, signature) = token.rsplit_once('.').ok_or(NotGood)?;
        let (header, payload) = message.split_once('.').ok_or(NotGood)?;
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| NotGood)?;
        let header: Header = object(&header)?;

        let typed = header
            .typ
            .as_deref()
            .is_none_or(|typ| TYPES.iter().any(|known| typ.eq_ignore_ascii_case(known)));
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
    pub(crate) fn claims(&self) -> Result<Claims<'_>, NotGood> {
        object(&self.0)
    }
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
    scope: Option<Cow<'a, str>>,
    exp: Moment,
    nbf: Option<Moment>,
    iat: Option<Moment>,
}

impl Claims<'_> {
    /// Checks who issued the token, for whom, and that it is good at `now`.
    pub(crate) fn check(
        &self,
        issuer: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<(), NotGood> {
        let has_begun = |moment: &Option<Moment>| {
            moment
                .as_ref()
                .is_none_or(|Moment(begin)| begin.duration_since(now) <= LEEWAY)
        };
        let good = self.iss == issuer
            && self.aud.contain(audience)
            && now.duration_since(self.exp.0) < LEEWAY
            && has_begun(&self.nbf)
            && has_begun(&self.iat);
        good.then_some(()).ok_or(NotGood)
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

/// The `aud` claim: one name or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Recipients<'a> {
    One(#[serde(borrow)] Cow<'a, str>),
    Several(#[serde(borrow)] Vec<Cow<'a, str>>),
}

impl Recipients<'_> {
    fn contain(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Several(several) => several.iter().any(|one| one == name),
        }
    }
}

/// A time in a claim: seconds since 1970, whole or not (RFC 7519, 2).
struct Moment(Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seconds;

        impl Visitor<'_> for Seconds {
            type Value = Moment;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since 1970")
            }

            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Moment, E> {
                Timestamp::from_second(seconds)
                    .map(Moment)
                    .map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Moment, E> {
                self.visit_i64(i64::try_from(seconds).map_err(E::custom)?)
            }

            fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Moment, E> {
                SignedDuration::try_from_secs_f64(seconds)
                    .and_then(Timestamp::from_duration)
                    .map(Moment)
                    .map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Seconds)
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
