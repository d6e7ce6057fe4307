//! What is read of a body before its signature is known to be good.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use thiserror::Error;

/// The few fields that are compared before a signature is worth checking.
///
/// Everything else is skipped without being built, to whatever depth it is
/// nested. A field given twice is refused: two readers could disagree on it.
#[derive(Deserialize)]
pub(super) struct Outline<'a> {
    #[serde(borrow)]
    pub(super) request: Object<RequestOutline<'a>>,
    #[serde(borrow)]
    context: Option<Object<Context<'a>>>,
    #[serde(borrow)]
    session: Option<Object<Session<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestOutline<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) request_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) timestamp: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Context<'a> {
    #[serde(borrow)]
    system: Option<Object<System<'a>>>,
}

#[derive(Deserialize)]
struct System<'a> {
    #[serde(borrow)]
    application: Option<Object<Application<'a>>>,
}

#[derive(Deserialize)]
struct Session<'a> {
    #[serde(borrow)]
    application: Option<Object<Application<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Application<'a> {
    #[serde(borrow)]
    application_id: Option<Text<'a>>,
}

/// A string, borrowed unless it has escapes (serde borrows a `Cow` only when
/// it is the field itself, so not within an `Option`).
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// The body is not a request.
///
/// It does not show what the body says: that may be anybody's secret.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InvalidBody {
    /// It is not text.
    #[error("the body is not UTF-8 at byte {0}")]
    Encoding(usize),
    /// It is not JSON, or lacks what every request has.
    #[error("the body is not the JSON of a request, at line {line}, column {column}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
}

/// What a request says about the skill it is for.
pub(super) enum Addressee<'a> {
    /// The context names no skill, or there is a session and it names none.
    Missing,
    /// The context and the session name different skills.
    Contradictory,
    /// This skill is named, by all who have to.
    Skill(&'a str),
}

impl<'a> Outline<'a> {
    /// Reads the outline of a body.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, InvalidBody> {
        // Skipped strings are not looked at by the parser, so this is not
        // left to it.
        let text = std::str::from_utf8(body)
            .map_err(|error| InvalidBody::Encoding(error.valid_up_to()))?;
        let Object(outline) =
            serde_json::from_str::<Object<Self>>(text).map_err(|error| InvalidBody::Json {
                line: error.line(),
                column: error.column(),
            })?;
        Ok(outline)
    }

    /// Tells which skill the request is for.
    pub(super) fn addressee(&self) -> Addressee<'_> {
        let system = self
            .context
            .as_ref()
            .and_then(|Object(context)| context.system.as_ref());
        let Some(named) = system.and_then(|Object(system)| id(system.application.as_ref())) else {
            return Addressee::Missing;
        };
        match &self.session {
            None => Addressee::Skill(named),
            Some(Object(session)) => match id(session.application.as_ref()) {
                None => Addressee::Missing,
                Some(other) if other == named => Addressee::Skill(named),
                Some(_) => Addressee::Contradictory,
            },
        }
    }
}

fn id<'a>(application: Option<&'a Object<Application<'_>>>) -> Option<&'a str> {
    let Object(application) = application?;
    let Text(id) = application.application_id.as_ref()?;
    (!id.is_empty()).then_some(id.as_ref())
}

