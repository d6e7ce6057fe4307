//! What fills a slot: words become values, and values of the skill's own types
//! are resolved to their ids, as Amazon's entity resolution does.

use super::model::{InteractionModel, Slot, SlotKind, TypeValue};
use super::numbers::spoken_digits;
use super::words::same_words;

/// The most words that may stand for one value nobody knows.
const STRANGERS: usize = 4;
/// The most words that may be taken for a number that could not be heard.
const MUMBLES: usize = 8;

/// What one slot was filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) values: Vec<Value>,
    /// Words that belong to no known value: the fewer the better.
    pub(super) strangers: usize,
}

/// One value of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// The words, or the digits, as Amazon hands them over.
    pub(super) said: String,
    /// What entity resolution made of it, for types of the skill's own.
    pub(super) resolved: Option<Resolved>,
}

/// The result of entity resolution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    pub(super) kind: String,
    /// The id and the name; none when the value is not one of the type's.
    pub(super) found: Option<(String, String)>,
}

/// Fills a slot with these words, or says that they cannot be meant.
pub(super) fn fill(model: &InteractionModel, slot: &Slot, words: &[String]) -> Option<Filled> {
    if words.is_empty() {
        return None;
    }
    match &slot.kind {
        SlotKind::Number => match spoken_digits(words) {
            Some(digits) => Some(number(digits)),
            None => mumble(words),
        },
        SlotKind::FourDigits => match spoken_digits(words) {
            Some(digits) => (digits.len() == 4).then(|| number(digits)),
            None => mumble(words),
        },
        SlotKind::Words => Some(Filled {
            values: vec![Value {
                said: words.join(" "),
                resolved: None,
            }],
            strangers: 1,
        }),
        SlotKind::Custom(kind) => {
            let values = model.types.get(kind)?;
            if slot.multiple {
                several(kind, values, words)
            } else {
                one(kind, values, words)
            }
        }
    }
}

fn number(digits: String) -> Filled {
    Filled {
        values: vec![Value {
            said: digits,
            resolved: None,
        }],
        strangers: 0,
    }
}

/// Amazon writes a question mark where it expected a number and heard none.
fn mumble(words: &[String]) -> Option<Filled> {
    let value = Value {
        said: "?".to_owned(),
        resolved: None,
    };
    (words.len() <= MUMBLES).then(|| Filled {
        values: vec![value],
        strangers: words.len(),
    })
}

fn one(kind: &str, values: &[TypeValue], words: &[String]) -> Option<Filled> {
    if let Some(value) = known(kind, values, words) {
        return Some(Filled {
            values: vec![value],
            strangers: 0,
        });
    }
    (words.len() <= STRANGERS).then(|| Filled {
        values: vec![stranger(kind, words)],
        strangers: words.len(),
    })
}

/// Reads "figs, apples and pomelo": known values wherever there are some, and
/// one unknown value for each run of other words.
fn several(kind: &str, values: &[TypeValue], words: &[String]) -> Option<Filled> {
    let mut filled = Filled {
        values: Vec::new(),
        strangers: 0,
    };
    let mut run: Vec<String> = Vec::new();
    let mut rest = words;
    let mut joined = false;
    while let Some(word) = rest.first() {
        if let Some((value, length)) = longest(kind, values, rest) {
            settle(kind, &mut run, &mut filled)?;
            filled.values.push(value);
            rest = &rest[length..];
            joined = false;
        } else {
            joined = is_joiner(word);
            if joined && filled.values.is_empty() && run.is_empty() {
                return None;
            }
            if joined {
                settle(kind, &mut run, &mut filled)?;
            } else {
                run.push(word.clone());
            }
            rest = &rest[1..];
        }
    }
    settle(kind, &mut run, &mut filled)?;
    // "figs and" is a sentence that goes on, not a list.
    (!joined && !filled.values.is_empty()).then_some(filled)
}

fn settle(kind: &str, run: &mut Vec<String>, filled: &mut Filled) -> Option<()> {
    if run.len() > STRANGERS {
        return None;
    }
    if !run.is_empty() {
        filled.strangers += run.len();
        filled.values.push(stranger(kind, run));
        run.clear();
    }
    Some(())
}

fn is_joiner(word: &str) -> bool {
    matches!(word, "and" | "plus" | "with")
}

fn longest(kind: &str, values: &[TypeValue], words: &[String]) -> Option<(Value, usize)> {
    let spoken = values.iter().flat_map(|value| &value.spoken);
    let most = spoken.map(Vec::len).max()?.min(words.len());
    (1..=most)
        .rev()
        .find_map(|length| Some((known(kind, values, &words[..length])?, length)))
}

fn known(kind: &str, values: &[TypeValue], words: &[String]) -> Option<Value> {
    let value = values
        .iter()
        .find(|value| value.spoken.iter().any(|spoken| same_words(spoken, words)))?;
    let found = Some((value.id.clone(), value.name.clone()));
    Some(Value {
        said: words.join(" "),
        resolved: Some(Resolved {
            kind: kind.to_owned(),
            found,
        }),
    })
}

fn stranger(kind: &str, words: &[String]) -> Value {
    Value {
        said: words.join(" "),
        resolved: Some(Resolved {
            kind: kind.to_owned(),
            found: None,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::tests::shop;
    use super::super::words::words;
    use super::*;

    fn filled(intent: &str, slot: &str, said: &str) -> Option<(Vec<String>, usize)> {
        let shop = shop();
        let (_, slot) = shop.intent(intent).unwrap().slot(slot).unwrap();
        let filled = fill(&shop, slot, &words(said))?;
        let shown = filled.values.into_iter().map(|value| {
            match value.resolved.and_then(|resolved| resolved.found) {
                Some((id, _)) => format!("{}={id}", value.said),
                None => value.said,
            }
        });
        Some((shown.collect(), filled.strangers))
    }

    #[test]
    fn a_known_value_is_resolved_by_any_of_its_names() {
        assert_eq!(
            filled("OrderIntent", "Size", "extra large"),
            Some((vec!["extra large=LARGE".into()], 0))
        );
        assert_eq!(
            filled("OrderIntent", "Size", "gigantic"),
            Some((vec!["gigantic".into()], 1))
        );
        assert_eq!(
            filled("OrderIntent", "Size", "the one I had last time"),
            None
        );
    }

    #[test]
    fn a_list_is_parted_at_known_values_and_at_and() {
        let list = filled(
            "OrderIntent",
            "Fruits",
            "figs, apples and peaches and cream plus gold dust and pomelo",
        );

        let expected = [
            "figs=FIG",
            "apples=APPLE",
            "peaches and cream=PEACHES_AND_CREAM",
            "gold dust",
            "pomelo=Pomelo",
        ];
        assert_eq!(list, Some((expected.map(str::to_owned).to_vec(), 2)));
        assert_eq!(filled("OrderIntent", "Fruits", "figs and"), None);
        assert_eq!(filled("OrderIntent", "Fruits", "and figs"), None);
    }

    #[test]
    fn a_number_is_digits_or_a_question_mark() {
        assert_eq!(
            filled("ConfirmIntent", "Code", "four 8 twenty nine"),
            Some((vec!["4829".into()], 0))
        );
        assert_eq!(
            filled("ConfirmIntent", "Code", "banana"),
            Some((vec!["?".into()], 1))
        );
        assert_eq!(
            filled("PinIntent", "Pin", "forty eight 29"),
            Some((vec!["4829".into()], 0))
        );
        assert_eq!(filled("PinIntent", "Pin", "482913"), None);
    }
}
