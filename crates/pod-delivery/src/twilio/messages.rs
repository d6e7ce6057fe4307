//! Codes by text message.

use std::time::Instant;

use async_trait::async_trait;
use pod_core::ports::{Courier, DeliverError, Delivery};
use pod_core::{Contact, Deadline, Fault};
use pod_http::Http;
use serde::Serialize;
use url::Url;

use super::account::{self, Twilio, TwilioAccount, TwilioSender};
use super::error::{Refused, refused};
use super::status;
use crate::words::Words;

/// Where Twilio's Messages API is.
const HOST: &str = "api.twilio.com";

/// A message is worth sending for so many seconds, by what Twilio takes.
const VALIDITY: std::ops::RangeInclusive<u64> = 1..=36_000;

/// How text messages are sent.
#[derive(Debug, Clone)]
pub struct MessagesConfig {
    /// The account.
    pub account: TwilioAccount,
    /// Whom they are from.
    pub sender: TwilioSender,
    /// Where Twilio reports what became of a message, if it is to; without
    /// it nobody hears of one that does not arrive.
    pub status_callback: Option<Url>,
}

/// Carries codes by Twilio's text messages.
///
/// A message is worth nothing once its code has expired, so it is given up
/// then (`ValidityPeriod`); Twilio keeps neither its text nor the number.
#[derive(Clone)]
pub struct TwilioMessages {
    twilio: Twilio,
    sender: TwilioSender,
    status_callback: Option<Url>,
    words: Words,
}

/// The request, as Twilio documents it
/// (<https://www.twilio.com/docs/messaging/api/message-resource>).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NewMessage<'a> {
    to: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messaging_service_sid: Option<&'a str>,
    body: &'a str,
    validity_period: u64,
    content_retention: &'static str,
    address_retention: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_callback: Option<&'a str>,
}

impl TwilioMessages {
    /// Sends messages in these words, by this way out.
    #[must_use]
    pub fn new(config: MessagesConfig, words: Words, http: Http) -> Self {
        Self {
            twilio: Twilio::new(config.account, http),
            sender: config.sender,
            status_callback: config.status_callback,
            words,
        }
    }
}

impl TwilioMessages {
    /// Tries whether Twilio knows the account and its owner. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it does not, or does not answer.
    pub async fn check(&self, deadline: Deadline) -> Result<(), Fault> {
        let account = self.twilio.account().as_str();
        let path = format!("/2010-04-01/Accounts/{account}/Messages.json?PageSize=1");
        self.twilio.check(HOST, &path, deadline).await
    }
}

#[async_trait]
impl Courier for TwilioMessages {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let Contact::Phone(number) = delivery.contact else {
            return Err(DeliverError::Undeliverable);
        };
        let deadline = delivery.deadline;
        let until = deadline.for_one_contact(delivery.others_left, Instant::now());
        let body = self.words.text(delivery);
        let callback = self.status_callback.as_ref();
        let callback = callback.map(|url| status::callback_url(url, delivery));
        let (from, service) = match &self.sender {
            TwilioSender::From(from) => (Some(&**from), None),
            TwilioSender::MessagingService(sid) => (None, Some(sid.as_str())),
        };
        let seconds = delivery.lifetime.as_secs();
        let message = NewMessage {
            to: number.expose(),
            from,
            messaging_service_sid: service,
            body: &body,
            validity_period: seconds.clamp(*VALIDITY.start(), *VALIDITY.end()),
            content_retention: "discard",
            address_retention: "obfuscate",
            status_callback: callback.as_ref().map(Url::as_str),
        };
        let account = self.twilio.account().as_str();
        let path = format!("/2010-04-01/Accounts/{account}/Messages.json");
        let request = self.twilio.post(HOST, &path, &message);
        let request = request.map_err(Fault::from)?;
        let answer = account::ask(request, until).await.map_err(Fault::from)?;
        if answer.status.is_success() {
            return Ok(());
        }
        Err(match refused(&answer) {
            Refused::Contact => DeliverError::Undeliverable,
            Refused::Other { error, .. } => Fault::from(error).into(),
        })
    }
}
