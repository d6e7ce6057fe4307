//! Reports of what became of a message, signed as Twilio signs them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use url::Url;
use url::form_urlencoded::Serializer;

use super::{TWILIO_ACCOUNT, TWILIO_TOKEN, Twilio, lock};
use crate::echo::{Parcel, send};

/// A message, and where to report of it.
pub(super) struct Report {
    pub(super) url: Url,
    pub(super) sid: String,
    pub(super) to: String,
    pub(super) from: String,
    pub(super) service: Option<&'static str>,
    /// The error by which it is lost; none if it arrives.
    pub(super) lost: Option<u32>,
}

impl Twilio {
    /// Reports of a message, a moment later: that it was sent, and how it
    /// ended. What the address answers is no news.
    pub(super) fn report(&self, report: Report) {
        let delay = self.0.callback_delay;
        let task = async move {
            for status in report.statuses() {
                tokio::time::sleep(delay).await;
                report.post(status).await;
            }
        };
        let mut reports = lock(&self.0.reports);
        while reports.try_join_next().is_some() {}
        reports.spawn(task);
    }
}

impl Report {
    fn statuses(&self) -> [&'static str; 2] {
        match self.lost {
            None => ["sent", "delivered"],
            Some(_) => ["sent", "undelivered"],
        }
    }

    async fn post(&self, status: &'static str) {
        let lost = self.lost.filter(|_| status == "undelivered");
        let code = lost.map(|code| code.to_string());
        let mut form = vec![
            ("AccountSid", TWILIO_ACCOUNT),
            ("ApiVersion", "2010-04-01"),
            ("From", &self.from),
            ("MessageSid", &self.sid),
            ("MessageStatus", status),
            ("SmsSid", &self.sid),
            ("SmsStatus", status),
            ("To", &self.to),
        ];
        if let Some(service) = self.service {
            form.push(("MessagingServiceSid", service));
        }
        if let Some(code) = &code {
            form.push(("ErrorCode", code));
            form.push(("ErrorMessage", "The message was not delivered"));
        }
        let signature = sign(TWILIO_TOKEN, &self.url, &form);
        let body = Serializer::new(String::new()).extend_pairs(&form).finish();
        let parcel = Parcel {
            url: &self.url,
            content_type: "application/x-www-form-urlencoded; charset=utf-8",
            headers: &[("x-twilio-signature", &signature)],
            body: body.into(),
        };
        let _ = send(parcel).await;
    }
}

/// `base64(HMAC-SHA1(token, address ‖ each name ‖ each of its values))`, names
/// and values sorted.
pub(super) fn sign(token: &str, url: &Url, form: &[(&str, &str)]) -> String {
    let mut sorted = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (name, value) in form {
        sorted.entry(name).or_default().insert(value);
    }
    let mut text = url.as_str().to_owned();
    for (name, values) in sorted {
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.as_bytes()) else {
        unreachable!("HMAC takes a key of any length")
    };
    mac.update(text.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_twilios() {
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2"
            .parse()
            .unwrap();
        let form = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ];
        assert_eq!(sign("12345", &url, &form), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }
}
