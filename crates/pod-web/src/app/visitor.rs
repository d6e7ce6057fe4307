//! Who looks at a page: a customer with a session, or somebody.

use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use pod_core::ports::{Session, SessionKey};
use pod_core::{CustomerId, Fault, Timestamp};
use sha2::{Digest, Sha256};

use super::seal::Seal;
use super::{App, cookies, pages};

/// The secret that a browser has of its session: 256 random bits.
pub(super) struct Secret([u8; 32]);

impl Secret {
    pub(super) fn new(app: &App) -> Result<Self, Fault> {
        let mut secret = [0; 32];
        app.0.ports.entropy.fill(&mut secret)?;
        Ok(Self(secret))
    }

    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let cookie = cookies::read(headers, cookies::SESSION)?;
        let secret = URL_SAFE_NO_PAD.decode(cookie).ok()?;
        secret.try_into().ok().map(Self)
    }

    pub(super) fn cookie(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the database finds the session by.
    pub(super) fn key(&self) -> SessionKey {
        SessionKey::from_bytes(Sha256::digest(self.0).into())
    }

    /// What seals that only this browser may have opened.
    pub(super) fn seal(&self) -> Seal {
        Seal::new(&self.0, "session")
    }

    /// What seals a contact that only this session may prove, and that the
    /// browser cannot read.
    pub(super) fn contact_seal(&self, app: &App) -> Seal {
        let secrets = [&self.0[..], &app.0.config.secret].concat();
        Seal::new(&secrets, "contact")
    }
}

/// A customer whose session came with the request.
pub(super) struct Visitor {
    pub(super) customer: CustomerId,
    pub(super) session: Session,
    pub(super) secret: Secret,
}

impl Visitor {
    /// How long after signing in contacts may be changed: whoever finds a
    /// browser that was left open has to sign in for that.
    const RECENT: Duration = Duration::from_mins(15);

    /// Whether the customer has signed in a short while ago.
    pub(super) fn is_recent(&self, now: Timestamp) -> bool {
        let until = self.session.began_at.checked_add(Self::RECENT);
        until.is_ok_and(|until| now < until)
    }

    /// Finds whose session it is; `None` for somebody without one.
    pub(super) async fn find(app: &App, headers: &HeaderMap) -> Result<Option<Self>, Fault> {
        Self::look(app, headers, true).await
    }

    /// The same; what a page asks by itself is no use of a session.
    async fn look(app: &App, headers: &HeaderMap, used: bool) -> Result<Option<Self>, Fault> {
        let Some(secret) = Secret::of(headers) else {
            return Ok(None);
        };
        let sessions = &app.0.ports.sessions;
        let limits = &app.0.config.sessions;
        let (key, now) = (secret.key(), app.now());
        let found = if used {
            sessions.find(&key, limits, now).await?
        } else {
            sessions.peek(&key, limits, now).await?
        };
        Ok(found.map(|session| Self {
            customer: session.customer.clone(),
            session,
            secret,
        }))
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Response;

    /// Whoever has no session is led to where there is one to be had.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        if let Some(visitor) = admitted(parts, app, true).await? {
            return Ok(visitor);
        }
        let was_signed_in = cookies::read(&parts.headers, cookies::SESSION).is_some();
        let said = if was_signed_in || parts.method == Method::POST {
            "/?said=session-over"
        } else {
            "/sign-in"
        };
        let mut response = App::see_other(&app.at(said));
        if was_signed_in {
            cookies::clear(response.headers_mut(), cookies::SESSION);
        }
        Err(response)
    }
}

/// A visitor whose page asks by itself, which is no use of the session.
pub(super) struct ByScript(pub(super) Visitor);

impl FromRequestParts<App> for ByScript {
    type Rejection = Response;

    /// A script without a session is told by the status.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let visitor = admitted(parts, app, false).await?;
        let nobody = || StatusCode::UNAUTHORIZED.into_response();
        visitor.map(Self).ok_or_else(nobody)
    }
}

/// Who is there, unless they write too often; `None` for somebody without a
/// session.
async fn admitted(parts: &Parts, app: &App, used: bool) -> Result<Option<Visitor>, Response> {
    let headers = &parts.headers;
    let Ok(visitor) = Visitor::look(app, headers, used).await else {
        return Err(pages::unavailable(app, headers));
    };
    if let Some(visitor) = &visitor
        && parts.method == Method::POST
        && app
            .0
            .writes
            .count(&visitor.customer, Instant::now())
            .is_exceeded
    {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Err(pages::error(app, headers, status, "error-unavailable"));
    }
    Ok(visitor)
}
