//! The keys a tenant publishes, as far as pod can use them.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;

/// Weaker keys are not safe any more (NIST SP 800-131A), longer ones cost
/// whoever has to verify with them.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// RS256 keys by their ids.
#[derive(Debug)]
pub(crate) struct KeySet(HashMap<Box<str>, Arc<DecodingKey>>);

/// A JWK set (RFC 7517, 5); its keys are read one by one, so that a strange
/// one does not take the others with it.
#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    n: String,
    e: String,
}

impl KeySet {
    /// Reads a JWK set, and leaves out every key that cannot verify RS256
    /// signatures. Of several keys with one id the first one counts.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let published: Published = serde_json::from_slice(json)?;
        let mut keys = HashMap::new();
        for key in published.keys {
            if let Ok(jwk) = serde_json::from_value::<Jwk>(key)
                && let Some(key) = jwk.rs256()
            {
                keys.entry(jwk.kid.into()).or_insert_with(|| Arc::new(key));
            }
        }
        Ok(Self(keys))
    }

    /// The key with this id.
    pub(crate) fn find(&self, kid: &str) -> Option<Arc<DecodingKey>> {
        self.0.get(kid).cloned()
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Jwk {
    fn rs256(&self) -> Option<DecodingKey> {
        let fits = self.kty == "RSA"
            && self
                .purpose
                .as_deref()
                .is_none_or(|purpose| purpose == "sig")
            && self.alg.as_deref().is_none_or(|alg| alg == "RS256");
        if !fits {
            return None;
        }
        let modulus = URL_SAFE_NO_PAD.decode(&self.n).ok()?;
        let exponent = URL_SAFE_NO_PAD.decode(&self.e).ok()?;
        let modulus = &modulus[modulus.iter().position(|byte| *byte != 0)?..];
        let bits = modulus.len() * 8 - modulus[0].leading_zeros() as usize;
        (MODULUS_BITS.contains(&bits) && !exponent.is_empty())
            .then(|| DecodingKey::from_rsa_raw_components(modulus, &exponent))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A number of so many bits, in the form a JWK has it.
    fn modulus(bits: usize) -> String {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] >>= (8 - bits % 8) % 8;
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn parse(keys: &Value) -> KeySet {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_signing_key_is_found_by_its_id() {
        let set = parse(&json!([
            { "kty": "RSA", "kid": "full", "use": "sig", "alg": "RS256", "n": modulus(2048), "e": "AQAB", "x5c": ["?"] },
            { "kty": "RSA", "kid": "bare", "n": modulus(4096), "e": "AQAB" },
        ]));

        assert_eq!(set.len(), 2);
        assert!(set.find("full").is_some());
        assert!(set.find("bare").is_some());
        assert!(set.find("Full").is_none());
    }

    #[test]
    fn a_key_for_anything_else_is_left_out_and_spoils_nothing() {
        let n = modulus(2048);
        let set = parse(&json!([
            "not a key",
            { "kty": "RSA", "kid": 7, "n": n, "e": "AQAB" },
            { "kty": "RSA", "n": n, "e": "AQAB" },
            { "kty": "RSA", "kid": "encrypts", "use": "enc", "n": n, "e": "AQAB" },
            { "kty": "RSA", "kid": "other algorithm", "alg": "RS512", "n": n, "e": "AQAB" },
            { "kty": "RSA", "kid": "no numbers", "n": "!", "e": "AQAB" },
            { "kty": "RSA", "kid": "zero", "n": "AAAA", "e": "AQAB" },
            { "kty": "RSA", "kid": "no exponent", "n": n, "e": "" },
            { "kty": "oct", "kid": "secret", "alg": "HS256", "k": "c2VjcmV0", "n": n, "e": "AQAB" },
            { "kty": "EC", "kid": "curve", "crv": "P-256", "x": "AA", "y": "AA" },
            { "kty": "RSA", "kid": "good", "n": n, "e": "AQAB" },
        ]));

        assert_eq!(set.len(), 1);
        assert!(set.find("good").is_some());
    }

    #[test]
    fn a_key_under_2048_bits_is_left_out_however_it_is_padded() {
        let mut padded = vec![0; 128];
        padded.extend([0xff; 128]);
        let set = parse(&json!([
            { "kty": "RSA", "kid": "1024", "n": modulus(1024), "e": "AQAB" },
            { "kty": "RSA", "kid": "2047", "n": modulus(2047), "e": "AQAB" },
            { "kty": "RSA", "kid": "padded", "n": URL_SAFE_NO_PAD.encode(padded), "e": "AQAB" },
            { "kty": "RSA", "kid": "16384", "n": modulus(16384), "e": "AQAB" },
        ]));

        assert_eq!(set.len(), 0);
    }

    #[test]
    fn what_is_no_key_set_is_an_error() {
        for json in ["", "[]", "{}", r#"{"keys":{}}"#, "<html>", "\u{0}"] {
            assert!(KeySet::parse(json.as_bytes()).is_err(), "{json:?}");
        }
    }
}
