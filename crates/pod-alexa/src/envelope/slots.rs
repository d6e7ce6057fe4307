//! Intents and their slots: what Alexa understood, and how sure it is.

use std::fmt;

use serde::Deserialize;

use super::lenient;

/// What the customer wants, as the interaction model calls it.
pub(crate) struct Intent {
    name: String,
    slots: Slots,
}

impl Intent {
    /// The name, such as `AMAZON.HelpIntent`. It is empty in a request that
    /// names none: no intent of pod's is called so, and it is answered like any
    /// other that pod does not know.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The slots, filled or not. `intent.slots` may be absent.
    pub(crate) fn slots(&self) -> &Slots {
        &self.slots
    }
}

impl fmt::Debug for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intent")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The slots of an intent. What was heard may be a code, so none of it shows
/// in `Debug`.
pub(crate) struct Slots(Vec<Slot>);

impl Slots {
    /// The slot of that name, if something was heard for it. Where a name is
    /// there twice the first counts.
    pub(crate) fn get(&self, name: &str) -> Option<&Slot> {
        self.iter()
            .find(|slot| slot.name == name)
            .filter(|slot| !slot.heard.is_empty())
    }

    /// All slots, filled or not.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.0.iter()
    }
}

/// A slot and what was heard for it: nothing, one thing, or several where the
/// model lets a slot have several values.
pub(crate) struct Slot {
    name: String,
    heard: Vec<Heard>,
}

impl Slot {
    /// Everything that was heard, in the order it was said.
    pub(crate) fn heard(&self) -> &[Heard] {
        &self.heard
    }
}

/// One thing that was heard.
pub(crate) struct Heard {
    spoken: Option<String>,
    id: Option<String>,
    name: Option<String>,
}

impl Heard {
    /// The text that speech recognition made of it, unless it made nothing:
    /// numeric slots say `?` for what was no number.
    pub(crate) fn spoken(&self) -> Option<&str> {
        self.spoken.as_deref().filter(|spoken| *spoken != "?")
    }

    /// The id of the model's value that it was resolved to.
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Every way to read it, the surest first: the id and the name of the value
    /// it was resolved to, then what was spoken.
    pub(crate) fn readings(&self) -> impl Iterator<Item = &str> {
        self.id
            .as_deref()
            .into_iter()
            .chain(self.name.as_deref())
            .chain(self.spoken())
    }
}

/// `request.intent`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct IntentWire {
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::entries")]
    slots: Vec<(String, SlotWire)>,
}

/// A slot. Its `name` repeats the key, and the key counts.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SlotWire {
    #[serde(deserialize_with = "lenient::text")]
    value: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    resolutions: Resolutions,
    #[serde(deserialize_with = "lenient::object")]
    slot_value: SlotValue,
}

/// `slotValue`, where multiple values are known: of type `Simple` with a
/// `value`, or of type `List` with `values` that are all simple.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SlotValue {
    #[serde(deserialize_with = "lenient::text")]
    value: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    resolutions: Resolutions,
    #[serde(deserialize_with = "lenient::list")]
    values: Vec<SimpleValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SimpleValue {
    #[serde(deserialize_with = "lenient::text")]
    value: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    resolutions: Resolutions,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Resolutions {
    #[serde(deserialize_with = "lenient::list")]
    resolutions_per_authority: Vec<Resolution>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Resolution {
    #[serde(deserialize_with = "lenient::text")]
    authority: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    status: Status,
    #[serde(deserialize_with = "lenient::list")]
    values: Vec<Resolved>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    #[serde(deserialize_with = "lenient::text")]
    code: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Resolved {
    #[serde(deserialize_with = "lenient::object")]
    value: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Value {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
}

impl From<IntentWire> for Intent {
    fn from(wire: IntentWire) -> Self {
        let slots = wire.slots.into_iter().map(|(name, slot)| Slot {
            name,
            heard: slot.heard(),
        });
        Self {
            name: wire.name.unwrap_or_default(),
            slots: Slots(slots.collect()),
        }
    }
}

impl SlotWire {
    fn heard(self) -> Vec<Heard> {
        let SlotValue {
            value,
            resolutions,
            values,
        } = self.slot_value;
        let listed: Vec<Heard> = values
            .into_iter()
            .filter_map(|simple| heard(simple.value, simple.resolutions))
            .collect();
        if !listed.is_empty() {
            return listed;
        }
        // A list leaves the older `value` out; a simple value repeats it.
        let simple = heard(value, resolutions);
        let older = heard(self.value, self.resolutions);
        match (simple, older) {
            (Some(simple), Some(older)) if simple.id.is_none() && older.id.is_some() => vec![older],
            (simple, older) => simple.or(older).into_iter().collect(),
        }
    }
}

/// Nothing, if neither something was spoken nor resolved: an unfilled slot.
fn heard(spoken: Option<String>, resolutions: Resolutions) -> Option<Heard> {
    let value = resolutions.best().unwrap_or_default();
    let spoken = spoken
        .map(|spoken| spoken.trim().to_owned())
        .filter(|spoken| !spoken.is_empty());
    if spoken.is_none() && value.id.is_none() && value.name.is_none() {
        return None;
    }
    Some(Heard {
        spoken,
        id: value.id,
        name: value.name,
    })
}

impl Resolutions {
    /// The first value of an authority that found one. Values given at run time
    /// (`amzn1.er-authority.echo-sdk.dynamic...`) go before those of the model.
    fn best(self) -> Option<Value> {
        let mut matched: Vec<Resolution> = self
            .resolutions_per_authority
            .into_iter()
            .filter(|resolution| resolution.status.code.as_deref() == Some("ER_SUCCESS_MATCH"))
            .collect();
        matched.sort_by_key(|resolution| !resolution.is_dynamic());
        matched
            .into_iter()
            .flat_map(|resolution| resolution.values)
            .map(|resolved| resolved.value)
            .next()
    }
}

impl Resolution {
    fn is_dynamic(&self) -> bool {
        self.authority
            .as_deref()
            .is_some_and(|authority| authority.contains(".dynamic."))
    }
}

#[cfg(test)]
pub(super) mod tests;
