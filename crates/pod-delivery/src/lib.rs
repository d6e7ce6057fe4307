//! Carries codes to customers.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

mod asking;
mod couriers;
mod numbers;
mod screened;
mod smtp;
mod twilio;
mod webhook;
mod words;

pub use couriers::Couriers;
pub use numbers::{takes_texts, warm_up};
pub use screened::Screened;
pub use smtp::{InvalidMailFrom, InvalidSmtpUrl, MailFrom, SmtpConfig, SmtpCourier, SmtpUrl};
pub use twilio::{
    InvalidTwilioSid, MessagesConfig, RejectedCallback, Sending, StatusReport, TwilioAccount,
    TwilioCallbacks, TwilioCredentials, TwilioMessages, TwilioSender, TwilioSid, TwilioSigned,
    TwilioVerify, VerifyConfig, WebhookKey,
};
pub use webhook::{InvalidWebhookSecret, WebhookConfig, WebhookCourier, WebhookSecret};
pub use words::{Encoding, InvalidWords, Mail, Segments, Words, segments};
