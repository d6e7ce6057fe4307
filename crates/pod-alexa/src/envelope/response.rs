//! The envelope of a response, which keeps Amazon's limits by how it is built.

mod wire;

use serde::Serialize;

use super::memory::Memory;
use super::ssml::{self, Speech};
use crate::model::{self, CustomIntent, slot};

/// The most bytes Amazon lets a response have: 120 KB.
const LIMIT: usize = 120_000;

/// A character is at most three bytes of JSON for each of its UTF-16 units, and
/// a response has four texts of at most [`Speech::LIMIT`] units: speech,
/// reprompt, card, and what was said in its memory. What stands around them is
/// ours and short.
const _: () = assert!(4 * 3 * Speech::LIMIT + 16_000 <= LIMIT);

/// An answer to Alexa.
///
/// What Amazon refuses cannot be built: a question without an open session, a
/// card where nothing may be said, anything too long.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    speech: Speech,
    reprompt: Speech,
    card: Option<Card>,
    elicit: Option<Elicit>,
    session: Session,
    memory: Option<Memory>,
    can_fulfill: Option<CanFulfill>,
}

/// What becomes of the session: `shouldEndSession` true, false, or not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Session {
    Ends,
    StaysOpen,
    Unsaid,
}

/// What the Alexa app shows. Cards stay there, so a code is never on one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card(CardKind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum CardKind {
    Simple { title: String, content: String },
    LinkAccount,
}

/// Makes what the customer says next the value of one slot
/// (`Dialog.ElicitSlot`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Elicit {
    slot: &'static str,
    afresh: Option<&'static CustomIntent>,
}

/// Whether pod could do what a `CanFulfillIntentRequest` asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CanFulfill {
    verdict: Verdict,
    slots: Vec<(&'static str, Verdict)>,
}

/// Yes, no, or it depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Verdict {
    /// It can.
    Yes,
    /// It can when more is known.
    Maybe,
    /// It cannot.
    No,
}

impl Response {
    /// Says nothing and decides nothing: the answer to the end of a session and
    /// to events. Its body is `{}` and not nothing, because clients read it.
    pub(crate) fn silence() -> Self {
        Self::saying(Speech::new(), Session::Unsaid)
    }

    /// Says the last word: the session ends.
    pub(crate) fn tell(speech: Speech) -> Self {
        Self::saying(speech, Session::Ends)
    }

    /// Asks something and listens, and asks again in other words if the
    /// customer says nothing for eight seconds.
    pub(crate) fn ask(speech: Speech, reprompt: Speech) -> Self {
        Self {
            reprompt,
            ..Self::saying(speech, Session::StaysOpen)
        }
    }

    /// Sends the customer to the Alexa app to link an account; the session
    /// ends, since nothing can be done without one.
    pub(crate) fn link_account(speech: Speech) -> Self {
        Self {
            card: Some(Card(CardKind::LinkAccount)),
            ..Self::tell(speech)
        }
    }

    /// Answers a `CanFulfillIntentRequest`; there is nothing to say in it.
    pub(crate) fn can_fulfill(answer: CanFulfill) -> Self {
        Self {
            can_fulfill: Some(answer),
            ..Self::silence()
        }
    }

    /// Shows a card besides, unless there is one already or nothing is said.
    pub(crate) fn with_card(mut self, card: Card) -> Self {
        if self.session != Session::Unsaid {
            self.card.get_or_insert(card);
        }
        self
    }

    /// Listens for one slot in particular. An answer that ends the session
    /// listens for nothing, and stays as it is.
    pub(crate) fn eliciting(mut self, elicit: Elicit) -> Self {
        if self.session == Session::StaysOpen {
            self.elicit = Some(elicit);
        }
        self
    }

    /// Remembers for the next turn of the session, and with it what is said
    /// now, to be repeated. Where the session does not stay open there is no
    /// next turn.
    pub(crate) fn remembering(mut self, memory: Memory) -> Self {
        if self.session == Session::StaysOpen {
            self.memory = Some(memory.saying(self.speech.clone()));
        }
        self
    }

    /// Goes on counting what was not understood in the session so far. What
    /// says that it remembers nothing counts nothing either.
    pub(crate) fn after(mut self, earlier: &Memory) -> Self {
        self.memory = self.memory.map(|memory| memory.after(earlier));
        self
    }

    /// The response as JSON.
    pub(crate) fn to_json(&self) -> String {
        #[expect(
            clippy::expect_used,
            reason = "only maps with other keys than text fail"
        )]
        serde_json::to_string(self).expect("text, truth values and maps by name are always JSON")
    }

    fn saying(speech: Speech, session: Session) -> Self {
        Self {
            speech,
            reprompt: Speech::new(),
            card: None,
            elicit: None,
            session,
            memory: None,
            can_fulfill: None,
        }
    }
}

impl Card {
    /// A card of text alone. Title and content together have at most 8 000
    /// characters; what is more is cut at a word's end.
    pub(crate) fn simple(title: &str, content: &str) -> Self {
        let title = ssml::clip(title, Speech::LIMIT);
        let content = ssml::clip(content, Speech::LIMIT - title.encode_utf16().count());
        Self(CardKind::Simple { title, content })
    }
}

impl Elicit {
    /// Listens for a code, whatever was talked about before. The intent begins
    /// afresh, so that half a code heard earlier does not come back.
    pub(crate) fn code() -> Self {
        Self {
            slot: slot::CODE,
            afresh: Some(&model::CONFIRM),
        }
    }

    /// Listens for a size, in answer to an order without one; Alexa keeps the
    /// toppings that were heard.
    pub(crate) fn size() -> Self {
        Self {
            slot: slot::SIZE,
            afresh: None,
        }
    }
}

impl CanFulfill {
    /// Judges the request as a whole.
    pub(crate) fn new(verdict: Verdict) -> Self {
        Self {
            verdict,
            slots: Vec::new(),
        }
    }

    /// Judges one slot: whether its value is understood, and so fulfilled.
    pub(crate) fn slot(mut self, name: &'static str, understood: Verdict) -> Self {
        self.slots.retain(|(slot, _)| *slot != name);
        self.slots.push((name, understood));
        self
    }
}

#[cfg(test)]
mod tests;
