//! Lists in the forms that the Management API gives them.

use serde_json::{Value, json};

use crate::auth0::parameters::Parameters;
use crate::auth0::record::Record;

/// A page of a list: an array, or an object when totals or the next page are
/// asked for.
pub(super) fn page(key: &str, items: Vec<Value>, query: &Parameters) -> Value {
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok());
    let total = items.len();
    if query.get("take").is_some() || query.get("from").is_some() {
        let take = number("take").unwrap_or(50).clamp(1, 100);
        let from = number("from").unwrap_or(0);
        let slice: Vec<Value> = items.into_iter().skip(from).take(take).collect();
        let mut page = json!({ key: slice });
        if from + take < total {
            page["next"] = (from + take).to_string().into();
        }
        return page;
    }
    let limit = number("per_page").unwrap_or(50).min(100);
    let start = number("page").unwrap_or(0) * limit;
    let slice: Vec<Value> = items.into_iter().skip(start).take(limit).collect();
    if query.get("include_totals") == Some("true") {
        json!({
            "start": start, "limit": limit, "length": slice.len(), "total": total, key: slice,
        })
    } else {
        slice.into()
    }
}

/// A record with the fields that were asked for.
pub(super) fn shown(record: &Record, query: &Parameters) -> Value {
    match query.get("fields") {
        None => record.to_value(),
        Some(fields) => {
            let fields: Vec<&str> = fields.split(',').map(str::trim).collect();
            record.only(&fields, query.get("include_fields") != Some("false"))
        }
    }
}
