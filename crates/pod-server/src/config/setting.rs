//! The names of all settings, what each is for, and the nearest to a name that
//! is none of them.

use std::fmt::Write as _;

/// One setting that can be made.
#[derive(Debug)]
pub struct Setting {
    /// Its name in the environment; in a file it is written in lower case.
    pub name: &'static str,
    /// What it is when nothing is said; empty if there is nothing then.
    pub default: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Whether it may be given as the name of a file that has it.
    pub secret: bool,
}

/// Every setting there is.
pub const SETTINGS: [Setting; 54] = [
    plain("POD_LISTEN", "127.0.0.1:7100", "where the skill answers"),
    plain(
        "POD_ADMIN_LISTEN",
        "127.0.0.1:7101",
        "where /livez, /readyz and /metrics answer",
    ),
    plain("POD_BASE_PATH", "/pod", "what every path begins with"),
    plain(
        "POD_DATABASE_URL",
        "sqlite://pod.db",
        "where orders are kept",
    ),
    plain(
        "POD_TLS_CERT",
        "",
        "PEM file of the certificate to serve HTTPS with; not set: plain HTTP",
    ),
    plain("POD_TLS_KEY", "", "PEM file of its private key"),
    plain(
        "POD_ALEXA_SKILL_ID",
        "(required)",
        "the skill's id, or several between commas",
    ),
    plain(
        "POD_ALEXA_TRUST_ANCHORS",
        "",
        "PEM file of the authorities that sign Amazon's certificates, in place of the public ones",
    ),
    plain(
        "POD_ALEXA_CLIENT_ID",
        "",
        "the client that accounts are linked by in Auth0, or several between commas; not set: any",
    ),
    plain(
        "POD_API_ORIGINS",
        "",
        "the origins whose pages may call the API from a browser; not set: none",
    ),
    plain(
        "POD_API_REQUESTS",
        "120",
        "how many requests of the API one customer may make in a minute",
    ),
    plain(
        "POD_ALEXA_SCOPE",
        "order:pizza",
        "the scope that access tokens must have; none: no scope is asked for",
    ),
    plain(
        "POD_CHALLENGER",
        "passcodes",
        "who makes and judges codes: passcodes (pod itself), auth0 or twilio-verify",
    ),
    secret(
        "POD_CODE_KEYS",
        "(required)",
        "the keys that codes are derived with, newest first; `pod-server code-key` makes one",
    ),
    plain("POD_CODE_DIGITS", "6", "how many digits a code has, 5 to 8"),
    plain(
        "POD_CODE_TTL",
        "300",
        "how many seconds a code can be used, 60 to 600",
    ),
    plain(
        "POD_SMS_COUNTRIES",
        "",
        "the countries codes are texted to, such as US,CA; not set: all",
    ),
    plain(
        "POD_EMAIL_FALLBACK",
        "on",
        "off: no code is sent by e-mail, whatever becomes of the text message",
    ),
    plain(
        "POD_UNUSED_CODES_HOUR",
        "20",
        "percent of an hour's codes to a country that may remain unused, before it is sent no more",
    ),
    plain("POD_UNUSED_CODES_DAY", "30", "the same, of a day's codes"),
    plain(
        "POD_UNUSED_CODES_MINIMUM",
        "50",
        "of how many codes a share is worth anything, from 10",
    ),
    plain("POD_SHOP_NAME", "Pizza on Demand", "the shop, in messages"),
    plain(
        "POD_PUBLIC_URL",
        "",
        "the address pod is reached by from outside; required where pod sends messages",
    ),
    plain("TWILIO_ACCOUNT_SID", "", "the account at Twilio"),
    secret(
        "TWILIO_AUTH_TOKEN",
        "",
        "its auth token, which reports of messages are verified with as well",
    ),
    plain(
        "TWILIO_API_KEY",
        "",
        "an API key in place of the auth token",
    ),
    secret("TWILIO_API_SECRET", "", "that key's secret"),
    plain(
        "TWILIO_FROM",
        "",
        "the number or name that text messages are from",
    ),
    plain(
        "TWILIO_MESSAGING_SERVICE_SID",
        "",
        "a messaging service in place of one number",
    ),
    secret(
        "TWILIO_WEBHOOK_KEY",
        "",
        "ID:KEY that reports are signed with by SHA-256, if Twilio does so",
    ),
    plain(
        "TWILIO_VERIFY_SERVICE_SID",
        "",
        "the Verify service, for POD_CHALLENGER=twilio-verify",
    ),
    plain(
        "TWILIO_BASE_URL",
        "",
        "where Twilio is, in place of its own addresses: for tests",
    ),
    secret(
        "POD_SMTP_URL",
        "",
        "the mail server: smtps://user:password@host, or smtp://...?tls=required",
    ),
    plain("POD_MAIL_FROM", "", "whom e-mails are from: Name <address>"),
    plain(
        "POD_MAIL_CONNECTIONS",
        "8",
        "how many connections to the mail server there are at most",
    ),
    plain(
        "POD_DELIVERY_URL",
        "",
        "the webhook that carries the codes no other supplier is set up for",
    ),
    secret(
        "POD_DELIVERY_SECRET",
        "",
        "whsec_ and the key it is signed with",
    ),
    plain("POD_MENU", "", "TOML file of what the shop sells"),
    plain(
        "AUTH0_DOMAIN",
        "(required)",
        "the tenant that issues access tokens",
    ),
    plain(
        "API_ID",
        "(required)",
        "the API's identifier: the audience of access tokens",
    ),
    secret(
        "API_SIGNING_KEY",
        "",
        "the API's signing secret; set: tokens signed with HS256 are accepted as well",
    ),
    plain(
        "APP_CLIENT_ID",
        "",
        "the back end's client in Auth0; set: customers' contacts are looked up there",
    ),
    secret("APP_CLIENT_SECRET", "", "that client's secret"),
    plain(
        "AUTH0_PROFILE_TTL",
        "30",
        "how many seconds a customer's profile is used before it is read again, 0 to 600",
    ),
    plain(
        "AUTH0_TRUST_USER_METADATA",
        "no",
        "yes: send codes to a number in user_metadata, which the customer can edit; unsafe",
    ),
    plain(
        "AUTH0_OTP_DATABASE",
        "",
        "the database connection to send codes by /otp/challenge with; not set: by Passwordless",
    ),
    plain(
        "POD_WEB_CLIENT_ID",
        "",
        "the client that customers sign in to the web app by; not set: there is no web app",
    ),
    secret("POD_WEB_CLIENT_SECRET", "", "its secret"),
    plain(
        "PUSHER_APPID",
        "",
        "the app at Pusher that orders are announced by; not set: none",
    ),
    plain("PUSHER_KEY", "", "its key, which pages know"),
    secret("PUSHER_SECRET", "", "its secret"),
    plain("PUSHER_CLUSTER", "", "its cluster, such as eu"),
    plain(
        "PUSHER_HOST",
        "",
        "another server of Pusher's protocol, in place of a cluster",
    ),
    plain(
        "POD_LOG",
        "info",
        "what is logged: a level, or such as pod_alexa=debug,info",
    ),
];

