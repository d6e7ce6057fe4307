//! What `setup auth0` needs to know: the settings of `serve` that a tenant has
//! to match, the administrator's client, and who carries messages.

use std::time::Duration;

use pod_auth0::setup::{Smtp, Twilio, TwilioSender};
use pod_auth0::{Audience, Auth0Domain, ClientId, ClientSecret};
use pod_core::{CodeDigits, CodeLifetime, EmailAddress, PhoneNumber};
use secrecy::SecretString;
use tracing_subscriber::filter::{LevelFilter, Targets};
use url::Url;

use super::identity::Scope;
use super::problem::ConfigError;
use super::reader::Reader;
use super::source::Source;
use super::values;

/// The settings that only setting up goes by.
pub const SETUP_SETTINGS: [&str; 9] = [
    "POD_MAIL_FROM",
    "POD_SMTP_URL",
    "SETUP_CLIENT_ID",
    "SETUP_CLIENT_SECRET",
    "SETUP_TEST_PASSWORD",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_FROM",
    "TWILIO_MESSAGING_SERVICE_SID",
];

/// What `setup auth0` needs to know.
pub struct SetupSettings {
    /// The tenant.
    pub domain: Auth0Domain,
    /// The API.
    pub audience: Audience,
    /// The administrator's client.
    pub client: ClientId,
    /// Its secret.
    pub secret: ClientSecret,
    /// The scope of access tokens.
    pub scope: Scope,
    /// How many digits a code has.
    pub digits: CodeDigits,
    /// How long a code can be used.
    pub lifetime: CodeLifetime,
    /// The skill's id, as it was given.
    pub skill_id: Option<String>,
    /// Who carries text messages.
    pub twilio: Option<Twilio>,
    /// Who carries e-mail.
    pub smtp: Option<Smtp>,
    /// The password of the test user.
    pub test_password: Option<SecretString>,
    /// What is logged.
    pub log: Targets,
}

impl SetupSettings {
    /// Reads what setting up needs, and nothing else.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with everything that is wrong.
    pub fn read(source: &Source<'_>) -> Result<Self, ConfigError> {
        let mut reader = Reader::of_some(source);
        let domain = reader.required(
            "AUTH0_DOMAIN",
            "write the tenant's own domain, such as pizza.eu.auth0.com",
            Auth0Domain::parse,
        );
        let audience = reader.required(
            "API_ID",
            "choose an identifier for the API, such as https://pod.example.com/api",
            Audience::parse,
        );
        let advice = "in Auth0's dashboard, make an application of the type Machine to Machine, \
                      and authorize it for the Auth0 Management API";
        let client = reader.required("SETUP_CLIENT_ID", advice, ClientId::parse);
        let secret = reader.required_secret("SETUP_CLIENT_SECRET", advice, |raw| {
            ClientSecret::parse(raw.into())
        });
        let scope = reader.or_default("POD_ALEXA_SCOPE", Scope::default(), Scope::parse);
        let digits = reader.or_default("POD_CODE_DIGITS", CodeDigits::default(), values::digits);
        let lifetime = reader.or_default("POD_CODE_TTL", CodeLifetime::default(), values::lifetime);
        let skill_id = reader.optional("POD_ALEXA_SKILL_ID", |raw| {
            pod_alexa::verify::SkillIds::parse(raw).map(|_| raw.to_owned())
        });
        let twilio = twilio(&mut reader);
        let smtp = smtp(&mut reader);
        let test_password = reader.optional_secret("SETUP_TEST_PASSWORD", |raw| {
            Ok::<_, String>(SecretString::from(raw))
        });
        let log = reader.or_default(
            "POD_LOG",
            Targets::new().with_default(LevelFilter::WARN),
            values::log,
        );

        reader.into_problems()?;
        let (Some(domain), Some(audience), Some(client), Some(secret)) =
            (domain, audience, client, secret)
        else {
            // Whatever is missing was told as a problem.
            return Err(ConfigError(Vec::new()));
        };
        Ok(Self {
            domain,
            audience,
            client,
            secret,
            scope,
            digits,
            lifetime,
            skill_id,
            twilio,
            smtp,
            test_password,
            log,
        })
    }

    /// How long a code can be used.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.lifetime.get()
    }
}

