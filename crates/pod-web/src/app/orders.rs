//! The customer's orders: what waits for its code, and what has been.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::SignedDuration;
use pod_core::ports::{Repeat, Reply};
use pod_core::{
    BeginRequestError, CancelOrderError, Code, ConfirmOrder, ConfirmOrderError, Fault, Language,
    Money, Order, OrderId, ResendCode, ResendCodeError, Stage, State as OrderState, Timestamp,
};
use serde::Deserialize;

use super::App;
use super::form::{self, Filled};
use super::pages::{Frame, Said, rendered, unavailable};
use super::visitor::{ByScript, Visitor};
use super::words::Words;
use crate::api::sent;
use crate::live::EventId;

/// How many orders of the past a page has.
const PAGE: u32 = 20;

/// How many streams one customer may have open.
const STREAMS: usize = 16;

/// Which orders of the past to show.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    state: Option<String>,
    before: Option<String>,
    said: Option<String>,
    n: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    code: String,
    /// Names the form as it was shown: sent twice, it is one attempt.
    once: Option<String>,
}

#[derive(Template)]
#[template(path = "orders.html")]
struct Page {
    frame: Frame,
    shown: Shown,
    push: Option<Listening>,
}

/// Where the page listens.
struct Listening {
    socket: String,
    channel: String,
}

#[derive(Template)]
#[template(path = "live.html")]
struct Fragment {
    frame: Frame,
    shown: Shown,
}

/// What a page shows of orders.
struct Shown {
    /// What was asked for, to ask again.
    query: String,
    open: Vec<Row>,
    ended: Vec<Row>,
    filters: Vec<(String, String)>,
    next: Option<String>,
}

struct Row {
    id: String,
    summary: String,
    amount: String,
    stage: &'static str,
    stage_text: String,
    placed_at: String,
    placed_text: String,
    wait: Option<Wait>,
}

/// What an order waits for.
struct Wait {
    sent_to: String,
    instead_of: Option<String>,
    attempts_left: u32,
    expires_at: String,
    expires_text: String,
    lifetime: i64,
    left: i64,
    /// The form's name.
    once: String,
}

pub(super) async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    let said = Said::of(wanted.said.clone(), wanted.n);
    let Some(frame) = app.frame(&headers, "/orders", true, &said) else {
        return rendered(StatusCode::OK, None::<&Page>);
    };
    match shown(&app, &visitor, &wanted, &frame.t).await {
        Ok(shown) => {
            let push = app.0.config.push.as_ref().map(|push| Listening {
                socket: push.socket.clone(),
                channel: (push.channel)(&visitor.customer),
            });
            let page = Page { frame, shown, push };
            rendered(StatusCode::OK, Some(&page))
        }
        Err(_) => unavailable(&app, &headers),
    }
}

/// The part of the page that moves.
pub(super) async fn live(
    State(app): State<App>,
    ByScript(visitor): ByScript,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    let Some(frame) = app.frame(&headers, "/orders", true, &Said::default()) else {
        return rendered(StatusCode::OK, None::<&Fragment>);
    };
    match shown(&app, &visitor, &wanted, &frame.t).await {
        Ok(shown) => rendered(StatusCode::OK, Some(&Fragment { frame, shown })),
        Err(_) => unavailable(&app, &headers),
    }
}

async fn shown(app: &App, visitor: &Visitor, wanted: &Wanted, t: &Words) -> Result<Shown, Fault> {
    let state = wanted.state.as_deref().and_then(Stage::named);
    let before = wanted.before.as_deref();
    let before = before.and_then(|before| OrderId::parse(before).ok());
    let (pod, customer) = (app.pod(), &visitor.customer);
    let open = pod.open_orders(customer).await?;
    let page = pod.orders(customer, state, before, PAGE).await?;
    let (now, most) = (app.now(), pod.policy().attempts.per_order.get());
    let once = form::once(app)?;
    let row = |order: &Order| Row::of(order, now, most, t, &once);
    let ended = page.orders.iter().filter(|order| !order.state.is_open());
    let ended: Vec<_> = ended.map(row).collect();
    let last = page.orders.last().filter(|_| page.more);
    let query = state.map_or(String::new(), |state| format!("?state={}", state.as_str()));
    let stages = [
        Stage::Confirmed,
        Stage::Expired,
        Stage::Refused,
        Stage::Superseded,
        Stage::Cancelled,
    ];
    let filter = |stage: Stage| {
        let query = format!("?state={}", stage.as_str());
        (query, stage_text(stage, t))
    };
    let mut filters = vec![(String::new(), t.say("orders-all"))];
    filters.extend(stages.map(filter));
    Ok(Shown {
        open: open.iter().map(row).collect(),
        ended,
        filters,
        next: last.map(|order| {
            let joint = if query.is_empty() { '?' } else { '&' };
            format!("{query}{joint}before={}", order.placed.id)
        }),
        query,
    })
}

