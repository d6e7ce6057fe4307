//! A mail as it is handed over.

use lettre::Message;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use pod_core::ports::Delivery;

use crate::words::Mail;

/// Nobody is to answer it, and no machine either (RFC 3834, 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Keeps mails of different orders from being shown as one conversation.
#[derive(Clone)]
struct EntityReference(String);

impl Header for EntityReference {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Entity-Ref-ID")
    }

    fn parse(raw: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(raw.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// Puts a mail together: text first, the same as HTML after it.
pub(super) fn write(
    from: &Mailbox,
    to: Mailbox,
    mail: &Mail,
    delivery: &Delivery<'_>,
) -> Result<Message, lettre::error::Error> {
    let sent_at = delivery.sent_at;
    let name = format!("{}.{}", delivery.order.id, sent_at.as_microsecond());
    Message::builder()
        .from(from.clone())
        .to(to)
        .subject(&*mail.subject)
        .date(sent_at.into())
        .message_id(Some(format!("<{name}@{}>", from.email.domain())))
        .header(AutoSubmitted)
        .header(EntityReference(name))
        .multipart(MultiPart::alternative_plain_html(
            mail.text.clone(),
            mail.html.clone(),
        ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use pod_core::Code;
    use pod_testkit::fixtures::{deadline, language, order, zoe, zoe_email};

    use super::*;
    use crate::words::Words;

    #[test]
    fn a_mail_is_marked_as_a_machines_and_has_its_code_in_the_body_only() {
        let order = order(1, &zoe());
        let delivery = Delivery {
            contact: &zoe_email(),
            code: &Code::parse("482913").unwrap(),
            order: &order,
            sent_at: order.placed_at,
            lifetime: Duration::from_mins(5),
            others_left: false,
            language: &language(),
            deadline: deadline(),
        };
        let words = Words::new("Pizza on Demand", "pod.example.com").unwrap();
        let from = "Pizza on Demand <codes@example.com>".parse().unwrap();
        let to = Mailbox::new(None, zoe_email().expose().parse().unwrap());

        let mail = write(&from, to, &words.mail(&delivery), &delivery).unwrap();

        let mail = String::from_utf8(mail.formatted()).unwrap();
        let (headers, body) = mail.split_once("\r\n\r\n").unwrap();
        assert!(headers.contains("Auto-Submitted: auto-generated\r\n"));
        assert!(headers.contains("Date: Sun, 22 Nov 2026"), "{headers}");
        let id = format!("Message-ID: <{}.", order.id);
        assert!(headers.contains(&id), "{headers}");
        assert!(headers.contains("multipart/alternative"));
        assert!(!headers.contains("482913"), "{headers}");
        assert!(body.contains("482913"));
        let plain = body.find("text/plain").unwrap();
        assert!(plain < body.find("text/html").unwrap());
    }
}
