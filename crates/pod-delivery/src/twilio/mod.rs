//! Twilio: text messages, what became of them, and Verify.

mod account;
mod error;
mod messages;
mod signature;
mod status;
mod verify;

pub use account::{InvalidTwilioSid, TwilioAccount, TwilioCredentials, TwilioSender, TwilioSid};
pub use messages::{MessagesConfig, TwilioMessages};
pub use signature::{RejectedCallback, TwilioSigned, WebhookKey};
pub use status::{Sending, StatusReport, TwilioCallbacks};
pub use verify::{TwilioVerify, VerifyConfig};

pub(crate) const TWILIO: &str = "twilio";