fn stage_text(stage: Stage, t: &Words) -> String {
    t.say(&format!("stage-{}", stage.as_str().replace('_', "-")))
}

impl Row {
    fn of(order: &Order, now: Timestamp, most: u32, t: &Words, once: &str) -> Self {
        let placed = &order.placed;
        let stage = order.state.stage();
        let wait = match &order.state {
            OrderState::AwaitingCode {
                challenge,
                attempts,
            } => {
                let whole = challenge.expires_at.duration_since(challenge.sent_at);
                let left = challenge.expires_at.duration_since(now);
                Some(Wait {
                    sent_to: challenge.sent_to.masked().to_owned(),
                    instead_of: challenge
                        .instead_of
                        .as_ref()
                        .map(|to| to.masked().to_owned()),
                    attempts_left: most.saturating_sub(*attempts),
                    expires_at: challenge.expires_at.to_string(),
                    expires_text: minute(challenge.expires_at),
                    lifetime: whole.as_secs(),
                    left: left.max(SignedDuration::ZERO).as_secs(),
                    once: once.to_owned(),
                })
            }
            _ => None,
        };
        Self {
            id: placed.id.to_string(),
            summary: placed.item.summary().to_owned(),
            amount: placed
                .item
                .amount()
                .map_or(String::new(), |amount: Money| amount.to_string()),
            stage: stage.as_str(),
            stage_text: stage_text(stage, t),
            placed_at: placed.placed_at.to_string(),
            placed_text: minute(placed.placed_at),
            wait,
        }
    }
}

/// A time as somebody reads it without a script: `2026-11-25 23:31 UTC`.
pub(super) fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {} UTC", time.get(..5).unwrap_or(time))
}

/// Goes back to the orders, and says what happened there.
fn back(app: &App, word: &str, n: Option<u64>) -> Response {
    App::see_other(&app.at(&format!("/orders?{}", said(word, n))))
}

/// What a page is told to say.
pub(super) fn said(word: &str, n: Option<u64>) -> String {
    let n = n.map_or(String::new(), |n| format!("&n={n}"));
    format!("said={word}{n}")
}

pub(super) async fn confirm(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Filled(typed): Filled<Typed>,
) -> Response {
    let Ok(id) = OrderId::parse(&id) else {
        return back(&app, "no-order", None);
    };
    let Ok(code) = Code::hear(&typed.code, app.pod().policy().digits) else {
        return back(&app, "no-code", None);
    };
    let said_of = format!("{id}\n{}", typed.code);
    let claim = form::claim(&app, &visitor.customer, typed.once.as_deref(), &said_of);
    let command = ConfirmOrder {
        customer: visitor.customer.clone(),
        order: Some(id),
        code,
        deadline: app.deadline(),
        claim: claim.clone(),
    };
    let (word, n) = match app.pod().confirm_order(command).await {
        Ok(_) => ("confirmed", None),
        Err(ConfirmOrderError::WrongCode { attempts_left }) => ("wrong-code", Some(attempts_left)),
        Err(ConfirmOrderError::Refused) => ("refused", None),
        Err(ConfirmOrderError::Expired) => ("expired", None),
        Err(ConfirmOrderError::Locked { .. }) => ("locked", None),
        Err(ConfirmOrderError::NothingPending) => ("no-order", None),
        Err(ConfirmOrderError::NotBegun(BeginRequestError::Repeated(Repeat::Answered(reply)))) => {
            let said = String::from_utf8_lossy(reply.as_bytes()).into_owned();
            return App::see_other(&app.at(&format!("/orders?{said}")));
        }
        Err(ConfirmOrderError::NotBegun(_) | ConfirmOrderError::Fault(_)) => ("unavailable", None),
    };
    if let Some(claim) = claim {
        let reply = Reply::new(said(word, n.map(u64::from)).into_bytes());
        // Without it a repeat is told to look again.
        let (pod, customer) = (app.pod(), Some(&visitor.customer));
        let _ = pod.finish_request(&claim.key, customer, &reply).await;
    }
    back(&app, word, n.map(u64::from))
}

