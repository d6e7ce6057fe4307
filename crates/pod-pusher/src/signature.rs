//! What an app's secret signs
//! (<https://pusher.com/docs/channels/library_auth_reference/rest-api/>).

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::config::{PusherConfig, PusherKey};

/// An app's key together with its secret.
#[derive(Debug, Clone)]
pub(crate) struct Signer {
    key: PusherKey,
    secret: SecretString,
}

impl Signer {
    pub(crate) fn new(config: &PusherConfig) -> Self {
        Self {
            key: config.key.clone(),
            secret: config.secret.clone(),
        }
    }

    /// The query of a request that posts this body to this path at this time,
    /// in seconds since 1970.
    pub(crate) fn query(&self, path: &str, seconds: i64, body: &[u8]) -> String {
        let key = self.key.as_str();
        let md5 = hex(&Md5::digest(body));
        let signed =
            format!("auth_key={key}&auth_timestamp={seconds}&auth_version=1.0&body_md5={md5}");
        let signature = self.sign(&format!("POST\n{path}\n{signed}"));
        format!("{signed}&auth_signature={signature}")
    }

    /// The query of a request of this path at this time that has no body.
    pub(crate) fn query_of_nothing(&self, method: &str, path: &str, seconds: i64) -> String {
        let key = self.key.as_str();
        let signed = format!("auth_key={key}&auth_timestamp={seconds}&auth_version=1.0");
        let signature = self.sign(&format!("{method}\n{path}\n{signed}"));
        format!("{signed}&auth_signature={signature}")
    }

    /// That a socket may listen to a channel.
    pub(crate) fn authorization(&self, socket_id: &str, channel: &str) -> String {
        let signature = self.sign(&format!("{socket_id}:{channel}"));
        format!("{}:{signature}", self.key.as_str())
    }

    fn sign(&self, text: &str) -> String {
        let secret = self.secret.expose_secret().as_bytes();
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
            unreachable!("HMAC takes a key of any length")
        };
        mac.update(text.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The app of Pusher's own examples.
    fn signer() -> Signer {
        Signer {
            key: PusherKey::parse("278d425bdf160c739803").unwrap(),
            secret: "7ad3773142a6692b25b8".into(),
        }
    }

    #[test]
    fn a_request_is_signed_as_pusher_documents_it() {
        let body = br#"{"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"}"#;

        let query = signer().query("/apps/3/events", 1_353_088_179, body);

        assert_eq!(
            query,
            "auth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0\
             &body_md5=ec365a775a4cd0599faeb73354201b6f\
             &auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"
        );
    }

    #[test]
    fn a_private_channel_is_signed_as_pusher_documents_it() {
        let authorization = signer().authorization("1234.1234", "private-foobar");

        assert_eq!(
            authorization,
            "278d425bdf160c739803:\
             58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"
        );
    }
}
