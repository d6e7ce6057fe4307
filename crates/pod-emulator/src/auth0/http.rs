//! The tenant over HTTP: which path is answered by whom.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use super::{
    LostConnection, Tenant, authorize, challenge, discovery, grants, login, logout, management,
    own, passwordless, trouble, userinfo,
};

pub(crate) fn router(tenant: Tenant) -> Router {
    let of_auth0 = Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(discovery::configuration),
        )
        .route("/.well-known/jwks.json", get(discovery::keys))
        .route("/authorize", get(authorize::get).post(authorize::post))
        .route("/u/login", get(login::get).post(login::post))
        .route("/oauth/token", post(grants::token))
        .route("/oauth/revoke", post(grants::revoke))
        .route("/passwordless/start", post(passwordless::start))
        .route("/otp/challenge", post(challenge::challenge))
        .route(
            "/userinfo",
            get(userinfo::userinfo).post(userinfo::userinfo),
        )
        .route("/oidc/logout", get(logout::oidc))
        .route("/v2/logout", get(logout::v2))
        .merge(management::router(tenant.clone()))
        .layer(from_fn_with_state(tenant.clone(), trouble::layer));
    let own = Router::new()
        .route("/emulator/accounts/{sub}/token", post(own::token))
        .route("/emulator/keys/rotate", post(own::rotate))
        .route("/emulator/requests", get(own::requests))
        .route(
            "/emulator/troubles",
            post(own::trouble).delete(own::end_troubles),
        );
    of_auth0.merge(own).with_state(tenant)
}

impl Tenant {
    /// Answers a request without a network; a lost connection gives nothing.
    pub(crate) async fn ask(&self, request: Request<Body>) -> Option<Response> {
        let router = TowerToHyperService::new(router(self.clone()));
        let response = match router.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let lost = response.extensions().get::<LostConnection>().is_some();
        (!lost).then_some(response)
    }
}
