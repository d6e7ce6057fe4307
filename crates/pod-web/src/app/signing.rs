//! Signing in and out.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, StatusCode};
use pod_core::ports::{Callback, FinishSignInError, IdTokenHint, PendingSignIn, Session, SignedIn};
use pod_core::{Fault, Timestamp};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::visitor::{Secret, Visitor};
use super::{App, cookies, pages};

/// How long somebody may take to sign in.
const PATIENCE: Duration = Duration::from_mins(10);

/// How many sign-ins of one browser may be under way.
const MOST: usize = 4;

/// What the browser comes back with.
#[derive(Deserialize)]
pub(super) struct Returned {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

/// Sends a browser to where its customer signs in.
pub(super) async fn begin(State(app): State<App>, headers: HeaderMap) -> Response {
    match begun(&app, &headers) {
        Ok((url, name, pending)) => {
            let mut response = App::see_other(&url);
            cookies::set(response.headers_mut(), &name, &pending, PATIENCE);
            response
        }
        Err(_) => pages::unavailable(&app, &headers),
    }
}

fn begun(app: &App, headers: &HeaderMap) -> Result<(String, String, String), Fault> {
    let begun = app.0.ports.sign_in.begin()?;
    let kept = begun.pending.expose();
    let kept = format!("{} {}", app.now().as_second(), kept.expose_secret());
    let entropy = &*app.0.ports.entropy;
    let sealed = app.0.pending.close(&kept, entropy)?;
    let mut first = [0];
    entropy.fill(&mut first)?;
    let name = place(app, headers, first[0].into());
    let url = begun.url.expose().to_owned();
    Ok((url, name, URL_SAFE_NO_PAD.encode(sealed)))
}

/// The cookies that keep sign-ins. There are so many and no more, whoever
/// begins however many at once: what a browser sends stays short.
fn places() -> impl Iterator<Item = String> + Clone {
    (0..MOST).map(|n| format!("{}{n}", cookies::PENDING))
}

/// Where to keep another one: in a free place, taken by chance so that tabs that
/// begin at once leave each other alone, or in that of the oldest.
fn place(app: &App, headers: &HeaderMap, first: usize) -> String {
    let mut turned = places().cycle().skip(first % MOST).take(MOST);
    let began = |name: &String| opened(app, headers, name).map(|(began, _)| began);
    let oldest = turned.clone().min_by_key(began);
    let free = turned.find(|name| began(name).is_none());
    free.or(oldest).unwrap_or_default()
}

/// When a sign-in began, and its secrets.
fn opened(app: &App, headers: &HeaderMap, name: &str) -> Option<(i64, String)> {
    let cookie = cookies::read(headers, name)?;
    let sealed = URL_SAFE_NO_PAD.decode(cookie).ok()?;
    let kept = app.0.pending.open(&sealed)?;
    let (began, secrets) = kept.split_once(' ')?;
    Some((began.parse().ok()?, secrets.to_owned()))
}

/// What was kept of the sign-in that a browser comes back from, and where,
/// unless it was too long ago.
fn pending(app: &App, headers: &HeaderMap, callback: &Callback) -> Option<(String, PendingSignIn)> {
    places().find_map(|name| {
        let (began, secrets) = opened(app, headers, &name)?;
        let began = Timestamp::from_second(began).ok()?;
        let until = began.checked_add(PATIENCE);
        if until.is_ok_and(|until| until <= app.now()) {
            return None;
        }
        let pending = PendingSignIn::parse(&secrets).ok()?;
        pending.is_of(callback).then_some((name, pending))
    })
}

/// Takes a browser that comes back, and gives it a session: always a new one,
/// whatever it came with.
pub(super) async fn finish(
    State(app): State<App>,
    Query(returned): Query<Returned>,
    headers: HeaderMap,
) -> Response {
    let Returned { state, code, error } = &returned;
    let callback = Callback::parse(state.as_deref(), code.as_deref(), error.as_deref());
    let begun = callback.ok().and_then(|callback| {
        let (name, pending) = pending(&app, &headers, &callback)?;
        Some((name, pending, callback))
    });
    let name = begun.as_ref().map(|(name, ..)| name.clone());
    let begun = begun.map(|(_, pending, callback)| (pending, callback));
    let mut response = match finished(&app, begun, &headers).await {
        Ok(Some(secret)) => {
            let mut response = App::see_other(&app.at("/orders"));
            let age = app.0.config.sessions.absolute;
            cookies::set(response.headers_mut(), cookies::SESSION, &secret, age);
            response
        }
        Ok(None) => pages::error(
            &app,
            &headers,
            StatusCode::BAD_REQUEST,
            "said-not-signed-in",
        ),
        Err(_) => pages::unavailable(&app, &headers),
    };
    // Others of this browser may still come back.
    if let Some(name) = name {
        cookies::clear(response.headers_mut(), &name);
    }
    response
}

async fn finished(
    app: &App,
    begun: Option<(PendingSignIn, Callback)>,
    headers: &HeaderMap,
) -> Result<Option<String>, Fault> {
    let Some((pending, callback)) = begun else {
        return Ok(None);
    };
    let sign_in = &app.0.ports.sign_in;
    match sign_in.finish(pending, &callback, app.deadline()).await {
        Ok(signed_in) => Ok(Some(session(app, signed_in, headers).await?)),
        Err(FinishSignInError::Fault(fault)) => Err(fault),
        Err(
            FinishSignInError::StateMismatch
            | FinishSignInError::Denied(_)
            | FinishSignInError::Rejected,
        ) => Ok(None),
    }
}

async fn session(app: &App, signed_in: SignedIn, headers: &HeaderMap) -> Result<String, Fault> {
    let secret = Secret::new(app)?;
    let entropy = &*app.0.ports.entropy;
    let sealed = secret.seal().close(signed_in.id_token.expose(), entropy)?;
    let now = app.now();
    let session = Session {
        customer: signed_in.customer,
        began_at: now,
        seen_at: now,
        sealed: sealed.into(),
    };
    let sessions = &app.0.ports.sessions;
    sessions.begin(&secret.key(), &session).await?;
    if let Some(older) = Secret::of(headers) {
        sessions.end(&older.key()).await?;
    }
    Ok(secret.cookie())
}

/// Ends the session here and at the provider.
pub(super) async fn sign_out(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    if app
        .0
        .ports
        .sessions
        .end(&visitor.secret.key())
        .await
        .is_err()
    {
        return pages::unavailable(&app, &headers);
    }
    leave(&app, &visitor)
}

/// Sends a browser whose session has ended to the provider, to end it there.
pub(super) fn leave(app: &App, visitor: &Visitor) -> Response {
    // Whoever listens with the session that has ended, hears no more.
    app.0.ports.live.end(&visitor.customer);
    let elsewhere = provider(app, visitor).unwrap_or(app.at("/?said=signed-out"));
    let mut response = App::see_other(&elsewhere);
    cookies::clear(response.headers_mut(), cookies::SESSION);
    response
}

fn provider(app: &App, visitor: &Visitor) -> Option<String> {
    let id_token = visitor.secret.seal().open(&visitor.session.sealed)?;
    let id_token = IdTokenHint::parse(&id_token).ok()?;
    let mut state = [0; 16];
    app.0.ports.entropy.fill(&mut state).ok()?;
    let state = URL_SAFE_NO_PAD.encode(state);
    let url = app.0.ports.sign_in.sign_out(&id_token, &state);
    Some(url.expose().to_owned())
}
