//! What the document says of this shop: what is on its menu, and how long its
//! codes are.

use pod_core::{CodeDigits, Entry, Menu};
use serde_json::{Value, json};

/// Says in a document what a size, a topping and a code are here.
pub(super) fn tell(document: &mut Value, menu: &Menu, digits: CodeDigits) {
    let (sizes, toppings) = (ids(menu.sizes()), ids(menu.toppings()));
    for (pointer, keyword, said) in [
        ("NewOrder/properties/size", "enum", json!(sizes)),
        ("Toppings/oneOf/0/items", "enum", json!(toppings)),
        ("Toppings/oneOf/1", "pattern", json!(listed(&toppings))),
        ("Said/properties/code", "pattern", json!(code(digits))),
    ] {
        let schema = document.pointer_mut(&format!("/components/schemas/{pointer}"));
        if let Some(Value::Object(schema)) = schema {
            schema.insert(keyword.to_owned(), said);
        }
    }
}

fn ids(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(Entry::id).collect()
}

/// One text of toppings, or none: ids have nothing in them that a pattern reads
/// otherwise.
fn listed(toppings: &[&str]) -> String {
    let one = format!("({})", toppings.join("|"));
    format!("^({one}((, ?| and ){one})*)?$")
}

/// Digits, with one space or hyphen between two of them or none.
fn code(digits: CodeDigits) -> String {
    format!("^[0-9]([ -]?[0-9]){{{}}}$", digits.get() - 1)
}
