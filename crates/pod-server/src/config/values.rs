//! Settings that are more than text: paths on the server, databases, levels of
//! logging.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pod_core::{CodeDigits, CodeLifetime, Country};
use pod_store::SqliteConfig;
use tracing_subscriber::filter::{LevelFilter, Targets};

/// What every path of the server begins with: empty, or such as `/pod`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    /// Reads a path. `/` means that there is nothing before the paths.
    ///
    /// # Errors
    ///
    /// A sentence unless it begins with `/` and goes on with letters, digits,
    /// `-`, `_`, `.` and single `/`.
    pub fn parse(raw: &str) -> Result<Self, &'static str> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let segment = |segment: &str| {
            !segment.is_empty() && !matches!(segment, "." | "..") && segment.chars().all(plain)
        };
        let path = raw.strip_suffix('/').unwrap_or(raw);
        match path.strip_prefix('/') {
            None if raw == "/" => Ok(Self(String::new())),
            Some(segments) if segments.split('/').all(segment) => Ok(Self(path.to_owned())),
            _ => {
                Err("a path begins with / and has letters, digits, -, _ and . in it, such as /pod")
            }
        }
    }

    /// The path, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for BasePath {
    fn default() -> Self {
        Self("/pod".to_owned())
    }
}

/// Where orders are kept: a file of SQLite's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    path: PathBuf,
    #[cfg(feature = "slow-disk")]
    commit_delay: std::time::Duration,
}

impl Database {
    /// Keeps orders in a file.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            #[cfg(feature = "slow-disk")]
            commit_delay: std::time::Duration::ZERO,
        }
    }

    /// For measuring only: sleeps so long before each commit, as if the disk
    /// were that much slower.
    #[cfg(feature = "slow-disk")]
    #[must_use]
    pub fn commit_delay(mut self, delay: std::time::Duration) -> Self {
        self.commit_delay = delay;
        self
    }

    /// Reads `sqlite://PATH`.
    ///
    /// # Errors
    ///
    /// A sentence if it is for another database, or names no file.
    pub fn parse(raw: &str) -> Result<Self, String> {
        if raw.starts_with("postgres:") || raw.starts_with("postgresql:") {
            return Err("PostgreSQL is not supported yet: write it as sqlite://pod.db".to_owned());
        }
        let sqlite = SqliteConfig::from_url(raw).map_err(|error| error.to_string())?;
        match sqlite.path() {
            Some(path) if !raw.ends_with('/') => Ok(Self::file(path)),
            Some(_) => Err("that is a folder: name a file in it".to_owned()),
            None => Err("orders in memory are lost at every restart: name a file".to_owned()),
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the store is to work with it.
    #[must_use]
    pub fn store(&self) -> SqliteConfig {
        let config = SqliteConfig::file(&self.path);
        #[cfg(feature = "slow-disk")]
        let config = config.commit_delay(self.commit_delay);
        config
    }
}

impl Default for Database {
    fn default() -> Self {
        Self::file("pod.db")
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite://{}", self.path.display())
    }
}

/// Who makes and judges codes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ChallengerKind {
    /// pod itself.
    #[default]
    Passcodes,
    /// Auth0 Passwordless.
    Auth0,
    /// Twilio Verify.
    TwilioVerify,
}

impl ChallengerKind {
    pub(super) fn parse(raw: &str) -> Result<Self, &'static str> {
        match raw {
            "passcodes" => Ok(Self::Passcodes),
            "auth0" => Ok(Self::Auth0),
            "twilio-verify" => Ok(Self::TwilioVerify),
            _ => Err("write passcodes, auth0 or twilio-verify"),
        }
    }
}

/// Reads five to eight digits, or the four of the 2017 guide by their name.
pub(super) fn digits(raw: &str) -> Result<CodeDigits, String> {
    if raw == "4-as-in-2017" {
        return Ok(CodeDigits::four_as_in_2017());
    }
    let digits = raw
        .parse()
        .map_err(|_| "write a number from 5 to 8".to_owned())?;
    CodeDigits::new(digits)
        .map_err(|error| format!("{error}; if you really want four, write 4-as-in-2017"))
}

