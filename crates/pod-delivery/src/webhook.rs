//! Codes by any other supplier: a webhook, signed by Standard Webhooks
//! (<https://www.standardwebhooks.com>).

use std::time::Instant;

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use pod_core::ports::{Courier, DeliverError, Delivery};
use pod_core::{Contact, Fault};
use pod_http::{Answer, AskError, Http, StatusCode};
use secrecy::{ExposeSecret, SecretBox};
use serde::Serialize;
use sha2::Sha256;
use thiserror::Error;
use tokio::time::sleep;
use url::Url;

use crate::asking::{LARGEST, pause};
use crate::words::Words;

const WEBHOOK: &str = "delivery webhook";

/// The key that webhooks are signed with: `whsec_` and 24 to 64 bytes in
/// base64.
pub struct WebhookSecret(SecretBox<[u8]>);

/// Not a key to sign webhooks with; what was given is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("write it as whsec_ and 24 to 64 random bytes in base64")]
pub struct InvalidWebhookSecret;

impl WebhookSecret {
    /// Reads a key.
    ///
    /// # Errors
    ///
    /// [`InvalidWebhookSecret`] if it is none.
    pub fn parse(raw: &str) -> Result<Self, InvalidWebhookSecret> {
        let encoded = raw.strip_prefix("whsec_").ok_or(InvalidWebhookSecret)?;
        let bytes = BASE64_STANDARD.decode(encoded);
        let bytes = bytes.map_err(|_| InvalidWebhookSecret)?;
        if (24..=64).contains(&bytes.len()) {
            Ok(Self(SecretBox::new(bytes.into_boxed_slice())))
        } else {
            Err(InvalidWebhookSecret)
        }
    }

    /// `v1,` and the signature of a message.
    fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let key = self.0.expose_secret();
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
            unreachable!("HMAC takes a key of any length")
        };
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl Clone for WebhookSecret {
    fn clone(&self) -> Self {
        Self(SecretBox::new(self.0.expose_secret().into()))
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

/// Where webhooks go.
#[derive(Debug, Clone)]
pub struct WebhookConfig {
    /// The address of whoever sends the messages.
    pub url: Url,
    /// The key that both sides know.
    pub secret: WebhookSecret,
}

/// Has codes carried by whoever answers at an address: it gets the message
/// written, and what it would need to write one of its own.
///
/// Any 2xx takes the message over; 404, 410 and 422 say that the contact
/// cannot be reached. After 429 and 5xx, or without a connection, the same
/// message is posted once more: its `webhook-id` tells that it is the same.
#[derive(Clone)]
pub struct WebhookCourier {
    config: WebhookConfig,
    http: Http,
    words: Words,
}

/// What is posted.
#[derive(Serialize)]
struct Message<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    order: String,
    channel: &'static str,
    to: &'a str,
    code: &'a str,
    expires_in: u64,
    language: &'a str,
    item: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
}

#[derive(Serialize)]
struct Amount {
    minor: u64,
    currency: String,
}

/// Why a message was not taken.
#[derive(Debug, Error)]
enum WebhookError {
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error("the webhook answered {0}: try again later")]
    Failed(StatusCode),
    #[error("the webhook answered {0}: check POD_DELIVERY_URL and POD_DELIVERY_SECRET")]
    Refused(StatusCode),
    #[error("the message could not be written")]
    Written(#[source] serde_json::Error),
}

impl From<WebhookError> for Fault {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Ask(_) | WebhookError::Failed(_) => Fault::unavailable(WEBHOOK, error),
            WebhookError::Refused(_) | WebhookError::Written(_) => Fault::broken(WEBHOOK, error),
        }
    }
}

impl WebhookCourier {
    /// Posts messages in these words, by this way out.
    #[must_use]
    pub fn new(config: WebhookConfig, words: Words, http: Http) -> Self {
        Self {
            config,
            http,
            words,
        }
    }

    fn message(&self, delivery: &Delivery<'_>) -> Result<Vec<u8>, WebhookError> {
        let item = &delivery.order.item;
        let (subject, text, html) = match delivery.contact {
            Contact::Phone(_) => (None, self.words.text(delivery), None),
            Contact::Email(_) => {
                let mail = self.words.mail(delivery);
                (Some(mail.subject), mail.text, Some(mail.html))
            }
        };
        let message = Message {
            r#type: "code.requested",
            timestamp: delivery.sent_at.to_string(),
            data: Data {
                order: delivery.order.id.to_string(),
                channel: delivery.contact.channel().as_str(),
                to: delivery.contact.expose(),
                code: delivery.code.expose(),
                expires_in: delivery.lifetime.as_secs(),
                language: delivery.language.as_str(),
                item: item.summary(),
                amount: item.amount().map(|amount| Amount {
                    minor: amount.minor(),
                    currency: amount.currency().as_str().to_owned(),
                }),
                subject,
                text,
                html,
            },
        };
        serde_json::to_vec(&message).map_err(WebhookError::Written)
    }

    async fn post(
        &self,
        id: &str,
        seconds: i64,
        body: &[u8],
        until: Instant,
    ) -> Result<Answer, AskError> {
        let request = self
            .http
            .post(self.config.url.clone())
            .header("webhook-id", id)
            .header("webhook-timestamp", &seconds.to_string())
            .header(
                "webhook-signature",
                &self.config.secret.sign(id, seconds, body),
            )
            .body("application/json", body.to_vec());
        request.ask(until, LARGEST).await
    }
}

#[async_trait]
impl Courier for WebhookCourier {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let deadline = delivery.deadline;
        let until = deadline.for_one_contact(delivery.others_left, Instant::now());
        let body = self.message(delivery).map_err(Fault::from)?;
        let seconds = delivery.sent_at.as_second();
        let sent_at = delivery.sent_at.as_microsecond();
        let channel = delivery.contact.channel().as_str();
        let id = format!("msg_{}_{sent_at}_{channel}", delivery.order.id);

        let mut answer = self.post(&id, seconds, &body, until).await;
        let pause = pause(answer.as_ref().ok());
        let again = match &answer {
            Ok(answer) => is_passing(answer.status),
            Err(error) => error.never_left(),
        };
        if again && Instant::now() + pause < until {
            sleep(pause).await;
            answer = self.post(&id, seconds, &body, until).await;
        }
        let status = answer
            .map_err(|error| Fault::from(WebhookError::from(error)))?
            .status;
        match status.as_u16() {
            200..=299 => Ok(()),
            404 | 410 | 422 => Err(DeliverError::Undeliverable),
            _ if is_passing(status) => Err(Fault::from(WebhookError::Failed(status)).into()),
            _ => Err(Fault::from(WebhookError::Refused(status)).into()),
        }
    }
}

fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        // The example of the standard's own libraries.
        let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = secret.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_key_is_long_enough_or_none() {
        for raw in [
            "",
            "whsec_",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_MfKQ",
            "whsec_!",
        ] {
            assert!(WebhookSecret::parse(raw).is_err(), "{raw}");
        }
        let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(format!("{secret:?}"), "WebhookSecret(..)");
    }
}
