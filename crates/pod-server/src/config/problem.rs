//! What is wrong with a configuration, all of it at once.

use std::fmt;

use thiserror::Error;

/// One thing that is wrong with a configuration: which setting, and how to
/// mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(String);

impl Problem {
    /// Says what is wrong with `subject`.
    pub(super) fn new(subject: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self(format!("{subject} {what}"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the configuration has {}:\n{}", counted(.0.len()), listed(.0))]
pub struct ConfigError(pub(super) Vec<Problem>);

impl ConfigError {
    /// The problems, one by one.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

fn counted(problems: usize) -> String {
    if problems == 1 {
        "a problem".to_owned()
    } else {
        format!("{problems} problems")
    }
}

fn listed(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|Problem(sentence)| {
            let full_stop = if sentence.ends_with(['.', '?']) {
                ""
            } else {
                "."
            };
            format!("  {sentence}{full_stop}")
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_its_line() {
        let error = ConfigError(vec![
            Problem::new("API_ID", "is not set: set it"),
            Problem::new("POD_LOG", "is wrong"),
        ]);

        assert_eq!(
            error.to_string(),
            "the configuration has 2 problems:\n  API_ID is not set: set it.\n  POD_LOG is wrong."
        );
    }
}