/// Settings that are planned, and that this version cannot go by.
const PLANNED: [&str; 3] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "POD_WEBHOOK_SECRET",
    "POD_WEBHOOK_URL",
];

/// What the names of settings begin with that nobody else is likely to use:
/// whatever else begins so is a mistake.
const OURS: [&str; 2] = ["POD_", "AUTH0_"];

/// What the names of settings begin with that others use as well: only what
/// resembles a setting is a mistake.
const SHARED: [&str; 4] = ["API_", "APP_", "TWILIO_", "PUSHER_"];

const fn plain(name: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting {
        name,
        default,
        about,
        secret: false,
    }
}

const fn secret(name: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting {
        name,
        default,
        about,
        secret: true,
    }
}

/// What is to be thought of a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// It is a setting.
    Setting,
    /// It is a setting of some later version.
    Planned,
    /// It is none of ours, and nobody's mistake.
    Strange,
    /// It is no setting; perhaps this one was meant.
    Mistaken(Option<String>),
    /// It is no setting, and resembles one of some later version.
    MistakenForPlanned(&'static str),
}

/// Judges the name of a variable of the environment, where others have
/// theirs.
pub(super) fn of_variable(name: &str) -> Name {
    let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    if is_known(name) || is_planned(name) || begins(&OURS) {
        return of_key(name);
    }
    if !begins(&SHARED) {
        return Name::Strange;
    }
    if let Some(meant) = known().find(|known| is_slip(known, name)) {
        return Name::Mistaken(Some(meant));
    }
    Name::Strange
}

/// Judges the name of a key of the settings file, in upper case: there is
/// nothing else in it.
pub(super) fn of_key(name: &str) -> Name {
    if is_known(name) {
        Name::Setting
    } else if is_planned(name) {
        Name::Planned
    } else {
        let planned = PLANNED.into_iter().find(|planned| is_slip(planned, name));
        planned.map_or_else(|| Name::Mistaken(nearest(name)), Name::MistakenForPlanned)
    }
}

