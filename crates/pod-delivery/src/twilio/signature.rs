//! Whether it is Twilio who calls
//! (<https://www.twilio.com/docs/usage/webhooks/webhooks-security>).

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;
use url::Url;

/// A key that Twilio signs with by SHA-256, in place of the auth token.
#[derive(Debug, Clone)]
pub struct WebhookKey {
    /// The name that Twilio gives it.
    pub id: Box<str>,
    /// The key.
    pub secret: SecretString,
}

/// A request that says it is Twilio's.
#[derive(Clone, Copy)]
pub struct TwilioSigned<'a> {
    /// What follows the `?` in its address, as it came.
    pub query: Option<&'a str>,
    /// Its header `X-Twilio-Signature`.
    pub signature: Option<&'a str>,
    /// Its header `X-Twilio-Webhooks-Signature-Settings`.
    pub settings: Option<&'a str>,
    /// Its header `Content-Type`.
    pub content_type: Option<&'a str>,
    /// Its body.
    pub body: &'a [u8],
}

/// Why a request is not taken for Twilio's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RejectedCallback {
    /// It is not signed.
    #[error("the request is not signed")]
    NotSigned,
    /// It is signed in a way, or with a key, that is not known here.
    #[error("the request is signed with a key that is not configured: see TWILIO_WEBHOOK_KEY")]
    UnknownKey,
    /// It is not signed as Twilio signs it.
    #[error(
        "the signature is not Twilio's: check TWILIO_AUTH_TOKEN, and that POD_PUBLIC_URL is what \
         Twilio calls"
    )]
    WrongSignature,
    /// It is signed, and says nothing that can be understood.
    #[error("the request cannot be understood")]
    NotUnderstood,
}

impl RejectedCallback {
    /// The reason in a word, for counting.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotSigned => "not_signed",
            Self::UnknownKey => "unknown_key",
            Self::WrongSignature => "wrong_signature",
            Self::NotUnderstood => "not_understood",
        }
    }
}

/// What signatures are made with.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    pub(super) auth_token: Option<SecretString>,
    pub(super) webhook_keys: Vec<WebhookKey>,
}

impl Keys {
    /// Verifies a request to an address, and returns the form in it: sorted,
    /// each value once.
    pub(super) fn verify(
        &self,
        address: &Url,
        request: &TwilioSigned<'_>,
    ) -> Result<BTreeMap<String, BTreeSet<String>>, RejectedCallback> {
        let signature = request.signature.ok_or(RejectedCallback::NotSigned)?;
        let signature = BASE64_STANDARD
            .decode(signature)
            .map_err(|_| RejectedCallback::WrongSignature)?;
        let form = if is_form(request.content_type) {
            form(request.body)
        } else {
            hashed(request)?;
            BTreeMap::new()
        };
        let mut parameters = String::new();
        for (name, values) in &form {
            for value in values {
                parameters.push_str(name);
                parameters.push_str(value);
            }
        }
        // Every spelling is tried, however soon one fits.
        let mut fits = false;
        for url in spellings(address, request.query) {
            fits |= self.signed(&format!("{url}{parameters}"), &signature, request.settings)?;
        }
        if fits {
            Ok(form)
        } else {
            Err(RejectedCallback::WrongSignature)
        }
    }

    fn signed(
        &self,
        text: &str,
        signature: &[u8],
        settings: Option<&str>,
    ) -> Result<bool, RejectedCallback> {
        let Some(settings) = settings else {
            let token = self.auth_token.as_ref();
            let token = token.ok_or(RejectedCallback::UnknownKey)?;
            let expected = sha1(token.expose_secret(), text);
            return Ok(expected.ct_eq(signature).into());
        };
        let named = |name: &str| {
            let pairs = settings.split(',').filter_map(|pair| pair.split_once('='));
            let mut values = pairs.filter(|(known, _)| known.trim() == name);
            values.next().map(|(_, value)| value.trim())
        };
        if named("algorithm") != Some("HMAC_SHA256") {
            return Err(RejectedCallback::UnknownKey);
        }
        let mut keys = self.webhook_keys.iter();
        let key = keys.find(|key| Some(&*key.id) == named("key"));
        let key = key.ok_or(RejectedCallback::UnknownKey)?;
        let expected = sha256(key.secret.expose_secret(), text);
        Ok(expected.ct_eq(signature).into())
    }
}

