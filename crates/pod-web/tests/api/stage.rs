//! An API whose ports are fakes, and programs that call it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use pod_core::ports::{AccessToken, Announcer, Caller, Ports, Scopes};
use pod_core::{Contact, CustomerId, Menu};
use pod_testkit::Fakes;
use pod_testkit::fixtures::{bjorn, email, zoe, zoe_email, zoe_phone};
use pod_web::{Api, ApiConfig, ApiPorts, Live};
use serde_json::Value;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

pub(crate) const ZOE: &str = "token-of-zoe";
pub(crate) const BJORN: &str = "token-of-bjorn";

/// The scope that tokens need here.
pub(crate) const SCOPE: &str = "order:pizza";

pub(crate) struct Stage {
    pub(crate) fakes: Fakes,
    pub(crate) live: Live,
    router: Router,
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
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The last part of a problem's type.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16());
        let kind = json["type"].as_str().expect("a type");
        let word = kind.strip_prefix("/pod/api/problems/");
        word.expect("one of pod's").to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        let value = value.unwrap_or_else(|| panic!("no {name}: {self:?}"));
        value.to_str().expect("text")
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut ApiConfig)) -> Self {
        Self::known_by(vec![zoe_phone(), zoe_email()], change)
    }

    pub(crate) fn known_by(contacts: Vec<Contact>, change: impl FnOnce(&mut ApiConfig)) -> Self {
        let fakes = Fakes::new();
        fakes.customers.know(&zoe(), contacts);
        fakes
            .customers
            .know(&bjorn(), vec![email("bjorn@example.com")]);
        for (token, customer, scopes) in [
            (ZOE, zoe(), "openid order:pizza"),
            (BJORN, bjorn(), "order:pizza"),
            ("token-without-scope", zoe(), "openid"),
        ] {
            know(&fakes, token, customer, scopes);
        }
        let live = Live::new(7);
        let announcer: Arc<dyn Announcer> = Arc::new(live.clone());
        let ports = Ports {
            announcer,
            ..fakes.ports()
        };
        let mut config = ApiConfig {
            base_path: "/pod".to_owned(),
            menu: Menu::default(),
            scope: Some(SCOPE.to_owned()),
            budget: Duration::from_secs(6),
            requests_per_minute: 600,
            origins: Vec::new(),
        };
        change(&mut config);
        let ports = ApiPorts {
            pod: Arc::new(fakes.pod_on(ports)),
            authenticator: fakes.authenticator.clone(),
            clock: fakes.clock.clone(),
            live: live.clone(),
            tasks: TaskTracker::new(),
        };
        let router = Router::new().nest("/pod", Api::new(ports, config).router());
        Self {
            fakes,
            live,
            router,
        }
    }

    /// Knows a customer by a token and a telephone.
    pub(crate) fn know(&self, token: &str, name: &str) {
        let customer = pod_testkit::fixtures::customer(name);
        self.fakes.customers.know(&customer, vec![zoe_phone()]);
        know(&self.fakes, token, customer, SCOPE);
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("answered");
        let (head, body) = answer.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8(body.to_vec()).expect("text"),
        }
    }

    /// Sends a request, and waits for no more than the head of its answer.
    pub(crate) async fn status(&self, request: Request<Body>) -> StatusCode {
        let answer = self.router.clone().oneshot(request).await;
        answer.expect("answered").status()
    }

    /// Sends a request whose body is a stream.
    pub(crate) async fn open(&self, request: Request<Body>) -> Body {
        let answer = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("answered");
        assert_eq!(answer.status(), StatusCode::OK);
        answer.into_body()
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        self.send(request(Method::GET, token, path, "")).await
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: &str) -> Answer {
        self.send(request(Method::POST, token, path, body)).await
    }

    pub(crate) async fn delete(&self, token: &str, path: &str) -> Answer {
        self.send(request(Method::DELETE, token, path, "")).await
    }

    /// Places an order a second after whatever was before, and gives its name.
    pub(crate) async fn place(&self, token: &str) -> String {
        self.fakes.clock.advance(Duration::from_secs(1));
        let placed = self.post(token, "/orders", LARGE).await;
        assert_eq!(placed.status, StatusCode::CREATED, "{placed:?}");
        placed.json()["id"].as_str().expect("a name").to_owned()
    }

    /// The body that says the code that was sent last.
    pub(crate) fn code(&self) -> String {
        let code = self.fakes.courier.last_code().expect("a code was sent");
        said(code.expose())
    }

    /// The body that says a wrong code.
    pub(crate) fn wrong(&self) -> String {
        let code = self.fakes.courier.last_code().expect("a code was sent");
        said(pod_testkit::fixtures::wrong_code(&code, 0).expose())
    }
}

pub(crate) const LARGE: &str = r#"{"size":"large","toppings":["onions"]}"#;

pub(crate) fn said(code: &str) -> String {
    format!(r#"{{"code":"{code}"}}"#)
}

fn know(fakes: &Fakes, token: &str, customer: CustomerId, scopes: &str) {
    let token = AccessToken::parse(token).expect("a token");
    let caller = Caller {
        customer,
        scopes: Scopes::parse(scopes),
    };
    fakes.authenticator.know(&token, caller);
}

pub(crate) fn request(method: Method, token: &str, path: &str, body: &str) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/pod/api{path}"));
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    request
        .body(Body::from(body.to_owned()))
        .expect("a request")
}
