//! The customer's contacts: which one gets codes, adding another, removing one.

use axum::extract::{Path, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use pod_core::{
    ChangeContactError, Channel, Code, CodeLifetime, Contact, EmailAddress, EnrolContact,
    EnrolContactError, Fault, Language, PhoneNumber, ProveContact, ProveContactError, Timestamp,
};
use serde::Deserialize;

use super::form::Filled;
use super::visitor::Visitor;
use super::words::Words;
use super::{App, cookies, pages};

/// A contact that somebody wants to add.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    contact: String,
}

/// The codes that prove it.
#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    code: String,
    #[serde(default)]
    approval: String,
}

/// What is yet to be proved, as the page shows it.
pub(super) struct Pending {
    pub(super) sent_to: String,
    pub(super) approved_by: Option<String>,
    pub(super) attempts_left: u32,
}

/// What the customer has yet to prove in this browser, if anything.
pub(super) async fn pending(
    app: &App,
    visitor: &Visitor,
    headers: &HeaderMap,
) -> Result<Option<Pending>, Fault> {
    if kept(visitor, headers).is_none() {
        return Ok(None);
    }
    let found = app.pod().enrolment(&visitor.customer).await?;
    Ok(found.map(|(enrolment, attempts_left)| {
        let masked = |code: &pod_core::SentCode| code.challenge.sent_to.masked().to_owned();
        Pending {
            sent_to: masked(&enrolment.proof),
            approved_by: enrolment.approval.as_ref().map(masked),
            attempts_left,
        }
    }))
}

/// Sends the codes for a contact, and keeps it, sealed, in the browser alone.
pub(super) async fn enrol(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Filled(wanted): Filled<Wanted>,
) -> Response {
    if !visitor.is_recent(app.now()) {
        return back(&app, "sign-in-again", None);
    }
    let Some(contact) = read(&wanted.contact) else {
        return back(&app, "no-contact", None);
    };
    let Some(words) = app.words(&headers) else {
        return pages::unavailable(&app, &headers);
    };
    let command = EnrolContact {
        customer: visitor.customer.clone(),
        contact: contact.clone(),
        summary: summary(&contact, &words),
        language: Language::parse(words.tag()).unwrap_or_default(),
        deadline: app.deadline(),
    };
    match app.pod().enrol_contact(command).await {
        Ok(_) => match sealed(&app, &visitor, &contact) {
            Ok(sealed) => {
                let mut response = back(&app, "contact-sent", None);
                let age = CodeLifetime::LONGEST;
                cookies::set(response.headers_mut(), cookies::CONTACT, &sealed, age);
                response
            }
            Err(_) => pages::unavailable(&app, &headers),
        },
        Err(error) => {
            let (word, n) = not_sent(&error, app.now());
            back(&app, word, n)
        }
    }
}

fn not_sent(error: &EnrolContactError, now: Timestamp) -> (&'static str, Option<u64>) {
    let minutes = |retry_at: &Timestamp| {
        let seconds = retry_at.duration_since(now).as_secs().unsigned_abs();
        Some(seconds.div_ceil(60).max(1))
    };
    match error {
        EnrolContactError::KnownAlready => ("contact-known", None),
        EnrolContactError::TooMany => ("contact-too-many", None),
        EnrolContactError::NotPermitted
        | EnrolContactError::NotHere
        | EnrolContactError::Summary(_) => ("contact-not-permitted", None),
        EnrolContactError::NotApprovable => ("contact-not-approvable", None),
        EnrolContactError::Undeliverable => ("contact-undeliverable", None),
        EnrolContactError::TooManySends { retry_at } | EnrolContactError::Paused { retry_at } => {
            ("contact-too-soon", minutes(retry_at))
        }
        EnrolContactError::Fault(_) => ("unavailable", None),
    }
}

