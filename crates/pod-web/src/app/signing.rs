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
use sha2::{Digest, Sha256};

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
    match begun(&app) {
        Ok((url, name, pending)) => {
            let mut response = App::see_other(&url);
            for older in too_many(&app, &headers) {
                cookies::clear(response.headers_mut(), older);
            }
            cookies::set(response.headers_mut(), &name, &pending, PATIENCE);
            response
        }
        Err(_) => pages::unavailable(&app, &headers),
    }
}

fn begun(app: &App) -> Result<(String, String, String), Fault> {
    let begun = app.0.ports.sign_in.begin()?;
    let name = cookie_of(begun.pending.state());
    let kept = begun.pending.expose();
    let kept = format!("{} {}", app.now().as_second(), kept.expose_secret());
    let entropy = &*app.0.ports.entropy;
    let sealed = app.0.pending.close(&kept, entropy)?;
    let url = begun.url.expose().to_owned();
    Ok((url, name, URL_SAFE_NO_PAD.encode(sealed)))
}

/// The cookie that keeps a sign-in. Each has one of its own, so that those of
/// several tabs leave each other alone.
fn cookie_of(state: &str) -> String {
    let digest = Sha256::digest(state);
    let name = URL_SAFE_NO_PAD.encode(&digest[..12]);
    format!("{}{name}", cookies::PENDING)
}

/// The sign-ins that make room for another: the oldest ones.
fn too_many<'h>(app: &App, headers: &'h HeaderMap) -> Vec<&'h str> {
    let mut names = cookies::names(headers, cookies::PENDING);
    names.sort_by_cached_key(|name| opened(app, headers, name).map(|(began, _)| began));
    names.truncate((names.len() + 1).saturating_sub(MOST));
    names
}

/// When a sign-in began, and its secrets.
fn opened(app: &App, headers: &HeaderMap, name: &str) -> Option<(i64, String)> {
    let cookie = cookies::read(headers, name)?;
    let sealed = URL_SAFE_NO_PAD.decode(cookie).ok()?;
    let kept = app.0.pending.open(&sealed)?;
    let (began, secrets) = kept.split_once(' ')?;
    Some((began.parse().ok()?, secrets.to_owned()))
}

/// What was kept of a sign-in that has begun, unless it was too long ago.
fn pending(app: &App, headers: &HeaderMap, name: &str) -> Option<PendingSignIn> {
    let (began, secrets) = opened(app, headers, name)?;
    let began = Timestamp::from_second(began).ok()?;
    let is_over = began
        .checked_add(PATIENCE)
        .is_ok_and(|until| until <= app.now());
    PendingSignIn::parse(&secrets).ok().filter(|_| !is_over)
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
    let name = cookie_of(state.as_deref().unwrap_or_default());
    let begun = pending(&app, &headers, &name).zip(callback.ok());
    // Whether it is a sign-in that this browser began.
    let is_known = begun
        .as_ref()
        .is_some_and(|(pending, callback)| pending.is_of(callback));
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
    if is_known {
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
