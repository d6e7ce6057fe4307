//! A web app whose ports are fakes, and browsers that keep cookies.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use pod_core::CustomerId;
use pod_core::ports::{BrowserUrl, SessionLimits};
use pod_testkit::fixtures::{bjorn, bjorn_phone, place_order, zoe, zoe_email, zoe_phone};
use pod_testkit::{Fakes, InMemorySignIn};
use pod_web::{App, AppConfig, AppPorts, Live};
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

pub(crate) const SESSION: &str = "__Host-pod-session";

pub(crate) struct Stage {
    pub(crate) fakes: Fakes,
    pub(crate) sign_in: Arc<InMemorySignIn>,
    router: Router,
}

/// Somebody's browser.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    /// The cookies of sign-ins that it has begun.
    pub(crate) fn pending(&self) -> Vec<(&str, &str)> {
        let all = self.cookies.iter();
        let all = all.map(|(name, value)| (name.as_str(), value.as_str()));
        let pending = all.filter(|(name, _)| name.starts_with("__Host-pod-pending-"));
        pending.collect()
    }

    fn show_cookies(&self, request: &mut Request<Body>) {
        let pairs = self.cookies.iter();
        let pairs = pairs.map(|(name, value)| format!("{name}={value}"));
        let cookies = pairs.collect::<Vec<_>>().join("; ");
        if !cookies.is_empty() {
            let headers = request.headers_mut();
            headers.insert("cookie", cookies.parse().unwrap());
        }
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        let value = value.unwrap_or_else(|| panic!("no {name}: {self:?}"));
        value.to_str().expect("text")
    }

    /// Where a browser is sent to.
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{self:?}");
        self.header("location")
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut AppConfig)) -> Self {
        let fakes = Fakes::new();
        fakes.customers.know(&zoe(), vec![zoe_phone(), zoe_email()]);
        fakes.customers.know(&bjorn(), vec![bjorn_phone()]);
        let sign_in = Arc::new(InMemorySignIn::new(fakes.clock.clone()));
        let ports = AppPorts {
            pod: Arc::new(fakes.pod()),
            sign_in: sign_in.clone(),
            sessions: fakes.sessions.clone(),
            clock: fakes.clock.clone(),
            entropy: fakes.entropy.clone(),
            live: Live::new(1),
            tasks: TaskTracker::new(),
        };
        let mut config = AppConfig {
            base_path: "/pod".to_owned(),
            origin: "https://pod.example.com".to_owned(),
            shop: "Pizza on Demand".to_owned(),
            secret: vec![7; 32].into(),
            sign_in_origin: "https://tenant.example".to_owned(),
            sessions: SessionLimits::default(),
            budget: Duration::from_secs(6),
            framed: false,
            push: None,
        };
        change(&mut config);
        let router = Router::new().nest("/pod", App::new(ports, config).router());
        Self {
            fakes,
            sign_in,
            router,
        }
    }

    /// Opens the stream of a customer's events, and waits for none of them.
    pub(crate) async fn listen(&self, browser: &Browser) -> http::Response<Body> {
        let mut request = Request::get("/pod/app/events").body(Body::empty()).unwrap();
        browser.show_cookies(&mut request);
        let answer = self.router.clone().oneshot(request).await;
        answer.expect("answered")
    }

    /// Sends a request as it is, with a browser's cookies, and keeps those that
    /// come back.
    pub(crate) async fn send(&self, browser: &mut Browser, mut request: Request<Body>) -> Answer {
        browser.show_cookies(&mut request);
        let answer = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("answered");
        let (head, body) = answer.into_parts();
        for set in head.headers.get_all("set-cookie") {
            let set = set.to_str().expect("text");
            let (pair, rest) = set.split_once("; ").expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            if rest.starts_with("Max-Age=0;") {
                browser.cookies.remove(name);
            } else {
                browser.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8(body.to_vec()).expect("text"),
        }
    }

    pub(crate) async fn get(&self, browser: &mut Browser, path: &str) -> Answer {
        let request = Request::get(format!("/pod/app{path}"));
        self.send(browser, request.body(Body::empty()).unwrap())
            .await
    }

    /// Sends a form of a page of the app's own.
    pub(crate) async fn post(&self, browser: &mut Browser, path: &str, form: &str) -> Answer {
        self.send(browser, form_of(path, form, "same-origin")).await
    }

    /// Signs a customer in, as far as the provider sends the browser back.
    pub(crate) async fn come_back(&self, browser: &mut Browser, customer: &CustomerId) -> String {
        let begun = self.get(browser, "/sign-in").await;
        let url = BrowserUrl::new(begun.location());
        let callback = self.sign_in.approve(&url, customer);
        callback_of(&url, &callback)
    }

    /// A browser in which a customer is signed in.
    pub(crate) async fn signed_in(&self, customer: &CustomerId) -> Browser {
        let mut browser = Browser::default();
        let back = self.come_back(&mut browser, customer).await;
        let finished = self.get(&mut browser, &back).await;
        assert_eq!(finished.location(), "/pod/app/orders");
        browser
    }

    /// Has a customer order something by voice, and gives the order's name.
    pub(crate) async fn order(&self, customer: &CustomerId) -> String {
        self.fakes.clock.advance(Duration::from_secs(1));
        let sent = self.fakes.pod().place_order(place_order(customer)).await;
        sent.expect("sent").order.id.to_string()
    }

    pub(crate) fn code(&self) -> String {
        let code = self.fakes.courier.last_code().expect("a code");
        code.expose().to_owned()
    }
}

pub(crate) fn form_of(path: &str, form: &str, site: &str) -> Request<Body> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("/pod/app{path}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", site);
    request.body(Body::from(form.to_owned())).unwrap()
}

/// The path that a provider sends a browser back to.
fn callback_of(url: &BrowserUrl, callback: &pod_core::ports::Callback) -> String {
    use pod_core::ports::CallbackOutcome;
    use secrecy::ExposeSecret as _;
    let state = url.expose().split("state=").nth(1).expect("a state");
    let state = state.split('&').next().expect("a state");
    match callback.outcome() {
        CallbackOutcome::Code(code) => {
            let code = code.expose_secret();
            format!("/oidc/callback?state={state}&code={code}")
        }
        CallbackOutcome::Error(denial) => {
            format!("/oidc/callback?state={state}&error={}", denial.as_str())
        }
    }
}
