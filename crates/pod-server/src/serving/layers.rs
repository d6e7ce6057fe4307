//! What every request goes through before it reaches a router.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

/// The longest an answer may take: longer than any budget, and shorter than
/// Amazon's eight seconds.
const PATIENCE: Duration = Duration::from_millis(7500);

/// Wraps a router so that a request may be slow or the cause of a panic
/// without anybody else noticing.
///
/// An answer that takes too long is replaced by a 503, and a panic by a 500.
/// Who reads a body limits its size and its time, so that the sender is blamed
/// for them, and counted: here nobody knows what a request is for.
pub fn hardened(router: Router) -> Router {
    router
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            PATIENCE,
        ))
        .layer(CatchPanicLayer::custom(panicked))
}

/// The panic itself is on standard error already, with its place.
fn panicked(_cause: Box<dyn Any + Send + 'static>) -> Response<Body> {
    tracing::error!("a request made the program panic: it was answered 500; report it as a bug");
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    answer
}
