//! The caller's orders: placing, showing, confirming, sending the code again,
//! cancelling.

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::header::LINK;
use http::{HeaderMap, HeaderValue, StatusCode};
use pod_core::ports::Claim;
use pod_core::{
    Code, CodeSent, ConfirmOrder, CustomerId, Language, OrderId, PlaceOrder, ResendCode, Stage,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Api;
use super::caller::{Caller, json, read};
use super::document::{Carried, Common};
use super::errors::{self, Refusal};
use super::once::{Answer, not_begun};
use super::problem::{Kind, Problem, ShownProblem};
use super::shown::{NewOrder, Said, ShownOrder, ShownPage, ShownStage};
use crate::languages::Languages;

/// How many orders a page has unless the caller says.
const PAGE: u32 = 20;

/// Which orders to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Only orders of this state.
    #[param(inline)]
    state: Option<ShownStage>,
    /// At most so many, from 1 to 100; 20 if nothing is said.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(format = "uuid")]
    cursor: Option<String>,
}

/// Place an order
///
/// A code goes to the customer, and the order waits for it. An older order that
/// waited is superseded.
#[utoipa::path(
    post, path = "/orders", tag = "orders", operation_id = "placeOrder",
    request_body(content = NewOrder, content_type = "application/json"),
    params(Carried),
    responses(
        Common,
        (status = 201, description = "The code is on its way.", body = ShownOrder,
            headers(("location" = String, description = "Where the order is.")),
            links(
                ("confirm" = (operation_id = "confirmOrder", parameters(("id" = "$response.body#/id")))),
                ("resend" = (operation_id = "resendCode", parameters(("id" = "$response.body#/id")))),
            )),
        (status = 400, description = "`invalid-request`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 409, description = "`superseded`, `request-in-progress`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 413, description = "`too-large`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported-media-type`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 422, description = "`undeliverable`, `idempotency-key-reused`", body = ShownProblem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn place(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let placed = async {
        let body = read(body).await?;
        let new: NewOrder = json(&headers, &body)?;
        let pizza = api.0.config.menu.pizza(&new.size, new.toppings.names());
        let pizza = pizza
            .map_err(|error| Problem::new(Kind::InvalidRequest, sentence(&error.to_string())))?;
        let claim = api.claim(&caller.0, &headers, "POST /orders", &body)?;
        let command = PlaceOrder {
            customer: caller.0.clone(),
            item: pizza.item(),
            language: language(&headers),
            deadline: caller.1,
            claim: claim.clone(),
        };
        let outcome = api.pod().place_order(command).await;
        let outcome = outcome
            .map(|sent| {
                let shown = awaiting(&sent);
                let path = api.path(&format!("/orders/{}", shown.id));
                Answer::json(StatusCode::CREATED, &shown).located(&path)
            })
            .map_err(|error| errors::of_placing(error, api.now()));
        api.answer(&caller.0, claim.as_ref(), outcome).await
    };
    api.respond(placed.await)
}

