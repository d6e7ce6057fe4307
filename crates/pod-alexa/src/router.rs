//! The one route of the skill, and the reading of what is sent to it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use thiserror::Error;
use tokio::time::{Instant, timeout_at};

use crate::failure;
use crate::skill::{Refused, Skill};

/// Real requests are below 25 KB.
const BODY_LIMIT: usize = 128 * 1024;

/// How long a body may take to arrive. It is part of the request's budget, of
/// which most is left for whoever has a slow line.
const READING: Duration = Duration::from_secs(2);

/// Routes `POST /alexa` to a skill; nest it under whatever path Alexa knows.
///
/// A request that is not Amazon's, or not for this skill, gets a 400 without a
/// word; one larger than 128 KB a 413; one that has not arrived within two
/// seconds a 408; every other a 200 with a sentence.
pub fn router(skill: Arc<Skill>) -> Router {
    Router::new()
        .route("/alexa", post(answer))
        .with_state(skill)
}

async fn answer(State(skill): State<Arc<Skill>>, request: Request) -> Response {
    let began = Instant::now();
    let (head, body) = request.into_parts();
    let body = match read(body, began + READING).await {
        Ok(body) => body,
        Err(unread) => {
            failure::refused(unread.reason(), &unread);
            let Refused = skill.refuse(unread.reason());
            return unread.status().into_response();
        }
    };
    match skill.answer(&head.headers, &body, began).await {
        Ok(reply) => {
            let json = [(header::CONTENT_TYPE, "application/json;charset=UTF-8")];
            (json, reply.as_bytes().to_vec()).into_response()
        }
        Err(Refused) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Why a body was not read to its end. Nothing is said about it either.
#[derive(Debug, Error)]
enum Unread {
    #[error("the body is larger than 128 KB")]
    TooLarge,
    #[error("the body did not arrive within two seconds")]
    TooSlow,
    #[error("the body broke off")]
    BrokenOff,
}

impl Unread {
    fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::TooSlow => "too-slow",
            Self::BrokenOff => "broken-off",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenOff => StatusCode::BAD_REQUEST,
        }
    }
}

async fn read(body: Body, until: Instant) -> Result<Bytes, Unread> {
    // What is too large by its own account is not waited for.
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Err(Unread::TooLarge);
    }
    match timeout_at(until, Limited::new(body, BODY_LIMIT).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Ok(Err(_)) => Err(Unread::BrokenOff),
        Err(_elapsed) => Err(Unread::TooSlow),
    }
}