pub(super) async fn resend(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(id) = OrderId::parse(&id) else {
        return back(&app, "no-order", None);
    };
    let language = app.words(&headers).map(|words| words.tag());
    let language = language.and_then(|tag| Language::parse(tag).ok());
    let command = ResendCode {
        customer: visitor.customer,
        order: Some(id),
        language: language.unwrap_or_default(),
        deadline: app.deadline(),
    };
    match app.pod().resend_code(command).await {
        Ok(_) => back(&app, "sent", None),
        Err(ResendCodeError::TooSoon { retry_at } | ResendCodeError::TooManySends { retry_at }) => {
            let wait = retry_at.duration_since(app.now()).as_secs();
            back(&app, "too-soon", Some(wait.unsigned_abs().max(1)))
        }
        Err(ResendCodeError::Exhausted | ResendCodeError::TooLate) => back(&app, "exhausted", None),
        Err(ResendCodeError::NothingPending) => back(&app, "no-order", None),
        Err(ResendCodeError::NoContact | ResendCodeError::Undeliverable) => {
            back(&app, "undeliverable", None)
        }
        Err(ResendCodeError::Paused { .. } | ResendCodeError::Fault(_)) => {
            back(&app, "unavailable", None)
        }
    }
}

pub(super) async fn cancel(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = OrderId::parse(&id) else {
        return back(&app, "no-order", None);
    };
    match app.pod().cancel_order(&visitor.customer, Some(id)).await {
        Ok(_) => back(&app, "cancelled", None),
        Err(CancelOrderError::NothingPending) => back(&app, "no-order", None),
        Err(CancelOrderError::Fault(_)) => back(&app, "unavailable", None),
    }
}

pub(super) async fn clear(State(app): State<App>, visitor: Visitor) -> Response {
    match app.pod().clear_history(&visitor.customer).await {
        Ok(_) => back(&app, "cleared", None),
        Err(_) => back(&app, "unavailable", None),
    }
}

/// What a page asks that wants to listen elsewhere.
#[derive(Deserialize)]
pub(super) struct Wants {
    socket_id: String,
    channel_name: String,
}

/// Lets a page listen to its own customer's channel.
pub(super) async fn push(
    State(app): State<App>,
    ByScript(visitor): ByScript,
    Filled(wants): Filled<Wants>,
) -> Response {
    let push = app.0.config.push.as_ref();
    let authorized = push.and_then(|push| {
        let Wants {
            socket_id,
            channel_name,
        } = &wants;
        (push.authorize)(&visitor.customer, socket_id, channel_name)
    });
    let mut response = Response::default();
    match authorized {
        Some(json) => {
            let kind = HeaderValue::from_static("application/json");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            *response.body_mut() = json.into();
        }
        None => *response.status_mut() = StatusCode::FORBIDDEN,
    }
    response
}

/// What becomes of the customer's orders, as it happens.
pub(super) async fn events(
    State(app): State<App>,
    ByScript(visitor): ByScript,
    headers: HeaderMap,
) -> Response {
    let live = &app.0.ports.live;
    if live.listeners(&visitor.customer) >= STREAMS {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        return response;
    }
    let last = headers.get("last-event-id");
    let last = last.map(|value| value.to_str().ok().and_then(EventId::parse));
    let last = last.map(Option::unwrap_or_default);
    sent(live.listen(&visitor.customer, last))
}
