//! What the configuration says of the tenant: whose tokens are good, where
//! customers are looked up, and how the tenant sends codes.

use std::time::Duration;

use pod_auth0::{
    Audience, Auth0Domain, ClientId, ClientSecret, ConnectionName, CustomersConfig, Hs256Key,
    PasswordlessMode,
};

use super::reader::Reader;
use super::values::ChallengerKind;

/// Whose access tokens are good, and what else the tenant is asked.
#[derive(Clone)]
pub struct IdentityConfig {
    /// The tenant that issues them.
    pub domain: Auth0Domain,
    /// The API they are for.
    pub audience: Audience,
    /// The secret of tokens signed with HS256; `None` refuses such tokens.
    pub signing_key: Option<Hs256Key>,
    /// The clients they may have been issued to; empty for all.
    pub clients: Vec<ClientId>,
    /// What they must allow.
    pub scope: Scope,
    /// The client of pod's own at the tenant; `None` where pod keeps contacts
    /// itself.
    pub back_end: Option<BackEnd>,
}

/// The scope that access tokens must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope(Option<Box<str>>);

/// The client of pod's own at the tenant, and what it is for.
#[derive(Clone)]
pub struct BackEnd {
    /// Its id.
    pub client: ClientId,
    /// Its secret.
    pub secret: ClientSecret,
    /// How long a customer's profile is used once it was read.
    pub keep: Duration,
    /// Whether codes go to numbers that customers can edit.
    pub trust_user_metadata: bool,
    /// How the tenant sends codes, if it does.
    pub mode: PasswordlessMode,
}

impl Scope {
    /// No scope in particular.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    pub(super) fn parse(raw: &str) -> Result<Self, &'static str> {
        // RFC 6749, appendix A.4: visible ASCII but for `"` and `\`.
        let token = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\');
        match raw {
            "none" => Ok(Self(None)),
            _ if raw.chars().all(token) => Ok(Self(Some(raw.into()))),
            _ => Err("write one scope, such as order:pizza, or none"),
        }
    }

    /// The scope; `None` where none is asked for.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl Default for Scope {
    fn default() -> Self {
        Self(Some("order:pizza".into()))
    }
}

/// Reads it all, for codes of this challenger's.
pub(super) fn read(reader: &mut Reader<'_>, challenger: ChallengerKind) -> Option<IdentityConfig> {
    let domain = reader.required(
        "AUTH0_DOMAIN",
        "write the tenant's domain, such as pizza.eu.auth0.com",
        Auth0Domain::parse,
    );
    let audience = reader.required(
        "API_ID",
        "copy the API's identifier from Auth0's dashboard",
        Audience::parse,
    );
    let signing_key = reader.optional_secret("API_SIGNING_KEY", |raw| Hs256Key::parse(raw.into()));
    let clients = reader.or_default("POD_ALEXA_CLIENT_ID", Vec::new(), |raw| {
        raw.split(',')
            .map(|client| ClientId::parse(client.trim()))
            .collect::<Result<_, _>>()
    });
    let scope = reader.or_default("POD_ALEXA_SCOPE", Scope::default(), Scope::parse);
    let back_end = back_end(reader, challenger);
    Some(IdentityConfig {
        domain: domain?,
        audience: audience?,
        signing_key,
        clients,
        scope,
        back_end,
    })
}

fn back_end(reader: &mut Reader<'_>, challenger: ChallengerKind) -> Option<BackEnd> {
    let keep = reader.or_default("AUTH0_PROFILE_TTL", CustomersConfig::KEEP, seconds);
    let trust_user_metadata = reader.or_default("AUTH0_TRUST_USER_METADATA", false, yes_or_no);
    let database = reader.optional("AUTH0_OTP_DATABASE", ConnectionName::parse);
    let by_auth0 = challenger == ChallengerKind::Auth0;
    if reader.has("AUTH0_OTP_DATABASE") && !by_auth0 {
        reader.say(
            "AUTH0_OTP_DATABASE",
            "is set, but Auth0 sends no codes: set POD_CHALLENGER to auth0, or leave it out",
        );
    }

    let secret_is_set = reader.has("APP_CLIENT_SECRET") || reader.has("APP_CLIENT_SECRET_FILE");
    if !by_auth0 && !secret_is_set && !reader.has("APP_CLIENT_ID") {
        for name in ["AUTH0_PROFILE_TTL", "AUTH0_TRUST_USER_METADATA"] {
            if reader.has(name) {
                reader.say(
                    name,
                    "is set, but APP_CLIENT_ID is not: without it no profile is read at Auth0",
                );
            }
        }
        return None;
    }
    let advice = "`pod-server setup auth0` makes the back end's client, and writes it down";
    let client = reader.required("APP_CLIENT_ID", advice, ClientId::parse);
    let secret = reader.required_secret("APP_CLIENT_SECRET", advice, |raw| {
        ClientSecret::parse(raw.into())
    });
    Some(BackEnd {
        client: client?,
        secret: secret?,
        keep,
        trust_user_metadata,
        mode: database.map_or_else(PasswordlessMode::default, |database| {
            PasswordlessMode::OtpChallenge { database }
        }),
    })
}

fn seconds(raw: &str) -> Result<Duration, &'static str> {
    match raw.parse() {
        Ok(seconds @ 0..=600) => Ok(Duration::from_secs(seconds)),
        _ => Err("write a number of seconds from 0 to 600"),
    }
}

fn yes_or_no(raw: &str) -> Result<bool, &'static str> {
    match raw {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("write yes or no"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_one_word_or_none() {
        assert_eq!(
            Scope::parse("order:pizza").unwrap().as_str(),
            Some("order:pizza")
        );
        assert_eq!(Scope::parse("none").unwrap(), Scope::none());
        for raw in ["order:pizza openid", "a\"b", "a\\b", "é"] {
            assert!(Scope::parse(raw).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn a_profile_is_kept_for_ten_minutes_at_most() {
        assert_eq!(seconds("0"), Ok(Duration::ZERO));
        assert_eq!(seconds("600"), Ok(Duration::from_mins(10)));
        for raw in ["601", "-1", "1s", ""] {
            assert!(seconds(raw).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn only_a_plain_yes_trusts_what_customers_edit() {
        assert_eq!(yes_or_no("yes"), Ok(true));
        assert_eq!(yes_or_no("no"), Ok(false));
        for raw in ["YES", "true", "1", ""] {
            assert!(yes_or_no(raw).is_err(), "{raw:?}");
        }
    }
}
