//! The keys that codes are derived with, as they are written in a setting.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use pod_core::ports::Entropy;
use pod_core::{CodeKeys, Fault, InvalidCodeKeys};
use secrecy::{SecretBox, SecretString};
use thiserror::Error;

/// Base64 as anybody's tool writes it, with or without `=` at the end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why the keys cannot be read; it says nothing of the keys themselves.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum InvalidKeyList {
    /// An entry is not a name, a colon and a key.
    #[error(
        "entry {0} is not written as NAME:BASE64; separate several with commas, the newest first"
    )]
    Shape(usize),
    /// The key of an entry is not base64. Its name is not shown: it may be the
    /// key, should the two have been swapped.
    #[error(
        "the key of entry {0} is not base64, or stands before its name; `pod-server code-key` \
         makes one"
    )]
    Base64(usize),
    /// The keys are no good.
    #[error("{0}; `pod-server code-key` makes one")]
    Keys(#[from] InvalidCodeKeys),
}

/// Reads `kid:base64,...`, the newest key first.
///
/// # Errors
///
/// [`InvalidKeyList::Shape`], [`InvalidKeyList::Base64`] or
/// [`InvalidKeyList::Keys`] for what cannot be used.
pub fn parse(raw: &str) -> Result<CodeKeys, InvalidKeyList> {
    let mut keys = Vec::new();
    for (index, entry) in raw.split(',').enumerate() {
        let (id, key) = entry
            .trim()
            .split_once(':')
            .ok_or(InvalidKeyList::Shape(index + 1))?;
        let bytes = BASE64
            .decode(key)
            .map_err(|_| InvalidKeyList::Base64(index + 1))?;
        keys.push((id.to_owned(), SecretBox::new(bytes.into_boxed_slice())));
    }
    Ok(CodeKeys::new(keys)?)
}

/// Makes a fresh key, named `name`, as it is written in the setting.
///
/// # Errors
///
/// [`Fault`] if there is no randomness.
pub fn fresh(name: &str, entropy: &dyn Entropy) -> Result<SecretString, Fault> {
    let mut key = [0; 32];
    entropy.fill(&mut key)?;
    Ok(format!("{name}:{}", BASE64.encode(key)).into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    struct Sevens;

    impl Entropy for Sevens {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
            bytes.fill(7);
            Ok(())
        }
    }

    #[test]
    fn a_fresh_key_can_be_read() {
        let key = fresh("2026-11", &Sevens).unwrap();

        let keys = parse(key.expose_secret()).unwrap();
        assert_eq!(format!("{keys:?}"), r#"["2026-11"]"#);
    }

    #[test]
    fn several_keys_stand_between_commas_with_or_without_padding() {
        let padded = fresh("new", &Sevens).unwrap();
        let bare = fresh("old", &Sevens).unwrap();
        let list = format!(
            "{}, {}",
            padded.expose_secret(),
            bare.expose_secret().trim_end_matches('=')
        );

        assert_eq!(format!("{:?}", parse(&list).unwrap()), r#"["new", "old"]"#);
    }

    #[test]
    fn a_bad_key_is_named_and_not_shown() {
        let told = |raw: &str| parse(raw).unwrap_err().to_string();

        assert_eq!(
            told("k:AAAA"),
            "the key \"k\" is shorter than 32 bytes; `pod-server code-key` makes one"
        );
        assert_eq!(
            told("k:%hush%"),
            "the key of entry 1 is not base64, or stands before its name; `pod-server code-key` \
             makes one"
        );
        assert!(told("hush").starts_with("entry 1 is not written as NAME:BASE64"));
        assert!(!told("hush").contains("hush"));
    }
}