fn sha1(key: &str, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).unwrap_or_else(|_| no_such_key());
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn sha256(key: &str, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap_or_else(|_| no_such_key());
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn no_such_key<T>() -> T {
    unreachable!("HMAC takes a key of any length")
}

/// The address with its port and without: Twilio writes the one or the other.
fn spellings(address: &Url, query: Option<&str>) -> Vec<String> {
    let (scheme, host) = (address.scheme(), address.host_str().unwrap_or_default());
    let path = address.path();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let with_port = address
        .port_or_known_default()
        .map(|port| format!("{scheme}://{host}:{port}{path}{query}"));
    let mut spellings = vec![format!("{scheme}://{host}{path}{query}")];
    spellings.extend(with_port);
    spellings
}

fn is_form(content_type: Option<&str>) -> bool {
    let kind = content_type.unwrap_or_default().split(';').next();
    kind.is_some_and(|kind| {
        kind.trim()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

fn form(body: &[u8]) -> BTreeMap<String, BTreeSet<String>> {
    let mut form = BTreeMap::<String, BTreeSet<String>>::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        form.entry(name.into_owned())
            .or_default()
            .insert(value.into_owned());
    }
    form
}

/// Holds that the address, which is signed, has the hash of a body that is
/// not a form: `bodySHA256`.
fn hashed(request: &TwilioSigned<'_>) -> Result<(), RejectedCallback> {
    let query = request.query.unwrap_or_default();
    let hash = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "bodySHA256")
        .map(|(_, value)| value.to_ascii_lowercase());
    let hash = hash.ok_or(RejectedCallback::WrongSignature)?;
    let digest = Sha256::digest(request.body);
    let hash = hash.as_bytes().chunks(2).map(|digits| {
        let digits = str::from_utf8(digits).unwrap_or_default();
        u8::from_str_radix(digits, 16).ok()
    });
    let hash: Option<Vec<u8>> = hash.collect();
    if hash.is_some_and(|hash| digest.ct_eq(hash.as_slice()).into()) {
        Ok(())
    } else {
        Err(RejectedCallback::WrongSignature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded";
    const CALL: &str = "Digits=1234&CallSid=CA1234567890ABCDE&Caller=%2B14158675309&\
                        To=%2B18005551212&From=%2B14158675309";

    fn keys() -> Keys {
        Keys {
            auth_token: Some("12345".into()),
            webhook_keys: vec![WebhookKey {
                id: "WK1".into(),
                secret: "54321".into(),
            }],
        }
    }

    fn address(raw: &str) -> Url {
        raw.parse().unwrap()
    }

    fn call(signature: &str) -> TwilioSigned<'_> {
        TwilioSigned {
            query: Some("foo=1&bar=2"),
            signature: Some(signature),
            settings: None,
            content_type: Some(FORM),
            body: CALL.as_bytes(),
        }
    }

    fn verified(request: &TwilioSigned<'_>) -> Result<(), RejectedCallback> {
        let address = address("https://mycompany.com/myapp.php");
        keys().verify(&address, request).map(drop)
    }

    #[test]
    fn twilios_own_examples_are_good() {
        assert_eq!(verified(&call("RSOYDt4T1cUTdK1PDd93/VVr8B8=")), Ok(()));
        let other = CALL.replace("14158675309", "12349013030");
        let other = TwilioSigned {
            body: other.as_bytes(),
            ..call("0/KCTR6DLpKmkAf8muzZqo1nDgQ=")
        };
        assert_eq!(verified(&other), Ok(()));
        assert_eq!(verified(&json("a9nBmqA0ju/hNViExpshrM61xv4=")), Ok(()));
    }

    fn json(signature: &str) -> TwilioSigned<'_> {
        TwilioSigned {
            query: Some(
                "foo=1&bar=2&bodySHA256=\
                 0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
            ),
            content_type: Some("application/json"),
            body: br#"{"property": "value", "boolean": true}"#,
            ..call(signature)
        }
    }

    #[test]
    fn one_changed_letter_is_not_twilios() {
        const RIGHT: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        let wrong = Err(RejectedCallback::WrongSignature);
        assert_eq!(verified(&call("RSOYDt4T1cUTdK1PDd93/VVr8B9=")), wrong);
        assert_eq!(verified(&call("")), wrong);
        assert_eq!(verified(&call("not base64!")), wrong);
        for body in [
            CALL.replace("1234&", "1235&"),
            CALL.replace("Digits", "digits"),
            format!("{CALL}&More=1"),
            String::new(),
        ] {
            let changed = TwilioSigned {
                body: body.as_bytes(),
                ..call(RIGHT)
            };
            assert_eq!(verified(&changed), wrong, "{body}");
        }
        for query in [None, Some("foo=1&bar=3"), Some("bar=2&foo=1")] {
            let changed = TwilioSigned {
                query,
                ..call(RIGHT)
            };
            assert_eq!(verified(&changed), wrong, "{query:?}");
        }
        let changed = TwilioSigned {
            body: br#"{"property": "value", "boolean": false}"#,
            ..json("a9nBmqA0ju/hNViExpshrM61xv4=")
        };
        assert_eq!(verified(&changed), wrong);
        let elsewhere = address("https://other.com/myapp.php");
        assert!(keys().verify(&elsewhere, &call(RIGHT)).is_err());
    }

    #[test]
    fn a_body_that_is_no_form_has_to_be_hashed_in_the_address() {
        let unsigned = TwilioSigned {
            content_type: Some("application/json"),
            ..call("RSOYDt4T1cUTdK1PDd93/VVr8B8=")
        };
        assert_eq!(verified(&unsigned), Err(RejectedCallback::WrongSignature));
    }

    #[test]
    fn a_request_without_a_signature_is_nobodys() {
        let unsigned = TwilioSigned {
            signature: None,
            ..call("")
        };
        assert_eq!(verified(&unsigned), Err(RejectedCallback::NotSigned));
    }

    #[test]
    fn the_port_may_be_there_or_not() {
        let text = |url: &str| format!("{url}?foo=1&bar=2{}", sorted());
        for (configured, signed) in [
            ("https://a.example/x", "https://a.example:443/x"),
            ("https://a.example:443/x", "https://a.example/x"),
            ("https://a.example:8443/x", "https://a.example/x"),
            ("https://a.example:8443/x", "https://a.example:8443/x"),
            ("http://a.example/x", "http://a.example:80/x"),
        ] {
            let signature = BASE64_STANDARD.encode(sha1("12345", &text(signed)));
            let verified = keys().verify(&address(configured), &call(&signature));
            assert!(verified.is_ok(), "{configured} {signed}");
        }
        let signature = BASE64_STANDARD.encode(sha1("12345", &text("https://a.example:444/x")));
        let verified = keys().verify(&address("https://a.example/x"), &call(&signature));
        assert!(verified.is_err());
    }

    fn sorted() -> String {
        form(CALL.as_bytes())
            .into_iter()
            .flat_map(|(name, values)| {
                values
                    .into_iter()
                    .map(move |value| format!("{name}{value}"))
            })
            .collect()
    }

    #[test]
    fn the_newer_form_is_by_a_key_of_its_own_and_sha_256() {
        let text = format!("https://mycompany.com/myapp.php?foo=1&bar=2{}", sorted());
        let signature = BASE64_STANDARD.encode(sha256("54321", &text));
        let by = |settings| TwilioSigned {
            settings: Some(settings),
            ..call(&signature)
        };
        assert_eq!(verified(&by("key=WK1,algorithm=HMAC_SHA256")), Ok(()));
        assert_eq!(verified(&by("algorithm=HMAC_SHA256, key=WK1")), Ok(()));
        let unknown = Err(RejectedCallback::UnknownKey);
        assert_eq!(verified(&by("key=WK2,algorithm=HMAC_SHA256")), unknown);
        assert_eq!(verified(&by("key=WK1,algorithm=HMAC_SHA1")), unknown);
        assert_eq!(verified(&by("")), unknown);
        // A signature of the one kind is no signature of the other.
        assert_eq!(
            verified(&call(&signature)),
            Err(RejectedCallback::WrongSignature)
        );
    }

    #[test]
    fn values_that_are_there_twice_count_once() {
        let twice = format!("{CALL}&Digits=1234");
        let request = TwilioSigned {
            body: twice.as_bytes(),
            ..call("RSOYDt4T1cUTdK1PDd93/VVr8B8=")
        };
        assert_eq!(verified(&request), Ok(()));
    }
}