/// Whether there is a setting of this name, `_FILE` for secrets included.
fn is_known(name: &str) -> bool {
    known().any(|known| known == name)
}

fn is_planned(name: &str) -> bool {
    PLANNED.contains(&name)
}

/// Whether somebody who typed `name` probably meant `meant`: both begin with
/// the same word, and what follows differs by a slip or two.
fn is_slip(meant: &str, name: &str) -> bool {
    let (Some((start, meant)), Some((same, name))) = (meant.split_once('_'), name.split_once('_'))
    else {
        return false;
    };
    // In a short name two slips make any other short name.
    let slips = if meant.len() <= 5 { 1 } else { 2 };
    start == same && strsim::damerau_levenshtein(meant, name) <= slips
}

/// The setting that was probably meant.
fn nearest(name: &str) -> Option<String> {
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(known, name);
    known()
        .map(|known| (likeness(&known), known))
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

fn known() -> impl Iterator<Item = String> {
    SETTINGS.iter().flat_map(|setting| {
        let file = setting.secret.then(|| format!("{}_FILE", setting.name));
        std::iter::once(setting.name.to_owned()).chain(file)
    })
}

/// All settings as a table, for `--help`.
#[must_use]
pub fn table() -> String {
    let mut lines = String::from(
        "Settings, from the environment or, in lower case, from pod.toml; the environment wins.\n\
         Those marked * may be given as NAME_FILE, the path of a file that has them.\n\n",
    );
    for setting in &SETTINGS {
        let star = if setting.secret { "*" } else { "" };
        let default = match setting.default {
            "" | "(required)" => setting.default.to_owned(),
            default => format!("[{default}]"),
        };
        let gap = if default.is_empty() { "" } else { " " };
        let name = format!("{}{star}", setting.name);
        // Writing to a `String` cannot fail.
        let _ = writeln!(lines, "  {name:<26} {}{gap}{default}", setting.about);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keyboard_finds_the_name_that_was_meant() {
        for slip in [
            "POD_LISTN -> POD_LISTEN",
            "AUTH0_DOMIAN -> AUTH0_DOMAIN",
            "POD_CODE_KEY_FILE -> POD_CODE_KEYS_FILE",
        ] {
            let (typed, meant) = slip.split_once(" -> ").unwrap();
            assert_eq!(nearest(typed).as_deref(), Some(meant));
        }
        assert_eq!(nearest("POD_"), None);
    }

    #[test]
    fn names_that_others_use_are_strange_unless_they_resemble_a_setting() {
        let judged = |names: &[&str], judgement: fn(&Name) -> bool| {
            for name in names {
                let found = of_variable(name);
                assert!(judgement(&found), "{name}: {found:?}");
            }
        };

        judged(
            &[
                "PATH",
                "APP_ENV",
                "APP_ID",
                "API_URL",
                "API_KEY",
                "API_TOKEN",
                "API_SIGNING_CERT",
                "TWILIO_PHONE_NUMBER",
                "PUSHER_SCHEME",
            ],
            |name| *name == Name::Strange,
        );
        judged(
            &[
                "API_IDD",
                "API_DI",
                "API_SIGNING_KYE",
                "API_SIGNINGKEY_FILE",
                "APP_CLIENTID",
                "TWILIO_FORM",
                "TWILIO_ACOUNT_SID",
                "PUSHER_APP_ID",
                "PUSHER_CLUTSER",
            ],
            |name| matches!(name, Name::Mistaken(Some(_))),
        );
        judged(&["POD_WEBHOOK_SECRTE", "POD_WEBHOOK_ULR"], |name| {
            matches!(name, Name::MistakenForPlanned(_))
        });
        judged(
            &["POD_WEBHOOK_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"],
            |name| *name == Name::Planned,
        );
        judged(&["POD_ANYTHING", "AUTH0_ANYTHING"], |name| {
            *name == Name::Mistaken(None)
        });
    }

    #[test]
    fn what_is_planned_is_no_setting_yet() {
        for planned in PLANNED {
            assert!(!is_known(planned), "{planned}");
        }
    }

    #[test]
    fn only_secrets_may_be_named_by_a_file() {
        assert!(is_known("API_SIGNING_KEY_FILE"));
        assert!(!is_known("POD_LISTEN_FILE"));
    }

    #[test]
    fn the_table_names_every_setting() {
        for setting in &SETTINGS {
            assert!(table().contains(setting.name), "{}", setting.name);
        }
    }
}
