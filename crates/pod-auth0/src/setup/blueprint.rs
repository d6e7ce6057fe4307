//! What a tenant should have for pod.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};

use crate::authenticator::Audience;
use crate::connection::ConnectionName;

/// The grant of one-time codes.
const PASSWORDLESS: &str = "http://auth0.com/oauth/grant-type/passwordless/otp";

/// What the back end may do by the Management API: read customers, and make
/// and link the identities that codes go to.
pub(super) const BACK_END_SCOPES: [&str; 3] = ["read:users", "create:users", "update:users"];

/// What a tenant should have for pod.
#[derive(Clone)]
pub struct Blueprint {
    /// What the names of the applications begin with, and the API's name.
    pub name: String,
    /// The API's identifier.
    pub audience: Audience,
    /// The scope that access tokens of the skill must have.
    pub scope: String,
    /// Where Amazon takes customers back to once they have signed in; empty
    /// leaves the callbacks of the application alone.
    pub alexa_redirects: Vec<String>,
    /// The public address of pod, without a slash at its end, for the web
    /// page; `None` leaves the callbacks of the web application alone.
    pub public_url: Option<String>,
    /// How many digits a code has.
    pub digits: usize,
    /// How long a code can be used.
    pub lifetime: Duration,
    /// The connection that has customers' passwords.
    pub database: ConnectionName,
    /// Who carries text messages; `None` leaves the tenant's provider alone.
    pub twilio: Option<Twilio>,
    /// Who carries e-mail; `None` leaves the tenant's provider alone.
    pub smtp: Option<Smtp>,
    /// A customer to try it all with.
    pub test_user: Option<TestUser>,
}

/// An account at Twilio.
#[derive(Clone)]
pub struct Twilio {
    /// The account's SID, `AC...`.
    pub account_sid: String,
    /// Its auth token.
    pub auth_token: SecretString,
    /// Who sends.
    pub sender: TwilioSender,
}

/// Who sends text messages at Twilio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwilioSender {
    /// A telephone number.
    From(String),
    /// A messaging service, `MG...`.
    Service(String),
}

/// A server for e-mail.
#[derive(Clone)]
pub struct Smtp {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The name to log in with.
    pub user: String,
    /// The password.
    pub password: SecretString,
    /// The address that mail comes from.
    pub from: String,
}

/// A customer to try it all with.
#[derive(Clone)]
pub struct TestUser {
    /// The e-mail address, to sign in with.
    pub email: String,
    /// The password.
    pub password: SecretString,
    /// The telephone that codes go to.
    pub phone: Option<String>,
}

/// The applications of pod's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Alexa,
    Web,
    BackEnd,
}

/// The connections of pod's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Database,
    Sms,
    Email,
}

/// A record that should be there.
pub(super) struct Wanted {
    /// What it must be like.
    pub(super) fields: Map<String, Value>,
    /// What it is like when it is new; administrators may change it.
    pub(super) at_first: Map<String, Value>,
}

impl Wanted {
    fn new(fields: Value, at_first: Value) -> Self {
        let map = |value| match value {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        Self {
            fields: map(fields),
            at_first: map(at_first),
        }
    }

    /// All of a new record.
    pub(super) fn new_record(&self) -> Map<String, Value> {
        let mut record = self.at_first.clone();
        for (field, value) in &self.fields {
            match (record.get_mut(field), value) {
                (Some(Value::Object(known)), Value::Object(more)) => {
                    known.extend(more.clone());
                }
                _ => {
                    record.insert(field.clone(), value.clone());
                }
            }
        }
        record
    }
}

impl Role {
    pub(super) const ALL: [Self; 3] = [Self::Alexa, Self::Web, Self::BackEnd];

    fn suffix(self) -> &'static str {
        match self {
            Self::Alexa => "Alexa",
            Self::Web => "web",
            Self::BackEnd => "back end",
        }
    }
}

impl Way {
    pub(super) const ALL: [Self; 3] = [Self::Database, Self::Sms, Self::Email];

    /// The applications that customers use it through; the others of pod's
    /// must not.
    pub(super) fn serves(self, role: Role) -> bool {
        match self {
            Self::Database => role != Role::BackEnd,
            Self::Sms | Self::Email => role == Role::BackEnd,
        }
    }
}

impl Blueprint {
    /// Where Amazon takes customers of a vendor back to, in its three regions.
    #[must_use]
    pub fn alexa_redirects_of(vendor: &str) -> Vec<String> {
        [
            "pitangui.amazon.com",
            "layla.amazon.com",
            "alexa.amazon.co.jp",
        ]
        .map(|host| format!("https://{host}/api/skill/link/{vendor}"))
        .to_vec()
    }

    pub(super) fn client_name(&self, role: Role) -> String {
        format!("{} {}", self.name, role.suffix())
    }

    pub(super) fn connection_name(&self, way: Way) -> &str {
        match way {
            Way::Database => self.database.as_str(),
            Way::Sms => "sms",
            Way::Email => "email",
        }
    }

    pub(super) fn api(&self) -> Wanted {
        Wanted::new(
            json!({
                "signing_alg": "RS256",
                "allow_offline_access": true,
                "scopes": [{"value": self.scope, "description": "Order by voice"}],
            }),
            json!({"name": self.name, "identifier": self.audience.as_str()}),
        )
    }

