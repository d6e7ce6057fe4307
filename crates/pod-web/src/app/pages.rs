//! Pages: the frame around each, and those that say the same to everybody.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::visitor::Visitor;
use super::words::Words;
use super::{App, cookies};

/// What is around every page.
pub(super) struct Frame {
    pub(super) base: String,
    pub(super) shop: String,
    pub(super) t: Words,
    pub(super) here: &'static str,
    pub(super) signed_in: bool,
    /// Whether another page shows it, in a frame: then it has none of its own.
    pub(super) framed: bool,
    pub(super) notice: Option<Notice>,
}

/// What has just happened.
pub(super) struct Notice {
    pub(super) kind: &'static str,
    pub(super) text: String,
}

/// What went well.
pub(super) const GOOD: [&str; 10] = [
    "confirmed",
    "sent",
    "cancelled",
    "cleared",
    "unlinked",
    "contact-sent",
    "contact-added",
    "contact-preferred",
    "contact-removed",
    "signed-out",
];

/// What did not.
pub(super) const BAD: [&str; 24] = [
    "wrong-code",
    "no-code",
    "refused",
    "expired",
    "locked",
    "no-order",
    "too-soon",
    "exhausted",
    "undeliverable",
    "unavailable",
    "session-over",
    "sign-in-again",
    "no-contact",
    "contact-known",
    "contact-too-many",
    "contact-not-permitted",
    "contact-not-approvable",
    "contact-undeliverable",
    "contact-too-soon",
    "contact-much-too-soon",
    "contact-over",
    "contact-refused",
    "contact-not-known",
    "contact-not-removable",
];

/// What a page is told to say: a word, and a number that goes with it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Said {
    said: Option<String>,
    n: Option<u32>,
}

impl Frame {
    pub(super) fn links(&self) -> Vec<(&'static str, String)> {
        let mut links = vec![("/", self.t.say("nav-home"))];
        if self.signed_in {
            links.push(("/orders", self.t.say("nav-orders")));
            links.push(("/profile", self.t.say("nav-profile")));
        }
        links
    }
}

impl Said {
    pub(super) fn of(said: Option<String>, n: Option<u32>) -> Self {
        Self { said, n }
    }

    /// The notice, if the word is one of ours.
    pub(super) fn notice(&self, t: &Words) -> Option<Notice> {
        let word = self.said.as_deref()?;
        let is_good = GOOD.contains(&word);
        if !is_good && !BAD.contains(&word) {
            return None;
        }
        let n = self.n.unwrap_or(0);
        let text = match word {
            "signed-out" | "session-over" => t.say(word),
            "cleared" => t.say("orders-cleared"),
            "contact-too-soon" => t.with("said-contact-too-soon", "minutes", n),
            "contact-much-too-soon" => t.with("said-contact-much-too-soon", "hours", n),
            "too-soon" => t.with("said-too-soon", "seconds", n),
            "wrong-code" => {
                let left = t.with("order-attempts", "count", n);
                format!("{} {left}", t.say("said-wrong-code"))
            }
            word => t.say(&format!("said-{word}")),
        };
        let kind = if is_good { "success" } else { "error" };
        Some(Notice { kind, text })
    }
}

impl App {
    /// The frame of a page; `None` if there are no words at all.
    pub(super) fn frame(
        &self,
        headers: &HeaderMap,
        here: &'static str,
        signed_in: bool,
        said: &Said,
    ) -> Option<Frame> {
        let t = self.words(headers)?;
        Some(Frame {
            base: self.at(""),
            shop: self.0.config.shop.clone(),
            framed: headers
                .get("sec-fetch-dest")
                .is_some_and(|it| it == "iframe"),
            notice: said.notice(&t),
            t,
            here,
            signed_in,
        })
    }
}

/// A page, or what is left to say where there is none.
pub(super) fn rendered(status: StatusCode, page: Option<&impl Template>) -> Response {
    match page.and_then(|page| page.render().ok()) {
        Some(page) => (status, Html(page)).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct Privacy {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "link.html")]
struct Link {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "error.html")]
struct Wrong {
    frame: Frame,
    text: String,
}

async fn is_signed_in(app: &App, headers: &HeaderMap) -> bool {
    matches!(Visitor::find(app, headers).await, Ok(Some(_)))
}

pub(super) async fn home(
    State(app): State<App>,
    Query(said): Query<Said>,
    headers: HeaderMap,
) -> Response {
    let signed_in = is_signed_in(&app, &headers).await;
    let frame = app.frame(&headers, "/", signed_in, &said);
    rendered(StatusCode::OK, frame.map(|frame| Home { frame }).as_ref())
}

pub(super) async fn privacy(State(app): State<App>, headers: HeaderMap) -> Response {
    let signed_in = is_signed_in(&app, &headers).await;
    let frame = app.frame(&headers, "/privacy", signed_in, &Said::default());
    rendered(
        StatusCode::OK,
        frame.map(|frame| Privacy { frame }).as_ref(),
    )
}

pub(super) async fn link(State(app): State<App>, headers: HeaderMap) -> Response {
    let signed_in = is_signed_in(&app, &headers).await;
    let frame = app.frame(&headers, "/link", signed_in, &Said::default());
    rendered(StatusCode::OK, frame.map(|frame| Link { frame }).as_ref())
}

pub(super) async fn nothing(State(app): State<App>, headers: HeaderMap) -> Response {
    error(&app, &headers, StatusCode::NOT_FOUND, "error-not-found")
}

/// A page that says what did not work. Whether the session is a good one is
/// not asked: that may be what did not work.
pub(super) fn error(app: &App, headers: &HeaderMap, status: StatusCode, word: &str) -> Response {
    let signed_in = cookies::read(headers, cookies::SESSION).is_some();
    let frame = app.frame(headers, "", signed_in, &Said::default());
    let page = frame.map(|frame| Wrong {
        text: frame.t.say(word),
        frame,
    });
    rendered(status, page.as_ref())
}

/// An answer as it is, unless it is an error that says nothing to people: that
/// becomes a page.
pub(super) fn worded(app: &App, headers: &HeaderMap, answer: Response) -> Response {
    let status = answer.status();
    let kind = answer.headers().get(CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page || !(status.is_client_error() || status.is_server_error()) {
        return answer;
    }
    let word = match status {
        StatusCode::UNAUTHORIZED => "session-over",
        StatusCode::FORBIDDEN => "error-forbidden",
        StatusCode::NOT_FOUND => "error-not-found",
        StatusCode::TOO_MANY_REQUESTS => "error-unavailable",
        status if status.is_client_error() => "error-invalid",
        _ => "error-unavailable",
    };
    error(app, headers, status, word)
}

pub(super) fn unavailable(app: &App, headers: &HeaderMap) -> Response {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    error(app, headers, status, "error-unavailable")
}
