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
pub const SETTINGS: [Setting; 18] = [
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
    plain("POD_CHALLENGER", "passcodes", "who makes and judges codes"),
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
        "POD_LOG",
        "info",
        "what is logged: a level, or such as pod_alexa=debug,info",
    ),
];

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

/// Whether there is a setting of this name, `_FILE` for secrets included.
pub(super) fn is_known(name: &str) -> bool {
    known().any(|known| known == name)
}

/// The setting that was probably meant.
pub(super) fn nearest(name: &str) -> Option<String> {
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
        let _ = writeln!(lines, "  {name:<24} {}{gap}{default}", setting.about);
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
