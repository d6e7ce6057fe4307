//! What became of a message, by Twilio's report.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use pod_core::ports::Delivery;
use pod_core::{Language, OrderId};
use secrecy::SecretString;
use url::Url;

use super::error::Meaning;
use super::signature::{Keys, RejectedCallback, TwilioSigned, WebhookKey};

/// Which sending of which order's code a message was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Which order.
    pub order: OrderId,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The language it was written in.
    pub language: Language,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusReport {
    /// It is on its way.
    Underway,
    /// It has arrived.
    Delivered,
    /// It will not arrive.
    Undelivered {
        /// What it was.
        sending: Sending,
        /// Twilio's number for the reason, 0 if it gives none.
        code: u32,
        /// Whether somebody has to set something right at Twilio.
        todo: Option<&'static str>,
    },
}

/// Reads Twilio's reports, at the address that it was told.
///
/// What a message was is in the address, which Twilio signs: nothing has to be
/// kept for it.
#[derive(Debug, Clone)]
pub struct TwilioCallbacks {
    address: Url,
    keys: Keys,
}

impl TwilioCallbacks {
    /// Reads reports to an address, as Twilio calls it: never as a request
    /// says. They are signed with the account's auth token or, by SHA-256,
    /// with keys of their own.
    #[must_use]
    pub fn new(
        address: Url,
        auth_token: Option<SecretString>,
        webhook_keys: Vec<WebhookKey>,
    ) -> Self {
        let keys = Keys {
            auth_token,
            webhook_keys,
        };
        Self { address, keys }
    }

    /// Verifies a report, and reads it.
    ///
    /// # Errors
    ///
    /// [`RejectedCallback`]: nothing may be done for it.
    pub fn read(&self, request: &TwilioSigned<'_>) -> Result<StatusReport, RejectedCallback> {
        let form = self.keys.verify(&self.address, request)?;
        let status = first(&form, "MessageStatus").or(first(&form, "SmsStatus"));
        match status.ok_or(RejectedCallback::NotUnderstood)? {
            "delivered" | "read" => Ok(StatusReport::Delivered),
            "undelivered" | "failed" | "canceled" => {
                let sending = sending(request.query.unwrap_or_default());
                let code = first(&form, "ErrorCode").and_then(|code| code.parse().ok());
                let code = code.unwrap_or(0);
                Ok(StatusReport::Undelivered {
                    sending: sending.ok_or(RejectedCallback::NotUnderstood)?,
                    code,
                    todo: match Meaning::of(code) {
                        Some(Meaning::Configuration(todo)) => Some(todo),
                        _ => None,
                    },
                })
            }
            _ => Ok(StatusReport::Underway),
        }
    }
}

fn first<'a>(form: &'a BTreeMap<String, BTreeSet<String>>, name: &str) -> Option<&'a str> {
    form.get(name)?.first().map(String::as_str)
}

/// The address that reports of a message go to.
pub(super) fn callback_url(address: &Url, delivery: &Delivery<'_>) -> Url {
    let mut url = address.clone();
    url.query_pairs_mut()
        .append_pair("order", &delivery.order.id.to_string())
        .append_pair("sent", &delivery.sent_at.as_microsecond().to_string())
        .append_pair("language", delivery.language.as_str());
    url
}

fn sending(query: &str) -> Option<Sending> {
    let pairs: BTreeMap<_, _> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let pair = |name: &str| pairs.get(name).map(|value| &**value);
    Some(Sending {
        order: OrderId::parse(pair("order")?).ok()?,
        sent_at: Timestamp::from_microsecond(pair("sent")?.parse().ok()?).ok()?,
        language: Language::parse(pair("language")?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use pod_core::Code;
    use pod_testkit::fixtures::{deadline, language, order, zoe, zoe_phone};

    use super::*;

    #[test]
    fn what_a_message_was_survives_in_its_address() {
        let order = order(1, &zoe());
        let delivery = Delivery {
            contact: &zoe_phone(),
            code: &Code::parse("482913").unwrap(),
            order: &order,
            sent_at: order.placed_at,
            lifetime: Duration::from_mins(5),
            others_left: false,
            language: &language(),
            deadline: deadline(),
        };
        let address = "https://pod.example.com/pod/twilio/status".parse().unwrap();

        let url = callback_url(&address, &delivery);

        let sending = sending(url.query().unwrap()).unwrap();
        assert_eq!(sending.order, order.id);
        assert_eq!(sending.sent_at, order.placed_at);
        assert_eq!(sending.language, language());
        assert!(!url.as_str().contains("482913"));
        assert!(!url.as_str().contains("4155550142"));
        assert!(!url.as_str().contains("zoe"), "{url}");
    }

    #[test]
    fn an_address_that_names_no_sending_names_none() {
        for query in ["", "order=b&sent=c&language=d", "order=x"] {
            assert_eq!(sending(query), None, "{query}");
        }
    }
}
