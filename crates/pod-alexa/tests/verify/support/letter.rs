//! Requests as Amazon sends them, and as others do.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use rcgen::{KeyPair, SigningKey};

use super::authority::amazon_key;

pub(crate) const SKILL: &str = "amzn1.ask.skill.0f1e2d3c-pizza";
pub(crate) const URL: &str = "https://s3.amazonaws.com/echo.api/echo-api-cert-13.pem";
pub(crate) const SIGNATURE: &str = "signature-256";
pub(crate) const CERTIFICATE: &str = "signaturecertchainurl";

/// The time of these tests.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T10:20:30.4Z".parse().unwrap()
}

/// A request on its way.
#[derive(Clone)]
pub(crate) struct Letter {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Letter {
    /// A good request of this moment.
    pub(crate) fn new() -> Self {
        Self::at(now())
    }

    /// A good request of that moment.
    pub(crate) fn at(time: Timestamp) -> Self {
        Self::saying(body(&format!(r#""{time}""#)))
    }

    /// A request with this body, signed by Amazon.
    pub(crate) fn saying(body: impl Into<Vec<u8>>) -> Self {
        Self::signed_by(amazon_key(), body)
    }

    /// A request with this body, signed by this key.
    pub(crate) fn signed_by(key: &KeyPair, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let signature = STANDARD.encode(sign(key, &body));
        let letter = Self {
            headers: HeaderMap::new(),
            body,
        };
        letter.with(SIGNATURE, &signature).with(CERTIFICATE, URL)
    }

    /// The same request, its certificate said to be elsewhere.
    pub(crate) fn found_at(self, url: &str) -> Self {
        self.with(CERTIFICATE, url)
    }

    pub(crate) fn with(mut self, header: &str, value: &str) -> Self {
        self.headers
            .insert(name(header), HeaderValue::from_str(value).unwrap());
        self
    }

    pub(crate) fn and(mut self, header: &str, value: &str) -> Self {
        self.headers
            .append(name(header), HeaderValue::from_str(value).unwrap());
        self
    }

    pub(crate) fn without(mut self, header: &str) -> Self {
        self.headers.remove(name(header));
        self
    }
}

fn name(header: &str) -> HeaderName {
    HeaderName::from_bytes(header.as_bytes()).unwrap()
}

pub(crate) fn sign(key: &KeyPair, body: &[u8]) -> Vec<u8> {
    key.sign(body).unwrap()
}

/// A whole request body with this JSON for its timestamp.
pub(crate) fn body(timestamp: &str) -> String {
    body_of("IntentRequest", timestamp)
}

/// A whole request body of this type.
pub(crate) fn body_of(kind: &str, timestamp: &str) -> String {
    format!(
        r#"{{"version":"1.0","session":{{"new":true,"sessionId":"amzn1.echo-api.session.1","application":{{"applicationId":"{SKILL}"}},"user":{{"userId":"amzn1.ask.account.A"}}}},"context":{{"System":{{"application":{{"applicationId":"{SKILL}"}},"user":{{"userId":"amzn1.ask.account.A"}},"apiEndpoint":"https://api.eu.amazonalexa.com"}}}},"request":{{"type":"{kind}","requestId":"amzn1.echo-api.request.7c","locale":"en-US","timestamp":{timestamp},"intent":{{"name":"GetMeSomePizzaIntent","slots":{{"size":{{"name":"size","value":"large"}}}}}}}}}}"#
    )
}