/// Reads how many seconds a code can be used.
pub(super) fn lifetime(raw: &str) -> Result<CodeLifetime, String> {
    let seconds = raw
        .parse()
        .map_err(|_| "write a number of seconds from 60 to 600".to_owned())?;
    CodeLifetime::new(Duration::from_secs(seconds)).map_err(|error| error.to_string())
}

/// Reads countries between commas.
pub(super) fn countries(raw: &str) -> Result<Vec<Country>, String> {
    let country = |raw: &str| {
        let raw = raw.trim();
        Country::parse(raw).map_err(|error| format!("{raw:?}: {error}"))
    };
    raw.split(',').map(country).collect()
}

/// Reads what is to be logged: a level, or targets with levels, or both.
pub(super) fn log(raw: &str) -> Result<Targets, String> {
    for part in raw.split(',') {
        let level = part.split_once('=').map_or(part, |(_, level)| level);
        // Without this a misspelt level would be taken for the name of a target.
        let known = level.trim().parse::<LevelFilter>();
        if level.trim().is_empty() || known.is_err() {
            return Err(format!(
                "{level:?} is no level: write off, error, warn, info, debug or trace, or such as \
                 pod_alexa=debug,info"
            ));
        }
    }
    let parts: Vec<&str> = raw.split(',').map(str::trim).collect();
    parts
        .join(",")
        .parse()
        .map_err(|_| "write a level, or such as pod_alexa=debug,info".to_owned())
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_base_path_has_no_slash_at_its_end() {
        let path = |raw| BasePath::parse(raw).map(|path| path.0).ok();

        assert_eq!(path("/pod").as_deref(), Some("/pod"));
        assert_eq!(path("/pod/").as_deref(), Some("/pod"));
        assert_eq!(path("/v1/pod-2").as_deref(), Some("/v1/pod-2"));
        assert_eq!(path("/").as_deref(), Some(""));
        for raw in [
            "", "pod", "//", "/a//b", "/{id}", "/*x", "/a b", "/../x", "/é",
        ] {
            assert_eq!(path(raw), None, "{raw:?}");
        }
    }

    #[test]
    fn a_database_is_a_file() {
        let path = |raw| Database::parse(raw).map(|database| database.path);

        assert_eq!(path("sqlite://pod.db"), Ok("pod.db".into()));
        assert_eq!(path("sqlite:///var/pod.db"), Ok("/var/pod.db".into()));
        for raw in [
            "",
            "pod.db",
            "sqlite://",
            "sqlite://dir/",
            "sqlite://:memory:",
            "sqlite://pod.db?mode=ro",
            "mysql://x",
        ] {
            assert!(path(raw).is_err(), "{raw:?}");
        }
        assert!(
            path("postgres://localhost/pod")
                .unwrap_err()
                .contains("not supported yet")
        );
    }

    #[test]
    fn four_digits_have_to_be_asked_for_by_name() {
        assert_eq!(digits("4-as-in-2017"), Ok(CodeDigits::four_as_in_2017()));
        assert_eq!(digits("8").map(CodeDigits::get), Ok(8));
        for raw in ["4", "9", "", "six", "-6", "256"] {
            assert!(digits(raw).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn countries_are_read_one_by_one() {
        let read = countries("US, CA").unwrap();

        assert_eq!(
            read.iter().map(Country::as_str).collect::<Vec<_>>(),
            ["US", "CA"]
        );
        assert!(countries("US,XX").unwrap_err().starts_with("\"XX\": "));
        assert!(countries("US,").is_err());
    }

    #[test]
    fn a_misspelt_level_is_no_target() {
        let targets = log("pod_alexa=debug, info").unwrap();

        assert!(targets.would_enable("pod_alexa::skill", &Level::DEBUG));
        assert!(!targets.would_enable("hyper", &Level::DEBUG));
        assert!(
            log("verbose")
                .unwrap_err()
                .starts_with("\"verbose\" is no level")
        );
        assert!(log("pod_alexa=loud").is_err());
        assert!(log("").is_err());
    }
}
