//! A customer of the tenant: a profile, and the identities it is known by.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::record::Record;

/// One user. The first identity is the user's own, the others were linked.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) profile: Record,
    pub(super) identities: Vec<Identity>,
    pub(super) password: Option<SecretString>,
}

/// One way to be known: an account of one connection.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) connection: String,
    pub(super) provider: String,
    pub(super) user_id: String,
    /// What a linked account said of its owner.
    pub(super) profile: Record,
}

impl Identity {
    /// The id of the user that it is, or was.
    pub(super) fn subject(&self) -> String {
        format!("{}|{}", self.provider, self.user_id)
    }
}

impl User {
    pub(super) fn is_blocked(&self) -> bool {
        self.profile.flag("blocked")
    }

    /// Whether more than one factor is asked of this user: Auth0 leaves that
    /// to an Action, and its examples look for this field.
    pub(super) fn needs_second_factor(&self) -> bool {
        self.profile.at("app_metadata/use_mfa") == &Value::Bool(true)
    }

    /// Whether one of the user's identities is this connection's, and has this
    /// value in a field.
    pub(super) fn is_known_as(&self, connection: &str, field: &str, value: &str) -> bool {
        self.identities.iter().enumerate().any(|(place, identity)| {
            let profile = if place == 0 {
                &self.profile
            } else {
                &identity.profile
            };
            identity.connection == connection && profile.text(field) == value
        })
    }

    /// The user's identity of a connection.
    pub(super) fn identity_in(&self, connection: &str) -> Option<&Identity> {
        self.identities
            .iter()
            .find(|identity| identity.connection == connection)
    }

    /// Notes that a contact was verified, on the identity that has it.
    pub(super) fn confirm(&mut self, connection: &str, field: &str, value: &str, verified: &str) {
        for (place, identity) in self.identities.iter_mut().enumerate() {
            let profile = if place == 0 {
                &mut self.profile
            } else {
                &mut identity.profile
            };
            if identity.connection == connection && profile.text(field) == value {
                profile.set(verified, true);
            }
        }
    }

    pub(super) fn has_password(&self, password: &str) -> bool {
        self.password
            .as_ref()
            .is_some_and(|own| own.expose_secret() == password)
    }

    /// The user as the Management API shows it.
    pub(super) fn to_record(&self) -> Record {
        let mut shown = self.profile.clone();
        shown.set("user_id", self.id.as_str());
        shown.set("identities", self.identities_shown());
        shown
    }

    pub(super) fn identities_shown(&self) -> Value {
        let shown = self.identities.iter().enumerate().map(|(place, identity)| {
            let mut shown = json!({
                "connection": identity.connection,
                "provider": identity.provider,
                "user_id": identity.user_id,
                "isSocial": false,
            });
            if place > 0 {
                shown["profileData"] = identity.profile.to_value();
            }
            shown
        });
        Value::Array(shown.collect())
    }

    /// What a token or `/userinfo` says of the user for these scopes.
    pub(super) fn claims(&self, scope: &str) -> Value {
        let mut claims = Record::default();
        let has = |wanted: &str| scope.split(' ').any(|scope| scope == wanted);
        let mut copy = |fields: &[(&str, &str)]| {
            for (claim, field) in fields {
                let value = self.profile.get(field);
                if !value.is_null() {
                    claims.set(claim, value.clone());
                }
            }
        };
        if has("profile") {
            copy(&[
                ("name", "name"),
                ("nickname", "nickname"),
                ("picture", "picture"),
                ("given_name", "given_name"),
                ("family_name", "family_name"),
                ("updated_at", "updated_at"),
            ]);
        }
        if has("email") {
            copy(&[("email", "email"), ("email_verified", "email_verified")]);
        }
        if has("phone") {
            copy(&[
                ("phone_number", "phone_number"),
                ("phone_number_verified", "phone_verified"),
                ("phone_verified", "phone_verified"),
            ]);
        }
        claims.set("sub", self.id.as_str());
        claims.to_value()
    }
}
