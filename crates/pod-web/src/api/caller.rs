//! Who is calling, what the request says, and how it is answered.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use pod_core::ports::{AccessToken, AuthenticateError};
use pod_core::{CustomerId, Deadline};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::Api;
use super::problem::{Kind, Problem};

/// More than any request has.
const LARGEST: usize = 16 * 1024;

/// How long a body may take to arrive.
const READING: Duration = Duration::from_secs(2);

/// The customer whose token came with a request, and until when an answer is
/// worth something.
#[derive(Debug, Clone)]
pub(super) struct Caller(pub(super) CustomerId, pub(super) Deadline);

/// Lets in whoever has a good token, and counts the request. Everything in the
/// API goes through here but what everybody may read.
pub(super) async fn admit(State(api): State<Api>, request: Request, next: Next) -> Response {
    // One budget for all of it.
    let deadline = Deadline::at(Instant::now() + api.0.config.budget);
    let customer = match authenticate(&api, request.headers(), deadline).await {
        Ok(customer) => customer,
        Err(problem) => return problem.response(&api.0.config.base_path),
    };
    let allowed = api.0.requests.count(&customer, Instant::now());
    let mut response = if allowed.is_exceeded {
        Problem::new(Kind::TooManyRequests, "Wait, and make fewer requests.")
            .retry_after(allowed.resets_in())
            .response(&api.0.config.base_path)
    } else {
        let mut request = request;
        request.extensions_mut().insert(Caller(customer, deadline));
        // Dropped halfway, because its caller hung up, it might leave an order
        // without its code, and a repeat without its answer.
        let begun = api.0.ports.tasks.spawn(next.run(request));
        begun.await.unwrap_or_else(|_| {
            let detail = "Look at the orders: it may have had its effect.";
            Problem::new(Kind::Internal, detail).response(&api.0.config.base_path)
        })
    };
    let headers = response.headers_mut();
    allowed.tell(headers);
    // Nobody else's cache may keep what belongs to one caller.
    headers
        .entry("cache-control")
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn authenticate(
    api: &Api,
    headers: &HeaderMap,
    deadline: Deadline,
) -> Result<CustomerId, Problem> {
    let challenge = |error: &str| format!("Bearer realm=\"pod\"{error}");
    let missing = || {
        Problem::new(
            Kind::Unauthenticated,
            "Send an access token: Authorization: Bearer ...",
        )
        .challenge(challenge(""))
    };
    let rejected = || {
        Problem::new(
            Kind::Unauthenticated,
            "The access token is not good any more, or not for this API: get another one.",
        )
        .challenge(challenge(", error=\"invalid_token\""))
    };
    let header = headers.get(AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) = header
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    let token = AccessToken::parse(token.trim()).map_err(|_| rejected())?;
    let authenticator = &api.0.ports.authenticator;
    let caller =
        authenticator
            .authenticate(&token, deadline)
            .await
            .map_err(|error| match error {
                AuthenticateError::Rejected => rejected(),
                AuthenticateError::Fault(_) => Problem::new(
                    Kind::SupplierUnavailable,
                    "The access token cannot be verified right now: try again.",
                )
                .retry_after(Duration::from_secs(5)),
            })?;
    if let Some(scope) = &api.0.config.scope {
        caller.scopes.require(scope).map_err(|missing| {
            let scope = missing.missing();
            Problem::new(
                Kind::InsufficientScope,
                format!("Get a token with the scope {scope}."),
            )
            .challenge(challenge(&format!(
                ", error=\"insufficient_scope\", scope=\"{scope}\""
            )))
        })?;
    }
    Ok(caller.customer)
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Response> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| {
            let problem = Problem::new(Kind::Unauthenticated, "Send an access token.");
            problem.response(&api.0.config.base_path)
        })
    }
}

/// Reads a body that may be empty.
pub(super) async fn read(body: Body) -> Result<Bytes, Problem> {
    match timeout(READING, to_bytes(body, LARGEST)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(Problem::new(
            Kind::TooLarge,
            "The body is larger than 16 KB.",
        )),
        Err(_) => Err(Problem::new(
            Kind::RequestTimeout,
            "The body did not arrive within two seconds.",
        )),
    }
}

/// Reads JSON that has all that it needs and nothing else.
pub(super) fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Problem> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = kind.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    if !essence.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        return Err(Problem::new(
            Kind::UnsupportedMediaType,
            "Send content-type: application/json.",
        ));
    }
    serde_json::from_slice(body).map_err(|error| {
        // Where it is wrong, and not what it says: there may be a code in it.
        let place = format!("line {}, column {}", error.line(), error.column());
        let what = match error.classify() {
            serde_json::error::Category::Data => {
                "lacks something, or has something of a wrong kind or that is not known"
            }
            _ => "is not JSON",
        };
        Problem::new(Kind::InvalidRequest, format!("The body {what} ({place})."))
    })
}
