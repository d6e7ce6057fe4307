//! The language a customer is spoken to in.

use thiserror::Error;

/// A language tag such as `en-US` (BCP 47): letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Language(Box<str>);

/// Not a language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a language is a tag such as en-US")]
pub struct InvalidLanguage;

impl Language {
    /// Reads a tag.
    ///
    /// # Errors
    ///
    /// [`InvalidLanguage`] unless it is two to eight letters, and more parts
    /// of one to eight letters or digits after hyphens, 35 bytes at most.
    pub fn parse(raw: &str) -> Result<Self, InvalidLanguage> {
        let mut parts = raw.split('-');
        let first = parts.next().unwrap_or_default();
        let fits = raw.len() <= 35
            && (2..=8).contains(&first.len())
            && first.bytes().all(|b| b.is_ascii_alphabetic())
            && parts.all(|part| {
                (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
            });
        if fits {
            Ok(Self(raw.into()))
        } else {
            Err(InvalidLanguage)
        }
    }

    /// The tag as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Language {
    /// American English.
    fn default() -> Self {
        Self("en-US".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_letters_digits_and_hyphens() {
        for raw in ["en", "en-US", "es-419", "zh-Hant-TW"] {
            assert_eq!(Language::parse(raw).unwrap().as_str(), raw);
        }
        for raw in ["", "e", "en_US", "en-", "12-US", "en-US\r\nX: y"] {
            assert_eq!(Language::parse(raw), Err(InvalidLanguage), "{raw:?}");
        }
    }
}