/// Takes the codes back.
pub(super) async fn prove(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Filled(typed): Filled<Typed>,
) -> Response {
    let Some(contact) = kept(&visitor, &headers) else {
        return back(&app, "contact-over", None);
    };
    let digits = app.pod().policy().digits;
    let Ok(code) = Code::hear(&typed.code, digits) else {
        return back(&app, "no-code", None);
    };
    let approval = match typed.approval.trim() {
        "" => None,
        approval => match Code::hear(approval, digits) {
            Ok(approval) => Some(approval),
            Err(_) => return back(&app, "no-code", None),
        },
    };
    let command = ProveContact {
        customer: visitor.customer,
        contact,
        code,
        approval,
        deadline: app.deadline(),
    };
    let (word, n) = match app.pod().prove_contact(command).await {
        Ok(()) => ("contact-added", None),
        Err(ProveContactError::WrongCode { attempts_left }) => ("wrong-code", Some(attempts_left)),
        Err(ProveContactError::NotPending) => ("contact-over", None),
        Err(ProveContactError::Refused) => ("contact-refused", None),
        Err(ProveContactError::Locked { .. }) => ("locked", None),
        Err(ProveContactError::Fault(_)) => ("unavailable", None),
    };
    let mut response = back(&app, word, n.map(u64::from));
    if matches!(word, "contact-added" | "contact-over" | "contact-refused") {
        cookies::clear(response.headers_mut(), cookies::CONTACT);
    }
    response
}

pub(super) async fn prefer(
    State(app): State<App>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Response {
    if !visitor.is_recent(app.now()) {
        return back(&app, "sign-in-again", None);
    }
    let deadline = app.deadline();
    let changed = app
        .pod()
        .prefer_contact(&visitor.customer, &name, deadline)
        .await;
    back(
        &app,
        changed.map_or_else(|error| not_changed(&error), |()| "contact-preferred"),
        None,
    )
}

pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Response {
    if !visitor.is_recent(app.now()) {
        return back(&app, "sign-in-again", None);
    }
    let deadline = app.deadline();
    let changed = app
        .pod()
        .remove_contact(&visitor.customer, &name, deadline)
        .await;
    back(
        &app,
        changed.map_or_else(|error| not_changed(&error), |()| "contact-removed"),
        None,
    )
}

fn not_changed(error: &ChangeContactError) -> &'static str {
    match error {
        ChangeContactError::NotKnown => "contact-not-known",
        ChangeContactError::NotRemovable => "contact-not-removable",
        ChangeContactError::Fault(_) => "unavailable",
    }
}

/// Goes back to the profile, and says what happened there.
fn back(app: &App, word: &str, n: Option<u64>) -> Response {
    let n = n.map_or(String::new(), |n| format!("&n={n}"));
    App::see_other(&app.at(&format!("/profile?said={word}{n}")))
}

/// Reads what somebody typed.
fn read(raw: &str) -> Option<Contact> {
    if raw.contains('@') {
        EmailAddress::parse(raw).ok().map(Contact::Email)
    } else {
        PhoneNumber::parse(raw).ok().map(Contact::Phone)
    }
}

/// What the messages say that the code is for. Dots take the place of the
/// character that would make a text message twice as long.
fn summary(contact: &Contact, words: &Words) -> String {
    let masked = contact.masked();
    let masked = masked.masked();
    match contact.channel() {
        Channel::Phone => {
            let digits = masked.trim_start_matches('…');
            words.with("contact-summary-phone", "digits", digits)
        }
        Channel::Email => words.with("contact-summary-email", "to", masked.replace('…', "...")),
    }
}

fn sealed(app: &App, visitor: &Visitor, contact: &Contact) -> Result<String, Fault> {
    let seal = visitor.secret.contact_seal();
    let sealed = seal.close(contact.expose(), &*app.0.ports.entropy)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// The contact that this browser has begun to add.
fn kept(visitor: &Visitor, headers: &HeaderMap) -> Option<Contact> {
    let cookie = cookies::read(headers, cookies::CONTACT)?;
    let sealed = URL_SAFE_NO_PAD.decode(cookie).ok()?;
    read(&visitor.secret.contact_seal().open(&sealed)?)
}