    pub(super) fn client(&self, role: Role) -> Wanted {
        let common = |grants: &[&str], method: &str| {
            json!({
                "app_type": "regular_web", "oidc_conformant": true, "grant_types": grants,
                "token_endpoint_auth_method": method, "jwt_configuration": {"alg": "RS256"},
            })
        };
        let mut fields = match role {
            Role::Alexa => common(
                &["authorization_code", "refresh_token"],
                "client_secret_basic",
            ),
            Role::Web => common(&["authorization_code"], "client_secret_post"),
            Role::BackEnd => common(&["client_credentials", PASSWORDLESS], "client_secret_post"),
        };
        match role {
            Role::Alexa => {
                if !self.alexa_redirects.is_empty() {
                    fields["callbacks"] = json!(self.alexa_redirects);
                }
                // Alexa may ask twice with the same token: the leeway lets it.
                fields["refresh_token"] = json!({
                    "rotation_type": "rotating", "expiration_type": "expiring", "leeway": 60,
                    "token_lifetime": 31_557_600, "idle_token_lifetime": 2_592_000,
                    "infinite_token_lifetime": false, "infinite_idle_token_lifetime": false,
                });
            }
            Role::Web => {
                if let Some(url) = &self.public_url {
                    fields["callbacks"] = json!([format!("{url}/pod/app/oidc/callback")]);
                    fields["allowed_logout_urls"] =
                        json!([format!("{url}/pod/app/?said=signed-out")]);
                }
            }
            Role::BackEnd => {
                fields["callbacks"] = json!([]);
                // It may say for which customer it asks, so that nobody pays
                // for what others do.
                fields["is_token_endpoint_ip_header_trusted"] = json!(true);
            }
        }
        Wanted::new(fields, json!({"name": self.client_name(role)}))
    }

    pub(super) fn connection(&self, way: Way) -> Wanted {
        let name = self.connection_name(way);
        let totp = json!({"length": self.digits, "time_step": self.lifetime.as_secs()});
        let text = "Your verification code is: {{ code }}";
        match way {
            Way::Database => Wanted::new(
                json!({"options": {"brute_force_protection": true}}),
                json!({
                    "name": name, "strategy": "auth0",
                    "options": {
                        "disable_signup": true, "disable_self_service_change_password": false,
                    },
                }),
            ),
            Way::Sms => Wanted::new(
                json!({
                    "options": {
                        "name": name, "disable_signup": false, "brute_force_protection": true,
                        "totp": totp,
                    },
                }),
                json!({
                    "name": name, "strategy": "sms",
                    "options": {"syntax": "liquid", "template": text},
                }),
            ),
            Way::Email => {
                let mut email = json!({
                    "subject": "Your verification code", "syntax": "liquid", "body": text,
                });
                if let Some(smtp) = &self.smtp {
                    email["from"] = json!(smtp.from);
                }
                Wanted::new(
                    json!({
                        "options": {
                            "name": name, "disable_signup": false, "brute_force_protection": true,
                            "totp": totp,
                        },
                    }),
                    json!({"name": name, "strategy": "email", "options": {"email": email}}),
                )
            }
        }
    }

    /// The provider of text messages; its token is told only with everything.
    pub(super) fn phone_provider(&self) -> Option<Wanted> {
        let twilio = self.twilio.as_ref()?;
        let (field, sender) = match &twilio.sender {
            TwilioSender::From(number) => ("default_from", number),
            TwilioSender::Service(service) => ("mssid", service),
        };
        let configuration = json!({
            "sid": twilio.account_sid, field: sender, "delivery_methods": ["text"],
        });
        Some(Wanted::new(
            json!({"disabled": false, "configuration": configuration}),
            json!({
                "name": "twilio",
                "credentials": {"auth_token": twilio.auth_token.expose_secret()},
            }),
        ))
    }

    /// The provider of e-mail; its password is told only with everything.
    pub(super) fn mail_provider(&self) -> Option<Wanted> {
        let smtp = self.smtp.as_ref()?;
        Some(Wanted::new(
            json!({
                "name": "smtp", "enabled": true, "default_from_address": smtp.from,
                "credentials": {
                    "smtp_host": smtp.host, "smtp_port": smtp.port, "smtp_user": smtp.user,
                },
            }),
            json!({"credentials": {"smtp_pass": smtp.password.expose_secret()}}),
        ))
    }

    /// The protections that stand between a guesser and the codes.
    pub(super) fn protections() -> [(&'static str, Wanted); 2] {
        [
            (
                "brute-force-protection",
                Wanted::new(
                    json!({"enabled": true, "shields": ["block", "user_notification"]}),
                    json!({}),
                ),
            ),
            (
                "suspicious-ip-throttling",
                Wanted::new(
                    json!({"enabled": true, "shields": ["admin_notification", "block"]}),
                    json!({}),
                ),
            ),
        ]
    }

    pub(super) fn user(&self) -> Option<Map<String, Value>> {
        let user = self.test_user.as_ref()?;
        let metadata = user
            .phone
            .as_ref()
            .map_or_else(|| json!({}), |phone| json!({"phone_number": phone}));
        let fields = json!({
            "connection": self.database.as_str(), "email": user.email, "email_verified": true,
            "verify_email": false, "password": user.password.expose_secret(),
            "app_metadata": metadata,
        });
        Some(Wanted::new(fields, json!({})).fields)
    }
}
