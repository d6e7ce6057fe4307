//! The inbox over HTTP: read it, or wait for the next message.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::{Inbox, Message};

/// The longest wait of one request, in seconds.
const LONGEST_WAIT: u64 = 30;

pub(crate) fn router(inbox: Inbox) -> Router {
    Router::new().route("/inbox", get(list)).with_state(inbox)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Only messages with a higher number.
    #[serde(default)]
    after: u64,
    /// Seconds to wait for one when there is none yet.
    #[serde(default)]
    wait: u64,
}

/// A message as it is shown: the text whole, the contact masked.
#[derive(Serialize)]
struct Shown {
    number: u64,
    at: String,
    channel: &'static str,
    to: String,
    text: String,
}

async fn list(State(inbox): State<Inbox>, Query(wanted): Query<Wanted>) -> Json<Vec<Shown>> {
    let some = || Some(inbox.after(wanted.after)).filter(|messages| !messages.is_empty());
    let patience = Duration::from_secs(wanted.wait.min(LONGEST_WAIT));
    let messages = tokio::time::timeout(patience, inbox.wait(some))
        .await
        .unwrap_or_default();
    Json(messages.iter().map(Shown::from).collect())
}

impl From<&Message> for Shown {
    fn from(message: &Message) -> Self {
        let to = message.contact().masked();
        Self {
            number: message.number(),
            at: message.at().to_string(),
            channel: to.channel().as_str(),
            to: to.masked().to_owned(),
            text: message.expose_text().to_owned(),
        }
    }
}