/// An account at Twilio, if any of its settings is made: then all must be.
fn twilio(reader: &mut Reader<'_>) -> Option<Twilio> {
    let from = reader.optional("TWILIO_FROM", sender);
    let service = reader.optional("TWILIO_MESSAGING_SERVICE_SID", |raw| sid("MG", raw));
    let names = [
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_AUTH_TOKEN_FILE",
    ];
    let begun = names.iter().any(|name| reader.has(name)) || from.is_some() || service.is_some();
    if !begun {
        return None;
    }
    let account = reader.required(
        "TWILIO_ACCOUNT_SID",
        "copy it from Twilio's console, or leave out the other settings of Twilio",
        |raw| sid("AC", raw),
    );
    let token = reader.required_secret(
        "TWILIO_AUTH_TOKEN",
        "copy it from Twilio's console, or leave out the other settings of Twilio",
        |raw| Ok::<_, String>(SecretString::from(raw)),
    );
    let sender = match (from, service) {
        (_, Some(service)) => Some(TwilioSender::Service(service)),
        (Some(from), None) => Some(TwilioSender::From(from)),
        (None, None) => {
            reader.say(
                "TWILIO_FROM",
                "is not set, and TWILIO_MESSAGING_SERVICE_SID neither: text messages need a \
                 sender",
            );
            None
        }
    };
    Some(Twilio {
        account_sid: account?,
        auth_token: token?,
        sender: sender?,
    })
}

fn smtp(reader: &mut Reader<'_>) -> Option<Smtp> {
    let from = reader.optional("POD_MAIL_FROM", address);
    let server = reader.optional_secret("POD_SMTP_URL", server);
    match (server, from) {
        (Some((host, port, user, password)), Some(from)) => Some(Smtp {
            host,
            port,
            user,
            password,
            from,
        }),
        (Some(_), None) => {
            reader.say(
                "POD_MAIL_FROM",
                "is not set, but POD_SMTP_URL is: write the address that mail comes from",
            );
            None
        }
        (None, _) => None,
    }
}

fn server(raw: &str) -> Result<(String, u16, String, SecretString), &'static str> {
    const SHAPE: &str = "write smtps://USER:PASSWORD@HOST:465 or smtp://USER:PASSWORD@HOST:587, \
                         with special characters percent-encoded";
    let url = Url::parse(raw).map_err(|_| SHAPE)?;
    let usual = match url.scheme() {
        "smtps" => 465,
        "smtp" => 587,
        _ => return Err(SHAPE),
    };
    let host = url
        .host_str()
        .filter(|host| !host.is_empty())
        .ok_or(SHAPE)?;
    let plain = |part: &str| {
        let decoded = percent_encoding::percent_decode_str(part).decode_utf8();
        decoded.map(std::borrow::Cow::into_owned).map_err(|_| SHAPE)
    };
    let (user, password) = (plain(url.username())?, plain(url.password().ok_or(SHAPE)?)?);
    Ok((
        host.to_owned(),
        url.port().unwrap_or(usual),
        user,
        password.into(),
    ))
}

fn sid(prefix: &str, raw: &str) -> Result<String, String> {
    let rest = raw.strip_prefix(prefix).unwrap_or_default();
    if rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(raw.to_owned())
    } else {
        Err(format!(
            "write {prefix} and 32 hexadecimal digits, as Twilio's console shows it"
        ))
    }
}

fn sender(raw: &str) -> Result<String, String> {
    let number = PhoneNumber::parse(raw).map_err(|error| error.to_string())?;
    Ok(number.expose().to_owned())
}

fn address(raw: &str) -> Result<String, String> {
    let address = EmailAddress::parse(raw).map_err(|error| error.to_string())?;
    Ok(address.expose().to_owned())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_server_for_mail_is_a_url_with_a_login() {
        let (host, port, user, password) = server("smtps://ada:p%40ss@mail.example").unwrap();

        assert_eq!(
            (host.as_str(), port, user.as_str()),
            ("mail.example", 465, "ada")
        );
        assert_eq!(password.expose_secret(), "p@ss");
        assert_eq!(server("smtp://a:b@mail.example:2525").unwrap().1, 2525);
        for raw in [
            "mail.example",
            "https://a:b@mail.example",
            "smtp://mail.example",
        ] {
            assert!(server(raw).is_err(), "{raw}");
        }
    }

    #[test]
    fn a_sid_has_its_prefix() {
        assert!(sid("AC", &format!("AC{}", "0a".repeat(16))).is_ok());
        for raw in ["AC12", &format!("MG{}", "0a".repeat(16))] {
            assert!(sid("AC", raw).is_err(), "{raw}");
        }
    }

    #[test]
    fn whatever_setting_up_lacks_is_named_at_once() {
        let variables = [
            ("TWILIO_ACCOUNT_SID", "AC12"),
            ("POD_SMTP_URL", "smtps://ada:hush@mail.example"),
        ];
        let find = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };

        let told = SetupSettings::read(&Source::new(find, [])).err().unwrap();

        let subjects: Vec<String> = told
            .problems()
            .iter()
            .filter_map(|problem| problem.to_string().split(' ').next().map(str::to_owned))
            .collect();
        assert_eq!(
            subjects,
            [
                "AUTH0_DOMAIN",
                "API_ID",
                "SETUP_CLIENT_ID",
                "SETUP_CLIENT_SECRET",
                "TWILIO_ACCOUNT_SID",
                "TWILIO_AUTH_TOKEN",
                "TWILIO_FROM",
                "POD_MAIL_FROM",
            ]
        );
    }
}
