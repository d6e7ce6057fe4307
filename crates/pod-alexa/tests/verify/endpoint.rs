//! What a handler that asks for a `Verified` gets to see.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Request, StatusCode};
use pod_alexa::verify::Verified;
use tower::ServiceExt;

use crate::support::authority::stranger_key;
use crate::support::letter::{Letter, SIGNATURE, body, now};
use crate::support::stage::{Stage, in_five_seconds};

struct Skill {
    stage: Stage,
    answered: AtomicUsize,
}

impl Skill {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            stage: Stage::new(),
            answered: AtomicUsize::new(0),
        })
    }

    /// The handler: it cannot be called without the proof.
    fn answer(&self, request: &Verified) -> Response {
        self.answered.fetch_add(1, Ordering::SeqCst);
        if request.request_type() == "Broken" {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        axum::Json("a sentence").into_response()
    }

    async fn send(self: &Arc<Self>, letter: Letter) -> (StatusCode, HeaderMap, Bytes) {
        let router = Router::new()
            .route("/", post(receive))
            .with_state(Arc::clone(self));
        let mut request = Request::post("/").body(Body::from(letter.body)).unwrap();
        *request.headers_mut() = letter.headers;
        let (head, body) = router.oneshot(request).await.unwrap().into_parts();
        (
            head.status,
            head.headers,
            to_bytes(body, usize::MAX).await.unwrap(),
        )
    }
}

async fn receive(State(skill): State<Arc<Skill>>, headers: HeaderMap, body: Bytes) -> Response {
    match skill
        .stage
        .verifier
        .verify(&headers, &body, now(), in_five_seconds())
        .await
    {
        Ok(verified) => skill.answer(&verified),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

#[tokio::test]
async fn a_refused_request_is_told_no_reason_and_others_are_answered() {
    // E1
    let skill = Skill::new();
    let broken = body(&format!(r#""{}""#, now())).replace("IntentRequest", "Broken");

    let (refused, _, reason) = skill.send(Letter::new().without(SIGNATURE)).await;
    let (failed, ..) = skill.send(Letter::saying(broken)).await;
    let (answered, headers, _) = skill.send(Letter::new()).await;

    assert_eq!((refused, reason), (StatusCode::BAD_REQUEST, Bytes::new()));
    assert_eq!(failed, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answered, StatusCode::OK);
    assert_eq!(headers["content-type"], "application/json");
}

#[tokio::test]
async fn what_is_not_signed_never_reaches_the_handler_even_after_what_is() {
    // E2
    let skill = Skill::new();
    let forged = Letter::signed_by(stranger_key(), body(&format!(r#""{}""#, now())));
    let garbled = Letter::new().with(SIGNATURE, &STANDARD.encode([1; 256]));

    for letter in [
        Letter::new().without(SIGNATURE),
        forged.clone(),
        garbled.clone(),
    ] {
        assert_eq!(skill.send(letter).await.0, StatusCode::BAD_REQUEST);
    }
    assert_eq!(skill.answered.load(Ordering::SeqCst), 0);

    assert_eq!(skill.send(Letter::new()).await.0, StatusCode::OK);
    for letter in [Letter::new().without(SIGNATURE), forged, garbled] {
        assert_eq!(skill.send(letter).await.0, StatusCode::BAD_REQUEST);
    }
    assert_eq!(skill.answered.load(Ordering::SeqCst), 1);
}
