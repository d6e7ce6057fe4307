//! Reading JSON that may hold anything: a value of another shape than the
//! expected one counts as absent.
//!
//! Real envelopes have explicit nulls, absent parts and parts of unexpected
//! shapes, and none of that is a reason to leave a customer without an answer.
//! Only text that is no JSON, or names a part twice, is an error. Nothing here
//! recurses on what it reads: values nobody asked for are skipped in a loop, so
//! deep nesting costs no stack.

use std::fmt;
use std::marker::PhantomData;

use secrecy::SecretString;
use serde::de::value::MapAccessDeserializer;
use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

/// Reads text; a whole number counts as its digits, empty text as nothing.
pub(super) fn text<'de, D: Deserializer<'de>>(json: D) -> Result<Option<String>, D::Error> {
    json.deserialize_any(Reader::<Text>(PhantomData))
}

/// Reads text that nobody may see.
pub(super) fn secret<'de, D: Deserializer<'de>>(json: D) -> Result<Option<SecretString>, D::Error> {
    Ok(text(json)?.map(SecretString::from))
}

/// Reads a whole number that is not negative.
pub(super) fn number<'de, D: Deserializer<'de>>(json: D) -> Result<Option<u64>, D::Error> {
    json.deserialize_any(Reader::<Number>(PhantomData))
}

/// Reads an object, if it is one.
pub(super) fn maybe<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    json: D,
) -> Result<Option<T>, D::Error> {
    json.deserialize_any(Reader::<Object<T>>(PhantomData))
}

/// Reads an object; anything else counts as an empty one.
pub(super) fn object<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    json: D,
) -> Result<T, D::Error> {
    Ok(maybe(json)?.unwrap_or_default())
}

/// Reads the objects of an array.
pub(super) fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    json: D,
) -> Result<Vec<T>, D::Error> {
    json.deserialize_any(Reader::<List<T>>(PhantomData))
}

/// Reads the objects an object holds, by name. A name that is there twice is
/// kept twice.
pub(super) fn entries<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    json: D,
) -> Result<Vec<(String, T)>, D::Error> {
    json.deserialize_any(Reader::<Entries<T>>(PhantomData))
}

/// What to make of each shape a JSON value can have.
trait Shape {
    type Value: Default;

    fn text(_: &str) -> Self::Value {
        Self::Value::default()
    }

    fn number(_: u64) -> Self::Value {
        Self::Value::default()
    }

    fn array<'de, A: SeqAccess<'de>>(mut array: A) -> Result<Self::Value, A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::Value::default())
    }

    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Self::Value, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::Value::default())
    }
}

struct Text;

impl Shape for Text {
    type Value = Option<String>;

    fn text(text: &str) -> Option<String> {
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn number(number: u64) -> Option<String> {
        Some(number.to_string())
    }
}

struct Number;

impl Shape for Number {
    type Value = Option<u64>;

    fn number(number: u64) -> Option<u64> {
        Some(number)
    }
}

struct Object<T>(PhantomData<T>);

impl<T: DeserializeOwned> Shape for Object<T> {
    type Value = Option<T>;

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Option<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(Some)
    }
}

struct List<T>(PhantomData<T>);

impl<T: DeserializeOwned> Shape for List<T> {
    type Value = Vec<T>;

    fn array<'de, A: SeqAccess<'de>>(mut array: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(Element(element)) = array.next_element()? {
            list.extend(element);
        }
        Ok(list)
    }
}

struct Entries<T>(PhantomData<T>);

impl<T: DeserializeOwned> Shape for Entries<T> {
    type Value = Vec<(String, T)>;

    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Vec<(String, T)>, A::Error> {
        let mut entries = Vec::new();
        while let Some((name, Element(entry))) = object.next_entry()? {
            entries.extend(entry.map(|entry| (name, entry)));
        }
        Ok(entries)
    }
}

/// One value of an array or an object.
struct Element<T>(Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        maybe(json).map(Self)
    }
}

/// Reads any value into what `S` makes of its shape.
struct Reader<S>(PhantomData<S>);

impl<'de, S: Shape> Visitor<'de> for Reader<S> {
    type Value = S::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<S::Value, E> {
        Ok(S::Value::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<S::Value, E> {
        Ok(S::Value::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<S::Value, E> {
        Ok(S::Value::default())
    }

    fn visit_u64<E>(self, number: u64) -> Result<S::Value, E> {
        Ok(S::number(number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<S::Value, E> {
        Ok(S::Value::default())
    }

    fn visit_str<E>(self, text: &str) -> Result<S::Value, E> {
        Ok(S::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<S::Value, A::Error> {
        S::array(array)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<S::Value, A::Error> {
        S::object(object)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Wire {
        #[serde(deserialize_with = "text")]
        text: Option<String>,
        #[serde(deserialize_with = "number")]
        number: Option<u64>,
        #[serde(deserialize_with = "object")]
        object: Inner,
        #[serde(deserialize_with = "list")]
        list: Vec<Inner>,
        #[serde(deserialize_with = "entries")]
        entries: Vec<(String, Inner)>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Inner {
        #[serde(deserialize_with = "text")]
        name: Option<String>,
    }

    fn inner(name: &str) -> Inner {
        Inner {
            name: Some(name.to_owned()),
        }
    }

    #[test]
    fn values_of_the_expected_shape_are_read() {
        let wire: Wire = serde_json::from_str(
            r#"{"text":"Zo\u00eb","number":7,"object":{"name":"a","x":[{}]},
                "list":[{"name":"b"},null,4,{"name":"c"}],"entries":{"k":{"name":"d"},"l":null}}"#,
        )
        .unwrap();

        assert_eq!(
            wire,
            Wire {
                text: Some("Zoë".to_owned()),
                number: Some(7),
                object: inner("a"),
                list: vec![inner("b"), inner("c")],
                entries: vec![("k".to_owned(), inner("d"))],
            }
        );
    }

    #[test]
    fn values_of_any_other_shape_count_as_absent() {
        for value in [
            "null",
            "true",
            "-7",
            "1.5",
            r#""""#,
            "[]",
            "[[1],{}]",
            "{}",
            r#"{"name":[{"a":[]}]}"#,
        ] {
            for name in ["text", "number", "object", "list", "entries"] {
                let wire: Wire = serde_json::from_str(&format!(r#"{{"{name}":{value}}}"#)).unwrap();

                let entries = wire.entries.len() + wire.list.len();
                assert!(wire == Wire::default() || entries > 0, "{name}: {value}");
            }
        }
    }

    #[test]
    fn a_whole_number_is_text_too() {
        let wire: Wire = serde_json::from_str(r#"{"text":200}"#).unwrap();

        assert_eq!(wire.text.as_deref(), Some("200"));
    }
}
