//! Linking an account as Amazon does: a browser signs in, a code comes back,
//! and a server keeps the tokens and renews them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http_body_util::BodyExt as _;
use hyper::{Method, Request, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::account::MARGIN;
use crate::auth0::{ALEXA_CLIENT, ALEXA_REDIRECTS, ALEXA_SECRET, Tenant, TenantError};

/// An account that a customer has linked by signing in. Clones share their
/// tokens, as the devices of one customer do.
#[derive(Clone)]
pub struct LinkedAccount {
    tenant: Tenant,
    tokens: Arc<Mutex<Option<Kept>>>,
    /// Held while the tokens are renewed, so that it is done once.
    renewing: Arc<tokio::sync::Mutex<()>>,
}

/// The tokens, as Amazon keeps them.
struct Kept {
    access: SecretString,
    refresh: Option<SecretString>,
    until: Timestamp,
}

#[derive(Deserialize)]
struct Issued {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: i64,
}

impl fmt::Debug for LinkedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkedAccount")
    }
}

impl LinkedAccount {
    pub(super) async fn link(
        tenant: &Tenant,
        login: &str,
        password: &str,
        scope: &str,
    ) -> Result<Self, TenantError> {
        let verifier = tenant.unguessable(43)?;
        let code = sign_in(tenant, login, password, scope, &verifier).await?;
        let issued = exchange(
            tenant,
            &[
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", ALEXA_REDIRECTS[0]),
                ("code_verifier", &verifier),
            ],
        )
        .await?
        .map_err(|words| failed(&words))?;
        let kept = Kept::of(issued, None, tenant.time());
        Ok(Self {
            tenant: tenant.clone(),
            tokens: Arc::new(Mutex::new(Some(kept))),
            renewing: Arc::default(),
        })
    }

    /// The access token; none once the tenant has ended the link.
    pub(super) fn token(&self) -> Option<SecretString> {
        self.tokens().as_ref().map(|kept| kept.access.clone())
    }

    /// Renews the tokens if they are about to expire. If the tenant refuses
    /// that, the account is not linked any more.
    pub(super) async fn renew(&self, now: Timestamp) -> Result<(), TenantError> {
        let _alone = self.renewing.lock().await;
        let refresh = match &*self.tokens() {
            Some(kept) if now.as_second() + MARGIN >= kept.until.as_second() => {
                kept.refresh.clone()
            }
            _ => return Ok(()),
        };
        let Some(refresh) = refresh else {
            *self.tokens() = None;
            return Ok(());
        };
        let answer = exchange(
            &self.tenant,
            &[
                ("grant_type", "refresh_token"),
                ("refresh_token", refresh.expose_secret()),
            ],
        )
        .await?;
        *self.tokens() = answer
            .ok()
            .map(|issued| Kept::of(issued, Some(refresh), self.tenant.time()));
        Ok(())
    }

    fn tokens(&self) -> MutexGuard<'_, Option<Kept>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn of(issued: Issued, before: Option<SecretString>, now: Timestamp) -> Self {
        Self {
            access: issued.access_token.into(),
            // Where tokens do not rotate, the old one stays.
            refresh: issued.refresh_token.map(SecretString::from).or(before),
            until: now
                .saturating_add(SignedDuration::from_secs(issued.expires_in))
                .unwrap_or(now),
        }
    }
}

/// Plays the browser in the Alexa app, up to the code.
async fn sign_in(
    tenant: &Tenant,
    login: &str,
    password: &str,
    scope: &str,
    verifier: &str,
) -> Result<String, TenantError> {
    let state = tenant.unguessable(32)?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let query = form(&[
        ("response_type", "code"),
        ("client_id", ALEXA_CLIENT),
        ("redirect_uri", ALEXA_REDIRECTS[0]),
        ("scope", scope),
        ("state", &state),
        ("audience", tenant.audience()),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    let page = location(tenant, Method::GET, &format!("/authorize?{query}"), "").await?;
    let path = &page[url::Position::BeforePath..];
    let (status, html) = ask(tenant, Method::GET, path, "", None).await?;
    let hidden = html
        .split_once("name=\"state\" value=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .filter(|_| status == StatusCode::OK)
        .map(|(state, _)| state)
        .ok_or_else(|| failed("there is no login page"))?;
    let filled = form(&[
        ("state", hidden),
        ("username", login),
        ("password", password),
    ]);
    let back = location(tenant, Method::POST, path, &filled).await?;
    let answer = |name: &str| {
        let mut pairs = back.query_pairs();
        pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    };
    if !back.as_str().starts_with(ALEXA_REDIRECTS[0]) || answer("state") != Some(state) {
        return Err(failed("the answer is not for Amazon"));
    }
    answer("code").ok_or_else(|| failed(&answer("error_description").unwrap_or_default()))
}

/// Asks, and gives where the answer sends the browser.
async fn location(
    tenant: &Tenant,
    method: Method,
    path: &str,
    body: &str,
) -> Result<Url, TenantError> {
    let request = request(method, path, body, None)?;
    let response = tenant
        .ask(request)
        .await
        .ok_or_else(|| failed("the connection was lost"))?;
    response
        .headers()
        .get(header::LOCATION)
        .and_then(|to| to.to_str().ok()?.parse().ok())
        .ok_or_else(|| failed("the tenant showed a page instead of going on: wrong password?"))
}

/// Asks for tokens, as Amazon's server does: its secret goes by Basic.
async fn exchange(
    tenant: &Tenant,
    parameters: &[(&str, &str)],
) -> Result<Result<Issued, String>, TenantError> {
    let basic = STANDARD.encode(format!("{ALEXA_CLIENT}:{ALEXA_SECRET}"));
    let body = form(parameters);
    let (status, answer) = ask(tenant, Method::POST, "/oauth/token", &body, Some(&basic)).await?;
    match serde_json::from_str(&answer) {
        Ok(issued) if status == StatusCode::OK => Ok(Ok(issued)),
        // A refusal ends the link; anything else may be better next time.
        _ if status == StatusCode::FORBIDDEN => Ok(Err(answer)),
        _ => Err(failed(&format!("the tenant answered {status}"))),
    }
}

async fn ask(
    tenant: &Tenant,
    method: Method,
    path: &str,
    body: &str,
    basic: Option<&str>,
) -> Result<(StatusCode, String), TenantError> {
    let request = request(method, path, body, basic)?;
    let lost = || failed("the connection was lost");
    let response = tenant.ask(request).await.ok_or_else(lost)?;
    let status = response.status();
    let body = response.into_body().collect().await.map_err(|_| lost())?;
    Ok((
        status,
        String::from_utf8_lossy(&body.to_bytes()).into_owned(),
    ))
}

fn request(
    method: Method,
    path: &str,
    body: &str,
    basic: Option<&str>,
) -> Result<Request<Body>, TenantError> {
    let mut request = Request::builder().method(method).uri(path);
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    if let Some(basic) = basic {
        request = request.header(header::AUTHORIZATION, format!("Basic {basic}"));
    }
    request
        .body(Body::from(body.to_owned()))
        .map_err(|error| failed(&error.to_string()))
}

fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

fn failed(words: &str) -> TenantError {
    TenantError::Linking(words.to_owned())
}
