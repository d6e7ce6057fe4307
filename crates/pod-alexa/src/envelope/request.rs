//! The envelope of a request: who asks, in which session, and for what.

use std::str::Utf8Error;
use std::sync::OnceLock;

use pod_core::CustomerId;
use secrecy::SecretString;
use serde::Deserialize;
use thiserror::Error;

use super::lenient;
use super::memory::{AttributesWire, Memory};
use super::slots::{Intent, IntentWire};

/// A request of Alexa's, as far as pod wants to know it.
///
/// Everything but the request's type may be absent, `null` or of another shape,
/// and everything unknown is ignored: devices, interfaces and request types
/// come and go without notice. Ids are text in whatever style, the current
/// `amzn1.ask.account.` or the older `amzn1.echo.account.`; that of the request
/// is read with its timestamp, when it is verified.
#[derive(Debug)]
pub(crate) struct Envelope {
    locale: Option<String>,
    user: Option<String>,
    access_token: Option<SecretString>,
    memory: Memory,
    request: Request,
    speaker: OnceLock<CustomerId>,
}

/// What Alexa asks for, or tells.
#[derive(Debug)]
pub(crate) enum Request {
    /// `LaunchRequest`: the skill was opened without saying what for.
    Launch,
    /// `IntentRequest`: the customer said something.
    Intent(Intent),
    /// `SessionEndedRequest`: the session is over and nobody listens any more.
    SessionEnded {
        /// `USER_INITIATED`, `ERROR` or `EXCEEDED_MAX_REPROMPTS`.
        reason: Option<String>,
        /// What was wrong, if the reason is an error.
        error: Option<Complaint>,
    },
    /// `CanFulfillIntentRequest`: Alexa asks whether pod could, and nothing may
    /// come of it.
    CanFulfillIntent(Intent),
    /// `System.ExceptionEncountered`: an answer of pod's was not accepted.
    ExceptionEncountered {
        /// What was wrong with it.
        error: Complaint,
        /// The request that it answered.
        caused_by: Option<String>,
    },
    /// `Connections.Response`: the outcome of a connection to another skill.
    /// pod starts none, so that whatever it is about is news to pod.
    ConnectionsResponse,
    /// `SessionResumedRequest`: the session goes on after a task of another
    /// skill's, which pod has not asked for either.
    SessionResumed,
    /// `AlexaSkillEvent.*`: out of any session, late, twice or out of order.
    SkillEvent(SkillEvent),
    /// A type that pod does not know or has no use for, by its name.
    Other(String),
}

/// What happened between a customer and the skill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SkillEvent {
    /// The skill was enabled, under a user id that is new each time.
    Enabled,
    /// The skill was disabled: its user id means nobody from now on.
    Disabled,
    /// An account was linked; the envelope has its access token.
    AccountLinked,
    /// A permission was given.
    PermissionAccepted,
    /// A permission was given or taken.
    PermissionChanged,
    /// An event that pod has no use for.
    Other,
}

/// What Alexa says went wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// Such as `INVALID_RESPONSE`, `DEVICE_COMMUNICATION_ERROR`,
    /// `INTERNAL_SERVICE_ERROR` or `ENDPOINT_TIMEOUT`.
    pub(crate) kind: Option<String>,
    /// The same in words.
    pub(crate) message: Option<String>,
}

