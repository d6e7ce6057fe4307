//! Whether those who carry codes can be used.

use std::time::Instant;

use pod_core::Deadline;
use pod_delivery::{SmtpCourier, TwilioMessages};
use pod_http::Http;

use super::{PATIENCE, Report};
use crate::causes::Causes;
use crate::config::{ChallengerKind, Config};
use crate::wiring;

/// Tries each of them. Nothing is sent.
pub(super) async fn check(report: &mut Report, config: &Config, http: &Http) {
    let delivery = &config.delivery;
    let deadline = || Deadline::at(Instant::now() + PATIENCE);
    if config.codes.challenger == ChallengerKind::TwilioVerify {
        let subject = "Twilio Verify";
        match wiring::twilio_verify(delivery, http.clone()) {
            Ok(verify) => match verify.check_access(deadline()).await {
                Ok(()) => report.fine(subject, "it knows the account and the service"),
                Err(fault) => report.wrong(subject, Causes(&fault)),
            },
            Err(error) => report.wrong(subject, error),
        }
    }
    let Some(words) = &delivery.words else { return };
    if let Some(messages) = wiring::messages(delivery) {
        let twilio = TwilioMessages::new(messages, words.clone(), http.clone());
        match twilio.check(deadline()).await {
            Ok(()) => report.fine("Twilio", "it knows the account"),
            Err(fault) => report.wrong("Twilio", Causes(&fault)),
        }
        match &delivery.reports {
            Some(reports) => report.fine(
                "Twilio's reports",
                format_args!("are expected at {}", reports.address),
            ),
            None => report.note(
                "Twilio's reports",
                "none: nobody hears of text messages that do not arrive, unless \
                 TWILIO_AUTH_TOKEN or TWILIO_WEBHOOK_KEY is set",
            ),
        }
    }
    if let Some(mail) = delivery.mail.clone() {
        let server = mail.server.to_string();
        let checked = match SmtpCourier::new(mail, words.clone()) {
            Ok(courier) => courier.check(deadline()).await,
            Err(fault) => Err(fault),
        };
        match checked {
            Ok(()) => report.fine("mail server", format_args!("{server} lets pod in")),
            Err(fault) => report.wrong("mail server", Causes(&fault)),
        }
    }
    if delivery.webhook.is_some() {
        report.note(
            "webhook",
            "not tried: every message it takes is a customer's",
        );
    }
}
