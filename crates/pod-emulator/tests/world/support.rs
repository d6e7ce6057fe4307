//! A clock that stands still, bytes that anybody can guess, a skill that says
//! what it is told, and a client for plain HTTP.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use pod_core::Fault;
use pod_core::ports::{Clock, Entropy};
use pod_emulator::{Account, Amazon, Device, Echo, EmulatorConfig, InteractionModel, Keys};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const NOW: &str = "2026-11-22T11:43:17.25Z";

/// It is always [`NOW`].
pub(crate) struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        NOW.parse().unwrap()
    }
}

/// Different bytes each time, the same ones in each run.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        for chunk in bytes.chunks_mut(8) {
            let count = self
                .0
                .fetch_add(1, Ordering::Relaxed)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&count.to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

pub(crate) fn shop() -> Arc<InteractionModel> {
    Arc::new(InteractionModel::parse(include_str!("../shop.json")).unwrap())
}

/// Keys from a file: making new ones takes a second for each test.
pub(crate) fn keys() -> Keys {
    Keys::from_pem(include_str!("../keys.pem")).unwrap()
}

pub(crate) fn amazon() -> Amazon {
    Amazon::new(&keys(), StandingClock.now()).unwrap()
}

pub(crate) fn config(skill_url: &str) -> EmulatorConfig {
    let skill_url = skill_url.parse().unwrap();
    let config = EmulatorConfig::new(
        shop(),
        skill_url,
        Arc::new(StandingClock),
        Arc::new(Counter::default()),
    );
    EmulatorConfig {
        keys: Some(keys()),
        ..config
    }
}

/// What a skill was sent.
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A skill that gives the answers it was told to give, in order.
pub(crate) struct Skill {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    received: Mutex<Vec<Received>>,
    answers: Mutex<VecDeque<(StatusCode, Value)>>,
}

impl Skill {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let router = Router::new().fallback(answer).with_state(shared.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/pod/alexa", self.address)
    }

    /// The next answer: the inside of a response.
    pub(crate) fn will(&self, response: &Value) {
        let whole = json!({"version": "1.0", "sessionAttributes": {"turn": "stored"}, "response": response});
        self.will_answer(StatusCode::OK, whole);
    }

    pub(crate) fn will_say(&self, text: &str, end: bool) {
        self.will(
            &json!({"outputSpeech": {"type": "PlainText", "text": text}, "shouldEndSession": end}),
        );
    }

    pub(crate) fn will_answer(&self, status: StatusCode, body: Value) {
        self.shared
            .answers
            .lock()
            .unwrap()
            .push_back((status, body));
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        std::mem::take(&mut self.shared.received.lock().unwrap())
    }

    /// The last request, as JSON.
    pub(crate) fn last(&self) -> Value {
        serde_json::from_slice(&self.received().pop().unwrap().body).unwrap()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    shared
        .received
        .lock()
        .unwrap()
        .push(Received { headers, body });
    let (status, body) = shared
        .answers
        .lock()
        .unwrap()
        .pop_front()
        .expect("a scripted answer");
    (status, Json(body)).into_response()
}

/// Sends one request over HTTP/1.1.
pub(crate) async fn ask(
    to: SocketAddr,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let (head, body) = exchange(to, method, path, body).await;
    let text = || String::from_utf8_lossy(&body).into();
    let body = serde_json::from_slice(&body).unwrap_or_else(|_| text());
    (head.status, body)
}

/// Sends one request over HTTP/1.1, and gives the answer as it came.
pub(crate) async fn exchange(
    to: SocketAddr,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> (hyper::http::response::Parts, Bytes) {
    let stream = TcpStream::connect(to).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", to.to_string());
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let response = sender
        .send_request(request.body(Full::new(Bytes::from(body))).unwrap())
        .await
        .unwrap();
    let (head, body) = response.into_parts();
    (head, body.collect().await.unwrap().to_bytes())
}

pub(crate) const SKILL_ID: &str = "amzn1.ask.skill.11111111-2222-4333-8444-555555555555";

/// Ada's kitchen, with a token of its own.
pub(crate) fn echo(skill: &Skill) -> Echo {
    let subject = pod_emulator::Skill {
        id: SKILL_ID.to_owned(),
        url: skill.url().parse().unwrap(),
        model: shop(),
    };
    let device = Device {
        name: "kitchen".to_owned(),
        id: "amzn1.ask.device.KITCHEN".to_owned(),
        user_id: "amzn1.ask.account.ADA".to_owned(),
        locale: "en-GB".to_owned(),
    };
    let account = Account::Token("header.claims.signature".into());
    Echo::new(
        subject,
        device,
        account,
        amazon(),
        Arc::new(StandingClock),
        Arc::new(Counter::default()),
    )
}

/// The same, after the skill was opened.
pub(crate) async fn in_session(skill: &Skill) -> Echo {
    let mut echo = echo(skill);
    skill.will_say("Welcome.", false);
    echo.say("alexa, open corner shop").await.unwrap();
    skill.received();
    echo
}
