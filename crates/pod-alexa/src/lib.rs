//! The Alexa skill over HTTP.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

mod envelope;
mod model;
pub mod verify;

#[doc(hidden)]
pub use envelope::parse_envelope;
pub use model::{LOCALES, interaction_model};
