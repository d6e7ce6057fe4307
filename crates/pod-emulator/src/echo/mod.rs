//! An Echo: it hears an utterance, finds the intent in the skill's own
//! interaction model, and asks the skill as Amazon does.

mod account;
mod builtin;
mod envelope;
mod heard;
pub(crate) mod http;
mod invocation;
mod linking;
mod model;
mod numbers;
mod package;
mod post;
mod response;
mod slots;
mod ssml;
mod turn;
mod understand;
mod words;

use std::fmt;
use std::sync::Arc;

use hyper::StatusCode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use thiserror::Error;
use url::Url;

use crate::amazon::{Amazon, AmazonError, SignedRequest};
use crate::auth0::TenantError;
use crate::random::Random;
pub use account::Account;
use account::Tokens;
pub use envelope::Device;
use envelope::{Asked, Sender, Session};
pub use heard::Heard;
pub use linking::LinkedAccount;
pub use model::{InteractionModel, InvalidModel};
use pod_core::Fault;
use pod_core::ports::{Clock, Entropy};
pub(crate) use post::{Parcel, send};
pub use post::{PostError, Reply, post};
use response::Answer;
pub use response::{Card, InvalidResponse};
pub use ssml::InvalidSsml;
use turn::{Request, Turn};

/// What Alexa says when a skill fails her.
const TROUBLE: &str = "There was a problem with the requested skill's response.";

/// The skill that a device talks to.
#[derive(Debug, Clone)]
pub struct Skill {
    /// The skill's id.
    pub id: String,
    /// Where it answers.
    pub url: Url,
    /// What it understands.
    pub model: Arc<InteractionModel>,
}

/// One Echo device, with at most one conversation in progress.
///
/// It has all the time in the world: a session stays open until the skill or
/// the customer ends it, or [`Echo::walk_away`] is called.
pub struct Echo {
    skill: Skill,
    device: Device,
    tokens: Tokens,
    amazon: Amazon,
    clock: Arc<dyn Clock>,
    random: Random,
    session: Option<Session>,
    sent: Option<SignedRequest>,
}

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Echo")
            .field("device", &self.device.name)
            .finish_non_exhaustive()
    }
}

