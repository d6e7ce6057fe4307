//! One turn: from what is said to the request it makes.

use serde_json::{Map, Value, json};

use super::envelope::{self, Session};
use super::invocation::{Invocation, invocation};
use super::slots::fill;
use super::understand::{Understood, answer, understand};
use super::words::words;
use super::{Echo, EchoError, SessionEnd, builtin};

/// The intent for what no other intent explains.
const FALLBACK: &str = "AMAZON.FallbackIntent";

/// The most words a device listens to at a time.
const LONGEST: usize = 60;

/// A request and the session it belongs to.
pub(super) struct Turn {
    pub(super) session: Session,
    pub(super) request: Request,
}

/// What the skill is asked.
pub(super) enum Request {
    /// The skill was opened, and nothing else was said.
    Launch,
    /// The customer means something.
    Intent {
        name: String,
        slots: Map<String, Value>,
        /// Whether this answers a question for a slot.
        goes_on: bool,
    },
    /// The session is over.
    Ended(SessionEnd),
}

impl Echo {
    /// Finds out what is meant, and for which session.
    pub(super) fn hear(&self, utterance: &str) -> Result<Turn, EchoError> {
        let mut said = words(utterance);
        said.truncate(LONGEST);
        let model = &self.skill.model;
        match (invocation(&said, &model.invocation), &self.session) {
            (Invocation::Launch, _) => Ok(Turn {
                session: self.new_session()?,
                request: Request::Launch,
            }),
            (Invocation::Ask(message), _) => {
                let request = match understand(model, message) {
                    Some(understood) => self.intent(understood, None),
                    // Amazon opens a skill that she was asked something strange.
                    None => self.fallback().unwrap_or(Request::Launch),
                };
                Ok(Turn {
                    session: self.new_session()?,
                    request,
                })
            }
            (Invocation::None(said), Some(session)) => {
                let request = if builtin::leaves(said) {
                    Request::Ended(SessionEnd::UserInitiated)
                } else {
                    self.mean(said, session)?
                };
                Ok(Turn {
                    session: session.clone(),
                    request,
                })
            }
            (Invocation::None(_), None) => {
                Err(EchoError::NotInSession(model.invocation_name.clone()))
            }
        }
    }

    /// Makes the request of an intent whose slots are given as said.
    pub(super) fn intend(&self, name: &str, given: &[(&str, &str)]) -> Result<Turn, EchoError> {
        let missing = |what: String| EchoError::NotInModel(what);
        let intent = self
            .skill
            .model
            .intent(name)
            .ok_or_else(|| missing(name.to_owned()))?;
        let mut slots = Map::new();
        for (slot_name, said) in given {
            let (_, slot) = intent
                .slot(slot_name)
                .ok_or_else(|| missing(format!("{name}.{slot_name}")))?;
            let filled = fill(&self.skill.model, slot, &words(said))
                .ok_or_else(|| missing(format!("value for {name}.{slot_name} like that")))?;
            slots.insert(
                slot.name.clone(),
                envelope::slot(&self.skill.id, &slot.name, &filled.values),
            );
        }
        let session = match &self.session {
            Some(session) => session.clone(),
            None => self.new_session()?,
        };
        Ok(Turn {
            session,
            request: Request::Intent {
                name: name.to_owned(),
                slots,
                goes_on: false,
            },
        })
    }

    /// What is meant within a session. The slot that was asked for comes
    /// first, unless the words are unknown there and known elsewhere.
    fn mean(&self, said: &[String], session: &Session) -> Result<Request, EchoError> {
        let model = &self.skill.model;
        let asked = session.asked.as_ref().and_then(|asked| {
            let intent = model.intent(&asked.intent)?;
            let (slot, _) = intent.slot(&asked.slot)?;
            Some((asked, answer(model, intent, slot, said)?))
        });
        let free = understand(model, said);
        match (asked, free) {
            (Some((asked, answer)), Some(free)) if answer.strangers > 0 && free.strangers == 0 => {
                drop((asked, answer));
                Ok(self.intent(free, None))
            }
            (Some((asked, answer)), _) => Ok(self.intent(answer, Some(&asked.slots))),
            (None, Some(free)) => Ok(self.intent(free, None)),
            (None, None) => self.fallback().ok_or(EchoError::NotUnderstood),
        }
    }

    fn intent(&self, understood: Understood, before: Option<&Map<String, Value>>) -> Request {
        let mut slots = before.cloned().unwrap_or_default();
        for (name, values) in &understood.slots {
            slots.insert(name.clone(), envelope::slot(&self.skill.id, name, values));
        }
        Request::Intent {
            name: understood.intent,
            slots,
            goes_on: before.is_some(),
        }
    }

    fn fallback(&self) -> Option<Request> {
        let fallback = self.skill.model.intent(FALLBACK)?;
        Some(Request::Intent {
            name: fallback.name.clone(),
            slots: Map::new(),
            goes_on: false,
        })
    }

    /// Writes the request object.
    pub(super) fn write(&self, request: &Request) -> Result<Value, EchoError> {
        match request {
            Request::Launch => self.frame(Some("LaunchRequest")),
            Request::Intent {
                name,
                slots,
                goes_on,
            } => {
                let model = &self.skill.model;
                let intent = model
                    .intent(name)
                    .ok_or_else(|| EchoError::NotInModel(name.clone()))?;
                let mut written = self.frame(Some("IntentRequest"))?;
                written["intent"] = envelope::intent(intent, slots);
                if let Some(state) = envelope::dialog_state(model, name, *goes_on) {
                    written["dialogState"] = state.into();
                }
                Ok(written)
            }
            Request::Ended(why) => {
                let mut written = self.frame(Some("SessionEndedRequest"))?;
                written["reason"] = match why {
                    SessionEnd::UserInitiated => "USER_INITIATED",
                    SessionEnd::ExceededMaxReprompts => "EXCEEDED_MAX_REPROMPTS",
                    SessionEnd::InvalidResponse => "ERROR",
                }
                .into();
                if *why == SessionEnd::InvalidResponse {
                    written["error"] = json!({
                        "type": "INVALID_RESPONSE",
                        "message": "The target device could not use the response of the skill",
                    });
                }
                Ok(written)
            }
        }
    }
}
