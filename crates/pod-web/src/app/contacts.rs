//! The customer's contacts: which one gets codes, adding another, removing one.

use axum::extract::{Path, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use pod_core::ports::{Claim, Repeat, Reply};
use pod_core::{
    BeginRequestError, ChangeContactError, Channel, Code, CodeLifetime, Contact, CustomerId,
    EmailAddress, EnrolContact, EnrolContactError, Fault, Language, PhoneNumber, ProveContact,
    ProveContactError, Timestamp,
};
use serde::Deserialize;

use super::form::{self, Filled};
use super::orders::said;
use super::visitor::Visitor;
use super::words::Words;
use super::{App, cookies, pages};

/// A contact that somebody wants to add.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    contact: String,
    /// Names the form as it was shown: sent twice, it is one wish.
    once: Option<String>,
}

/// The codes that prove it.
#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    code: String,
    #[serde(default)]
    approval: String,
    /// Names the form as it was shown: sent twice, it is one attempt.
    once: Option<String>,
}

/// What is yet to be proved, as the page shows it.
pub(super) struct Pending {
    pub(super) sent_to: String,
    pub(super) approved_by: Option<String>,
    pub(super) attempts_left: u32,
    /// Whether the browser may offer the code of a text message in the field
    /// for the new contact, or in the other one.
    pub(super) autofill: [&'static str; 2],
}

/// What the customer has yet to prove in this browser, if anything.
pub(super) async fn pending(
    app: &App,
    visitor: &Visitor,
    headers: &HeaderMap,
) -> Result<Option<Pending>, Fault> {
    let Some(contact) = kept(app, visitor, headers) else {
        return Ok(None);
    };
    let (pod, deadline) = (app.pod(), app.deadline());
    let found = pod.enrolment(&visitor.customer, &contact, deadline).await?;
    Ok(found.map(|(enrolment, attempts_left)| {
        let by_text = contact.channel() == Channel::Phone;
        let autofill = if by_text {
            ["one-time-code", "off"]
        } else {
            ["off", "one-time-code"]
        };
        let masked = |code: &pod_core::SentCode| code.challenge.sent_to.masked().to_owned();
        Pending {
            sent_to: masked(&enrolment.proof),
            approved_by: enrolment.approval.as_ref().map(masked),
            attempts_left,
            autofill,
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
    let (Some(words), Ok(sealed)) = (app.words(&headers), sealed(&app, &visitor, &contact)) else {
        return pages::unavailable(&app, &headers);
    };
    let once = wanted.once.as_deref();
    let claim = form::claim(&app, &visitor.customer, once, contact.expose());
    let said = if let Err(said) = begun(&app, claim.as_ref()).await {
        said
    } else {
        let command = EnrolContact {
            customer: visitor.customer.clone(),
            contact: contact.clone(),
            summary: summary(&contact, &words),
            language: Language::parse(words.tag()).unwrap_or_default(),
            deadline: app.deadline(),
        };
        let enrolled = app.pod().enrol_contact(command).await;
        let (word, n) = enrolled.map_or_else(
            |error| not_sent(&error, app.now()),
            |_| ("contact-sent", None),
        );
        finished(&app, &visitor.customer, claim, said(word, n)).await
    };
    let mut response = go_back(&app, &said);
    if said == "said=contact-sent" {
        let age = CodeLifetime::LONGEST;
        cookies::set(response.headers_mut(), cookies::CONTACT, &sealed, age);
    }
    response
}

/// Begins what a form asks for, or says what came of it the first time.
async fn begun(app: &App, claim: Option<&Claim>) -> Result<(), String> {
    let Some(claim) = claim else {
        return Ok(());
    };
    match app.pod().begin_request(claim).await {
        Ok(()) => Ok(()),
        Err(BeginRequestError::Repeated(Repeat::Answered(reply))) => {
            Err(String::from_utf8_lossy(reply.as_bytes()).into_owned())
        }
        Err(_) => Err(said("unavailable", None)),
    }
}

/// Keeps what is said for the form's being sent again.
async fn finished(app: &App, customer: &CustomerId, claim: Option<Claim>, said: String) -> String {
    if let Some(claim) = claim {
        let reply = Reply::new(said.clone().into_bytes());
        // Without it a repeat is told to look again.
        let kept = app.pod().finish_request(&claim.key, Some(customer), &reply);
        let _ = kept.await;
    }
    said
}

fn not_sent(error: &EnrolContactError, now: Timestamp) -> (&'static str, Option<u64>) {
    let wait = |retry_at: &Timestamp| {
        let seconds = retry_at.duration_since(now).as_secs().unsigned_abs();
        let minutes = seconds.div_ceil(60).max(1);
        if minutes < 120 {
            ("contact-too-soon", Some(minutes))
        } else {
            ("contact-much-too-soon", Some(minutes.div_ceil(60)))
        }
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
            wait(retry_at)
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
    let Some(contact) = kept(&app, &visitor, &headers) else {
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
    let once = typed.once.as_deref();
    let said_of = format!("{}\n{}", typed.code, typed.approval);
    let claim = form::claim(&app, &visitor.customer, once, &said_of);
    if let Err(said) = begun(&app, claim.as_ref()).await {
        return go_back(&app, &said);
    }
    let command = ProveContact {
        customer: visitor.customer.clone(),
        contact,
        code,
        approval,
        deadline: app.deadline(),
    };
    let (word, n) = match app.pod().prove_contact(command).await {
        Ok(()) => ("contact-added", None),
        Err(ProveContactError::WrongCode { attempts_left }) => ("wrong-code", Some(attempts_left)),
        Err(ProveContactError::NotApproved) => ("no-code", None),
        Err(ProveContactError::NotPending) => ("contact-over", None),
        Err(ProveContactError::Refused) => ("contact-refused", None),
        Err(ProveContactError::Locked { .. }) => ("locked", None),
        Err(ProveContactError::Fault(_)) => ("unavailable", None),
    };
    let said = said(word, n.map(u64::from));
    let said = finished(&app, &visitor.customer, claim, said).await;
    let mut response = go_back(&app, &said);
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
    let (pod, deadline) = (app.pod(), app.deadline());
    let change = pod.prefer_contact(&visitor.customer, &name, deadline);
    changed(&app, &visitor, change, "contact-preferred").await
}

pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Response {
    let (pod, deadline) = (app.pod(), app.deadline());
    let change = pod.remove_contact(&visitor.customer, &name, deadline);
    changed(&app, &visitor, change, "contact-removed").await
}

/// Makes a change, if it may be made without signing in again, and says so.
async fn changed(
    app: &App,
    visitor: &Visitor,
    change: impl Future<Output = Result<(), ChangeContactError>>,
    done: &str,
) -> Response {
    if !visitor.is_recent(app.now()) {
        return back(app, "sign-in-again", None);
    }
    match change.await {
        Ok(()) => back(app, done, None),
        Err(error) => back(app, not_changed(&error), None),
    }
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
    go_back(app, &said(word, n))
}

fn go_back(app: &App, said: &str) -> Response {
    App::see_other(&app.at(&format!("/profile?{said}")))
}

/// Reads what somebody typed.
fn read(raw: &str) -> Option<Contact> {
    if raw.contains('@') {
        EmailAddress::parse(raw).ok().map(Contact::Email)
    } else {
        PhoneNumber::parse(raw).ok().map(Contact::Phone)
    }
}

/// What the messages say that the code is for. What somebody could have put
/// there to be read is left out: who approves a contact gets a message in the
/// shop's name.
fn summary(contact: &Contact, words: &Words) -> String {
    match contact {
        Contact::Phone(number) => {
            let digits = number.expose();
            let last = &digits[digits.len() - 2..];
            words.with("contact-summary-phone", "digits", last)
        }
        Contact::Email(address) => {
            let (local, domain) = address.expose().rsplit_once('@').unwrap_or_default();
            let first = local.chars().next();
            let first = first.filter(char::is_ascii_alphanumeric).map(String::from);
            let last = domain.rsplit('.').next().unwrap_or_default();
            let letters = last.bytes().all(|b| b.is_ascii_alphabetic());
            let last = if letters && last.len() <= 12 {
                last
            } else {
                ""
            };
            let to = format!("{}...@...{last}", first.unwrap_or_default());
            words.with("contact-summary-email", "to", to)
        }
    }
}

fn sealed(app: &App, visitor: &Visitor, contact: &Contact) -> Result<String, Fault> {
    let seal = visitor.secret.contact_seal(app);
    let sealed = seal.close(contact.expose(), &*app.0.ports.entropy)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// The contact that this browser has begun to add.
fn kept(app: &App, visitor: &Visitor, headers: &HeaderMap) -> Option<Contact> {
    let cookie = cookies::read(headers, cookies::CONTACT)?;
    let sealed = URL_SAFE_NO_PAD.decode(cookie).ok()?;
    read(&visitor.secret.contact_seal(app).open(&sealed)?)
}