/// A body that is not an envelope.
#[derive(Debug, Error)]
pub(crate) enum MalformedEnvelope {
    /// It is not text.
    #[error("the body is not UTF-8")]
    NotText(#[from] Utf8Error),
    /// It is not JSON, or names a part twice.
    #[error("the body is not JSON as Alexa writes it")]
    NotJson(#[from] serde_json::Error),
    /// It asks for nothing.
    #[error("the body has no request with a type")]
    NoRequest,
}

impl Envelope {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// [`MalformedEnvelope::NotText`], [`MalformedEnvelope::NotJson`] or
    /// [`MalformedEnvelope::NoRequest`].
    pub(crate) fn parse(body: &[u8]) -> Result<Self, MalformedEnvelope> {
        // Strings that are skipped are not checked by the JSON reader, so the
        // whole is checked first.
        let Body(wire) = serde_json::from_str(std::str::from_utf8(body)?)?;
        let wire = wire.unwrap_or_default();
        let RequestWire {
            kind: Some(kind), ..
        } = &wire.request
        else {
            return Err(MalformedEnvelope::NoRequest);
        };
        let kind = kind.clone();
        Ok(wire.into_envelope(&kind))
    }

    /// The customer's locale, such as `en-US`; events have none.
    pub(crate) fn locale(&self) -> Option<&str> {
        self.locale.as_deref()
    }

    /// The account at Amazon, new at every enablement of the skill.
    pub(crate) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The access token of the linked account: that of the person whose voice
    /// was recognised, else the one of the device's owner, in the place where
    /// it is now or where it was before 2018. Without account linking, and in
    /// the test console, there is none.
    pub(crate) fn access_token(&self) -> Option<&SecretString> {
        self.access_token.as_ref()
    }

    /// Takes note of who turned out to be speaking.
    pub(crate) fn is_from(&self, customer: &CustomerId) {
        self.speaker.get_or_init(|| customer.clone());
    }

    /// Who turned out to be speaking, if that had to be found out.
    pub(crate) fn speaker(&self) -> Option<&CustomerId> {
        self.speaker.get()
    }

    /// What pod remembers of the session; nothing out of a session.
    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// What is asked for.
    pub(crate) fn request(&self) -> &Request {
        &self.request
    }
}

/// The whole body, if it is an object.
#[derive(Deserialize)]
#[serde(transparent)]
struct Body(#[serde(deserialize_with = "lenient::maybe")] Option<EnvelopeWire>);

#[derive(Default, Deserialize)]
#[serde(default)]
struct EnvelopeWire {
    #[serde(deserialize_with = "lenient::object")]
    session: SessionWire,
    #[serde(deserialize_with = "lenient::object")]
    context: ContextWire,
    #[serde(deserialize_with = "lenient::object")]
    request: RequestWire,
}

/// `session`: absent in events and in requests of players.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SessionWire {
    #[serde(deserialize_with = "lenient::object")]
    attributes: AttributesWire,
    #[serde(deserialize_with = "lenient::object")]
    user: UserWire,
}

/// `context`: of its many parts only `System` is read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ContextWire {
    #[serde(rename = "System", deserialize_with = "lenient::object")]
    system: SystemWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SystemWire {
    #[serde(deserialize_with = "lenient::object")]
    person: UserWire,
    #[serde(deserialize_with = "lenient::object")]
    user: UserWire,
}

/// A user, or a person whose voice was recognised. `accessToken` may be absent
/// or `null`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct UserWire {
    #[serde(deserialize_with = "lenient::text")]
    user_id: Option<String>,
    #[serde(deserialize_with = "lenient::secret")]
    access_token: Option<SecretString>,
}

/// `request`: the parts of all types together, each where a type has it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RequestWire {
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    kind: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    locale: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    intent: IntentWire,
    #[serde(deserialize_with = "lenient::text")]
    reason: Option<String>,
    #[serde(deserialize_with = "lenient::maybe")]
    error: Option<ComplaintWire>,
    #[serde(deserialize_with = "lenient::object")]
    cause: CauseWire,
    #[serde(deserialize_with = "lenient::object")]
    body: EventBodyWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ComplaintWire {
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    kind: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CauseWire {
    #[serde(deserialize_with = "lenient::text")]
    request_id: Option<String>,
}

/// The body of an event; only `SkillAccountLinked` has a token in it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct EventBodyWire {
    #[serde(deserialize_with = "lenient::secret")]
    access_token: Option<SecretString>,
}

impl EnvelopeWire {
    fn into_envelope(self, kind: &str) -> Envelope {
        let Self {
            session,
            context: ContextWire { system },
            request,
        } = self;
        let RequestWire {
            locale,
            intent,
            reason,
            error,
            cause,
            body,
            ..
        } = request;
        let request = match kind {
            "LaunchRequest" => Request::Launch,
            "IntentRequest" => Request::Intent(intent.into()),
            "CanFulfillIntentRequest" => Request::CanFulfillIntent(intent.into()),
            "SessionEndedRequest" => Request::SessionEnded {
                reason,
                error: error.map(Complaint::from),
            },
            "System.ExceptionEncountered" => Request::ExceptionEncountered {
                error: error.map(Complaint::from).unwrap_or_default(),
                caused_by: cause.request_id,
            },
            "Connections.Response" => Request::ConnectionsResponse,
            "SessionResumedRequest" => Request::SessionResumed,
            _ => match kind.strip_prefix("AlexaSkillEvent.") {
                Some(event) => Request::SkillEvent(event.into()),
                None => Request::Other(kind.to_owned()),
            },
        };
        // An event brings the token that it is about.
        let linked = body
            .access_token
            .filter(|_| matches!(request, Request::SkillEvent(SkillEvent::AccountLinked)));
        Envelope {
            locale,
            user: system.user.user_id.or(session.user.user_id),
            access_token: linked
                .or(system.person.access_token)
                .or(system.user.access_token)
                .or(session.user.access_token),
            memory: session.attributes.into(),
            request,
            speaker: OnceLock::new(),
        }
    }
}

impl From<&str> for SkillEvent {
    fn from(name: &str) -> Self {
        match name {
            "SkillEnabled" => Self::Enabled,
            "SkillDisabled" => Self::Disabled,
            "SkillAccountLinked" => Self::AccountLinked,
            "SkillPermissionAccepted" => Self::PermissionAccepted,
            "SkillPermissionChanged" => Self::PermissionChanged,
            _ => Self::Other,
        }
    }
}

impl From<ComplaintWire> for Complaint {
    fn from(ComplaintWire { kind, message }: ComplaintWire) -> Self {
        Self { kind, message }
    }
}

#[cfg(test)]
mod tests;
