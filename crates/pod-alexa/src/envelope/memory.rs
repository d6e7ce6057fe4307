//! What pod remembers from one turn of a session to the next.

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::lenient;
use super::ssml::{Part, Speech};

/// What pod remembers of a session: it travels as session attributes, in the
/// clear, through the customer's device, and never has a code in it.
///
/// Alexa returns only what the last response had, so a response that remembers
/// nothing forgets everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    misheard: u8,
    question: Option<Question>,
    said: Option<Speech>,
}

/// What a yes or a no will answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// Whether to cancel the order that waits.
    CancelOrder,
    /// Whether to send the code again.
    ResendCode,
}

impl Memory {
    /// How many codes of the session were not understood.
    pub(crate) fn misheard(&self) -> u8 {
        self.misheard
    }

    /// The question that is open.
    pub(crate) fn question(&self) -> Option<Question> {
        self.question
    }

    /// What pod said last, to be said again when asked.
    pub(crate) fn said(&self) -> Option<&Speech> {
        self.said.as_ref()
    }

    /// Counts one more code that was not understood. Whatever was asked before
    /// is not what a yes would answer now.
    pub(crate) fn misheard_again(mut self) -> Self {
        self.misheard = self.misheard.saturating_add(1);
        self.question = None;
        self
    }

    /// Remembers how many codes of `earlier` were not understood.
    pub(super) fn after(mut self, earlier: &Self) -> Self {
        self.misheard = self.misheard.max(earlier.misheard);
        self
    }

    /// Remembers the question that pod asks.
    pub(crate) fn asking(mut self, question: Question) -> Self {
        self.question = Some(question);
        self
    }

    /// Remembers what pod says.
    pub(super) fn saying(mut self, speech: Speech) -> Self {
        self.said = Some(speech);
        self
    }
}

impl Question {
    fn as_str(self) -> &'static str {
        match self {
            Self::CancelOrder => "cancel-order",
            Self::ResendCode => "resend-code",
        }
    }

    fn parse(raw: &str) -> Option<Self> {
        [Self::CancelOrder, Self::ResendCode]
            .into_iter()
            .find(|question| question.as_str() == raw)
    }
}

/// `sessionAttributes`: everything of pod's is under one name, everything else
/// is nobody's business.
impl Serialize for Memory {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut attributes = serializer.serialize_map(Some(1))?;
        attributes.serialize_entry(
            "pod",
            &Kept {
                misheard: self.misheard,
                question: self.question.map(Question::as_str),
                said: self
                    .said
                    .as_ref()
                    .map(|said| said.parts().iter().map(KeptPart::from).collect()),
            },
        )?;
        attributes.end()
    }
}

#[derive(Serialize)]
struct Kept<'a> {
    misheard: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<Vec<KeptPart<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum KeptPart<'a> {
    Words(&'a str),
    Digits(&'a str),
}

impl<'a> From<&'a Part> for KeptPart<'a> {
    fn from(part: &'a Part) -> Self {
        match part {
            Part::Words(words) => Self::Words(words),
            Part::Digits(digits) => Self::Digits(digits),
        }
    }
}

/// `session.attributes`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AttributesWire {
    #[serde(deserialize_with = "lenient::object")]
    pod: MemoryWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MemoryWire {
    #[serde(deserialize_with = "lenient::number")]
    misheard: Option<u64>,
    #[serde(deserialize_with = "lenient::text")]
    question: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    said: Vec<PartWire>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PartWire {
    #[serde(deserialize_with = "lenient::text")]
    words: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    digits: Option<String>,
}

impl From<AttributesWire> for Memory {
    fn from(AttributesWire { pod }: AttributesWire) -> Self {
        // What was said is put together anew, so that it is as sound as it was
        // the first time whatever became of it on the way.
        let said = pod
            .said
            .iter()
            .fold(Speech::new(), |said, part| match part {
                PartWire {
                    words: Some(words), ..
                } => said.text(words),
                PartWire {
                    digits: Some(digits),
                    ..
                } => said.digits(digits),
                PartWire { .. } => said,
            });
        Self {
            misheard: pod
                .misheard
                .map_or(0, |misheard| u8::try_from(misheard).unwrap_or(u8::MAX)),
            question: pod.question.as_deref().and_then(Question::parse),
            said: Some(said).filter(|said| !said.is_silent()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recalled(json: &str) -> Memory {
        serde_json::from_str::<AttributesWire>(json).unwrap().into()
    }

    #[test]
    fn everything_is_recalled_as_it_was() {
        for question in [Question::CancelOrder, Question::ResendCode] {
            let said = Speech::new()
                .text("Your phone \"ends\" in ")
                .digits("42")
                .text(". Zoë & Co?");
            let memory = Memory::default()
                .misheard_again()
                .misheard_again()
                .asking(question)
                .saying(said);

            let json = serde_json::to_string(&memory).unwrap();

            assert_eq!(recalled(&json), memory, "{json}");
        }
        assert_eq!(
            recalled(&serde_json::to_string(&Memory::default()).unwrap()),
            Memory::default()
        );
    }

    #[test]
    fn a_space_between_two_numbers_is_not_forgotten() {
        let memory = Memory::default().saying(Speech::new().digits("4").text(" ").digits("2"));

        assert_eq!(recalled(&serde_json::to_string(&memory).unwrap()), memory);
    }

    #[test]
    fn what_others_put_there_is_ignored() {
        for json in [
            "{}",
            r#"{"misheard":2,"other":{"pod":{"misheard":2}}}"#,
            r#"{"pod":null}"#,
            r#"{"pod":[1]}"#,
            r#"{"pod":{"misheard":"many","question":"what?","said":"<speak>"}}"#,
            r#"{"pod":{"misheard":-1,"question":7,"said":[{"audio":"https://example.com/a.mp3"},[],"x"]}}"#,
        ] {
            assert_eq!(recalled(json), Memory::default(), "{json}");
        }
        assert_eq!(recalled(r#"{"pod":{"misheard":5000}}"#).misheard(), u8::MAX);
    }
}
