//! `/api/v2/`: the Management API, as far as set-up, directory and
//! provisioning use it.

mod caller;
mod collections;
mod connection_clients;
mod defaults;
mod find_users;
mod identities;
mod paging;
mod problem;
mod reads;
mod singles;
mod users;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, delete, get, post};

use super::Tenant;

/// The API below `/api/v2`.
pub(super) fn router(tenant: Tenant) -> Router<Tenant> {
    let router = Router::new()
        .route("/api/v2/users", get(find_users::list).post(users::create))
        .route(
            "/api/v2/users/{id}",
            get(users::read).patch(users::update).delete(users::delete),
        )
        .route("/api/v2/users-by-email", get(find_users::by_email))
        .route("/api/v2/users/{id}/identities", post(identities::link))
        .route(
            "/api/v2/users/{id}/identities/{provider}/{user_id}",
            delete(identities::unlink),
        )
        .route(
            "/api/v2/user-blocks/{id}",
            get(find_users::blocks).delete(find_users::unblock),
        )
        .route(
            "/api/v2/connections/{id}/clients",
            get(connection_clients::list).patch(connection_clients::change),
        )
        .route("/api/v2/{*rest}", any(reads::anything_else));
    let router = collections::routes(router);
    let router = singles::routes(router);
    router.layer(from_fn_with_state(tenant, caller::limit))
}
