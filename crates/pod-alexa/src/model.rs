//! The interaction model: what customers can say, and what Alexa makes of it.
//!
//! The utterances are in `models/`, one file per locale; this file names the
//! intents and slots for the code and puts a shop's menu into the model.

use serde_json::{Value, json};

/// An intent of the model that is pod's own, with its slots.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CustomIntent {
    pub(crate) name: &'static str,
    pub(crate) slots: &'static [&'static str],
}

/// The names of slots.
pub(crate) mod slot {
    /// The size of a pizza.
    pub(crate) const SIZE: &str = "Size";
    /// The toppings: the first slot takes several where the device can, the
    /// others take one each where it cannot.
    pub(crate) const TOPPINGS: [&str; 5] = [
        "Toppings",
        "ToppingTwo",
        "ToppingThree",
        "ToppingFour",
        "ToppingFive",
    ];
    /// A code heard as one number.
    pub(crate) const CODE: &str = "Code";
    /// A code heard digit by digit.
    pub(crate) const DIGITS: [&str; 8] = [
        "DOne", "DTwo", "DThree", "DFour", "DFive", "DSix", "DSeven", "DEight",
    ];
}

/// Orders a pizza. The name is that of the 2017 guide, as is the next.
pub(crate) static ORDER: CustomIntent = CustomIntent {
    name: "GetMeSomePizzaIntent",
    slots: &{
        let [a, b, c, d, e] = slot::TOPPINGS;
        [slot::SIZE, a, b, c, d, e]
    },
};

/// Confirms an order with its code.
pub(crate) static CONFIRM: CustomIntent = CustomIntent {
    name: "AuthorizePizzaOrderIntent",
    slots: &{
        let [a, b, c, d, e, f, g, h] = slot::DIGITS;
        [slot::CODE, a, b, c, d, e, f, g, h]
    },
};

/// Has the code sent again.
pub(crate) static RESEND: CustomIntent = CustomIntent {
    name: "ResendCodeIntent",
    slots: &[],
};

/// Asks what became of the order.
pub(crate) static STATUS: CustomIntent = CustomIntent {
    name: "OrderStatusIntent",
    slots: &[],
};

/// Cancels the order.
pub(crate) static CANCEL: CustomIntent = CustomIntent {
    name: "CancelOrderIntent",
    slots: &[],
};

/// Every intent of pod's own: tests hold the model and the code to it.
#[cfg(test)]
pub(crate) static INTENTS: [&CustomIntent; 5] = [&ORDER, &CONFIRM, &RESEND, &STATUS, &CANCEL];

/// Every intent of Amazon's that the skill takes.
#[cfg(test)]
pub(crate) const BUILT_INS: [&str; 8] = [
    "AMAZON.HelpIntent",
    "AMAZON.StopIntent",
    "AMAZON.CancelIntent",
    "AMAZON.NavigateHomeIntent",
    "AMAZON.FallbackIntent",
    "AMAZON.RepeatIntent",
    "AMAZON.YesIntent",
    "AMAZON.NoIntent",
];

/// The locales that there is a model for.
pub const LOCALES: [&str; 1] = ["en-US"];

const EN_US: &str = include_str!("../models/en-US.json");
const SIZES: &str = "PIZZA_SIZE";
const TOPPINGS: &str = "PIZZA_TOPPING";

/// Makes the interaction model of a shop, in the form of Amazon's skill
/// packages: `None` if `locale` is not one of [`LOCALES`].
///
/// `sizes` and `toppings` are the ids and names of what is on the menu; names
/// that the model knows keep their synonyms. Without toppings the model has no
/// utterances that ask for some: Amazon refuses a slot that nothing can fill.
/// For the same reason there has to be a size.
#[must_use]
pub fn interaction_model(
    locale: &str,
    sizes: &[(&str, &str)],
    toppings: &[(&str, &str)],
) -> Option<Value> {
    let text = LOCALES.contains(&locale).then_some(EN_US)?;
    let mut model: Value = serde_json::from_str(text).ok()?;

    stock(&mut model, SIZES, sizes);
    if toppings.is_empty() {
        remove(&mut model, TOPPINGS, &slot::TOPPINGS);
    } else {
        stock(&mut model, TOPPINGS, toppings);
    }
    Some(model)
}

/// Makes the values of a type those that are on the menu.
fn stock(model: &mut Value, name: &str, menu: &[(&str, &str)]) {
    let mut types = list(model, "/interactionModel/languageModel/types");
    let Some(values) = types
        .find(|kind| kind["name"] == name)
        .map(|kind| &mut kind["values"])
    else {
        return;
    };
    let known = values.take();
    let stocked = menu.iter().map(|(id, name)| {
        let like = known
            .as_array()
            .into_iter()
            .flatten()
            .find(|value| same(&value["name"]["value"], name));
        let synonyms = like.and_then(|value| value["name"]["synonyms"].as_array());
        // What an entry of the menu is called is no synonym of another.
        let taken = |synonym: &Value| menu.iter().any(|(_, name)| same(synonym, name));
        let synonyms: Vec<&Value> = synonyms
            .into_iter()
            .flatten()
            .filter(|synonym| !taken(synonym))
            .collect();
        json!({"id": id, "name": {"value": name, "synonyms": synonyms}})
    });
    *values = stocked.collect();
}

/// Removes a type, its slots, and the utterances that have them.
fn remove(model: &mut Value, kind: &str, slots: &[&str]) {
    let slots: Vec<String> = slots.iter().map(|slot| format!("{{{slot}}}")).collect();
    let asks = |sample: &Value| {
        sample
            .as_str()
            .is_some_and(|sample| slots.iter().any(|slot| sample.contains(slot)))
    };

    retain(
        model.pointer_mut("/interactionModel/languageModel/types"),
        |known| known["name"] != kind,
    );
    for intents in [
        "/interactionModel/languageModel/intents",
        "/interactionModel/dialog/intents",
    ] {
        for intent in list(model, intents) {
            retain(intent.get_mut("slots"), |slot| slot["type"] != kind);
            retain(intent.get_mut("samples"), |sample| !asks(sample));
        }
    }
}

fn retain(array: Option<&mut Value>, keep: impl Fn(&Value) -> bool) {
    if let Some(array) = array.and_then(Value::as_array_mut) {
        array.retain(keep);
    }
}

/// What is in the array at a place.
fn list<'m>(json: &'m mut Value, place: &str) -> impl Iterator<Item = &'m mut Value> {
    json.pointer_mut(place)
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

/// Whether two names are heard as one.
fn same(one: &Value, other: &str) -> bool {
    one.as_str()
        .is_some_and(|one| one.to_lowercase() == other.to_lowercase())
}

#[cfg(test)]
mod tests;
