//! An Echo in the browser, beside the telephone where codes arrive: the first
//! page of the demo.

mod checks;
mod pages;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hyper::http::HeaderValue;
use pod_core::ports::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{Mutex, watch};

use crate::amazon::{Amazon, SignedRequest};
use crate::config::{DeviceAccount, DeviceSetup};
use crate::echo::http::{headers, problem, status_and_words};
use crate::echo::{Echo, EchoError, Heard};
use crate::inbox::{self, Inbox};
use checks::{Check, Inspector};

/// The languages that a device can be set to: those that messages are written
/// in, and every English that Alexa has.
const LOCALES: [&str; 12] = [
    "en-US", "en-AU", "en-CA", "en-GB", "en-IN", "de-DE", "es-ES", "fr-FR", "hi-IN", "it-IT",
    "ja-JP", "pt-BR",
];

/// What the page is made of.
#[derive(Clone)]
pub(crate) struct Simulator {
    /// The devices of the house, by name, with conversations of their own.
    pub(crate) echoes: Arc<BTreeMap<String, Mutex<Echo>>>,
    /// The same devices as the page shows them; the first one is chosen.
    pub(crate) house: Arc<Vec<Resident>>,
    pub(crate) shop: String,
    /// What the skill is called by.
    pub(crate) invocation: String,
    pub(crate) skill_id: String,
    pub(crate) amazon: Amazon,
    pub(crate) clock: Arc<dyn Clock>,
}

/// A device as it is shown. There is a password in it, so it does not show
/// itself.
#[derive(Clone)]
pub(crate) struct Resident {
    pub(crate) device: String,
    /// The name of whoever linked an account, if anybody did.
    pub(crate) customer: Option<String>,
    /// What they sign in with, an e-mail address and a password: those of a
    /// demo are known to everybody.
    pub(crate) login: Option<(String, String)>,
}

impl From<&DeviceSetup> for Resident {
    fn from(setup: &DeviceSetup) -> Self {
        // `auth0|ada` and `ada@example.com` are both Ada's.
        let customer = match &setup.account {
            DeviceAccount::NotLinked => None,
            DeviceAccount::Linked(subject) => subject.rsplit('|').next(),
            DeviceAccount::SignedIn { login, .. } => login.split('@').next(),
        };
        Self {
            device: setup.name.clone(),
            customer: customer.map(str::to_owned),
            login: match &setup.account {
                DeviceAccount::SignedIn { login, password } => {
                    Some((login.clone(), password.clone()))
                }
                DeviceAccount::NotLinked | DeviceAccount::Linked(_) => None,
            },
        }
    }
}

/// Serves the page and what it asks for; when it is told to stop, nobody has
/// to wait for messages any longer.
pub(crate) fn router(simulator: Simulator, messages: Inbox, stop: watch::Receiver<bool>) -> Router {
    let live = Router::new()
        .route("/say", post(say))
        .route("/leave", post(leave))
        .route("/state", get(state))
        .with_state(simulator)
        .merge(inbox::http::router(messages, stop))
        .layer(axum::middleware::map_response(never_kept));
    pages::router().merge(live)
}

/// Codes and tokens are in these answers.
async fn never_kept(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    device: String,
    utterance: String,
    /// The language that the device is set to from now on.
    locale: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Left {
    device: String,
}

/// A request as it went over the wire, and what Amazon's rules say of it.
#[derive(Serialize)]
struct Wire {
    signature_headers: Value,
    checks: Vec<Check>,
}

/// Says something, and answers what is heard and what went over the wire.
async fn say(State(simulator): State<Simulator>, Json(said): Json<Said>) -> Response {
    let Some(echo) = simulator.echoes.get(&said.device) else {
        return simulator.unknown();
    };
    let mut echo = echo.lock().await;
    if let Some(locale) = &said.locale {
        if !LOCALES.contains(&&**locale) {
            let why = format!("no device speaks {locale:?}: it is one of {LOCALES:?}");
            return problem(StatusCode::BAD_REQUEST, &why);
        }
        echo.set_locale(locale);
    }
    let heard = echo.say(&said.utterance).await;
    simulator.answer(heard, echo.take_sent())
}

/// Leaves a device alone until it closes the session; answers nothing when
/// none is open.
async fn leave(State(simulator): State<Simulator>, Json(left): Json<Left>) -> Response {
    let Some(echo) = simulator.echoes.get(&left.device) else {
        return simulator.unknown();
    };
    let mut echo = echo.lock().await;
    match echo.walk_away().await.transpose() {
        Some(heard) => simulator.answer(heard, echo.take_sent()),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// The house as it is now.
async fn state(State(simulator): State<Simulator>) -> Json<Value> {
    let mut devices = Vec::with_capacity(simulator.house.len());
    for resident in simulator.house.iter() {
        let Some(echo) = simulator.echoes.get(&resident.device) else {
            continue;
        };
        let (session_open, locale) = {
            let echo = echo.lock().await;
            (echo.in_session(), echo.device().locale.clone())
        };
        devices.push(json!({
            "name": resident.device,
            "locale": locale,
            "customer": resident.customer,
            "login": resident.login,
            "session_open": session_open,
        }));
    }
    Json(json!({
        "shop": simulator.shop,
        "invocation": simulator.invocation,
        "locales": LOCALES,
        "devices": devices,
    }))
}

impl Simulator {
    /// What is heard, or why nothing is, with the wire if anything was sent.
    fn answer(&self, heard: Result<Heard, EchoError>, sent: Option<SignedRequest>) -> Response {
        let skill_said = heard.as_ref().ok().map(|heard| heard.status);
        let wire = sent.as_ref().map(|sent| self.wire(sent, skill_said));
        match heard {
            Ok(heard) => Json(Whole { heard, wire }).into_response(),
            Err(error) => {
                let (status, words) = status_and_words(&error);
                let request = sent.and_then(|sent| serde_json::from_slice(&sent.body).ok());
                let unheard = Unheard {
                    error: words,
                    request,
                    wire,
                };
                (status, Json(unheard)).into_response()
            }
        }
    }

    fn wire(&self, sent: &SignedRequest, skill_said: Option<u16>) -> Wire {
        let inspector = Inspector {
            certificates: self.amazon.certificates(),
            root: self.amazon.root(),
            skill_id: &self.skill_id,
            now: self.clock.now(),
        };
        Wire {
            signature_headers: headers(sent),
            checks: inspector.inspect(sent, skill_said),
        }
    }

    fn unknown(&self) -> Response {
        let names: Vec<&str> = self.echoes.keys().map(String::as_str).collect();
        problem(
            StatusCode::NOT_FOUND,
            &format!("there is no such device; there are {}", names.join(", ")),
        )
    }
}

/// An answer with its wire.
#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    heard: Heard,
    #[serde(flatten)]
    wire: Option<Wire>,
}

/// Nothing was heard; the request is there if it was sent.
#[derive(Serialize)]
struct Unheard {
    error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Value>,
    #[serde(flatten)]
    wire: Option<Wire>,
}
