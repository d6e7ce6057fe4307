//! Reads settings one by one, and remembers what was wrong with each.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use super::problem::{ConfigError, Problem};
use super::source::{Given, Source};

/// Reads settings one by one, and remembers what was wrong with each.
pub(super) struct Reader<'s> {
    source: &'s Source<'s>,
    problems: Vec<Problem>,
}

impl<'s> Reader<'s> {
    /// Reads few settings of a program whose others somebody else judges.
    pub(super) fn of_few(source: &'s Source<'s>) -> Self {
        Self {
            source,
            problems: Vec::new(),
        }
    }

    /// Reads settings beside which there may be others, and that may be in the
    /// file.
    pub(super) fn of_some(source: &'s Source<'s>) -> Self {
        Self {
            source,
            problems: source.problems.clone(),
        }
    }

    /// Reads settings, and holds everything else that looks like one against
    /// the source.
    pub(super) fn new(source: &'s Source<'s>) -> Self {
        Self {
            source,
            problems: [source.problems.clone(), source.strangers()].concat(),
        }
    }

    /// What a setting says, made something of; `None` if it is not set, or
    /// nothing can be made of it.
    pub(super) fn optional<T, E: fmt::Display>(
        &mut self,
        name: &str,
        make: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let given = self.source.get(name)?;
        self.make(&given, make)
    }

    /// What a setting says, or else the default.
    pub(super) fn or_default<T, E: fmt::Display>(
        &mut self,
        name: &str,
        default: T,
        make: impl FnOnce(&str) -> Result<T, E>,
    ) -> T {
        self.optional(name, make).unwrap_or(default)
    }

    /// What a setting says that has to be there; `advice` tells where to get
    /// it.
    pub(super) fn required<T, E: fmt::Display>(
        &mut self,
        name: &str,
        advice: &str,
        make: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let Some(given) = self.source.get(name) else {
            self.say(name, format_args!("is not set: {advice}"));
            return None;
        };
        self.make(&given, make)
    }

    /// A secret, or the content of the file that `NAME_FILE` names, made
    /// something of. Nothing of it is shown.
    pub(super) fn optional_secret<T, E: fmt::Display>(
        &mut self,
        name: &str,
        make: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let by_file = format!("{name}_FILE");
        match (self.source.get(name), self.source.get(&by_file)) {
            (Some(value), None) => self.make(&value, make),
            (None, Some(file)) => {
                let value = self.make(&file, read_secret)?;
                let Given { origin, .. } = file;
                self.make(&Given { value, origin }, make)
            }
            (Some(_), Some(file)) => {
                let both = format!("is set beside {name}: keep one of the two");
                self.say(&file.origin, both);
                None
            }
            (None, None) => None,
        }
    }

    /// A secret that has to be there.
    pub(super) fn required_secret<T, E: fmt::Display>(
        &mut self,
        name: &str,
        advice: &str,
        make: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if !self.has(name) && !self.has(&format!("{name}_FILE")) {
            self.say(name, format_args!("is not set: {advice}"));
            return None;
        }
        self.optional_secret(name, make)
    }

    /// What a variable of the environment says that is not pod's own, and that
    /// a settings file cannot give. One that is empty is set as well.
    pub(super) fn variable<T, E: fmt::Display>(
        &mut self,
        name: &str,
        make: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let given = self.source.variable(name)?;
        self.make(&given, make)
    }

    /// Whether a variable of the environment is set.
    pub(super) fn has_variable(&self, name: &str) -> bool {
        self.source.variable(name).is_some()
    }

    /// Notes a problem that concerns more than one setting.
    pub(super) fn say(&mut self, subject: impl fmt::Display, what: impl fmt::Display) {
        let problem = Problem::new(subject, what);
        // Two who need the same setting say the same of it.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Whether a setting is made at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.source.get(name).is_some()
    }

    /// All problems, if there are any.
    pub(super) fn into_problems(self) -> Result<(), ConfigError> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError(self.problems))
        }
    }

    fn make<T, E: fmt::Display>(
        &mut self,
        given: &Given,
        make: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match make(given.value.expose_secret()) {
            Ok(made) => Some(made),
            Err(error) => {
                self.say(&given.origin, format_args!("is wrong: {error}"));
                None
            }
        }
    }
}

/// Reads a file that is named by a setting.
pub(super) fn read_file(path: &str) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{path} cannot be read ({error})"))
}

/// Reads a file that a secret is in. The path is not shown: it may be the
/// secret itself, given by the wrong name.
pub(super) fn read_secret_file(path: &str) -> Result<Vec<u8>, String> {
    std::fs::read(path)
        .map_err(|error| format!("give the path of a file: it cannot be read ({error})"))
}

fn read_secret(path: &str) -> Result<SecretString, String> {
    let text = read_secret_file(path)?;
    let text = String::from_utf8(text).map_err(|_| "the file is not text".to_owned())?;
    // Editors end a file with a line break that is no part of the secret.
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err("the file is empty".to_owned());
    }
    Ok(secret.into())
}
