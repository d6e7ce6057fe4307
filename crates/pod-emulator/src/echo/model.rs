//! The skill's interaction model, in the format of Amazon's skill package.

use std::collections::HashMap;

use thiserror::Error;

use super::package;
use super::words::words;

/// What an Echo needs to know of a skill to turn speech into intents.
#[derive(Debug)]
pub struct InteractionModel {
    pub(super) invocation: Vec<String>,
    pub(super) invocation_name: String,
    pub(super) intents: Vec<Intent>,
    pub(super) types: HashMap<String, Vec<TypeValue>>,
}

/// Not an interaction model that Amazon would build.
#[derive(Debug, Error)]
pub enum InvalidModel {
    /// The text is not JSON of the expected shape.
    #[error("the interaction model cannot be read")]
    Json(#[from] serde_json::Error),
    /// The invocation name has no word.
    #[error("the interaction model has no invocation name")]
    NoInvocationName,
    /// A sample names a slot that its intent does not have.
    #[error(
        "the sample \"{sample}\" of {intent} names the slot {slot}, which {intent} does not have"
    )]
    UnknownSlot {
        /// The intent.
        intent: String,
        /// The sample.
        sample: String,
        /// The slot that is missing.
        slot: String,
    },
    /// A slot has a type that is neither Amazon's nor declared.
    #[error("the slot {slot} of {intent} has the type {kind}, which is not declared")]
    UnknownType {
        /// The intent.
        intent: String,
        /// The slot.
        slot: String,
        /// The type that is missing.
        kind: String,
    },
    /// The dialog model names an intent or a slot that does not exist.
    #[error("the dialog model names {0}, which the language model does not have")]
    UnknownDialog(String),
}

/// One intent with everything a customer may say to mean it.
#[derive(Debug)]
pub(super) struct Intent {
    pub(super) name: String,
    pub(super) slots: Vec<Slot>,
    pub(super) patterns: Vec<Pattern>,
    /// Whether the dialog model has it, as `Dialog.*` directives demand.
    pub(super) in_dialog: bool,
}

/// One slot of an intent.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) kind: SlotKind,
    pub(super) multiple: bool,
    /// What a customer may say when asked for this very slot.
    pub(super) patterns: Vec<Pattern>,
}

/// How the words of a slot are understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SlotKind {
    /// `AMAZON.NUMBER`: digits, or `?` for what is none.
    Number,
    /// `AMAZON.FOUR_DIGIT_NUMBER`: four digits; other lengths do not match.
    FourDigits,
    /// Any other of Amazon's types: the words as they are.
    Words,
    /// A type of the skill's own, by name.
    Custom(String),
}

/// A sample: words and slots in order.
pub(super) type Pattern = Vec<Part>;

/// One part of a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// A word said as it is.
    Word(String),
    /// The slot of this index.
    Slot(usize),
}

/// One value of a custom type, with every way to say it.
#[derive(Debug)]
pub(super) struct TypeValue {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) spoken: Vec<Vec<String>>,
}

impl InteractionModel {
    /// Reads a model, as it stands in `interactionModels/custom/en-US.json`.
    ///
    /// # Errors
    ///
    /// [`InvalidModel`] for each thing Amazon's own build would refuse:
    /// [`InvalidModel::Json`], [`InvalidModel::NoInvocationName`],
    /// [`InvalidModel::UnknownSlot`], [`InvalidModel::UnknownType`] and
    /// [`InvalidModel::UnknownDialog`].
    pub fn parse(json: &str) -> Result<Self, InvalidModel> {
        let package::Model { language, dialog } = package::read(json)?;

        let invocation = words(&language.invocation_name);
        if invocation.is_empty() {
            return Err(InvalidModel::NoInvocationName);
        }
        let types: HashMap<_, _> = language
            .types
            .into_iter()
            .map(|kind| {
                (
                    kind.name,
                    kind.values.into_iter().map(TypeValue::from).collect(),
                )
            })
            .collect();
        let mut intents = language
            .intents
            .into_iter()
            .map(|intent| intent.compile(&types))
            .collect::<Result<Vec<_>, InvalidModel>>()?;
        for entry in dialog.intents {
            let intent = intents
                .iter_mut()
                .find(|intent| intent.name == entry.name)
                .ok_or_else(|| InvalidModel::UnknownDialog(entry.name.clone()))?;
            for slot in entry.slots {
                if intent.slot(&slot.name).is_none() {
                    return Err(InvalidModel::UnknownDialog(format!(
                        "{}.{}",
                        entry.name, slot.name
                    )));
                }
            }
            intent.in_dialog = true;
        }
        Ok(Self {
            invocation,
            invocation_name: language.invocation_name,
            intents,
            types,
        })
    }

    /// Gives the words that call the skill.
    #[must_use]
    pub fn invocation_name(&self) -> &str {
        &self.invocation_name
    }

    pub(super) fn intent(&self, name: &str) -> Option<&Intent> {
        self.intents.iter().find(|intent| intent.name == name)
    }
}

impl Intent {
    pub(super) fn slot(&self, name: &str) -> Option<(usize, &Slot)> {
        self.slots
            .iter()
            .enumerate()
            .find(|(_, slot)| slot.name == name)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A shop small enough to read: what the tests of this folder talk to.
    pub(in crate::echo) const SHOP: &str = include_str!("../../tests/shop.json");

    pub(in crate::echo) fn shop() -> InteractionModel {
        InteractionModel::parse(SHOP).unwrap()
    }

    #[test]
    fn a_model_is_read_with_its_slots_types_and_dialog() {
        let shop = shop();

        let order = shop.intent("OrderIntent").unwrap();
        assert_eq!(shop.invocation, ["corner", "shop"]);
        assert!(order.in_dialog);
        assert!(order.slots[1].multiple);
        assert_eq!(order.slots[0].kind, SlotKind::Custom("SIZE".into()));
        assert_eq!(shop.types["SIZE"][1].id, "MEDIUM");
        assert!(
            !shop
                .intent("AMAZON.HelpIntent")
                .unwrap()
                .patterns
                .is_empty()
        );
    }

    #[test]
    fn a_sample_with_a_slot_that_is_missing_is_refused() {
        let broken = SHOP.replace("the code is {Code}", "the code is {Cod}");

        let error = InteractionModel::parse(&broken).unwrap_err();

        assert_eq!(
            error.to_string(),
            "the sample \"the code is {Cod}\" of ConfirmIntent names the slot Cod, which ConfirmIntent does not have"
        );
    }

    #[test]
    fn a_type_that_is_missing_is_refused() {
        let broken = SHOP.replace("\"type\": \"SIZE\"", "\"type\": \"SIZES\"");

        let error = InteractionModel::parse(&broken).unwrap_err();

        assert!(matches!(error, InvalidModel::UnknownType { kind, .. } if kind == "SIZES"));
    }
}
