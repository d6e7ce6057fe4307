//! The exchange of an authorization code for an ID token.

use pod_core::ports::{Denial, FinishSignInError, IdTokenHint, PendingSignIn};
use pod_core::{Deadline, Fault};
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use thiserror::Error;
use tokio::time::timeout_at;
use url::Url;

use crate::client::{ClientId, ClientSecret};
use crate::return_url::ReturnUrl;
use crate::{AUTH0, http};

/// Far more than an answer has: Auth0's tokens are 1 to 2 KB each.
const LARGEST: usize = 64 * 1024;

/// Where codes are exchanged, and by which application.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) http: Client,
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
        cause: reqwest::Error,
    },
    #[error("the tenant did not exchange the code in time: check the network, or try again")]
    TooSlow,
    #[error(
        "the tenant answered {status} ({}) and did not exchange the code: check the client id, its secret, its grants and its allowed callback URLs",
        .word.as_str()
    )]
    Status { status: StatusCode, word: Denial },
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
        let (status, body) = timeout_at(deadline.instant().into(), self.send(code, pending))
            .await
            .map_err(|_| ExchangeError::TooSlow)?
            .map_err(|cause| self.transport(cause))?;
        if status == StatusCode::OK {
            let granted: Granted =
                serde_json::from_slice(&body).map_err(|_| ExchangeError::NoIdToken)?;
            return IdTokenHint::parse(&granted.id_token)
                .map_err(|_| ExchangeError::NoIdToken.into());
        }
        let word = match serde_json::from_slice::<Refused>(&body) {
            Ok(refused) => Denial::new(&refused.error),
            Err(_) => Denial::new(""),
        };
        // The code is used, too old, another sign-in's or made up.
        if status.is_client_error() && word.as_str() == "invalid_grant" {
            return Err(FinishSignInError::Rejected);
        }
        Err(ExchangeError::Status { status, word }.into())
    }

    async fn send(
        &self,
        code: &str,
        pending: &PendingSignIn,
    ) -> Result<(StatusCode, Vec<u8>), reqwest::Error> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", self.client.as_str()),
            ("client_secret", self.secret.expose()),
            ("code", code),
            ("code_verifier", pending.verifier()),
            ("redirect_uri", self.redirect_uri.as_str()),
        ];
        let answer = self.http.post(self.url.clone()).form(&form).send().await?;
        let status = answer.status();
        // A longer answer is none.
        let body = http::body(answer, LARGEST).await?;
        Ok((status, body.unwrap_or_default()))
    }

    fn transport(&self, cause: reqwest::Error) -> ExchangeError {
        if cause.is_timeout() {
            ExchangeError::TooSlow
        } else {
            ExchangeError::Transport {
                url: self.url.clone(),
                cause: cause.without_url(),
            }
        }
    }
}

impl From<ExchangeError> for FinishSignInError {
    fn from(error: ExchangeError) -> Self {
        let temporary = match &error {
            ExchangeError::Transport { .. } | ExchangeError::TooSlow => true,
            ExchangeError::Status { status, .. } => {
                status.is_server_error()
                    || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(status)
            }
            ExchangeError::NoIdToken => false,
        };
        if temporary {
            Self::Fault(Fault::unavailable(AUTH0, error))
        } else {
            Self::Fault(Fault::broken(AUTH0, error))
        }
    }
}
