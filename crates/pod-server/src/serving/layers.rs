//! What every request goes through before it reaches a router.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// The longest body that is read: several times the longest request of
/// Amazon's.
pub const MAX_BODY: usize = 128 * 1024;

/// The longest an answer may take: longer than any budget, and shorter than
/// Amazon's eight seconds.
const PATIENCE: Duration = Duration::from_millis(7500);

/// Wraps a router so that a request may be long, slow or the cause of a panic
/// without anybody else noticing.
///
/// A body that is too long is answered 413, one that takes too long 503, and a
/// panic 500.
pub fn hardened(router: Router) -> Router {
    router
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
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
