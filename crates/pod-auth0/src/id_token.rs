//! ID tokens: who signed in, as the tenant tells one of its applications.

use std::borrow::Cow;

use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use pod_core::{CustomerId, Deadline, Fault};
use serde::Deserialize;

use crate::claims::{Moment, Recipients};
use crate::client::ClientId;
use crate::keys::Keys;
use crate::token::{Kind, NotGood, Unverified, Wanted};

/// What an ID token has to say (OpenID Connect Core 1.0, 3.1.3.7).
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdTokenRules<'a> {
    /// Who has to have issued it.
    pub(crate) issuer: &'a str,
    /// The application it has to be for.
    pub(crate) client: &'a ClientId,
    /// The nonce that was sent along, if one was.
    pub(crate) nonce: Option<&'a str>,
    /// The time.
    pub(crate) now: Timestamp,
}

/// What a good ID token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdToken {
    /// Who signed in.
    pub(crate) customer: CustomerId,
    /// When the customer last proved it, if the tenant says so.
    pub(crate) auth_time: Option<Timestamp>,
    /// When the token expires.
    pub(crate) expires_at: Timestamp,
}

/// Why it is not known who signed in.
#[derive(Debug)]
pub(crate) enum IdTokenError {
    /// The token is forged, expired, for somebody else or not a token.
    NotGood,
    /// The tenant's keys could not be had in time.
    Fault(Fault),
}

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    aud: Recipients<'a>,
    #[serde(borrow)]
    sub: Cow<'a, str>,
    #[serde(borrow, default)]
    azp: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    nonce: Option<Cow<'a, str>>,
    exp: Moment,
    iat: Moment,
    nbf: Option<Moment>,
    auth_time: Option<Moment>,
}

impl IdTokenRules<'_> {
    /// Verifies a token by the tenant's published keys. RS256 is the only
    /// algorithm: an ID token signed with the application's secret is not
    /// accepted.
    pub(crate) async fn verify(
        &self,
        token: &str,
        keys: &Keys,
        deadline: Deadline,
    ) -> Result<IdToken, IdTokenError> {
        let token = Unverified::parse(token, Kind::Identity)?;
        let Wanted::Published(kid) = token.wants()? else {
            return Err(IdTokenError::NotGood);
        };
        let key = keys
            .find(kid, deadline)
            .await
            .map_err(IdTokenError::Fault)?;
        let payload = token.verify(&*key.ok_or(NotGood)?, Algorithm::RS256)?;
        let claims: Claims<'_> = payload.claims()?;
        if !self.allow(&claims) {
            return Err(IdTokenError::NotGood);
        }
        Ok(IdToken {
            customer: CustomerId::parse(&claims.sub).map_err(|_| NotGood)?,
            auth_time: claims.auth_time.map(|Moment(at)| at),
            expires_at: claims.exp.0,
        })
    }

    fn allow(&self, claims: &Claims<'_>) -> bool {
        let client = self.client.as_str();
        let azp = claims.azp.as_deref();
        claims.iss == self.issuer
            && claims.aud.contain(client)
            // Of several names, one may be another application's: the token
            // has to say that it was made for this one.
            && (azp == Some(client) || (azp.is_none() && claims.aud.len() == 1))
            && self
                .nonce
                .is_none_or(|nonce| claims.nonce.as_deref() == Some(nonce))
            && !claims.exp.is_over(self.now)
            && claims.iat.has_come(self.now)
            && claims.nbf.is_none_or(|begin| begin.has_come(self.now))
            && claims.auth_time.is_none_or(|at| at.has_come(self.now))
    }
}

impl From<NotGood> for IdTokenError {
    fn from(NotGood: NotGood) -> Self {
        Self::NotGood
    }
}
