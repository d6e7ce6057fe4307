//! An error in one line: what happened, and why.

use std::error::Error;
use std::fmt;

/// Shows an error with all its causes.
pub(crate) struct Causes<'e>(pub(crate) &'e (dyn Error + 'e));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut shown = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Some errors of others' show their cause themselves.
            if !shown.ends_with(&text) {
                write!(f, ": {text}")?;
            }
            shown = text;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use pod_core::Fault;

    use super::*;

    #[test]
    fn a_cause_follows_what_it_caused() {
        let fault = Fault::broken("courier", "the key is wrong");

        assert_eq!(
            Causes(&fault).to_string(),
            "courier is broken: it has to be repaired before trying again: the key is wrong"
        );
    }
}
