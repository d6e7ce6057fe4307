//! What Alexa sends and what it is answered, as types.
//!
//! Requests are read leniently, because they come in shapes that no one list
//! names; responses are written so that they cannot break Amazon's limits.

mod code;
mod lenient;
mod memory;
mod request;
mod response;
mod slots;
mod ssml;

pub(crate) use code::spoken_code;
pub(crate) use memory::{Memory, Question};
pub(crate) use request::{Complaint, Envelope, Request, SkillEvent};
pub(crate) use response::{CanFulfill, Card, Elicit, Response, Verdict};
pub(crate) use slots::{Heard, Intent, Slot, Slots};
pub(crate) use ssml::Speech;

/// Reads a body as the handler does and says whether it is an envelope; a
/// door for the fuzzer and for benchmarks.
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
