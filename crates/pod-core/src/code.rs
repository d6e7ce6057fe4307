//! One-time codes.

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use thiserror::Error;

/// A one-time code as the customer says it: four to eight digits.
///
/// It never shows itself: neither `Debug` nor an error has the digits.
#[derive(Debug, Clone)]
pub struct Code(SecretString);

/// Not a code; the digits are left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a code is {} to {} digits", Code::MIN, Code::MAX)]
pub struct InvalidCode;

impl Code {
    const MIN: usize = 4;
    const MAX: usize = 8;

    /// Reads a code, forgiving spaces and hyphens between the digits.
    ///
    /// # Errors
    ///
    /// [`InvalidCode`] unless four to eight ASCII digits remain.
    pub fn parse(raw: &str) -> Result<Self, InvalidCode> {
        if raw.len() > 64 {
            return Err(InvalidCode);
        }
        let digits: String = raw
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        let fits = (Self::MIN..=Self::MAX).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit());
        if fits {
            Ok(Self(digits.into()))
        } else {
            Err(InvalidCode)
        }
    }

    /// The digits, to send or to check them.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// How many digits it has.
    #[must_use]
    pub fn digits(&self) -> usize {
        self.expose().len()
    }

    /// Whether the two are the same, in a time that does not tell where they
    /// differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.expose()
            .as_bytes()
            .ct_eq(other.expose().as_bytes())
            .into()
    }
}

/// How many digits a code has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeDigits(u8);

/// Not a number of digits that codes can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a code has 5 to 8 digits; 6 is the least that NIST SP 800-63B-4 and OWASP ASVS 6.5.4 accept, \
     and the 4 of the 2017 guide have to be asked for by name"
)]
pub struct InvalidCodeDigits;

impl CodeDigits {
    /// Decides on five to eight digits.
    ///
    /// # Errors
    ///
    /// [`InvalidCodeDigits`] for any other number, four included.
    pub fn new(digits: u8) -> Result<Self, InvalidCodeDigits> {
        if (5..=8).contains(&digits) {
            Ok(Self(digits))
        } else {
            Err(InvalidCodeDigits)
        }
    }

    /// The four digits of the 2017 guide: 9 000 codes, below what NIST and
    /// OWASP ask for.
    #[must_use]
    pub fn four_as_in_2017() -> Self {
        Self(4)
    }

    /// The number of digits.
    #[must_use]
    pub fn get(self) -> usize {
        self.0.into()
    }

    /// Whether it is fewer than the six that NIST SP 800-63B-4 and ASVS 6.5.4
    /// ask for, so that whoever runs it should be warned.
    #[must_use]
    pub fn is_weak(self) -> bool {
        self.0 < 6
    }

    /// The smallest code and how many there are: the first digit is 1 to 9.
    pub(crate) fn range(self) -> (u128, u128) {
        let first = 10_u128.pow(u32::from(self.0) - 1);
        (first, 9 * first)
    }
}

impl Default for CodeDigits {
    /// Six: 900 000 codes.
    fn default() -> Self {
        Self(6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_but_four_to_eight_digits_is_refused() {
        for raw in [
            "",
            "123",
            "123456789",
            "12a4",
            "１２３４",
            "?",
            "-",
            &" ".repeat(100),
        ] {
            assert_eq!(Code::parse(raw).unwrap_err(), InvalidCode, "{raw:?}");
        }
        assert_eq!(Code::parse(" 48-29 13").unwrap().expose(), "482913");
    }

    #[test]
    fn a_code_does_not_show_itself() {
        let code = Code::parse("482913").unwrap();

        assert!(!format!("{code:?}").contains("482913"));
        assert!(code.matches(&Code::parse("482 913").unwrap()));
        assert!(!code.matches(&Code::parse("482914").unwrap()));
        assert!(!code.matches(&Code::parse("4829130").unwrap()));
    }

    #[test]
    fn four_digits_have_to_be_asked_for_by_name() {
        assert_eq!(CodeDigits::new(4), Err(InvalidCodeDigits));
        assert_eq!(CodeDigits::new(9), Err(InvalidCodeDigits));
        assert!(CodeDigits::four_as_in_2017().is_weak());
        assert!(!CodeDigits::default().is_weak());
    }
}
