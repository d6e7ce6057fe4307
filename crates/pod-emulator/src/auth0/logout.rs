//! `/oidc/logout` and `/v2/logout`: the browser is signed out, and sent back
//! to where its client is allowed to go.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Tenant;
use super::authorize::{cookie, redirect_with, set_cookie};
use super::page;
use super::parameters::Parameters;
use super::state::State as Held;

/// Logout as OpenID Connect has it (RP-Initiated Logout 1.0).
pub(super) async fn oidc(
    State(tenant): State<Tenant>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Ok(parameters) = Parameters::of_form(query.unwrap_or_default().as_bytes()) else {
        return page::error(StatusCode::BAD_REQUEST, "A parameter comes twice.");
    };
    let mut state = tenant.state();
    // The hint may have expired: it says who, it opens nothing.
    let hint = match parameters.get("id_token_hint") {
        None => None,
        Some(token) => match tenant.open(token) {
            Some(claims) => Some(claims),
            None => return page::error(StatusCode::BAD_REQUEST, "Invalid id_token_hint"),
        },
    };
    let of_hint = |claim: &str| hint.as_ref().and_then(|claims| claims[claim].as_str());
    let client = parameters.get("client_id").or_else(|| of_hint("aud"));
    if let (Some(client), Some(audience)) = (client, of_hint("aud"))
        && client != audience
    {
        return page::error(
            StatusCode::BAD_REQUEST,
            "The client_id is not the id_token_hint's",
        );
    }
    let to = parameters.get("post_logout_redirect_uri");
    if let Some(to) = to
        && !is_allowed(&state, client, to)
    {
        return page::error(
            StatusCode::BAD_REQUEST,
            "The post_logout_redirect_uri is not in the list of allowed logout URLs",
        );
    }
    let session = of_hint("sid").map(str::to_owned);
    sign_out(&mut state, &headers, session.as_deref());
    let response = match to {
        Some(to) => {
            let state = parameters.get("state").map(|state| ("state", state));
            redirect_with(to, state.into_iter())
        }
        None => page::goodbye(),
    };
    forgotten(&tenant, response)
}

/// Logout as Auth0 had it before.
pub(super) async fn v2(
    State(tenant): State<Tenant>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Ok(parameters) = Parameters::of_form(query.unwrap_or_default().as_bytes()) else {
        return page::error(StatusCode::BAD_REQUEST, "A parameter comes twice.");
    };
    let mut state = tenant.state();
    let to = parameters.get("returnTo");
    if let Some(to) = to
        && !is_allowed(&state, parameters.get("client_id"), to)
    {
        return page::error(
            StatusCode::BAD_REQUEST,
            "The \"returnTo\" querystring parameter is not defined as a valid URL in \"Allowed Logout URLs\"",
        );
    }
    sign_out(&mut state, &headers, None);
    let response = match to {
        Some(to) => redirect_with(to, std::iter::empty()),
        None => "OK".into_response(),
    };
    forgotten(&tenant, response)
}

/// Whether an address is among those of the client, or of the whole tenant.
fn is_allowed(state: &Held, client: Option<&str>, to: &str) -> bool {
    let of_tenant = state
        .setting("tenants/settings", "allowed_logout_urls")
        .as_array()
        .is_some_and(|urls| urls.iter().any(|url| url == to));
    let of_client = client
        .and_then(|client| state.client(client))
        .is_some_and(|client| client.texts("allowed_logout_urls").any(|url| url == to));
    of_tenant || of_client
}

fn sign_out(state: &mut Held, headers: &HeaderMap, session: Option<&str>) {
    if let Some(cookie) = cookie(headers) {
        state.logins.browsers.remove(cookie);
    }
    if let Some(session) = session {
        let browsers = &mut state.logins.browsers;
        browsers.retain(|_, browser| browser.session != session);
    }
}

fn forgotten(tenant: &Tenant, mut response: Response) -> Response {
    if let Ok(value) = HeaderValue::from_str(&set_cookie(tenant, "")) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}
