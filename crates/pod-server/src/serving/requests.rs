//! What every request of every connection goes through first: whether there is
//! room for it, and its being counted.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use axum::{BoxError, Router};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tower::Service;

use super::activity::Activity;
use super::answer::Answer;

/// How often it is said that requests are refused.
const COMPLAINT: Duration = Duration::from_mins(1);

/// Room for the requests of all connections.
#[derive(Clone)]
pub(super) struct Room {
    seats: Arc<Semaphore>,
    complained: Arc<Mutex<Option<Instant>>>,
}

impl Room {
    pub(super) fn new(requests: usize) -> Self {
        Self {
            seats: Arc::new(Semaphore::new(requests)),
            complained: Arc::default(),
        }
    }

    fn enter(&self) -> Option<OwnedSemaphorePermit> {
        let seat = self.seats.clone().try_acquire_owned().ok();
        if seat.is_none() {
            self.complain();
        }
        seat
    }

    /// Whoever sends too much must not fill the log as well.
    fn complain(&self) {
        let mut complained = self
            .complained
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if complained.is_none_or(|last| last.elapsed() >= COMPLAINT) {
            *complained = Some(Instant::now());
            tracing::warn!("too many requests are in progress: more are answered 503");
        }
    }
}

/// Answers the requests of one connection.
#[derive(Clone)]
pub(super) struct Requests {
    pub(super) router: Router,
    pub(super) room: Room,
    pub(super) activity: Activity,
}

impl<B> Service<Request<B>> for Requests
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router always is.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let in_progress = self.activity.begin();
        let Some(seat) = self.room.enter() else {
            let refusal = no_room().map(|body| Answer::new(body, in_progress));
            return Box::pin(std::future::ready(Ok(refusal)));
        };
        let answer = self.router.call(request);
        Box::pin(async move {
            let answer = answer.await?;
            drop(seat);
            Ok(answer.map(|body| Answer::new(body, in_progress)))
        })
    }
}

fn no_room() -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let soon = HeaderValue::from_static("1");
    answer.headers_mut().insert(RETRY_AFTER, soon);
    answer
}
