//! The page and its parts, as files: nothing in them is from elsewhere.

use axum::Router;
use axum::extract::OriginalUri;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

/// What a browser may take: what this listener serves, and nothing else. No
/// script or style stands in the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn router() -> Router {
    Router::new()
        .route("/", get(page))
        .route("/simulator.css", get(|| async { style() }))
        .route("/simulator.js", get(|| async { script() }))
}

/// The page; its links hold only below a slash.
async fn page(OriginalUri(uri): OriginalUri) -> Response {
    let path = uri.path();
    if path.ends_with('/') {
        file(
            "text/html; charset=utf-8",
            include_str!("../../assets/simulator.html"),
        )
    } else {
        let name = path.rsplit('/').next().unwrap_or_default();
        Redirect::permanent(&format!("{name}/")).into_response()
    }
}

fn style() -> Response {
    file(
        "text/css; charset=utf-8",
        include_str!("../../assets/simulator.css"),
    )
}

fn script() -> Response {
    file(
        "text/javascript; charset=utf-8",
        include_str!("../../assets/simulator.js"),
    )
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}