/// A `T` written as an object. A derived `Deserialize` alone would take an
/// array of the fields' values as well.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"version":"1.0","context":{"System":{"application":{"applicationId":"skill"}}},
        "request":{"type":"LaunchRequest","requestId":"amzn1.1","timestamp":"2026-11-22T10:00:00Z"}}"#;

    #[test]
    fn what_has_no_escapes_is_borrowed() {
        let outline = Outline::read(BODY.as_bytes()).unwrap();

        assert!(matches!(
            outline.request.0.kind,
            Cow::Borrowed("LaunchRequest")
        ));
        assert!(matches!(
            outline.request.0.timestamp,
            Some(Text(Cow::Borrowed("2026-11-22T10:00:00Z")))
        ));
        assert!(matches!(outline.addressee(), Addressee::Skill("skill")));
    }

    #[test]
    fn escapes_are_read() {
        let body = BODY
            .replace("skill", r"sk\u0069ll")
            .replace("LaunchRequest", r"Launch\u0052equest");

        let outline = Outline::read(body.as_bytes()).unwrap();

        assert_eq!(outline.request.0.kind, "LaunchRequest");
        assert!(matches!(outline.addressee(), Addressee::Skill("skill")));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        // B6
        for body in [
            "",
            " ",
            "{}",
            "[]",
            "null",
            "1",
            "\"\"",
            "{",
            "[{}]",
            "not json",
            r#"{"request":null}"#,
            r#"{"request":[]}"#,
            r#"{"request":["LaunchRequest","amzn1.1","2026-11-22T10:00:00Z"]}"#,
            r#"{"request":{"type":"LaunchRequest"}}"#,
            r#"{"request":{"type":1,"requestId":"1"}}"#,
            r#"[null,{"type":"LaunchRequest","requestId":"1"}]"#,
        ] {
            assert!(
                matches!(
                    Outline::read(body.as_bytes()),
                    Err(InvalidBody::Json { .. })
                ),
                "{body}"
            );
        }
        assert!(matches!(
            Outline::read(&[BODY.as_bytes(), b"x"].concat()),
            Err(InvalidBody::Json { .. })
        ));
    }

    #[test]
    fn a_field_given_twice_is_refused() {
        // B6
        for (field, twice) in [
            (
                r#""requestId":"amzn1.1""#,
                r#""requestId":"amzn1.1","requestId":"amzn1.2""#,
            ),
            (
                r#""requestId":"amzn1.1""#,
                r#""requestId":"amzn1.1","request\u0049d":"amzn1.2""#,
            ),
            (
                r#""applicationId":"skill""#,
                r#""applicationId":"skill","applicationId":"other""#,
            ),
            (r#"{"version":"1.0""#, r#"{"session":null,"session":null"#),
            (r#""version":"1.0""#, r#""context":{}"#),
        ] {
            let body = BODY.replace(field, twice);

            assert_ne!(body, BODY);
            assert!(
                matches!(
                    Outline::read(body.as_bytes()),
                    Err(InvalidBody::Json { .. })
                ),
                "{body}"
            );
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_wherever_they_stand() {
        // B6
        let start = BODY.find("1.0").unwrap();
        let mut body = BODY.as_bytes().to_vec();
        body[start] = 0xff;

        assert_eq!(
            Outline::read(&body).err(),
            Some(InvalidBody::Encoding(start))
        );
    }

    #[test]
    fn depth_does_not_overflow_the_stack() {
        // B6
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let deep = format!("{}1{}", open.repeat(200_000), close.repeat(200_000));
            let body = BODY.replace(r#""1.0""#, &deep);
            let unclosed = BODY.replace(r#""1.0""#, &open.repeat(200_000));

            assert!(Outline::read(body.as_bytes()).is_ok());
            assert!(Outline::read(unclosed.as_bytes()).is_err());
        }
    }

    #[test]
    fn a_complaint_does_not_repeat_what_the_body_says() {
        let error = Outline::read(br#"{"request":"4829-13"}"#).err().unwrap();

        assert!(!format!("{error} {error:?}").contains("4829"), "{error}");
    }

    #[test]
    fn a_session_must_name_the_same_skill() {
        // S1
        let with =
            |session: &str| BODY.replace(r#""version":"1.0""#, &format!(r#""session":{session}"#));
        for (session, expected) in [
            ("null", "skill"),
            (r#"{"application":{"applicationId":"skill"}}"#, "skill"),
            (
                r#"{"application":{"applicationId":"other"}}"#,
                "contradictory",
            ),
            (r#"{"application":{"applicationId":""}}"#, "missing"),
            (r#"{"application":{"applicationId":null}}"#, "missing"),
            (r#"{"application":{}}"#, "missing"),
            (r#"{"application":null}"#, "missing"),
            ("{}", "missing"),
        ] {
            let body = with(session);
            let outline = Outline::read(body.as_bytes()).unwrap();
            let told = match outline.addressee() {
                Addressee::Missing => "missing",
                Addressee::Contradictory => "contradictory",
                Addressee::Skill(skill) => skill,
            };

            assert_eq!(told, expected, "{session}");
        }
    }
}
