//! What went wrong outside the domain.

use std::error::Error as StdError;

use thiserror::Error;

/// Whatever an adapter's own error is.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Something outside the domain broke: a network, a database, a supplier.
///
/// The core never looks inside. It asks one question: may the same call
/// succeed later?
#[derive(Debug, Error)]
#[error("{adapter} is {}", match state {
    State::Unavailable => "unavailable: try again later",
    State::Broken => "broken: it has to be repaired before trying again",
})]
pub struct Fault {
    adapter: &'static str,
    state: State,
    #[source]
    source: BoxError,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Unavailable,
    Broken,
}

impl Fault {
    /// Makes the fault of something that may work later: a timeout, a lost
    /// connection, a 503.
    pub fn unavailable(adapter: &'static str, source: impl Into<BoxError>) -> Self {
        Self {
            adapter,
            state: State::Unavailable,
            source: source.into(),
        }
    }

    /// Makes the fault of something that stays broken until somebody repairs
    /// it: a bad key, a bad row, a 401.
    pub fn broken(adapter: &'static str, source: impl Into<BoxError>) -> Self {
        Self {
            adapter,
            state: State::Broken,
            source: source.into(),
        }
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.state == State::Unavailable
    }

    /// The adapter that broke, as operators know it.
    #[must_use]
    pub fn adapter(&self) -> &'static str {
        self.adapter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_who_broke_and_keeps_the_cause_apart() {
        let fault = Fault::unavailable("sms", "timed out");

        assert_eq!(fault.to_string(), "sms is unavailable: try again later");
        assert_eq!(fault.source().expect("a cause").to_string(), "timed out");
        assert!(fault.is_temporary());
        assert!(!Fault::broken("sms", "bad key").is_temporary());
    }
}