/// Why a customer hears nothing from the skill.
#[derive(Debug, Error)]
pub enum EchoError {
    /// The words are for Alexa herself: no session is open.
    #[error("no session is open; begin with \"alexa, open {0}\" or \"alexa, ask {0} to ...\"")]
    NotInSession(String),
    /// The words fit no sample, and the model has no `AMAZON.FallbackIntent`.
    #[error("the interaction model has nothing like that")]
    NotUnderstood,
    /// The model has no such intent, slot, or value.
    #[error("the interaction model has no {0}")]
    NotInModel(String),
    /// The skill could not be asked.
    #[error(transparent)]
    Post(#[from] PostError),
    /// The skill answered in a way that Amazon would refuse.
    #[error("the skill's response is not valid")]
    InvalidResponse(#[from] InvalidResponse),
    /// The request could not be signed.
    #[error(transparent)]
    Amazon(#[from] AmazonError),
    /// The customer's token could not be renewed.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// No randomness.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a session ends that the skill has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEnd {
    /// The customer said "exit".
    UserInitiated,
    /// The customer said nothing, twice.
    ExceededMaxReprompts,
    /// The skill's last response could not be used.
    InvalidResponse,
}

impl Echo {
    /// Sets a device up for a skill.
    #[must_use]
    pub fn new(
        skill: Skill,
        device: Device,
        account: Account,
        amazon: Amazon,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            skill,
            device,
            tokens: Tokens::of(account),
            amazon,
            clock,
            random: Random::new(entropy),
            session: None,
            sent: None,
        }
    }

    /// Says something to the device, and gives what it answers.
    ///
    /// The wake word may be left out. Without an open session the skill has to
    /// be called by its name.
    ///
    /// # Errors
    ///
    /// [`EchoError::NotInSession`] and [`EchoError::NotUnderstood`] when the
    /// skill is not asked at all; [`EchoError::Post`] and
    /// [`EchoError::InvalidResponse`] when it fails, which ends the session;
    /// [`EchoError::Amazon`], [`EchoError::Tenant`] and [`EchoError::Fault`]
    /// when the emulator does.
    pub async fn say(&mut self, utterance: &str) -> Result<Heard, EchoError> {
        let turn = self.hear(utterance)?;
        self.take(turn).await
    }

    /// Sends an intent without finding words for it: in the open session, or
    /// in a new one. Slots are given as they would be said.
    ///
    /// # Errors
    ///
    /// As [`Echo::say`], and [`EchoError::NotInModel`] for what the model does
    /// not have.
    pub async fn send_intent(
        &mut self,
        intent: &str,
        slots: &[(&str, &str)],
    ) -> Result<Heard, EchoError> {
        let turn = self.intend(intent, slots)?;
        self.take(turn).await
    }

    /// Lets the customer walk away from an open session; gives the turn's
    /// status, and nothing when no session is open.
    ///
    /// # Errors
    ///
    /// As [`Echo::say`].
    pub async fn walk_away(&mut self) -> Result<Option<Heard>, EchoError> {
        self.end_session(SessionEnd::ExceededMaxReprompts).await
    }

    /// Ends an open session for a reason of the caller's; gives nothing when
    /// no session is open.
    ///
    /// # Errors
    ///
    /// As [`Echo::say`].
    pub async fn end_session(&mut self, why: SessionEnd) -> Result<Option<Heard>, EchoError> {
        let Some(session) = self.session.clone() else {
            return Ok(None);
        };
        self.take(Turn {
            session,
            request: Request::Ended(why),
        })
        .await
        .map(Some)
    }

    /// Gives the request that an utterance makes, without sending it. The
    /// session stays as it is.
    ///
    /// # Errors
    ///
    /// As [`Echo::say`], but for what comes of sending.
    pub fn compose(&mut self, utterance: &str) -> Result<Value, EchoError> {
        let turn = self.hear(utterance)?;
        let request = self.write(&turn.request)?;
        self.envelope(&turn.session, &request)
    }

    /// Puts any request object into this device's envelope: into the open
    /// session, or into a new one. An id, a time and a locale are added where
    /// the object has none.
    ///
    /// # Errors
    ///
    /// [`EchoError::Tenant`] and [`EchoError::Fault`] when the emulator fails.
    pub fn wrap(&mut self, request: Value) -> Result<Value, EchoError> {
        let session = match &self.session {
            Some(session) => session.clone(),
            None => self.new_session()?,
        };
        let mut written = self.frame(None)?;
        if let (Value::Object(written), Value::Object(given)) = (&mut written, request) {
            written.extend(given);
        }
        self.envelope(&session, &written)
    }

    /// Tells whether the device is in a conversation with the skill.
    #[must_use]
    pub fn in_session(&self) -> bool {
        self.session.is_some()
    }

    /// Changes which account is linked, as the Alexa app does.
    pub fn link(&mut self, account: Account) {
        self.tokens = Tokens::of(account);
    }

    /// Points the device at another address of the same skill.
    pub fn set_skill_url(&mut self, url: Url) {
        self.skill.url = url;
    }

    /// Sets the device to another language. It understands what it understood
    /// before: that is the skill's.
    pub fn set_locale(&mut self, locale: &str) {
        locale.clone_into(&mut self.device.locale);
    }

    /// Gives the device.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Hands the last request out as it was sent, once; nothing if none was
    /// sent since.
    pub(crate) fn take_sent(&mut self) -> Option<SignedRequest> {
        self.sent.take()
    }

    async fn take(&mut self, turn: Turn) -> Result<Heard, EchoError> {
        let Turn { session, request } = turn;
        self.tokens.renew(self.clock.now()).await?;
        let written = self.write(&request)?;
        let envelope = self.envelope(&session, &written)?;
        let signed = self.amazon.sign(envelope.to_string())?;
        // Whatever goes wrong from here on, the device gives the session up.
        self.session = None;
        let signed = self.sent.insert(signed);
        let reply = post(&self.skill.url, signed).await?;
        let mut heard = Heard {
            speech: TROUBLE.to_owned(),
            reprompt: None,
            card: None,
            session_open: false,
            status: reply.status.as_u16(),
            request: envelope,
            response: Value::Null,
        };
        if reply.status != StatusCode::OK {
            return Ok(heard);
        }
        let ended = matches!(request, Request::Ended(_));
        let answer = Answer::read(&reply, ended)?;
        let asked = answer
            .elicit
            .map(|elicit| self.asked(elicit, &request))
            .transpose()?;
        // Without a word on it a device that has no screen closes the session,
        // unless the dialog goes on.
        let open = !ended && answer.should_end.map_or(asked.is_some(), |end| !end);
        if open {
            self.session = Some(Session {
                new: false,
                attributes: answer.attributes,
                asked,
                ..session
            });
        }
        heard.speech = answer.speech;
        heard.reprompt = answer.reprompt;
        heard.card = answer.card;
        heard.session_open = open;
        heard.response = answer.json;
        Ok(heard)
    }

    fn asked(&self, elicit: response::Elicit, request: &Request) -> Result<Asked, InvalidResponse> {
        let response::Elicit { slot, intent } = elicit;
        let (intent, slots) = match (intent, request) {
            (Some(updated), _) => (updated.name, updated.slots),
            (None, Request::Intent { name, slots, .. }) => (name.clone(), slots.clone()),
            (None, _) => (String::new(), serde_json::Map::new()),
        };
        let known = self
            .skill
            .model
            .intent(&intent)
            .is_some_and(|intent| intent.in_dialog && intent.slot(&slot).is_some());
        if known {
            Ok(Asked {
                intent,
                slot,
                slots,
            })
        } else {
            Err(InvalidResponse::NotInDialog { intent, slot })
        }
    }

    fn new_session(&self) -> Result<Session, EchoError> {
        let id = format!("amzn1.echo-api.session.{}", self.random.uuid()?);
        Ok(Session {
            id,
            new: true,
            attributes: serde_json::Map::new(),
            asked: None,
        })
    }

    fn envelope(&mut self, session: &Session, request: &Value) -> Result<Value, EchoError> {
        let api_token = self.random.letters(64)?;
        let access_token = self.tokens.token(self.clock.now())?;
        let sender = Sender {
            skill_id: &self.skill.id,
            device: &self.device,
            access_token: access_token.as_ref().map(ExposeSecret::expose_secret),
            api_token,
        };
        Ok(sender.envelope(session, request))
    }

    /// What every request has.
    fn frame(&self, kind: Option<&str>) -> Result<Value, EchoError> {
        let mut frame = json!({
            "requestId": format!("amzn1.echo-api.request.{}", self.random.uuid()?),
            "timestamp": envelope::timestamp(self.clock.now()),
            "locale": self.device.locale,
        });
        if let Some(kind) = kind {
            frame["type"] = kind.into();
        }
        Ok(frame)
    }
}
