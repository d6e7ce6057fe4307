//! The exchange of an authorization code for an ID token.

use pod_core::ports::{Denial, FinishSignInError, IdTokenHint, PendingSignIn};
use pod_core::{BoxError, Deadline, Fault};
use pod_http::{Answer, AskError, Http, StatusCode};
use serde::Deserialize;
use thiserror::Error;
use url::Url;

use crate::AUTH0;
use crate::client::{ClientId, ClientSecret};
use crate::return_url::ReturnUrl;

/// Far more than an answer has: Auth0's tokens are 1 to 2 KB each.
const LARGEST: usize = 64 * 1024;

/// Where codes are exchanged, and by which application.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) http: Http,
    pub(crate) url: Url,
    pub(crate) client: ClientId,
    pub(crate) secret: ClientSecret,
    pub(crate) redirect_uri: ReturnUrl,
}

/// Why a code was not exchanged, though it may be good.
#[derive(Debug, Error)]
enum ExchangeError {
    #[error("{url} could not be reached: check the domain and the network")]
    Transport {
        url: Url,
        #[source]
        cause: BoxError,
    },
    #[error("the tenant did not exchange the code in time: check the network, or try again")]
    TooSlow,
    #[error(
        "the tenant answered {status} ({}) and did not exchange the code: check the client id, its secret, its grants and its allowed callback URLs",
        .word.as_str()
    )]
    Status { status: StatusCode, word: Denial },
    #[error(
        "the tenant answered {status} ({}) where customers sign in: check the client id, and that {} is one of its allowed callback URLs; `pod-server setup auth0 --public-url` makes it one",
        .word.as_str(), .redirect_uri.as_str()
    )]
    NoPage {
        status: StatusCode,
        word: Denial,
        redirect_uri: ReturnUrl,
    },
    #[error("the tenant answered something else than an ID token: check the domain")]
    NoIdToken,
}

/// What the tenant gives for a code. There is an access token, too, that
/// nobody has a use for.
#[derive(Deserialize)]
struct Granted {
    id_token: String,
}

/// What the tenant says instead (RFC 6749, 5.2).
#[derive(Deserialize)]
struct Refused {
    error: String,
}

impl Exchange {
    /// Exchanges a code, once: nothing is repeated, since the code may be
    /// spent.
    pub(crate) async fn redeem(
        &self,
        code: &str,
        pending: &PendingSignIn,
        deadline: Deadline,
    ) -> Result<IdTokenHint, FinishSignInError> {
        let answer = self.send(code, pending, deadline).await;
        let answer = answer.map_err(|error| self.transport(error))?;
        // A longer answer is none.
        let (status, body) = (answer.status, answer.body());
        if status == StatusCode::OK {
            let granted: Granted =
                serde_json::from_slice(body).map_err(|_| ExchangeError::NoIdToken)?;
            return IdTokenHint::parse(&granted.id_token)
                .map_err(|_| ExchangeError::NoIdToken.into());
        }
        let word = match serde_json::from_slice::<Refused>(body) {
            Ok(refused) => Denial::new(&refused.error),
            Err(_) => Denial::new(""),
        };
        // The code is used, too old, another sign-in's or made up.
        if status.is_client_error() && word.as_str() == "invalid_grant" {
            return Err(FinishSignInError::Rejected);
        }
        Err(ExchangeError::Status { status, word }.into())
    }

    /// Asks for the page where customers sign in, and follows it nowhere.
    pub(crate) async fn look(&self, page: &str, deadline: Deadline) -> Result<(), Fault> {
        let page = Url::parse(page).map_err(|error| ExchangeError::Transport {
            url: self.url.clone(),
            cause: error.into(),
        })?;
        // What the page says is of no use.
        let answer = self.http.get(page).ask(deadline.instant(), 0).await;
        let answer = answer.map_err(|error| self.transport(error))?;
        let status = answer.status;
        let leads = answer.header("location");
        let leads = leads.and_then(|leads| self.url.join(leads).ok());
        // To the application itself it sends a browser back with what is wrong.
        let mut pairs = leads.iter().flat_map(Url::query_pairs);
        let error = pairs.find(|(name, _)| name == "error");
        if error.is_none() && (status.is_success() || status.is_redirection()) {
            return Ok(());
        }
        let word = error.map_or_else(String::new, |(_, word)| word.into_owned());
        Err(ExchangeError::NoPage {
            status,
            word: Denial::new(&word),
            redirect_uri: self.redirect_uri.clone(),
        }
        .into())
    }

    async fn send(
        &self,
        code: &str,
        pending: &PendingSignIn,
        deadline: Deadline,
    ) -> Result<Answer, AskError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", self.client.as_str()),
            ("client_secret", self.secret.expose()),
            ("code", code),
            ("code_verifier", pending.verifier()),
            ("redirect_uri", self.redirect_uri.as_str()),
        ];
        let request = self.http.post(self.url.clone()).form(&form);
        request.ask(deadline.instant(), LARGEST).await
    }

    fn transport(&self, error: AskError) -> ExchangeError {
        match error {
            AskError::TooSlow => ExchangeError::TooSlow,
            AskError::Unreachable(cause) | AskError::Broken(cause) => ExchangeError::Transport {
                url: self.url.clone(),
                cause,
            },
        }
    }
}

impl From<ExchangeError> for Fault {
    fn from(error: ExchangeError) -> Self {
        let temporary = match &error {
            ExchangeError::Transport { .. } | ExchangeError::TooSlow => true,
            ExchangeError::Status { status, .. } | ExchangeError::NoPage { status, .. } => {
                status.is_server_error()
                    || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(status)
            }
            ExchangeError::NoIdToken => false,
        };
        if temporary {
            Self::unavailable(AUTH0, error)
        } else {
            Self::broken(AUTH0, error)
        }
    }
}

impl From<ExchangeError> for FinishSignInError {
    fn from(error: ExchangeError) -> Self {
        Self::Fault(error.into())
    }
}
