//! The stage that conversations are played on: a pod of the real crates, and
//! the outside world of the emulator around it.

mod house;
mod part;
mod post;
mod shop;
mod storage;
mod switch;
mod talk;
mod transcript;
mod wire;

pub(crate) use house::strange_root;
pub(crate) use post::Trouble;
pub(crate) use storage::Storage;
pub(crate) use switch::{Call, Moment};
pub(crate) use talk::{Setup, Talk, ada_phone, customer};
pub(crate) use wire::{Answer, Letter};

/// Ada, whose kitchen has an Echo.
pub(crate) const ADA: &str = "auth0|ada";
/// Grace, whose office has one.
pub(crate) const GRACE: &str = "auth0|grace";
