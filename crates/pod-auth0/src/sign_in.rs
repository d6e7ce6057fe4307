//! Signing in to the web app at an Auth0 tenant.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pod_core::ports::{
    BegunSignIn, BrowserUrl, Callback, CallbackOutcome, Clock, Denial, Entropy, FinishSignInError,
    IdTokenHint, PendingSignIn, SignIn, SignedIn,
};
use pod_core::{Deadline, Fault};
use pod_http::Http;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::AUTH0;
use crate::client::{ClientId, ClientSecret};
use crate::domain::Auth0Domain;
use crate::exchange::Exchange;
use crate::id_token::{IdTokenError, IdTokenRules};
use crate::keys::{KeySource, Keys};
use crate::return_url::ReturnUrl;

/// How long a browser may be on its way back.
const PATIENCE: Duration = Duration::from_mins(5);

/// What is asked of the tenant: who signs in, and nothing that can be renewed
/// (`offline_access`).
const SCOPE: &str = "openid profile email";

/// Where customers sign in, and at which application.
#[derive(Debug, Clone)]
pub struct SignInConfig {
    /// The tenant.
    pub domain: Auth0Domain,
    /// The application, a regular web application.
    pub client: ClientId,
    /// The application's secret.
    pub secret: ClientSecret,
    /// Where the browser comes back to once the customer has signed in: one of
    /// the application's allowed callback URLs.
    pub redirect_uri: ReturnUrl,
    /// Where the browser comes back to once the customer has signed out: one
    /// of the application's allowed logout URLs.
    pub signed_out_uri: ReturnUrl,
}

/// Signs customers in at an Auth0 tenant: by authorization code, with PKCE, a
/// state and a nonce (OpenID Connect Core 1.0; RFC 7636; RFC 9700, 2.1.1).
///
/// It has to be used within a Tokio runtime.
pub struct Auth0SignIn {
    domain: Auth0Domain,
    signed_out_uri: ReturnUrl,
    exchange: Exchange,
    keys: Keys,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// The tenant sent the browser back with an error that is not the customer's.
#[derive(Debug, Error)]
#[error("the tenant refused to let anybody sign in ({}): check the application", .0.as_str())]
struct NobodySignsIn(Denial);

impl Auth0SignIn {
    /// Makes a sign-in whose codes are exchanged by this way out; nothing is
    /// fetched yet.
    #[must_use]
    pub fn new(
        config: SignInConfig,
        http: Http,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let source = KeySource::new(http.clone(), config.domain.jwks_url());
        Self {
            exchange: Exchange {
                http,
                url: config.domain.at("/oauth/token"),
                client: config.client,
                secret: config.secret,
                redirect_uri: config.redirect_uri,
            },
            domain: config.domain,
            signed_out_uri: config.signed_out_uri,
            keys: Keys::new(source, clock.clone()),
            clock,
            entropy,
        }
    }

    /// Asks the tenant for the page where customers sign in, and has it refuse
    /// a code that nobody was given: the client, its secret and the callback
    /// are right then. Nobody is signed in.
    ///
    /// # Errors
    ///
    /// [`Fault`] if something is not right, or the tenant does not answer by
    /// the deadline; its source is a sentence that says what to do.
    pub async fn check(&self, deadline: Deadline) -> Result<(), Fault> {
        let begun = self.begin()?;
        self.exchange.look(begun.url.expose(), deadline).await?;
        let nobodys = "a-code-that-nobody-was-given";
        let refused = self.exchange.redeem(nobodys, &begun.pending, deadline);
        match refused.await {
            Err(FinishSignInError::Fault(fault)) => Err(fault),
            _ => Ok(()),
        }
    }

    fn pending(&self) -> Result<PendingSignIn, Fault> {
        let mut secrets = [[0; 32]; 3];
        self.entropy.fill(secrets.as_flattened_mut())?;
        let [state, nonce, verifier] = secrets.map(|secret| URL_SAFE_NO_PAD.encode(secret));
        PendingSignIn::new(&state, &nonce, &verifier).map_err(|error| Fault::broken(AUTH0, error))
    }
}

impl fmt::Debug for Auth0SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth0SignIn")
            .field("domain", &self.domain)
            .field("client", &self.exchange.client)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl SignIn for Auth0SignIn {
    fn begin(&self) -> Result<BegunSignIn, Fault> {
        let pending = self.pending()?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(pending.verifier()));
        let mut url = self.domain.at("/authorize");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", self.exchange.client.as_str())
            .append_pair("redirect_uri", self.exchange.redirect_uri.as_str())
            .append_pair("scope", SCOPE)
            .append_pair("state", pending.state())
            .append_pair("nonce", pending.nonce())
            .append_pair("max_age", &SignedIn::FRESH.as_secs().to_string())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(BegunSignIn {
            url: BrowserUrl::new(url),
            pending,
        })
    }

    async fn finish(
        &self,
        pending: PendingSignIn,
        callback: &Callback,
        deadline: Deadline,
    ) -> Result<SignedIn, FinishSignInError> {
        if !pending.is_of(callback) {
            return Err(FinishSignInError::StateMismatch);
        }
        let code = match callback.outcome() {
            CallbackOutcome::Code(code) => code.expose_secret(),
            CallbackOutcome::Error(denial) => return Err(refused(denial)),
        };
        // The keys first: without them the code would be spent for nothing.
        self.keys.warm(deadline).await?;
        let id_token = self.exchange.redeem(code, &pending, deadline).await?;
        let now = self.clock.now();
        let rules = IdTokenRules {
            issuer: self.domain.issuer(),
            client: &self.exchange.client,
            nonce: Some(pending.nonce()),
            now,
        };
        let verified = rules
            .verify(id_token.expose(), &self.keys, deadline)
            .await
            .map_err(|error| match error {
                IdTokenError::NotGood => FinishSignInError::Rejected,
                IdTokenError::Fault(fault) => FinishSignInError::Fault(fault),
            })?;
        // The browser could have taken the wish for it out of the URL (OpenID
        // Connect Core, 3.1.3.7, 13).
        let authenticated_at = verified.auth_time.ok_or(FinishSignInError::Rejected)?;
        let latest = authenticated_at.checked_add(SignedIn::FRESH + PATIENCE);
        if latest.is_ok_and(|latest| latest < now) {
            return Err(FinishSignInError::Rejected);
        }
        Ok(SignedIn {
            customer: verified.customer,
            id_token,
            finished_at: now,
            authenticated_at,
            expires_at: verified.expires_at,
        })
    }

    fn sign_out(&self, id_token: &IdTokenHint, state: &str) -> BrowserUrl {
        let mut url = self.domain.at("/oidc/logout");
        url.query_pairs_mut()
            .append_pair("id_token_hint", id_token.expose())
            .append_pair("client_id", self.exchange.client.as_str())
            .append_pair("post_logout_redirect_uri", self.signed_out_uri.as_str())
            .append_pair("state", state);
        BrowserUrl::new(url)
    }
}

/// What an error means that the browser came back with (RFC 6749, 4.1.2.1):
/// most are the customer's or the tenant's decision, some are a mistake.
fn refused(denial: &Denial) -> FinishSignInError {
    match denial.as_str() {
        "server_error" | "temporarily_unavailable" => {
            Fault::unavailable(AUTH0, NobodySignsIn(denial.clone())).into()
        }
        "invalid_request"
        | "invalid_scope"
        | "unauthorized_client"
        | "unsupported_response_type" => Fault::broken(AUTH0, NobodySignsIn(denial.clone())).into(),
        _ => FinishSignInError::Denied(denial.clone()),
    }
}
