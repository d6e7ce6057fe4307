//! A skill's response, read as strictly as Amazon reads it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use super::post::Reply;
use super::ssml::{self, InvalidSsml};

/// The longest response Amazon takes, in bytes.
const LONGEST_RESPONSE: usize = 120 * 1024;
/// The longest speech and the longest card, in characters.
const LONGEST_TEXT: usize = 8000;

/// A card in the Alexa app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Card {
    /// `Simple`, `Standard`, `LinkAccount` or `AskForPermissionsConsent`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The title, if it has one.
    pub title: Option<String>,
    /// The text, if it has any.
    pub text: Option<String>,
}

/// A response that Amazon would not accept.
#[derive(Debug, Error)]
pub enum InvalidResponse {
    /// It is not announced as JSON.
    #[error("a response has the content type application/json")]
    ContentType,
    /// It is longer than Amazon takes.
    #[error("the response has {0} bytes, and at most 122880 are taken")]
    TooLong(usize),
    /// It is not JSON of the right shape.
    #[error("the response has not the shape of an Alexa response")]
    Json(#[from] serde_json::Error),
    /// The version is not one that Amazon knows.
    #[error("a response has the version \"1.0\"")]
    Version,
    /// Speech or a card is longer than Amazon takes.
    #[error("the {0} has more than 8000 characters")]
    TextTooLong(&'static str),
    /// Speech is neither plain text nor SSML, or lacks its words.
    #[error("speech is PlainText with a text, or SSML with ssml")]
    Speech,
    /// SSML cannot be spoken.
    #[error(transparent)]
    Ssml(#[from] InvalidSsml),
    /// A card is of a type that there is not.
    #[error("there is no card of the type {0}")]
    Card(String),
    /// The customer has left, and the skill talks on.
    #[error("the answer to a SessionEndedRequest says, shows and directs nothing")]
    AfterTheEnd,
    /// The device has no such interface.
    #[error("this device does not know the directive {0}")]
    Directive(String),
    /// A dialog goes on although the session ends.
    #[error("a response with a Dialog directive leaves the session open")]
    DialogAtTheEnd,
    /// A slot is asked for that the dialog model does not have.
    #[error(
        "Dialog.ElicitSlot names {intent}.{slot}, which the interaction model's dialog does not have"
    )]
    NotInDialog {
        /// The intent.
        intent: String,
        /// The slot.
        slot: String,
    },
}

/// What a response means to the device.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) speech: String,
    pub(super) reprompt: Option<String>,
    pub(super) card: Option<Card>,
    pub(super) attributes: Map<String, Value>,
    pub(super) should_end: Option<bool>,
    pub(super) elicit: Option<Elicit>,
    pub(super) json: Value,
}

/// `Dialog.ElicitSlot`: the next thing said is meant for this slot.
#[derive(Debug)]
pub(super) struct Elicit {
    pub(super) slot: String,
    /// The intent to go on with, when it is not the one that was sent.
    pub(super) intent: Option<IntentState>,
}

/// An intent as it travels: the name, and what its slots hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntentState {
    pub(super) name: String,
    #[serde(default)]
    pub(super) slots: Map<String, Value>,
}

