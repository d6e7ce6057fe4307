//! The inbox over HTTP: read it, or wait for the next message.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::{Inbox, Message};

/// The longest wait of one request, in seconds.
const LONGEST_WAIT: u64 = 30;

/// Serves the inbox; when it is told to stop, nobody has to wait any longer.
pub(crate) fn router(inbox: Inbox, stop: watch::Receiver<bool>) -> Router {
    Router::new()
        .route("/inbox", get(list))
        .with_state((inbox, stop))
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

async fn list(
    State((inbox, mut stop)): State<(Inbox, watch::Receiver<bool>)>,
    Query(wanted): Query<Wanted>,
) -> Json<Vec<Shown>> {
    let some = || Some(inbox.after(wanted.after)).filter(|messages| !messages.is_empty());
    let patience = Duration::from_secs(wanted.wait.min(LONGEST_WAIT));
    let messages = tokio::select! {
        biased;
        messages = inbox.wait(some) => messages,
        () = tokio::time::sleep(patience) => Vec::new(),
        _ = stop.wait_for(|stop| *stop) => Vec::new(),
    };
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use pod_core::ports::Clock;

    use super::*;

    struct NoTime;

    impl Clock for NoTime {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_sent_home_when_the_emulator_stops() {
        let inbox = Inbox::new("shop", "shop.example", Arc::new(NoTime));
        let (stop, stopped) = watch::channel(false);
        let wanted = Wanted { after: 0, wait: 30 };
        let start = tokio::time::Instant::now();

        let (Json(messages), _) =
            tokio::join!(list(State((inbox, stopped)), Query(wanted)), async {
                stop.send_replace(true)
            });

        assert!(messages.is_empty());
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}
