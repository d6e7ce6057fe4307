//! The web app: pages for customers, rendered here; a small script moves what
//! moves.

mod contacts;
mod cookies;
mod form;
mod orders;
mod pages;
mod profile;
mod seal;
mod signing;
mod visitor;
mod words;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use pod_core::ports::{Clock, Entropy, SessionLimits, Sessions, SignIn};
use pod_core::{CustomerId, Deadline, Pod, Timestamp};
use tokio_util::task::TaskTracker;
use tower_http::csrf::CsrfLayer;

use crate::api::Requests;
use crate::live::Live;
use seal::Seal;
use words::{AllWords, Words};

const APP: &str = "web app";

/// More than any form has.
const LARGEST: usize = 4 * 1024;

/// What the web app is made of.
pub struct AppPorts {
    /// The use cases.
    pub pod: Arc<Pod>,
    /// Who signs customers in.
    pub sign_in: Arc<dyn SignIn>,
    /// Who keeps their sessions.
    pub sessions: Arc<dyn Sessions>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// What happens, as it happens.
    pub live: Live,
    /// Where what was begun goes on to its end, whether or not its browser
    /// waits for it.
    pub tasks: TaskTracker,
}

/// What the web app is told.
#[derive(Clone)]
pub struct AppConfig {
    /// Where it is: the path before `/app`, such as `/pod`, or nothing.
    pub base_path: String,
    /// The origin that browsers reach it by: `https://pod.example.com`.
    pub origin: String,
    /// The shop, as customers know it.
    pub shop: String,
    /// What seals a sign-in that has begun: 32 bytes or more, the same in every
    /// program that answers for this address.
    pub secret: Box<[u8]>,
    /// The origin of the page where customers sign in:
    /// `https://tenant.eu.auth0.com`.
    pub sign_in_origin: String,
    /// How long sessions last.
    pub sessions: SessionLimits,
    /// How long an answer may take.
    pub budget: Duration,
    /// Whether pages of the same origin may show it in a frame.
    pub framed: bool,
    /// Where pages hear of what happens, in place of pod's own events.
    pub push: Option<Push>,
}

/// A server of Pusher's protocol that pages listen to.
#[derive(Clone)]
pub struct Push {
    /// The address of its socket: `wss://ws-eu.pusher.com/app/KEY?protocol=7`.
    pub socket: String,
    /// The socket's origin: `wss://ws-eu.pusher.com`.
    pub origin: String,
    /// The name of a customer's own channel.
    pub channel: ChannelOf,
    /// Lets a customer's page listen, by the id of its socket and the name of
    /// a channel; `None` if that is not the customer's.
    pub authorize: Authorize,
}

/// See [`Push::channel`].
pub type ChannelOf = Arc<dyn Fn(&CustomerId) -> String + Send + Sync>;

/// See [`Push::authorize`].
pub type Authorize = Arc<dyn Fn(&CustomerId, &str, &str) -> Option<String> + Send + Sync>;

/// The web app.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    ports: AppPorts,
    config: AppConfig,
    pending: Seal,
    words: AllWords,
    policy: HeaderValue,
    writes: Requests,
}

/// How often a customer may write in a minute.
const WRITES: u32 = 60;

impl App {
    /// Makes the web app of a pod.
    #[must_use]
    pub fn new(ports: AppPorts, config: AppConfig) -> Self {
        let policy = policy(&config);
        Self(Arc::new(Inner {
            pending: Seal::new(&config.secret, "sign-in"),
            words: AllWords::new(),
            writes: Requests::new(WRITES),
            policy: HeaderValue::from_str(&policy)
                .unwrap_or(HeaderValue::from_static("default-src 'none'")),
            ports,
            config,
        }))
    }

