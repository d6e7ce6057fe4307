//! What the customer hears and sees, with what went over the wire.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::response::Card;

/// One turn of a conversation, from the customer's side.
#[derive(Clone, Serialize)]
pub struct Heard {
    /// What Alexa said, without markup.
    pub speech: String,
    /// What she says when nobody answers.
    pub reprompt: Option<String>,
    /// What the Alexa app shows.
    pub card: Option<Card>,
    /// Whether she listens on.
    pub session_open: bool,
    /// The status of the skill's answer.
    pub status: u16,
    /// The request. It carries the customer's token: keep it out of logs.
    pub request: Value,
    /// The response; `null` when the status is not 200.
    pub response: Value,
}

/// Without the wire: the request has a token in it.
impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heard")
            .field("speech", &self.speech)
            .field("reprompt", &self.reprompt)
            .field("card", &self.card)
            .field("session_open", &self.session_open)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
