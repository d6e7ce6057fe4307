//! The one route of the skill.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode, header};

use crate::skill::{Refused, Skill};

/// Real requests are below 25 KB; a larger body is refused before it is read.
const BODY_LIMIT: usize = 128 * 1024;

/// Routes `POST /alexa` to a skill; nest it under whatever path Alexa knows.
///
/// A request that is not Amazon's, or not for this skill, gets a 400 without a
/// word; one larger than 128 KB a 413; every other a 200 with a sentence.
pub fn router(skill: Arc<Skill>) -> Router {
    Router::new()
        .route("/alexa", post(answer))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(skill)
}

async fn answer(
    State(skill): State<Arc<Skill>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return unread(&skill, rejection.status()),
    };
    match skill.answer(&headers, &body).await {
        Ok(reply) => {
            let json = [(header::CONTENT_TYPE, "application/json;charset=UTF-8")];
            (json, reply.as_bytes().to_vec()).into_response()
        }
        Err(Refused) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// A body that was too large, or broke off: nothing is said about it either.
fn unread(skill: &Skill, status: StatusCode) -> Response {
    let reason = if status == StatusCode::PAYLOAD_TOO_LARGE {
        "too-large"
    } else {
        "broken-off"
    };
    let Refused = skill.refuse(reason);
    status.into_response()
}
