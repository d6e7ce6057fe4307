//! A response as it goes over the wire.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::super::memory::Memory;
use super::super::ssml::{Rendered, Speech};
use super::{CanFulfill, Card, CardKind, Elicit, Response, Session, Verdict};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EnvelopeWire<'a> {
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_attributes: Option<&'a Memory>,
    response: BodyWire<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BodyWire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    output_speech: Option<SpeechWire<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<CardWire<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reprompt: Option<RepromptWire<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    directives: Option<[ElicitWire; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    should_end_session: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    can_fulfill_intent: Option<CanFulfillWire<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum SpeechWire<'a> {
    PlainText {
        text: Cow<'a, str>,
    },
    #[serde(rename = "SSML")]
    Ssml {
        ssml: String,
    },
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum CardWire<'a> {
    Simple { title: &'a str, content: &'a str },
    LinkAccount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RepromptWire<'a> {
    output_speech: SpeechWire<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum ElicitWire {
    #[serde(rename = "Dialog.ElicitSlot", rename_all = "camelCase")]
    ElicitSlot {
        slot_to_elicit: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        updated_intent: Option<IntentWire>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IntentWire {
    name: &'static str,
    confirmation_status: &'static str,
    #[serde(serialize_with = "as_map")]
    slots: Vec<(&'static str, SlotWire)>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SlotWire {
    name: &'static str,
    confirmation_status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CanFulfillWire<'a> {
    can_fulfill: Verdict,
    #[serde(serialize_with = "as_map", skip_serializing_if = "Vec::is_empty")]
    slots: Vec<(&'a str, CanFulfillSlotWire)>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CanFulfillSlotWire {
    can_understand: Verdict,
    can_fulfill: Verdict,
}

fn as_map<S: Serializer, V: Serialize>(
    entries: &[(&str, V)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(entries.len()))?;
    for (name, value) in entries {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        EnvelopeWire {
            version: "1.0",
            session_attributes: self.memory.as_ref(),
            response: BodyWire {
                output_speech: spoken(&self.speech),
                card: self.card.as_ref().map(CardWire::from),
                reprompt: spoken(&self.reprompt)
                    .map(|output_speech| RepromptWire { output_speech }),
                directives: self.elicit.map(|elicit| [elicit.into()]),
                should_end_session: match self.session {
                    Session::Ends => Some(true),
                    Session::StaysOpen => Some(false),
                    Session::Unsaid => None,
                },
                can_fulfill_intent: self.can_fulfill.as_ref().map(CanFulfillWire::from),
            },
        }
        .serialize(serializer)
    }
}

/// Silence is left out: Alexa refuses speech without a word in it.
fn spoken(speech: &Speech) -> Option<SpeechWire<'_>> {
    (!speech.is_silent()).then(|| match speech.render() {
        Rendered::Plain(text) => SpeechWire::PlainText { text },
        Rendered::Ssml(ssml) => SpeechWire::Ssml { ssml },
    })
}

impl<'a> From<&'a Card> for CardWire<'a> {
    fn from(Card(kind): &'a Card) -> Self {
        match kind {
            CardKind::Simple { title, content } => Self::Simple { title, content },
            CardKind::LinkAccount => Self::LinkAccount,
        }
    }
}

impl From<Elicit> for ElicitWire {
    fn from(elicit: Elicit) -> Self {
        const UNCONFIRMED: &str = "NONE";
        let slot = |name: &&'static str| {
            (
                *name,
                SlotWire {
                    name,
                    confirmation_status: UNCONFIRMED,
                },
            )
        };
        Self::ElicitSlot {
            slot_to_elicit: elicit.slot,
            updated_intent: elicit.afresh.map(|intent| IntentWire {
                name: intent.name,
                confirmation_status: UNCONFIRMED,
                slots: intent.slots.iter().map(slot).collect(),
            }),
        }
    }
}

impl<'a> From<&'a CanFulfill> for CanFulfillWire<'a> {
    fn from(answer: &'a CanFulfill) -> Self {
        let slot = |(name, understood): &(&'a str, Verdict)| {
            // To fulfil a slot only in part is not an answer Amazon knows.
            let can_fulfill = if *understood == Verdict::Yes {
                Verdict::Yes
            } else {
                Verdict::No
            };
            (
                *name,
                CanFulfillSlotWire {
                    can_understand: *understood,
                    can_fulfill,
                },
            )
        };
        Self {
            can_fulfill: answer.verdict,
            slots: answer.slots.iter().map(slot).collect(),
        }
    }
}
