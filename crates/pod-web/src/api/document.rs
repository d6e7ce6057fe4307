//! The routes, and the document of them that `OpenAPI` has programs read.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{self, ContentBuilder, Header, HeaderBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::{Kind, PROBLEM, Problem, ShownProblem};
use super::{Api, caller, choices, events, orders};

/// What the document says beside the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "pod",
        description = "Orders that are confirmed by a code that was sent to the customer.\n\nEvery error is a problem by RFC 9457; programs go by its `type`.",
        license(name = "MIT OR Apache-2.0"),
    ),
    components(schemas(ShownProblem, events::Happened)),
    modifiers(&Bearer),
    tags(
        (name = "orders", description = "The caller's own orders."),
        (name = "events", description = "What becomes of them, as it happens."),
    ),
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("An access token of the customer's, for this API."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

/// What any operation may answer.
pub(super) struct Common;

impl IntoResponses for Common {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        [
            ("401", "`unauthenticated`, `code-required`; `WWW-Authenticate` says what the token lacks (RFC 6750, RFC 9470)."),
            ("403", "`insufficient-scope`"),
            ("405", "`method-not-allowed`"),
            ("408", "`request-timeout`"),
            ("429", "`locked`, `too-many-sends`, `too-many-requests`"),
            ("503", "`supplier-unavailable`"),
        ]
        .into_iter()
        .map(|(status, description)| {
            let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
            let response = ResponseBuilder::new()
                .description(description)
                .content("application/problem+json", problem.build());
            let response = match status {
                "429" | "503" => response.header("Retry-After", retry_after()),
                _ => response,
            };
            (status.to_owned(), RefOr::T(response.build()))
        })
        .collect()
    }
}

/// The header that says how long to wait.
fn retry_after() -> Header {
    let seconds = ObjectBuilder::new().schema_type(Type::Integer);
    let seconds = seconds.minimum(Some(1));
    HeaderBuilder::new()
        .schema(Some(seconds))
        .description(Some(
            "How many seconds to wait. Where it is missing, waiting does not help: the order's \
             code was sent as often as it may be (`too-many-sends`: use it, or order again), the \
             shop has to unlock the customer (`locked`), or this is the first answer once more \
             (`Idempotency-Replayed`: use another key).",
        ))
        .build()
}

/// What a request that changes something may carry.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it says what a header is, and is read elsewhere")]
pub(super) struct Carried {
    /// Names the request: a repeat of it within a day gets the first answer, and
    /// has no effect.
    #[serde(rename = "Idempotency-Key")]
    #[param(
        required = false,
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$",
        example = "8e03978e-40d5-43e8-bc93-6894a57f9324"
    )]
    idempotency_key: Option<String>,
}

pub(super) fn router(api: &Api) -> Router {
    let base = &api.0.config.base_path;
    let protected = OpenApiRouter::new()
        .routes(routes!(orders::place, orders::list))
        .routes(routes!(orders::show, orders::cancel))
        .routes(routes!(orders::confirm))
        .routes(routes!(orders::resend))
        .routes(routes!(orders::authorize))
        .routes(routes!(events::listen))
        .route_layer(from_fn_with_state(api.clone(), caller::admit));
    let (router, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .nest("/api", protected)
        .split_for_parts();
    document.servers = Some(vec![openapi::Server::new(base)]);
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    let mut document = serde_json::to_value(&document).unwrap_or_default();
    choices::tell(&mut document, &api.0.config.menu, api.pod().policy().digits);
    let written: Arc<[u8]> = serde_json::to_vec(&document).unwrap_or_default().into();
    let document = get(move || async move {
        let json = HeaderValue::from_static("application/json");
        ([(CONTENT_TYPE, json)], written.to_vec()).into_response()
    });
    let router: Router = router
        .route("/api/openapi.json", document)
        .route("/api/problems/{kind}", get(problem))
        .route("/api", any(nothing))
        .route("/api/", any(nothing))
        .route("/api/{*rest}", any(nothing))
        .with_state(api.clone());
    router
        .layer(from_fn_with_state(api.clone(), of_axum))
        .layer(from_fn_with_state(api.clone(), across_origins))
        .layer(from_fn(plain))
}

/// What a problem's `type` leads to.
async fn problem(State(api): State<Api>, Path(word): Path<String>) -> Response {
    let known = Kind::ALL.into_iter().find(|kind| kind.facts().0 == word);
    match known {
        Some(kind) => {
            let (word, status, title) = kind.facts();
            let mut shown = Json(serde_json::json!({
                "type": api.path(&format!("/problems/{word}")),
                "title": title,
                "status": status.as_u16(),
            }))
            .into_response();
            let cached = HeaderValue::from_static("public, max-age=86400");
            shown.headers_mut().insert(CACHE_CONTROL, cached);
            shown
        }
        None => nothing(State(api)).await,
    }
}

async fn nothing(State(api): State<Api>) -> Response {
    let detail = format!("See {} for what there is.", api.path("/openapi.json"));
    Problem::new(Kind::NotFound, detail).response(&api.0.config.base_path)
}

/// Turns what the router itself says into a problem.
async fn of_axum(State(api): State<Api>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE);
    let is_problem = kind.is_some_and(|kind| kind == PROBLEM);
    if is_problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let problem = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            let allow = response.headers().get(ALLOW).cloned();
            let detail = "Allow says what can be done here.";
            Problem::new(Kind::MethodNotAllowed, detail).allow(allow)
        }
        status if status.is_client_error() => {
            Problem::new(Kind::InvalidRequest, "The path is not UTF-8.")
        }
        _ => Problem::new(Kind::Internal, "Try again later."),
    };
    problem.response(&api.0.config.base_path)
}

/// Lets pages of the configured origins call the API (the Fetch standard, 3.2);
/// nobody else's may.
async fn across_origins(State(api): State<Api>, request: Request, next: Next) -> Response {
    let origin = request.headers().get("origin").cloned();
    let origins = &api.0.config.origins;
    let known = origin.filter(|origin| origins.iter().any(|known| origin == known.as_str()));
    let asks_first = request.method() == http::Method::OPTIONS
        && request
            .headers()
            .contains_key("access-control-request-method");
    let mut response = match &known {
        Some(_) if asks_first => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    if !origins.is_empty() {
        headers.append("vary", HeaderValue::from_static("origin"));
    }
    if let Some(origin) = known {
        headers.insert("access-control-allow-origin", origin);
        for (name, value) in [
            (
                "access-control-expose-headers",
                "location, link, retry-after, ratelimit, ratelimit-policy, idempotency-replayed, www-authenticate",
            ),
            ("access-control-allow-methods", "GET, POST, DELETE"),
            (
                "access-control-allow-headers",
                "authorization, content-type, idempotency-key, last-event-id, accept-language",
            ),
            ("access-control-max-age", "600"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// What every answer has that is for programs.
async fn plain(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
