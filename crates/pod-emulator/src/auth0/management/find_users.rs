//! Users found by what is known of them, and the blocks of those whose logins
//! failed too often.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::caller::{Caller, query};
use super::paging::{page, shown};
use super::problem::Problem;
use super::users::blocked_for;
use crate::auth0::Tenant;

pub(super) async fn list(
    State(tenant): State<Tenant>,
    caller: Caller,
    RawQuery(wanted): RawQuery,
) -> Result<Json<Value>, Problem> {
    caller.may(&["read:users"])?;
    let query = query(wanted)?;
    let state = tenant.state();
    let found: Vec<Value> = state
        .users
        .iter()
        .map(crate::auth0::user::User::to_record)
        .filter(|user| {
            query
                .get("q")
                .is_none_or(|search| matches(&user.to_value(), search))
        })
        .map(|user| shown(&user, &query))
        .collect();
    Ok(Json(page("users", found, &query)))
}

pub(super) async fn by_email(
    State(tenant): State<Tenant>,
    caller: Caller,
    RawQuery(wanted): RawQuery,
) -> Result<Json<Value>, Problem> {
    caller.may(&["read:users"])?;
    let query = query(wanted)?;
    let email = query.get("email").ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid_query_string",
            "Query validation error: 'Missing required property: email'.",
        )
    })?;
    let state = tenant.state();
    // Addresses are kept in small letters, and compared as they are.
    let found = state
        .users
        .iter()
        .filter(|user| user.profile.text("email") == email)
        .map(|user| shown(&user.to_record(), &query))
        .collect();
    Ok(Json(found))
}

pub(super) async fn blocks(
    State(tenant): State<Tenant>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    caller.may(&["read:users"])?;
    let state = tenant.state();
    let user = state.user(&id).ok_or_else(Problem::no_user)?;
    Ok(Json(json!({"blocked_for": blocked_for(&state, user)})))
}

pub(super) async fn unblock(
    State(tenant): State<Tenant>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.may(&["update:users"])?;
    let mut state = tenant.state();
    let user = state.user(&id).ok_or_else(Problem::no_user)?;
    let blocks = blocked_for(&state, user);
    for block in blocks.as_array().into_iter().flatten() {
        let text = |field: &str| block[field].as_str().unwrap_or_default().to_owned();
        state.failures.remove(&(text("identifier"), text("ip")));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a user fits a search: `field:"value"`, several with `AND`. What is
/// more than that finds nobody, rather than the wrong one.
fn matches(user: &Value, search: &str) -> bool {
    search == "*"
        || search.split(" AND ").all(|term| {
            term.trim().split_once(':').is_some_and(|(field, value)| {
                let steps: Vec<&str> = field.split('.').collect();
                has(user, &steps, value.trim().trim_matches('"'))
            })
        })
}

fn has(within: &Value, steps: &[&str], value: &str) -> bool {
    match (within, steps) {
        (Value::Array(all), _) => all.iter().any(|one| has(one, steps, value)),
        (_, [first, rest @ ..]) => has(&within[*first], rest, value),
        (Value::String(text), []) => text == value,
        (Value::Bool(yes), []) => value == if *yes { "true" } else { "false" },
        (_, []) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_looks_into_lists_and_demands_every_term() {
        let user = json!({
            "phone_number": "+14155550142", "email_verified": true,
            "identities": [{"connection": "POD-DB"}, {"connection": "sms"}],
        });

        for fits in [
            "*",
            r#"phone_number:"+14155550142""#,
            r#"identities.connection:"sms" AND email_verified:true"#,
        ] {
            assert!(matches(&user, fits), "{fits}");
        }
        for other in [
            "",
            r#"phone_number:"+1""#,
            r#"identities.connection:"sms" AND name:"x""#,
        ] {
            assert!(!matches(&user, other), "{other}");
        }
    }
}