impl Answer {
    /// Reads a response, refusing what Amazon would refuse.
    pub(super) fn read(reply: &Reply, ended: bool) -> Result<Self, InvalidResponse> {
        if !reply
            .content_type
            .as_deref()
            .is_some_and(|kind| kind.starts_with("application/json"))
        {
            return Err(InvalidResponse::ContentType);
        }
        if reply.body.len() > LONGEST_RESPONSE {
            return Err(InvalidResponse::TooLong(reply.body.len()));
        }
        let json: Value = serde_json::from_slice(&reply.body)?;
        let Envelope {
            version,
            session_attributes,
            response,
        } = Envelope::deserialize(&json)?;
        if version != "1.0" {
            return Err(InvalidResponse::Version);
        }
        let Body {
            output_speech,
            reprompt,
            card,
            directives,
            should_end_session,
        } = response;
        if ended
            && (output_speech.is_some()
                || reprompt.is_some()
                || card.is_some()
                || !directives.is_empty())
        {
            return Err(InvalidResponse::AfterTheEnd);
        }
        let elicit = directives
            .into_iter()
            .try_fold(None, |_, directive| directive.elicit().map(Some))?;
        if elicit.is_some() && should_end_session == Some(true) {
            return Err(InvalidResponse::DialogAtTheEnd);
        }
        Ok(Self {
            speech: output_speech
                .map(Speech::words)
                .transpose()?
                .unwrap_or_default(),
            reprompt: reprompt
                .and_then(|reprompt| reprompt.output_speech)
                .map(Speech::words)
                .transpose()?,
            card: card.map(CardBody::read).transpose()?,
            attributes: session_attributes.unwrap_or_default(),
            should_end: should_end_session,
            elicit,
            json,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    version: String,
    session_attributes: Option<Map<String, Value>>,
    response: Body,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    output_speech: Option<Speech>,
    reprompt: Option<Reprompt>,
    card: Option<CardBody>,
    #[serde(default)]
    directives: Vec<Directive>,
    should_end_session: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reprompt {
    output_speech: Option<Speech>,
}

#[derive(Deserialize)]
struct Speech {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    ssml: Option<String>,
}

#[derive(Deserialize)]
struct CardBody {
    #[serde(rename = "type")]
    kind: String,
    title: Option<String>,
    text: Option<String>,
    content: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Directive {
    #[serde(rename = "type")]
    kind: String,
    slot_to_elicit: Option<String>,
    updated_intent: Option<IntentState>,
}

impl Speech {
    fn words(self) -> Result<String, InvalidResponse> {
        let said = match (self.kind.as_str(), &self.text, &self.ssml) {
            ("PlainText", Some(text), _) => text,
            ("SSML", _, Some(ssml)) => ssml,
            _ => return Err(InvalidResponse::Speech),
        };
        if said.chars().count() > LONGEST_TEXT {
            return Err(InvalidResponse::TextTooLong("speech"));
        }
        if self.kind == "SSML" {
            Ok(ssml::plain_text(said)?)
        } else {
            Ok(said.clone())
        }
    }
}

impl CardBody {
    fn read(self) -> Result<Card, InvalidResponse> {
        if !matches!(
            self.kind.as_str(),
            "Simple" | "Standard" | "LinkAccount" | "AskForPermissionsConsent"
        ) {
            return Err(InvalidResponse::Card(self.kind));
        }
        let text = self.content.or(self.text);
        let length: usize = [&self.title, &text]
            .into_iter()
            .flatten()
            .map(|part| part.chars().count())
            .sum();
        if length > LONGEST_TEXT {
            return Err(InvalidResponse::TextTooLong("card"));
        }
        Ok(Card {
            kind: self.kind,
            title: self.title,
            text,
        })
    }
}

impl Directive {
    fn elicit(self) -> Result<Elicit, InvalidResponse> {
        match (self.kind.as_str(), self.slot_to_elicit) {
            ("Dialog.ElicitSlot", Some(slot)) => Ok(Elicit {
                slot,
                intent: self.updated_intent,
            }),
            _ => Err(InvalidResponse::Directive(self.kind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::StatusCode;
    use serde_json::json;

    use super::*;

    fn read(body: &Value, ended: bool) -> Result<Answer, InvalidResponse> {
        let reply = Reply {
            status: StatusCode::OK,
            content_type: Some("application/json".into()),
            body: body.to_string().into(),
        };
        Answer::read(&reply, ended)
    }

    fn response(inside: &Value) -> Value {
        json!({"version": "1.0", "sessionAttributes": {"asked": 2}, "response": inside})
    }

    #[test]
    fn everything_a_device_uses_is_read() {
        let answer = read(
            &response(&json!({
                "outputSpeech": {"type": "SSML", "ssml": "<speak>Which size?</speak>"},
                "reprompt": {"outputSpeech": {"type": "PlainText", "text": "Small or large?"}},
                "card": {"type": "Simple", "title": "Basket", "content": "Which size?"},
                "directives": [{"type": "Dialog.ElicitSlot", "slotToElicit": "Size", "updatedIntent": {"name": "OrderIntent"}}],
                "shouldEndSession": false,
            })),
            false,
        )
        .unwrap();

        assert_eq!(answer.speech, "Which size?");
        assert_eq!(answer.reprompt.as_deref(), Some("Small or large?"));
        assert_eq!(answer.card.unwrap().text.as_deref(), Some("Which size?"));
        assert_eq!(answer.attributes["asked"], 2);
        assert_eq!(answer.elicit.unwrap().intent.unwrap().name, "OrderIntent");
    }

    #[test]
    fn what_amazon_refuses_is_refused() {
        let long = "a".repeat(8001);
        for (inside, why) in [
            (
                json!({"outputSpeech": {"type": "SSML", "text": "hello"}}),
                "speech is PlainText with a text, or SSML with ssml",
            ),
            (
                json!({"outputSpeech": {"type": "PlainText", "text": long}}),
                "the speech has more than 8000 characters",
            ),
            (
                json!({"card": {"type": "Simple", "content": long}}),
                "the card has more than 8000 characters",
            ),
            (
                json!({"card": {"type": "Fancy"}}),
                "there is no card of the type Fancy",
            ),
            (
                json!({"directives": [{"type": "AudioPlayer.Stop"}]}),
                "this device does not know the directive AudioPlayer.Stop",
            ),
            (
                json!({"directives": [{"type": "Dialog.ElicitSlot", "slotToElicit": "Size"}], "shouldEndSession": true}),
                "a response with a Dialog directive leaves the session open",
            ),
        ] {
            assert_eq!(
                read(&response(&inside), false).unwrap_err().to_string(),
                why
            );
        }
        assert!(matches!(
            read(&json!({"version": "1.0"}), false),
            Err(InvalidResponse::Json(_))
        ));
        assert!(matches!(
            read(&json!({"version": "2.0", "response": {}}), false),
            Err(InvalidResponse::Version)
        ));
    }

    #[test]
    fn nothing_is_said_after_the_end() {
        let goodbye = response(&json!({"outputSpeech": {"type": "PlainText", "text": "bye"}}));

        assert!(matches!(
            read(&goodbye, true),
            Err(InvalidResponse::AfterTheEnd)
        ));
        assert!(read(&response(&json!({})), true).is_ok());
    }
}