    /// Routes requests, from `/app/` on: to be nested at the base path.
    pub fn router(&self) -> Router {
        let pages = Router::new()
            .route("/app", get(slash))
            .route("/app/", get(pages::home))
            .route("/app/privacy", get(pages::privacy))
            .route("/app/link", get(pages::link))
            .route("/app/sign-in", get(signing::begin))
            .route("/app/oidc/callback", get(signing::finish))
            .route("/app/sign-out", post(signing::sign_out))
            .route("/app/orders", get(orders::page))
            .route("/app/orders/live", get(orders::live))
            .route("/app/orders/clear", post(orders::clear))
            .route("/app/orders/{id}/confirm", post(orders::confirm))
            .route("/app/orders/{id}/resend", post(orders::resend))
            .route("/app/orders/{id}/cancel", post(orders::cancel))
            .route("/app/events", get(orders::events))
            .route("/app/push", post(orders::push))
            .route("/app/profile", get(profile::page))
            .route("/app/profile/data.json", get(profile::data))
            .route(
                "/app/profile/sign-out-everywhere",
                post(profile::everywhere),
            )
            .route("/app/profile/contacts", post(contacts::enrol))
            .route("/app/profile/contacts/prove", post(contacts::prove))
            .route(
                "/app/profile/contacts/{name}/prefer",
                post(contacts::prefer),
            )
            .route(
                "/app/profile/contacts/{name}/remove",
                post(contacts::remove),
            )
            .route("/app/profile/unlink", post(profile::unlink))
            .route("/app/profile/erase", post(profile::erase))
            .route("/app/{*rest}", any(pages::nothing))
            .layer(axum::extract::DefaultBodyLimit::max(LARGEST))
            .layer(self.against_forgery())
            .layer(from_fn_with_state(self.clone(), guard));
        let assets = Router::new()
            .route("/app/assets/pod.css", get(async || asset("text/css", CSS)))
            .route(
                "/app/assets/app.js",
                get(async || asset("text/javascript", SCRIPT)),
            )
            .route(
                "/app/assets/mark.svg",
                get(async || asset("image/svg+xml", MARK)),
            )
            .layer(from_fn_with_state(self.clone(), plain));
        pages.merge(assets).with_state(self.clone())
    }

    /// Refuses what other pages send. Where a proxy changes `Host`, the origin
    /// still tells.
    fn against_forgery(&self) -> CsrfLayer {
        let layer = CsrfLayer::new();
        let trusting = layer.clone().add_trusted_origin(&self.0.config.origin);
        trusting.unwrap_or(layer)
    }

    fn pod(&self) -> &Pod {
        &self.0.ports.pod
    }

    fn now(&self) -> Timestamp {
        self.0.ports.clock.now()
    }

    fn deadline(&self) -> Deadline {
        Deadline::at(Instant::now() + self.0.config.budget)
    }

    /// The path of a page.
    fn at(&self, rest: &str) -> String {
        format!("{}/app{rest}", self.0.config.base_path)
    }

    fn words(&self, headers: &HeaderMap) -> Option<Words> {
        self.0.words.of(headers)
    }

    /// Sends a browser elsewhere, with GET.
    fn see_other(location: &str) -> Response {
        let mut response = StatusCode::SEE_OTHER.into_response();
        if let Ok(location) = HeaderValue::from_str(location) {
            response.headers_mut().insert("location", location);
        }
        response
    }
}

const CSS: &str = include_str!("../../assets/pod.css");
const SCRIPT: &str = include_str!("../../assets/app.js");
const MARK: &str = include_str!("../../assets/mark.svg");

fn asset(kind: &'static str, text: &'static str) -> Response {
    let kind = HeaderValue::from_static(kind);
    let cached = HeaderValue::from_static("public, max-age=3600");
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, cached)], text).into_response()
}

async fn slash(State(app): State<App>) -> Response {
    App::see_other(&app.at("/"))
}

/// Nothing but what this host has; no script and no style within a page.
fn policy(config: &AppConfig) -> String {
    let ancestors = if config.framed { "'self'" } else { "'none'" };
    let push = config.push.as_ref();
    let push = push.map_or(String::new(), |push| format!(" {}", push.origin));
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self'{push}; form-action 'self' {}; base-uri 'none'; \
         frame-ancestors {ancestors}",
        config.sign_in_origin
    )
}

/// What every page has: it is one customer's, and shows nothing of anybody
/// else's. What the router refuses by itself is told in words.
async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    // Dropped halfway, because its browser went away, it might leave an order
    // without its code, or erase half of what there is.
    let begun = app.0.ports.tasks.spawn(next.run(request));
    let unavailable = |_| pages::unavailable(&app, &headers);
    let response = begun.await.unwrap_or_else(unavailable);
    let mut response = pages::worded(&app, &headers, response);
    let headers = response.headers_mut();
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    harden(&app, headers);
    response
}

async fn plain(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let response = next.run(request).await;
    let mut response = pages::worded(&app, &headers, response);
    harden(&app, response.headers_mut());
    response
}

fn harden(app: &App, headers: &mut HeaderMap) {
    headers.insert("content-security-policy", app.0.policy.clone());
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=(), payment=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Of a name that is every program's on its machine, nobody may decide so.
    let origin = &app.0.config.origin;
    if origin.starts_with("https://") && !origin.starts_with("https://localhost") {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert("strict-transport-security", year);
    }
}
