//! Which clients may use a connection.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::{Caller, query};
use super::paging::page;
use super::problem::Problem;
use crate::auth0::Tenant;
use crate::auth0::record::Record;
use crate::auth0::state::{Kind, State as Held};

#[derive(Deserialize)]
struct Change {
    client_id: String,
    status: bool,
}

pub(super) async fn list(
    State(tenant): State<Tenant>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(wanted): RawQuery,
) -> Result<Json<Value>, Problem> {
    caller.may(&["read:connections"])?;
    let query = query(wanted)?;
    let mut state = tenant.state();
    let clients = connection(&mut state, &id)?
        .texts("enabled_clients")
        .map(|client| json!({"client_id": client}))
        .collect();
    // It is an object whatever is asked for.
    Ok(Json(match page("clients", clients, &query) {
        Value::Array(clients) => json!({"clients": clients}),
        page => page,
    }))
}

pub(super) async fn change(
    State(tenant): State<Tenant>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    caller.may(&["update:connections"])?;
    let changes: Vec<Change> = serde_json::from_slice(&body).map_err(|_| {
        Problem::payload("Expected type array of {client_id, status} but found something else")
    })?;
    let mut state = tenant.state();
    if let Some(unknown) = changes
        .iter()
        .find(|change| state.client(&change.client_id).is_none())
    {
        return Err(Problem::missing(
            "inexistent_client",
            format!("The client does not exist: {}", unknown.client_id),
        ));
    }
    let connection = connection(&mut state, &id)?;
    let mut enabled: Vec<String> = connection
        .texts("enabled_clients")
        .map(str::to_owned)
        .collect();
    for change in changes {
        enabled.retain(|client| *client != change.client_id);
        if change.status {
            enabled.push(change.client_id);
        }
    }
    connection.set("enabled_clients", enabled);
    Ok(StatusCode::NO_CONTENT)
}

fn connection<'s>(state: &'s mut Held, id: &str) -> Result<&'s mut Record, Problem> {
    state
        .list_mut(Kind::Connections)
        .iter_mut()
        .find(|connection| connection.text("id") == id)
        .ok_or_else(|| Problem::missing("inexistent_connection", "The connection does not exist"))
}
