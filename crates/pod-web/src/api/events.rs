//! What becomes of the caller's orders, as it happens: server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt as _, stream};
use http::{HeaderMap, HeaderValue};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;

use super::Api;
use super::caller::Caller;
use super::document::Common;
use super::problem::{Kind, Problem};
use super::shown::ShownStage;
use crate::live::{EventId, Heard, Listener, Numbered};

/// How often something is sent if nothing happens, so that nobody on the way
/// takes the connection for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long a stream lasts: its token may not be good any more after that. The
/// listener comes again, with a new one, and misses nothing.
const LONGEST: Duration = Duration::from_mins(15);

/// When a listener should come again.
const RETRY: Duration = Duration::from_secs(2);

/// How many streams one customer may have open.
const MOST: usize = 16;

/// What an event says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderEvent)]
pub(super) struct Happened {
    /// The order's name.
    pub(super) order: String,
    /// What it has become.
    pub(super) state: ShownStage,
    /// When (RFC 3339).
    #[schema(format = DateTime)]
    pub(super) at: String,
}

/// Listen to what becomes of the caller's orders
///
/// Server-sent events: `order.awaiting_code`, `order.confirmed` and so on, each
/// with an `OrderEvent` as its data. After a break, `Last-Event-ID` goes on
/// where the stream ended; an event `reset` says that some were missed, and
/// that the orders have to be looked at.
#[utoipa::path(
    get, path = "/events", tag = "events", operation_id = "listen",
    params(("Last-Event-ID" = Option<String>, Header, description = "The last event that was heard.")),
    responses(
        Common,
        (status = 200, description = "A stream that lasts a quarter of an hour.", content_type = "text/event-stream", body = String),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn listen(State(api): State<Api>, caller: Caller, headers: HeaderMap) -> Response {
    let live = &api.0.ports.live;
    if live.listeners(&caller.0) >= MOST {
        let problem = Problem::new(Kind::TooManyRequests, "Close some of the open streams.");
        let problem = problem.retry_after(RETRY);
        return problem.response(&api.0.config.base_path);
    }
    let last = headers.get("last-event-id");
    // What is no event's name is one that is not known any more.
    let last = last.map(|value| value.to_str().ok().and_then(EventId::parse));
    let last = last.map(Option::unwrap_or_default);
    let listener = live.listen(&caller.0, last);
    sent(listener)
}

/// A stream of what a listener hears.
pub(crate) fn sent(listener: Listener) -> Response {
    let alive = KeepAlive::new().interval(HEARTBEAT).text("");
    let mut response = Sse::new(events(listener)).keep_alive(alive).into_response();
    let headers = response.headers_mut();
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    // nginx would keep events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn events(listener: Listener) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    let until = Instant::now() + LONGEST;
    let position = listener.position();
    let heard = stream::unfold(listener, move |mut listener| async move {
        let heard = timeout_at(until, listener.next()).await.ok()??;
        Some((heard, listener))
    });
    let first = Event::default().retry(RETRY).comment("listening");
    // Where to go on if nothing is heard at all.
    let first = match position {
        Some(position) => first.id(position.to_string()),
        None => first,
    };
    let events = heard.flat_map(|heard| stream::iter(written(heard)));
    stream::iter([first]).chain(events).map(Ok)
}

fn written(heard: Heard) -> Vec<Event> {
    match heard {
        Heard::Events(events) => events.iter().map(event).collect(),
        Heard::Missed(after) => {
            let reset = Event::default().event("reset").id(after.to_string());
            vec![reset.data("{}")]
        }
    }
}

fn event(happened: &Numbered) -> Event {
    let data = Happened {
        order: happened.order.to_string(),
        state: happened.stage.into(),
        at: happened.at.to_string(),
    };
    Event::default()
        .id(happened.id.to_string())
        .event(format!("order.{}", happened.stage.as_str()))
        .data(serde_json::to_string(&data).unwrap_or_default())
}
