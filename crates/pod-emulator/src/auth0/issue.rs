//! Writing tokens: access tokens for an API or for `/userinfo`, ID tokens, and
//! refresh tokens.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Tenant;
use super::record::Record;
use super::refresh::{Family, Rotation};
use super::refusal::Refusal;
use super::state::State;

/// How long an ID token lasts unless its client says otherwise, in seconds.
const ID_TOKEN: i64 = 36_000;
/// How long an access token lasts unless its API says otherwise, in seconds.
const ACCESS_TOKEN: i64 = 86_400;

/// The scopes of OpenID Connect, which need no API.
const OPENID: [&str; 5] = ["openid", "profile", "email", "phone", "address"];

/// An access token to be written.
pub(super) struct Access<'a> {
    pub(super) subject: &'a str,
    pub(super) client: &'a str,
    pub(super) audience: &'a str,
    pub(super) scope: &'a str,
    /// The grant that machines get theirs by.
    pub(super) gty: Option<&'a str>,
}

/// The part of a scope that a client gets for an API: OpenID Connect's words,
/// `offline_access` where API and client have it, and what the API knows.
pub(super) fn granted(
    state: &State,
    client: &Record,
    audience: Option<&str>,
    asked: &str,
) -> String {
    let api = audience.and_then(|audience| state.api(audience));
    let refreshes = client
        .texts("grant_types")
        .any(|grant| grant == "refresh_token")
        && api.is_none_or(|api| api.flag("allow_offline_access"));
    let of_api = |scope: &str| {
        api.and_then(|api| api.get("scopes").as_array())
            .is_some_and(|scopes| scopes.iter().any(|known| known["value"] == scope))
    };
    let kept: Vec<&str> = asked
        .split_whitespace()
        .filter(|scope| {
            OPENID.contains(scope) || (*scope == "offline_access" && refreshes) || of_api(scope)
        })
        .collect();
    kept.join(" ")
}

/// An audience that the tenant has no API for is refused.
pub(super) fn known_audience(state: &State, audience: Option<&str>) -> Result<(), Refusal> {
    match audience {
        Some(audience) if state.api(audience).is_none() => Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "access_denied",
            format!("Service not found: {audience}"),
        )),
        _ => Ok(()),
    }
}

pub(super) fn has(scope: &str, wanted: &str) -> bool {
    scope.split(' ').any(|scope| scope == wanted)
}

impl Tenant {
    /// Writes an access token as its API wants it, and how long it lasts.
    pub(super) fn access_token(
        &self,
        state: &State,
        access: &Access<'_>,
    ) -> Result<(String, i64), Refusal> {
        let none = Record::default();
        let api = state.api(access.audience).unwrap_or(&none);
        let shared = api.text("signing_alg") == "HS256";
        let lifetime = api.get("token_lifetime").as_i64().unwrap_or(ACCESS_TOKEN);
        let now = self.now().as_second();
        let userinfo = format!("{}userinfo", self.issuer());
        let mut claims = json!({
            "iss": self.issuer(), "sub": access.subject, "aud": access.audience,
            "iat": now, "exp": now + lifetime, "scope": access.scope,
        });
        if has(access.scope, "openid") && !shared {
            claims["aud"] = json!([access.audience, userinfo]);
        }
        if let Some(gty) = access.gty {
            claims["gty"] = gty.into();
        }
        let standard = api.text("token_dialect").starts_with("rfc9068_profile");
        let kind = if standard {
            claims["client_id"] = access.client.into();
            claims["jti"] = self.random().letters(22)?.into();
            "at+jwt"
        } else {
            claims["azp"] = access.client.into();
            "JWT"
        };
        let token = if shared {
            super::signer::sign_shared(api.text("signing_secret"), &claims)
                .map_err(super::TenantError::from)?
        } else {
            self.sign(kind, &claims)?
        };
        Ok((token, lifetime))
    }

    /// Writes what a login gives: an access token, an ID token when the scope
    /// has `openid`, and a refresh token when it has `offline_access`.
    pub(super) fn tokens(
        &self,
        state: &mut State,
        number: u64,
        family: &Family,
        nonce: Option<&str>,
        rotation: Rotation,
    ) -> Result<Value, Refusal> {
        let now = self.now();
        let (access_token, lifetime) = match &family.audience {
            Some(audience) => self.access_token(
                state,
                &Access {
                    subject: &family.user,
                    client: &family.client,
                    audience,
                    scope: &family.scope,
                    gty: None,
                },
            )?,
            None => (self.random().letters(64)?, ACCESS_TOKEN),
        };
        state.families.add_access(access_token.clone(), number);
        let mut tokens = json!({
            "access_token": access_token, "token_type": "Bearer",
            "expires_in": lifetime, "scope": family.scope,
        });
        if has(&family.scope, "openid") {
            tokens["id_token"] = self.id_token(state, family, nonce)?.into();
        }
        if has(&family.scope, "offline_access") && rotation == Rotation::Replaced {
            let refresh = format!("v1.{}", self.random().letters(64)?);
            state.families.add_refresh(refresh.clone(), number, now);
            tokens["refresh_token"] = refresh.into();
        }
        Ok(tokens)
    }

    fn id_token(
        &self,
        state: &State,
        family: &Family,
        nonce: Option<&str>,
    ) -> Result<String, Refusal> {
        let user = state
            .user(&family.user)
            .ok_or_else(|| Refusal::grant("The user does not exist."))?;
        let lifetime = state
            .client(&family.client)
            .and_then(|client| client.at("jwt_configuration/lifetime_in_seconds").as_i64())
            .unwrap_or(ID_TOKEN);
        let now = self.now().as_second();
        let mut claims = user.claims(&family.scope);
        claims["iss"] = self.issuer().into();
        claims["aud"] = family.client.as_str().into();
        claims["iat"] = now.into();
        claims["exp"] = (now + lifetime).into();
        claims["auth_time"] = family.auth_time.into();
        claims["sid"] = family.session.as_str().into();
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        Ok(self.sign("JWT", &claims)?)
    }
}
