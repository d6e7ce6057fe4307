//! A record of the tenant as its administrator sees it: a JSON object, of
//! which the emulator knows some fields and keeps them all.

use serde_json::{Map, Value};

/// The fields of a record, those included that mean nothing here.
#[derive(Debug, Clone, Default)]
pub(super) struct Record(Map<String, Value>);

impl Record {
    /// Takes an object; anything else makes a record without fields.
    pub(super) fn of(value: Value) -> Self {
        match value {
            Value::Object(fields) => Self(fields),
            _ => Self::default(),
        }
    }

    /// A field's text, empty when it has none.
    pub(super) fn text(&self, field: &str) -> &str {
        self.get(field).as_str().unwrap_or_default()
    }

    pub(super) fn get(&self, field: &str) -> &Value {
        self.0.get(field).unwrap_or(&Value::Null)
    }

    /// A value inside, by the names that lead to it: `totp/length`.
    pub(super) fn at(&self, path: &str) -> &Value {
        let mut steps = path.split('/');
        let first = self.get(steps.next().unwrap_or_default());
        steps.fold(first, |found, step| &found[step])
    }

    pub(super) fn flag(&self, field: &str) -> bool {
        self.get(field) == &Value::Bool(true)
    }

    /// The texts of a list.
    pub(super) fn texts(&self, field: &str) -> impl Iterator<Item = &str> {
        self.get(field)
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    }

    pub(super) fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.0.insert(field.to_owned(), value.into());
    }

    /// Sets a field unless it is there.
    pub(super) fn set_default(&mut self, field: &str, value: impl Into<Value>) {
        self.0
            .entry(field.to_owned())
            .or_insert_with(|| value.into());
    }

    pub(super) fn remove(&mut self, field: &str) -> Option<Value> {
        self.0.remove(field)
    }

    /// Adds a text to a list, once.
    pub(super) fn add_text(&mut self, field: &str, text: &str) {
        if self.texts(field).any(|known| known == text) {
            return;
        }
        if let Value::Array(list) = self
            .0
            .entry(field.to_owned())
            .or_insert_with(|| Value::Array(Vec::new()))
        {
            list.push(text.into());
        }
    }

    /// Changes the fields that a patch has. A field of `merged` is changed one
    /// level deeper, and what is null there is gone.
    pub(super) fn patch(&mut self, patch: Map<String, Value>, merged: &[&str]) {
        for (field, value) in patch {
            match (value, self.0.get_mut(&field)) {
                (Value::Object(new), Some(Value::Object(old)))
                    if merged.contains(&field.as_str()) =>
                {
                    old.extend(new);
                    old.retain(|_, value| !value.is_null());
                }
                (value, _) => {
                    self.0.insert(field, value);
                }
            }
        }
    }

    /// Only these fields, or all but these.
    pub(super) fn only(&self, fields: &[&str], included: bool) -> Value {
        let kept = self
            .0
            .iter()
            .filter(|(field, _)| fields.contains(&field.as_str()) == included)
            .map(|(field, value)| (field.clone(), value.clone()));
        Value::Object(kept.collect())
    }

    pub(super) fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_merges_metadata_and_replaces_the_rest() {
        let mut record = Record::of(json!({
            "app_metadata": {"phone_number": "+1", "vip": true}, "options": {"a": 1}, "name": "Ada",
        }));
        let Value::Object(patch) =
            json!({"app_metadata": {"vip": null, "size": "xl"}, "options": {"b": 2}})
        else {
            unreachable!("an object")
        };

        record.patch(patch, &["app_metadata"]);

        let expected = json!({
            "app_metadata": {"phone_number": "+1", "size": "xl"}, "options": {"b": 2}, "name": "Ada",
        });
        assert_eq!(record.to_value(), expected);
        assert_eq!(record.at("app_metadata/size"), "xl");
        assert_eq!(record.at("app_metadata/size/none"), &Value::Null);
        assert_eq!(record.at("nothing/name"), &Value::Null);
    }
}
