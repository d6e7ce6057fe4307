//! What Alexa sends and what it is answered, as types.
//!
//! Requests are read leniently, because they come in shapes that no one list
//! names; responses are written so that they cannot break Amazon's limits.

#![cfg_attr(
    not(test),
    expect(dead_code, reason = "the handler that uses the rest is not here yet")
)]

pub(crate) mod code;
mod lenient;
pub(crate) mod memory;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod slots;
pub(crate) mod ssml;

use self::code::spoken_code;
use self::request::{Envelope, Request};
use self::response::Response;
use self::slots::{Heard, Slot};
use self::ssml::Speech;

/// Reads a body as the handler does and says whether it is an envelope; a
/// door for the fuzzer.
#[must_use]
pub fn parse_envelope(body: &[u8]) -> bool {
    let Ok(envelope) = Envelope::parse(body) else {
        return false;
    };
    if let Request::Intent(intent) | Request::CanFulfillIntent(intent) = envelope.request() {
        let readings = intent
            .slots()
            .iter()
            .flat_map(Slot::heard)
            .flat_map(Heard::readings);
        std::hint::black_box((spoken_code(intent.slots()), readings.count()));
    }
    let answer = Response::ask(
        Speech::new().text(envelope.locale().unwrap_or_default()),
        "Yes?".into(),
    )
    .remembering(envelope.memory().clone());
    std::hint::black_box(answer.to_json());
    true
}
