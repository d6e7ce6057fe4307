//! An answer that goes on and on.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::routing::get;
use http_body::Frame;
use tokio::time::{Interval, interval};

/// How long it is from one event to the next.
pub(super) const PAUSE: Duration = Duration::from_mins(2);

/// Says the same again and again.
struct Events {
    event: Bytes,
    turns: Interval,
}

impl HttpBody for Events {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        ready!(self.turns.poll_tick(cx));
        Poll::Ready(Some(Ok(Frame::data(self.event.clone()))))
    }
}

/// Answers at `/` with an event every so often.
pub(super) fn every(pause: Duration, event: impl Into<Bytes>) -> Router {
    let event = event.into();
    let answer = async move || {
        Body::new(Events {
            event,
            turns: interval(pause),
        })
    };
    Router::new().route("/", get(answer))
}
