//! Refresh tokens, in families: all that came of one login end together.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::record::Record;

/// The families, and the tokens that were issued in them.
#[derive(Default)]
pub(super) struct Families {
    all: BTreeMap<u64, Family>,
    refresh: BTreeMap<String, Token>,
    /// Access tokens, with the family each belongs to.
    access: BTreeMap<String, u64>,
    revoked: BTreeSet<u64>,
}

/// What the customer agreed to when the family began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Family {
    pub(super) client: String,
    pub(super) user: String,
    pub(super) audience: Option<String>,
    pub(super) scope: String,
    pub(super) auth_time: i64,
    pub(super) session: String,
    pub(super) began: Timestamp,
}

struct Token {
    family: u64,
    issued: Timestamp,
    replaced: Option<Timestamp>,
}

impl Families {
    pub(super) fn begin(&mut self, family: Family) -> u64 {
        let number = u64::try_from(self.all.len()).unwrap_or(u64::MAX);
        self.all.insert(number, family);
        number
    }

    pub(super) fn add_refresh(&mut self, token: String, family: u64, now: Timestamp) {
        let token_of = Token {
            family,
            issued: now,
            replaced: None,
        };
        self.refresh.insert(token, token_of);
    }

    pub(super) fn add_access(&mut self, token: String, family: u64) {
        self.access.insert(token, family);
    }

    /// Ends a family: none of its tokens is good any more.
    pub(super) fn revoke(&mut self, family: u64) {
        self.revoked.insert(family);
    }

    /// Ends every family of a user.
    pub(super) fn revoke_all_of(&mut self, user: &str) {
        let of_user = self
            .all
            .iter()
            .filter(|(_, family)| family.user == user)
            .map(|(number, _)| *number);
        self.revoked.extend(of_user);
    }

    /// Ends the family of a refresh token of this client.
    pub(super) fn revoke_token(&mut self, token: &str, client: &str) {
        let Some(Token { family, .. }) = self.refresh.get(token) else {
            return;
        };
        if self.all[family].client == client {
            self.revoked.insert(*family);
        }
    }

    /// What an access token stands for that is nothing but a name, or that
    /// belongs to a login.
    pub(super) fn of_access(&self, token: &str) -> Option<&Family> {
        let number = self.access.get(token)?;
        (!self.revoked.contains(number)).then_some(&self.all[number])
    }

    pub(super) fn is_revoked(&self, token: &str) -> bool {
        self.access
            .get(token)
            .is_some_and(|number| self.revoked.contains(number))
    }

    /// Uses a refresh token of a client. Where tokens rotate, it is replaced;
    /// one that was replaced before is a sign of theft once the leeway is
    /// over, and ends the family.
    pub(super) fn use_refresh(
        &mut self,
        token: &str,
        client: &Record,
        now: Timestamp,
    ) -> Option<(u64, Family, Rotation)> {
        let settings = Settings::of(client);
        let known = self.refresh.get_mut(token)?;
        let number = known.family;
        let family = self.all.get(&number)?;
        if family.client != client.text("client_id") || self.revoked.contains(&number) {
            return None;
        }
        let past = |since: Timestamp, lifetime: Option<SignedDuration>| {
            lifetime.is_some_and(|lifetime| now.duration_since(since) >= lifetime)
        };
        if past(family.began, settings.lifetime) || past(known.issued, settings.idle_lifetime) {
            return None;
        }
        if settings.rotation == Rotation::Stays {
            known.issued = now;
            return Some((number, family.clone(), Rotation::Stays));
        }
        if let Some(replaced) = known.replaced
            && now.duration_since(replaced) > settings.leeway
        {
            self.revoked.insert(number);
            return None;
        }
        known.replaced.get_or_insert(now);
        Some((number, family.clone(), Rotation::Replaced))
    }
}

/// What becomes of a refresh token that is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rotation {
    Replaced,
    Stays,
}

/// A client's settings for refresh tokens.
struct Settings {
    rotation: Rotation,
    leeway: SignedDuration,
    lifetime: Option<SignedDuration>,
    idle_lifetime: Option<SignedDuration>,
}

impl Settings {
    fn of(client: &Record) -> Self {
        let seconds = |path: &str| client.at(path).as_i64().map(SignedDuration::from_secs);
        let unless = |switch: &str, lifetime: &str| {
            let endless = client.at(switch).as_bool().unwrap_or(false);
            if endless { None } else { seconds(lifetime) }
        };
        let rotates = client.at("refresh_token/rotation_type") == "rotating";
        let expires = client.at("refresh_token/expiration_type") == "expiring";
        Self {
            rotation: if rotates {
                Rotation::Replaced
            } else {
                Rotation::Stays
            },
            leeway: seconds("refresh_token/leeway").unwrap_or_default(),
            lifetime: expires
                .then(|| {
                    unless(
                        "refresh_token/infinite_token_lifetime",
                        "refresh_token/token_lifetime",
                    )
                })
                .flatten(),
            idle_lifetime: expires
                .then(|| {
                    unless(
                        "refresh_token/infinite_idle_token_lifetime",
                        "refresh_token/idle_token_lifetime",
                    )
                })
                .flatten(),
        }
    }
}
