//! The customer's profile: contacts, sessions, the skill, the data.

use askama::Template;
use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode};
use pod_core::{Channel, Fault, KnownContact};
use serde_json::{Value, json};

use super::App;
use super::contacts::{self, Pending};
use super::form;
use super::orders::minute;
use super::pages::{Frame, Said, rendered, unavailable};
use super::signing::leave;
use super::visitor::Visitor;
use crate::api::ShownOrder;

#[derive(Template)]
#[template(path = "profile.html")]
struct Page {
    frame: Frame,
    contacts: Vec<Reached>,
    /// Whether contacts can be added here.
    enrols: bool,
    /// Whether they may be changed without signing in again.
    recent: bool,
    pending: Option<Pending>,
    /// The forms' name.
    once: String,
    sessions: Vec<Browser>,
}

struct Reached {
    name: String,
    channel: String,
    masked: String,
    first: bool,
    preferable: bool,
    removable: bool,
}

struct Browser {
    began_at: String,
    began_text: String,
    here: bool,
}

pub(super) async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Query(said): Query<Said>,
    headers: HeaderMap,
) -> Response {
    let Some(frame) = app.frame(&headers, "/profile", true, &said) else {
        return rendered(StatusCode::OK, None::<&Page>);
    };
    match profile(&app, &visitor, frame, &headers).await {
        Ok(page) => rendered(StatusCode::OK, Some(&page)),
        Err(_) => unavailable(&app, &headers),
    }
}

async fn profile(
    app: &App,
    visitor: &Visitor,
    frame: Frame,
    headers: &HeaderMap,
) -> Result<Page, Fault> {
    let pod = app.pod();
    let contacts = pod.contacts(&visitor.customer, app.deadline()).await?;
    let first = contacts.iter().position(|known| known.permitted);
    let recent = visitor.is_recent(app.now());
    let contacts = contacts.into_iter().enumerate();
    let contacts = contacts.map(|(place, known)| reached(known, first == Some(place), &frame));
    let contacts = contacts.collect();
    let (sessions, limits) = (&app.0.ports.sessions, &app.0.config.sessions);
    let sessions = sessions.list(&visitor.customer, limits, app.now()).await?;
    let sessions = sessions.iter().map(|session| Browser {
        began_at: session.began_at.to_string(),
        began_text: minute(session.began_at),
        here: session.began_at == visitor.session.began_at
            && session.sealed == visitor.session.sealed,
    });
    Ok(Page {
        contacts,
        enrols: pod.enrols(),
        recent,
        once: form::once(app)?,
        pending: contacts::pending(app, visitor, headers).await?,
        sessions: sessions.collect(),
        frame,
    })
}

fn reached(known: KnownContact, first: bool, frame: &Frame) -> Reached {
    let word = match known.contact.channel() {
        Channel::Phone => "profile-phone",
        Channel::Email => "profile-email",
    };
    Reached {
        channel: frame.t.say(word),
        masked: known.contact.masked().masked().to_owned(),
        first,
        preferable: known.permitted && !first,
        removable: known.removable,
        name: known.name,
    }
}

/// Everything that is kept of the customer, contacts masked: who has got into
/// an account does not learn them here.
pub(super) async fn data(State(app): State<App>, visitor: Visitor, headers: HeaderMap) -> Response {
    match everything(&app, &visitor).await {
        Ok(everything) => {
            let mut response = Json(everything).into_response();
            let name = HeaderValue::from_static("attachment; filename=\"pod.json\"");
            response.headers_mut().insert("content-disposition", name);
            response
        }
        Err(_) => unavailable(&app, &headers),
    }
}

async fn everything(app: &App, visitor: &Visitor) -> Result<Value, Fault> {
    let (pod, customer) = (app.pod(), &visitor.customer);
    let most = pod.policy().attempts.per_order.get();
    let mut orders = Vec::new();
    let mut before = None;
    loop {
        let page = pod.orders(customer, None, before, 100).await?;
        orders.extend(page.orders.iter().map(|order| ShownOrder::of(order, most)));
        before = page.orders.last().map(|order| order.placed.id);
        if !page.more {
            break;
        }
    }
    let contacts = pod.contacts(customer, app.deadline()).await?;
    let contacts: Vec<_> = contacts
        .iter()
        .map(
            |KnownContact {
                 contact, removable, ..
             }| {
                let (channel, masked) = (contact.channel().as_str(), contact.masked());
                json!({"channel": channel, "masked": masked.masked(), "removable": removable})
            },
        )
        .collect();
    let (sessions, limits) = (&app.0.ports.sessions, &app.0.config.sessions);
    let sessions = sessions.list(customer, limits, app.now()).await?;
    let sessions: Vec<_> = sessions
        .iter()
        .map(|session| {
            let (began, seen) = (session.began_at.to_string(), session.seen_at.to_string());
            json!({"signed_in_at": began, "last_seen_at": seen})
        })
        .collect();
    Ok(json!({
        "customer": customer.as_str(), "orders": orders, "contacts": contacts,
        "sessions": sessions,
    }))
}

pub(super) async fn everywhere(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    match app.0.ports.sessions.end_all(&visitor.customer).await {
        Ok(()) => leave(&app, &visitor),
        Err(_) => unavailable(&app, &headers),
    }
}

pub(super) async fn unlink(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    match app.pod().unlink_customer(&visitor.customer).await {
        Ok(()) => App::see_other(&app.at("/profile?said=unlinked")),
        Err(_) => unavailable(&app, &headers),
    }
}

/// Erases what is kept, and ends every session: they are kept as well.
pub(super) async fn erase(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    let erased = async {
        app.pod().forget_customer(&visitor.customer).await?;
        app.0.ports.sessions.end_all(&visitor.customer).await
    };
    match erased.await {
        Ok(()) => leave(&app, &visitor),
        Err(_) => unavailable(&app, &headers),
    }
}
