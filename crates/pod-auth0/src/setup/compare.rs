//! Comparing what a tenant has with what it should have: only what is wanted
//! is looked at, whatever else is there stays.

use serde_json::{Map, Value};

/// The top-level fields in which `found` lacks something of `wanted`.
pub(super) fn differences(wanted: &Map<String, Value>, found: &Value) -> Vec<String> {
    wanted
        .iter()
        .filter(|(field, value)| !satisfies(&found[field.as_str()], value))
        .map(|(field, _)| field.clone())
        .collect()
}

/// What to send so that the fields become as wanted: a field is replaced as a
/// whole, so what is in it beside is sent along.
pub(super) fn patch(
    wanted: &Map<String, Value>,
    found: &Value,
    fields: &[String],
) -> Map<String, Value> {
    fields
        .iter()
        .filter_map(|field| {
            let value = merged(&found[field.as_str()], wanted.get(field)?);
            Some((field.clone(), value))
        })
        .collect()
}

/// Whether what was found has all that is wanted. Lists of words have to have
/// the same words; lists of scopes (objects with a `value`) may have more.
fn satisfies(found: &Value, wanted: &Value) -> bool {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(_)) => wanted
            .iter()
            .all(|(field, value)| satisfies(&found[field.as_str()], value)),
        (Value::Array(wanted), Value::Array(found)) if is_named(wanted) => {
            wanted.iter().all(|one| position(found, one).is_some())
        }
        (Value::Array(wanted), Value::Array(found)) => {
            wanted.len() == found.len() && wanted.iter().all(|one| found.contains(one))
        }
        _ => wanted == found,
    }
}

fn merged(found: &Value, wanted: &Value) -> Value {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            let mut both = found.clone();
            for (field, value) in wanted {
                let before = found.get(field).unwrap_or(&Value::Null);
                both.insert(field.clone(), merged(before, value));
            }
            Value::Object(both)
        }
        (Value::Array(wanted), Value::Array(found)) if is_named(wanted) => {
            let new = wanted.iter().filter(|one| position(found, one).is_none());
            found.iter().chain(new).cloned().collect()
        }
        _ => wanted.clone(),
    }
}

/// Whether a list has objects that go by their `value`, as an API's scopes do.
fn is_named(list: &[Value]) -> bool {
    !list.is_empty() && list.iter().all(|one| one.get("value").is_some())
}

fn position(list: &[Value], one: &Value) -> Option<usize> {
    list.iter().position(|known| known["value"] == one["value"])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn what_nobody_asked_for_is_no_difference() {
        let found = json!({"name": "pod", "logo": "x", "options": {"totp": {"length": 6}, "b": 1}});
        let wanted = map(json!({"name": "pod", "options": {"totp": {"length": 6}}}));

        assert!(differences(&wanted, &found).is_empty());
    }

    #[test]
    fn a_grant_too_many_is_a_difference_and_another_scope_of_an_api_is_none() {
        let grants = map(json!({"grant_types": ["a", "b"]}));
        let scopes = map(json!({"scopes": [{"value": "order:pizza", "description": "new words"}]}));
        let api = json!({"scopes": [{"value": "read:menu"}, {"value": "order:pizza", "description": ""}]});

        assert!(differences(&grants, &json!({"grant_types": ["b", "a"]})).is_empty());
        for found in [json!(["a", "b", "c"]), json!(["a"]), json!(null)] {
            let found = json!({"grant_types": found});
            assert_eq!(differences(&grants, &found), ["grant_types"], "{found}");
        }
        assert!(differences(&scopes, &api).is_empty());
    }

    #[test]
    fn a_patch_keeps_what_is_beside_what_is_mended() {
        let found = json!({
            "options": {"template": "mine", "totp": {"length": 4, "time_step": 300}},
            "scopes": [{"value": "read:menu"}],
        });
        let wanted = map(json!({
            "options": {"totp": {"length": 6}}, "scopes": [{"value": "order:pizza"}],
        }));
        let fields = differences(&wanted, &found);

        assert_eq!(
            Value::Object(patch(&wanted, &found, &fields)),
            json!({
                "options": {"template": "mine", "totp": {"length": 6, "time_step": 300}},
                "scopes": [{"value": "read:menu"}, {"value": "order:pizza"}],
            })
        );
    }
}
