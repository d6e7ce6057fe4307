//! The devices over HTTP, so that anybody with curl can talk to a pod.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::Url;

use super::{Echo, EchoError};
use crate::amazon::{Amazon, SignedRequest};

/// The devices of the house, by name; each one talks to one person at a time.
#[derive(Clone)]
pub(crate) struct Devices {
    pub(crate) echoes: Arc<BTreeMap<String, Mutex<Echo>>>,
    /// The one that hears who names none.
    pub(crate) nearest: String,
    pub(crate) skill_url: Url,
    pub(crate) amazon: Amazon,
}

pub(crate) fn router(devices: Devices) -> Router {
    Router::new()
        .route("/echo", post(say))
        .route("/echo/compose", post(compose))
        .route("/echo/sign", post(sign))
        .with_state(devices)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    utterance: String,
    device: Option<String>,
    skill_url: Option<Url>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unsigned {
    body: String,
}

/// Says something and answers what is heard.
async fn say(State(devices): State<Devices>, Json(said): Json<Said>) -> Response {
    let Some(echo) = devices.echo(said.device.as_deref()) else {
        return devices.unknown();
    };
    let mut echo = echo.lock().await;
    echo.set_skill_url(said.skill_url.unwrap_or_else(|| devices.skill_url.clone()));
    match echo.say(&said.utterance).await {
        Ok(heard) => Json(heard).into_response(),
        Err(error) => refusal(&error),
    }
}

/// Answers the signed request that an utterance makes, without sending it.
async fn compose(State(devices): State<Devices>, Json(said): Json<Said>) -> Response {
    let Some(echo) = devices.echo(said.device.as_deref()) else {
        return devices.unknown();
    };
    let composed = echo.lock().await.compose(&said.utterance);
    match composed.and_then(|request| Ok(devices.amazon.sign(request.to_string())?)) {
        Ok(signed) => {
            let body = String::from_utf8_lossy(&signed.body).into_owned();
            Json(json!({"headers": headers(&signed), "body": body})).into_response()
        }
        Err(error) => refusal(&error),
    }
}

/// Signs any text, so that a tester can send what no Echo would.
async fn sign(State(devices): State<Devices>, Json(unsigned): Json<Unsigned>) -> Response {
    match devices.amazon.sign(unsigned.body) {
        Ok(signed) => Json(headers(&signed)).into_response(),
        Err(error) => refusal(&error.into()),
    }
}

pub(crate) fn headers(signed: &SignedRequest) -> Value {
    signed
        .headers()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

impl Devices {
    fn echo(&self, name: Option<&str>) -> Option<&Mutex<Echo>> {
        self.echoes.get(name.unwrap_or(&self.nearest))
    }

    fn unknown(&self) -> Response {
        let names: Vec<&str> = self.echoes.keys().map(String::as_str).collect();
        problem(
            StatusCode::NOT_FOUND,
            &format!("there is no such device; there are {}", names.join(", ")),
        )
    }
}

fn refusal(error: &EchoError) -> Response {
    let (status, said) = status_and_words(error);
    problem(status, &said)
}

/// Gives the status for an error, and its words with those of its causes.
pub(crate) fn status_and_words(error: &EchoError) -> (StatusCode, String) {
    let status = match error {
        EchoError::NotInSession(_) | EchoError::NotUnderstood | EchoError::NotInModel(_) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        EchoError::Post(_) | EchoError::InvalidResponse(_) => StatusCode::BAD_GATEWAY,
        EchoError::Amazon(_) | EchoError::Tenant(_) | EchoError::Fault(_) => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        said.push_str(": ");
        said.push_str(&error.to_string());
        cause = error.source();
    }
    (status, said)
}

pub(crate) fn problem(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({"error": error}))).into_response()
}
