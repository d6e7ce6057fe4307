//! The whole tenant over real HTTP, and what the tests of it share.

mod challenge;
mod codes;
mod linking;
mod lists;
mod login;
mod logout;
mod management;
mod people;
mod refusals;
mod tokens;
mod troubles;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::HeaderMap;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use pod_core::ports::Clock;
use pod_core::{Contact, EmailAddress, PhoneNumber};
use pod_emulator::{
    ALEXA_CLIENT, ALEXA_REDIRECTS, ALEXA_SECRET, Emulator, EmulatorConfig, TenantSetup,
};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use url::Url;

use crate::support::{NOW, config};

pub(crate) const PASSWORDLESS: &str = "http://auth0.com/oauth/grant-type/passwordless/otp";
pub(crate) const API: &str = "https://pod.localtest.me";
/// The verifier of RFC 7636, appendix B, and its challenge.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A clock that is put forward by hand.
#[derive(Default)]
pub(crate) struct MovingClock(AtomicI64);

impl Clock for MovingClock {
    fn now(&self) -> Timestamp {
        let later = SignedDuration::from_secs(self.0.load(Ordering::Relaxed));
        NOW.parse::<Timestamp>().unwrap() + later
    }
}

/// A tenant, and the time there.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    clock: Arc<MovingClock>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Where a browser is sent.
    pub(crate) fn location(&self) -> Url {
        self.header("location")
            .parse()
            .unwrap_or_else(|_| panic!("a redirection: {self:?}"))
    }

    /// The words of an OAuth error, and its status.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
        (
            self.status.as_u16(),
            text("error"),
            text("error_description"),
        )
    }
}

pub(crate) fn refused(status: u16, error: &str, words: &str) -> (u16, String, String) {
    (status, error.to_owned(), words.to_owned())
}

/// A parameter of an address.
pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

pub(crate) fn basic(client: &str, secret: &str) -> (String, String) {
    let encoded = STANDARD.encode(format!("{client}:{secret}"));
    ("authorization".to_owned(), format!("Basic {encoded}"))
}

/// What a token says, unverified.
pub(crate) fn claims(token: &Value) -> Value {
    part(token, 1)
}

/// The header of a token.
pub(crate) fn head(token: &Value) -> Value {
    part(token, 0)
}

fn part(token: &Value, place: usize) -> Value {
    let part = token.as_str().unwrap().split('.').nth(place).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(TenantSetup::default()).await
    }

    pub(crate) async fn with(tenant: TenantSetup) -> Self {
        let clock = Arc::new(MovingClock::default());
        let emulator = Emulator::start(EmulatorConfig {
            tenant,
            clock: clock.clone(),
            ..config("http://127.0.0.1:1/")
        })
        .await
        .unwrap();
        Self { emulator, clock }
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(String, String)],
        body: String,
    ) -> Option<Answer> {
        let address = self.emulator.address();
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", address.to_string());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let response = sender.send_request(request).await.ok()?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Some(Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], String::new())
            .await
            .unwrap()
    }

    pub(crate) async fn get_with(&self, path: &str, header: (&str, &str)) -> Answer {
        let header = (header.0.to_owned(), header.1.to_owned());
        self.send(Method::GET, path, &[header], String::new())
            .await
            .unwrap()
    }

    /// Posts a form.
    pub(crate) async fn form(
        &self,
        path: &str,
        headers: &[(String, String)],
        pairs: &[(&str, &str)],
    ) -> Answer {
        let kind = "application/x-www-form-urlencoded".to_owned();
        let mut headers = headers.to_vec();
        headers.push(("content-type".to_owned(), kind));
        self.send(Method::POST, path, &headers, form(pairs))
            .await
            .unwrap()
    }

    /// Posts JSON to the Authentication API.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::POST, path, "", body).await
    }

    /// Sends JSON, with a bearer's token unless it is empty.
    pub(crate) async fn json(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Answer {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        if !token.is_empty() {
            headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        }
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send(method, path, &headers, body).await.unwrap()
    }

    /// A token for the Management API, for these scopes of a client's.
    pub(crate) async fn administrator(&self, client: &str, secret: &str, scope: &str) -> String {
        let audience = format!("{}api/v2/", self.emulator.tenant().issuer());
        let body = json!({
            "grant_type": "client_credentials", "client_id": client, "client_secret": secret,
            "audience": audience, "scope": scope,
        });
        let answer = self.post("/oauth/token", &body).await;
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// Signs in by the Alexa client, up to the code; `more` is added to what
    /// `/authorize` is asked for.
    pub(crate) async fn code(&self, login: (&str, &str), more: &[(&str, &str)]) -> String {
        let page = self.get(&alexa(more)).await.location();
        let back = self.fill(&page, login).await.location();
        parameter(&back, "code").unwrap_or_else(|| panic!("a code: {back}"))
    }

    /// Fills the form of a login page in.
    pub(crate) async fn fill(&self, page: &Url, (name, password): (&str, &str)) -> Answer {
        let state = parameter(page, "state").unwrap();
        let filled = [
            ("state", state.as_str()),
            ("username", name),
            ("password", password),
        ];
        self.form(page.path(), &[], &filled).await
    }

    /// Exchanges a code as Amazon does.
    pub(crate) async fn exchange(&self, code: &str, verifier: Option<&str>) -> Answer {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", ALEXA_REDIRECTS[0]),
        ];
        pairs.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        self.form("/oauth/token", &[basic(ALEXA_CLIENT, ALEXA_SECRET)], &pairs)
            .await
    }

    pub(crate) async fn refresh(&self, token: &Value) -> Answer {
        let pairs = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token.as_str().unwrap()),
        ];
        self.form("/oauth/token", &[basic(ALEXA_CLIENT, ALEXA_SECRET)], &pairs)
            .await
    }

    /// The code in the newest message for a contact.
    pub(crate) fn received(&self, contact: &str) -> String {
        let message = self.emulator.inbox().latest_for(&contact_of(contact));
        message.unwrap().code().unwrap().expose().to_owned()
    }
}

pub(crate) fn contact_of(contact: &str) -> Contact {
    match PhoneNumber::parse(contact) {
        Ok(number) => Contact::Phone(number),
        Err(_) => Contact::Email(EmailAddress::parse(contact).unwrap()),
    }
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The address that Amazon sends a browser to.
pub(crate) fn alexa(more: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", ALEXA_CLIENT),
        ("redirect_uri", ALEXA_REDIRECTS[0]),
        ("scope", "openid email phone offline_access order:pizza"),
        ("audience", API),
        ("state", "a state"),
    ];
    pairs.retain(|(name, _)| more.iter().all(|(other, _)| name != other));
    pairs.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    format!("/authorize?{}", form(&pairs))
}

/// With a challenge whose verifier is [`VERIFIER`].
pub(crate) const PROVED: [(&str, &str); 2] = [
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];