/// List the caller's orders
#[utoipa::path(
    get, path = "/orders", tag = "orders", operation_id = "listOrders",
    params(Wanted),
    responses(
        Common,
        (status = 200, description = "Newest first. `Link: rel=\"next\"` leads to the next page.", body = ShownPage),
        (status = 400, description = "`invalid-request`", body = ShownProblem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Response {
    let listed = async {
        let invalid = |detail: &str| Problem::new(Kind::InvalidRequest, detail);
        let Query(wanted) =
            wanted.map_err(|_| invalid("The query has `state`, `limit` and `cursor` only."))?;
        let limit = wanted.limit.unwrap_or(PAGE);
        if !(1..=100).contains(&limit) {
            return Err(invalid("Send a `limit` from 1 to 100."));
        }
        let older_than = wanted.cursor.as_deref().map(OrderId::parse).transpose();
        let older_than =
            older_than.map_err(|_| invalid("Send the `next` of a page as `cursor`."))?;
        let state = wanted.state.map(Stage::from);
        let page = api.pod().orders(&caller.0, state, older_than, limit).await;
        let page = page.map_err(|fault| Problem::from(&fault))?;
        let most = api.most_attempts();
        let orders = page.orders.iter();
        let orders: Vec<_> = orders.map(|order| ShownOrder::of(order, most)).collect();
        let last = orders.last().filter(|_| page.more);
        let next = last.map(|order| order.id.clone());
        let mut response = axum::Json(ShownPage {
            orders,
            next: next.clone(),
        })
        .into_response();
        if let Some(next) = next {
            let state = state.map_or(String::new(), |state| format!("&state={}", state.as_str()));
            let path = api.path(&format!("/orders?limit={limit}&cursor={next}{state}"));
            if let Ok(link) = HeaderValue::from_str(&format!("<{path}>; rel=\"next\"")) {
                response.headers_mut().insert(LINK, link);
            }
        }
        Ok(response)
    };
    api.respond(listed.await)
}

/// Show one order
#[utoipa::path(
    get, path = "/orders/{id}", tag = "orders", operation_id = "showOrder",
    params(("id" = String, Path, format = "uuid", description = "The order's name.")),
    responses(
        Common,
        (status = 200, description = "The order as it stands.", body = ShownOrder),
        (status = 400, description = "`invalid-request`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 404, description = "`no-order`", body = ShownProblem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
) -> Response {
    let shown = async {
        let id = named(&id)?;
        let order = api.pod().order(&caller.0, id).await;
        let order = order.map_err(|fault| Problem::from(&fault))?;
        let order = order.ok_or_else(nobodys)?;
        Ok(axum::Json(ShownOrder::of(&order, api.most_attempts())).into_response())
    };
    api.respond(shown.await)
}

/// Confirm an order by its code
///
/// A body without a code is answered by the challenge of RFC 9470: the token
/// alone does not confirm.
#[utoipa::path(
    post, path = "/orders/{id}/confirm", tag = "orders", operation_id = "confirmOrder",
    request_body(content = Said, content_type = "application/json"),
    params(("id" = String, Path, format = "uuid", description = "The order's name."), Carried),
    responses(
        Common,
        (status = 200, description = "The order is confirmed.", body = ShownOrder),
        (status = 400, description = "`invalid-request`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 404, description = "`no-order`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 409, description = "`request-in-progress`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 410, description = "`code-expired`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 413, description = "`too-large`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported-media-type`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 422, description = "`wrong-code`, `idempotency-key-reused`", body = ShownProblem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn confirm(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let confirmed = async {
        let id = named(&id)?;
        api.confirm(caller, Some(id), &headers, body).await
    };
    api.respond(confirmed.await)
}

/// Confirm the order that awaits its code
///
/// As the 2017 guide has it, with the code in the body.
#[utoipa::path(
    post, path = "/authorize", tag = "orders", operation_id = "authorize",
    request_body(content = Said, content_type = "application/json"),
    params(Carried),
    responses(
        Common,
        (status = 200, description = "The order is confirmed.", body = ShownOrder),
        (status = 400, description = "`invalid-request`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 404, description = "`no-order`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 409, description = "`request-in-progress`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 410, description = "`code-expired`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 413, description = "`too-large`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported-media-type`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 422, description = "`wrong-code`, `idempotency-key-reused`", body = ShownProblem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn authorize(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let confirmed = api.confirm(caller, None, &headers, body).await;
    api.respond(confirmed)
}

/// Send the code of an open order again
#[utoipa::path(
    post, path = "/orders/{id}/resend", tag = "orders", operation_id = "resendCode",
    params(("id" = String, Path, format = "uuid", description = "The order's name."), Carried),
    responses(
        Common,
        (status = 202, description = "The code is on its way again.", body = ShownOrder),
        (status = 400, description = "`invalid-request`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 404, description = "`no-order`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 409, description = "`request-in-progress`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 410, description = "`code-expired`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 422, description = "`undeliverable`, `idempotency-key-reused`", body = ShownProblem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn resend(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let sent = async {
        let id = named(&id)?;
        let what = format!("POST /orders/{id}/resend");
        let claim = api.claim(&caller.0, &headers, &what, b"")?;
        if let Err(error) = api.begin(claim.as_ref()).await {
            return not_begun(error);
        }
        let command = ResendCode {
            customer: caller.0.clone(),
            order: Some(id),
            language: language(&headers),
            deadline: caller.1,
        };
        let sent = api.pod().resend_code(command).await;
        let outcome = sent
            .map(|sent| Answer::json(StatusCode::ACCEPTED, &awaiting(&sent)))
            .map_err(|error| Refusal::Problem(errors::of_resending(error, api.now())));
        api.answer(&caller.0, claim.as_ref(), outcome).await
    };
    api.respond(sent.await)
}

/// Cancel an open order
///
/// No code confirms it any more.
#[utoipa::path(
    delete, path = "/orders/{id}", tag = "orders", operation_id = "cancelOrder",
    params(("id" = String, Path, format = "uuid", description = "The order's name."), Carried),
    responses(
        Common,
        (status = 204, description = "The order is cancelled."),
        (status = 400, description = "`invalid-request`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 404, description = "`no-order`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 409, description = "`request-in-progress`", body = ShownProblem, content_type = "application/problem+json"),
        (status = 422, description = "`idempotency-key-reused`", body = ShownProblem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
pub(super) async fn cancel(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let cancelled = async {
        let id = named(&id)?;
        let what = format!("DELETE /orders/{id}");
        let claim = api.claim(&caller.0, &headers, &what, b"")?;
        if let Err(error) = api.begin(claim.as_ref()).await {
            return not_begun(error);
        }
        let cancelled = api.pod().cancel_order(&caller.0, Some(id)).await;
        let outcome = cancelled
            .map(|_| Answer::empty(StatusCode::NO_CONTENT))
            .map_err(|error| Refusal::Problem(errors::of_cancelling(&error)));
        api.answer(&caller.0, claim.as_ref(), outcome).await
    };
    api.respond(cancelled.await)
}

impl Api {
    async fn confirm(
        &self,
        caller: Caller,
        order: Option<OrderId>,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Response, Problem> {
        let body = read(body).await?;
        let said: Said = json(headers, &body)?;
        let Some(said) = said.code else {
            return Err(code_required());
        };
        let code = Code::hear(&said, self.pod().policy().digits).map_err(|_| {
            let digits = self.pod().policy().digits.get();
            let detail = format!("Send a code of {digits} digits. This one cost no attempt.");
            Problem::new(Kind::InvalidRequest, detail)
        })?;
        let what = order.map_or("POST /authorize".to_owned(), |id| {
            format!("POST /orders/{id}/confirm")
        });
        let claim = self.claim(&caller.0, headers, &what, &body)?;
        let command = ConfirmOrder {
            customer: caller.0.clone(),
            order,
            code,
            deadline: caller.1,
            claim: claim.clone(),
        };
        let outcome = self.pod().confirm_order(command).await;
        let outcome = outcome
            .map(|confirmation| {
                let (order, at) = (confirmation.order(), confirmation.at());
                let shown = ShownOrder::at(order, Stage::Confirmed, at, None);
                Answer::json(StatusCode::OK, &shown)
            })
            .map_err(|error| errors::of_confirming(error, self.now()));
        self.answer(&caller.0, claim.as_ref(), outcome).await
    }

    /// The answer to a request that was carried out, or not.
    async fn answer(
        &self,
        customer: &CustomerId,
        claim: Option<&Claim>,
        outcome: Result<Answer, Refusal>,
    ) -> Result<Response, Problem> {
        match outcome {
            Ok(answer) => Ok(self.keep(customer, claim, answer).await),
            Err(Refusal::Problem(problem)) => {
                let problem = if claim.is_some() {
                    problem.kept()
                } else {
                    problem
                };
                let answer = Answer::problem(&problem, &self.0.config.base_path);
                Ok(self.keep(customer, claim, answer).await)
            }
            Err(Refusal::NotBegun(error)) => not_begun(error),
        }
    }

    pub(super) fn respond(&self, outcome: Result<Response, Problem>) -> Response {
        outcome.unwrap_or_else(|problem| problem.response(&self.0.config.base_path))
    }

    fn most_attempts(&self) -> u32 {
        self.pod().policy().attempts.per_order.get()
    }
}

/// What RFC 9470 (section 3) has a server say whose caller has to prove more.
fn code_required() -> Problem {
    Problem::new(
        Kind::CodeRequired,
        "Ask the customer for the code that was sent, and send it as `code`.",
    )
    .challenge(
        "Bearer realm=\"pod\", error=\"insufficient_user_authentication\", \
         error_description=\"the code that was sent to the customer is needed\"",
    )
}

fn named(id: &str) -> Result<OrderId, Problem> {
    OrderId::parse(id).map_err(|_| nobodys())
}

fn nobodys() -> Problem {
    Problem::new(Kind::NoOrder, "The caller has no order of this name.")
}

fn awaiting(sent: &CodeSent) -> ShownOrder {
    let CodeSent {
        order,
        challenge,
        attempts_left,
    } = sent;
    let since = challenge.sent_at;
    let challenge = Some((challenge, *attempts_left));
    ShownOrder::at(order, Stage::AwaitingCode, since, challenge)
}

/// The language that the caller wants most; messages are in English if it is
/// none of theirs.
fn language(headers: &HeaderMap) -> Language {
    let wanted = Languages::of(headers);
    let mut known = wanted.tags().filter_map(|tag| Language::parse(tag).ok());
    known.next().unwrap_or_default()
}

/// A sentence with a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}
