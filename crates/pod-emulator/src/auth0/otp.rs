//! One-time codes: the newest of each contact, and those of challenges.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

/// How often a code may be guessed.
const TRIES: u32 = 3;

/// The codes that were sent.
#[derive(Default)]
pub(super) struct OneTimeCodes {
    /// By connection and contact.
    pub(super) sent: BTreeMap<(String, String), Challenge>,
    /// By `auth_session`.
    pub(super) sessions: BTreeMap<String, Session>,
}

/// A code that somebody is to say back.
pub(super) struct Challenge {
    code: SecretString,
    expires: Timestamp,
    wrong: u32,
    spent: bool,
    /// The id that its user will have, or has.
    pub(super) reserved: String,
}

/// A challenge of a database user, or of nobody: that is not told.
pub(super) struct Session {
    pub(super) client: String,
    pub(super) user: Option<String>,
    pub(super) challenge: Challenge,
}

/// What came of a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guess {
    Right,
    Wrong,
    Exhausted,
    Expired,
}

impl Challenge {
    pub(super) fn new(code: String, expires: Timestamp, reserved: String) -> Self {
        Self {
            code: code.into(),
            expires,
            wrong: 0,
            spent: false,
            reserved,
        }
    }

    /// Takes a guess; a right one spends the code.
    pub(super) fn guess(&mut self, code: &str, now: Timestamp) -> Guess {
        if self.spent {
            Guess::Wrong
        } else if self.wrong >= TRIES {
            Guess::Exhausted
        } else if now >= self.expires {
            Guess::Expired
        } else if self.code.expose_secret() == code {
            self.spent = true;
            Guess::Right
        } else {
            self.wrong += 1;
            if self.wrong == TRIES {
                Guess::Exhausted
            } else {
                Guess::Wrong
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn challenge() -> Challenge {
        Challenge::new("482913".to_owned(), at(300), "1".to_owned())
    }

    #[test]
    fn a_code_is_right_once() {
        let mut challenge = challenge();

        assert_eq!(challenge.guess("482914", at(0)), Guess::Wrong);
        assert_eq!(challenge.guess("482913", at(299)), Guess::Right);
        assert_eq!(challenge.guess("482913", at(299)), Guess::Wrong);
    }

    #[test]
    fn the_third_wrong_guess_is_the_last() {
        let mut challenge = challenge();

        let guesses = ["1", "2", "3", "482913"].map(|code| challenge.guess(code, at(0)));

        let (wrong, exhausted) = (Guess::Wrong, Guess::Exhausted);
        assert_eq!(guesses, [wrong, wrong, exhausted, exhausted]);
    }

    #[test]
    fn a_code_expires() {
        assert_eq!(challenge().guess("482913", at(300)), Guess::Expired);
    }
}
