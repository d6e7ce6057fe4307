//! The Management API: calls with a token, and what they have in common.

mod token;
mod users;

use std::sync::Arc;
use std::time::{Duration, Instant};

use pod_core::Deadline;
use pod_core::ports::AccessToken;
use pod_http::{Method, StatusCode};
use serde_json::Value;
use url::Url;

use crate::client::{ClientId, ClientSecret};
use crate::error::{TenantError, Word};
use crate::flight::Outcome;
use crate::tenant::{Answer, Tenant};
use token::Tokens;
pub(crate) use users::{Created, Linked};

/// How long a call may take that nobody waits for any more: what it brings is
/// there for the next one who asks.
const LONGEST: Duration = Duration::from_secs(5);

/// The Management API of a tenant, for one application.
#[derive(Clone)]
pub(crate) struct Management {
    tenant: Tenant,
    tokens: Tokens,
}

/// A call, with its name for operators: a URL has a customer's name in it.
struct Call {
    place: &'static str,
    method: Method,
    url: Url,
    body: Option<Value>,
}

impl Management {
    pub(crate) fn new(tenant: Tenant, client: ClientId, secret: ClientSecret) -> Self {
        Self {
            tokens: Tokens::new(tenant.clone(), client, secret),
            tenant,
        }
    }

    pub(crate) fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// A place in the API; `path` has to be encoded.
    pub(crate) fn at(&self, path: &str) -> Url {
        self.tenant.domain.at(&format!("/api/v2/{path}"))
    }

    /// The scopes that the application has.
    pub(crate) async fn scopes(&self, deadline: Deadline) -> Outcome<Vec<String>> {
        self.tokens.scopes(deadline).await
    }

    /// Whether the tenant knows an API by this identifier.
    pub(crate) async fn knows_api(
        &self,
        audience: &str,
        deadline: Deadline,
    ) -> Result<bool, TenantError> {
        self.tokens.knows_api(audience, deadline).await
    }

    /// Makes a call. A token that is refused is fetched anew, once. Answers
    /// that mean the same for every call are errors here.
    async fn make(&self, call: &Call, deadline: Deadline) -> Outcome<Answer> {
        let answer = self.try_twice(call, deadline).await?;
        let error = match answer.status {
            StatusCode::UNAUTHORIZED => TenantError::TokenRefused,
            StatusCode::FORBIDDEN => TenantError::NoManagement,
            StatusCode::TOO_MANY_REQUESTS => answer.limited(),
            status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
                call.unexpected(&answer)
            }
            _ => return Ok(answer),
        };
        Err(Arc::new(error))
    }

    /// Makes a call of somebody who knows what each answer means.
    pub(crate) async fn ask(
        &self,
        method: Method,
        url: Url,
        body: Option<Value>,
        deadline: Deadline,
    ) -> Outcome<Answer> {
        let call = Call {
            place: "the Management API",
            method,
            url,
            body,
        };
        self.try_twice(&call, deadline).await
    }

    async fn try_twice(&self, call: &Call, deadline: Deadline) -> Outcome<Answer> {
        let token = self.tokens.get(deadline).await?;
        let answer = self.make_with(&token, call, deadline).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.tokens.discard(&token);
        let token = self.tokens.get(deadline).await?;
        self.make_with(&token, call, deadline).await
    }

    async fn make_with(
        &self,
        token: &AccessToken,
        call: &Call,
        deadline: Deadline,
    ) -> Outcome<Answer> {
        let http = &self.tenant.http;
        let mut request = http
            .request(call.method.clone(), call.url.clone())
            .bearer(token.expose());
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let answer = self
            .tenant
            .ask_patiently(request, patience(deadline), deadline);
        answer.await.map_err(Arc::new)
    }
}

impl Call {
    /// The error of an answer that this call has no use for.
    fn unexpected(&self, answer: &Answer) -> TenantError {
        TenantError::of_status(self.place, answer.status, Word::of(""))
    }

    fn not_understood(&self) -> Arc<TenantError> {
        Arc::new(TenantError::NotUnderstood { place: self.place })
    }
}

/// Until when an answer is waited for in the background.
fn patience(deadline: Deadline) -> Instant {
    deadline.instant().max(Instant::now() + LONGEST)
}
