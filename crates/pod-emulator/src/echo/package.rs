//! The file of an interaction model, and how its samples become patterns.

use std::collections::HashMap;

use serde::Deserialize;

use super::builtin;
use super::model::{Intent, InvalidModel, Part, Pattern, Slot, SlotKind, TypeValue};
use super::words::words;

/// Reads the file as it is.
pub(super) fn read(json: &str) -> Result<Model, serde_json::Error> {
    serde_json::from_str(json).map(|file: File| file.interaction_model)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    interaction_model: Model,
}

/// The parts of the model that an Echo needs.
#[derive(Deserialize)]
pub(super) struct Model {
    #[serde(rename = "languageModel")]
    pub(super) language: Language,
    #[serde(default)]
    pub(super) dialog: Dialog,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Language {
    pub(super) invocation_name: String,
    pub(super) intents: Vec<IntentEntry>,
    #[serde(default)]
    pub(super) types: Vec<TypeEntry>,
}

#[derive(Deserialize)]
pub(super) struct IntentEntry {
    name: String,
    #[serde(default)]
    slots: Vec<SlotEntry>,
    #[serde(default)]
    samples: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SlotEntry {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    multiple_values: Option<MultipleValues>,
    #[serde(default)]
    samples: Vec<String>,
}

#[derive(Deserialize)]
struct MultipleValues {
    enabled: bool,
}

#[derive(Deserialize)]
pub(super) struct TypeEntry {
    pub(super) name: String,
    #[serde(default)]
    pub(super) values: Vec<ValueEntry>,
}

#[derive(Deserialize)]
pub(super) struct ValueEntry {
    id: Option<String>,
    name: ValueName,
}

#[derive(Deserialize)]
struct ValueName {
    value: String,
    #[serde(default)]
    synonyms: Vec<String>,
}

#[derive(Deserialize, Default)]
pub(super) struct Dialog {
    #[serde(default)]
    pub(super) intents: Vec<DialogIntent>,
}

#[derive(Deserialize)]
pub(super) struct DialogIntent {
    pub(super) name: String,
    #[serde(default)]
    pub(super) slots: Vec<DialogSlot>,
}

#[derive(Deserialize)]
pub(super) struct DialogSlot {
    pub(super) name: String,
}

impl From<ValueEntry> for TypeValue {
    fn from(ValueEntry { id, name }: ValueEntry) -> Self {
        Self {
            spoken: std::iter::once(&name.value)
                .chain(&name.synonyms)
                .map(|said| words(said))
                .collect(),
            // Amazon makes an id of its own where the model gives none.
            id: id
                .filter(|id| !id.is_empty())
                .unwrap_or_else(|| name.value.clone()),
            name: name.value,
        }
    }
}

impl IntentEntry {
    /// Makes samples into patterns, and adds what everybody may say.
    pub(super) fn compile(
        self,
        types: &HashMap<String, Vec<TypeValue>>,
    ) -> Result<Intent, InvalidModel> {
        let names: Vec<String> = self.slots.iter().map(|slot| slot.name.clone()).collect();
        let patterns = |samples: Vec<String>| {
            samples
                .iter()
                .map(|sample| pattern(&self.name, &names, sample))
                .collect::<Result<Vec<_>, _>>()
        };
        let mut compiled = patterns(self.samples)?;
        compiled.extend(
            builtin::phrases(&self.name)
                .iter()
                .map(|phrase| words(phrase).into_iter().map(Part::Word).collect()),
        );
        let slots = self
            .slots
            .into_iter()
            .map(|slot| {
                let kind = kind(&slot.kind, types).ok_or_else(|| InvalidModel::UnknownType {
                    intent: self.name.clone(),
                    slot: slot.name.clone(),
                    kind: slot.kind.clone(),
                })?;
                let multiple = slot
                    .multiple_values
                    .is_some_and(|multiple| multiple.enabled);
                Ok(Slot {
                    kind,
                    multiple,
                    patterns: patterns(slot.samples)?,
                    name: slot.name,
                })
            })
            .collect::<Result<Vec<_>, InvalidModel>>()?;
        Ok(Intent {
            name: self.name,
            slots,
            patterns: compiled,
            in_dialog: false,
        })
    }
}

fn kind(name: &str, types: &HashMap<String, Vec<TypeValue>>) -> Option<SlotKind> {
    if types.contains_key(name) {
        return Some(SlotKind::Custom(name.to_owned()));
    }
    match name {
        "AMAZON.NUMBER" => Some(SlotKind::Number),
        "AMAZON.FOUR_DIGIT_NUMBER" => Some(SlotKind::FourDigits),
        _ => name.starts_with("AMAZON.").then_some(SlotKind::Words),
    }
}

fn pattern(intent: &str, slots: &[String], sample: &str) -> Result<Pattern, InvalidModel> {
    let mut parts = Vec::new();
    let mut rest = sample;
    while let Some((before, braced)) = rest.split_once('{') {
        let (name, after) = braced.split_once('}').unwrap_or((braced, ""));
        parts.extend(words(before).into_iter().map(Part::Word));
        let slot = slots
            .iter()
            .position(|slot| slot == name.trim())
            .ok_or_else(|| InvalidModel::UnknownSlot {
                intent: intent.to_owned(),
                sample: sample.to_owned(),
                slot: name.to_owned(),
            })?;
        parts.push(Part::Slot(slot));
        rest = after;
    }
    parts.extend(words(rest).into_iter().map(Part::Word));
    Ok(parts)
}
