//! From words to an intent: the sample that explains them best.

use super::model::{Intent, InteractionModel, Part, Pattern, Slot};
use super::slots::{Filled, Value, fill};
use super::words::same_word;

/// The most unknown words in one utterance.
const GUESSES: usize = 8;

/// An intent with the slots the customer filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Understood {
    pub(super) intent: String,
    pub(super) slots: Vec<(String, Vec<Value>)>,
    /// Words that are part of no sample and of no known value.
    pub(super) strangers: usize,
}

/// How a sample explains an utterance.
#[derive(Debug, Clone, Default)]
struct Explained {
    slots: Vec<(usize, Vec<Value>)>,
    strangers: usize,
    words: usize,
}

impl Explained {
    /// Fewer unknown words first, then fewer slots (one list rather than two
    /// values), then more words said just as in the sample.
    fn is_better_than(&self, other: &Self) -> bool {
        (self.strangers, self.slots.len(), other.words)
            < (other.strangers, other.slots.len(), self.words)
    }
}

/// Finds the intent whose samples explain these words best.
pub(super) fn understand(model: &InteractionModel, said: &[String]) -> Option<Understood> {
    let mut best: Option<(&Intent, Explained)> = None;
    for intent in &model.intents {
        if let Some(explained) = explain(model, &intent.slots, &intent.patterns, said)
            && best
                .as_ref()
                .is_none_or(|(_, best)| explained.is_better_than(best))
        {
            best = Some((intent, explained));
        }
    }
    best.map(|(intent, explained)| named(intent, explained))
}

/// Reads words as the answer to "which `slot`?", whatever else they may mean.
pub(super) fn answer(
    model: &InteractionModel,
    intent: &Intent,
    slot: usize,
    said: &[String],
) -> Option<Understood> {
    let asked = &intent.slots[slot];
    let whole = fill(model, asked, said).map(|Filled { values, strangers }| Explained {
        slots: vec![(slot, values)],
        strangers,
        words: 0,
    });
    let sample = explain(model, &intent.slots, &asked.patterns, said);
    let best = match (whole, sample) {
        (Some(whole), Some(sample)) => Some(if sample.is_better_than(&whole) {
            sample
        } else {
            whole
        }),
        (whole, sample) => whole.or(sample),
    };
    best.map(|explained| named(intent, explained))
}

fn named(intent: &Intent, explained: Explained) -> Understood {
    Understood {
        intent: intent.name.clone(),
        slots: explained
            .slots
            .into_iter()
            .map(|(slot, values)| (intent.slots[slot].name.clone(), values))
            .collect(),
        strangers: explained.strangers,
    }
}

fn explain(
    model: &InteractionModel,
    slots: &[Slot],
    patterns: &[Pattern],
    said: &[String],
) -> Option<Explained> {
    let mut best: Option<Explained> = None;
    for pattern in patterns {
        // A sample without a word of its own explains nothing by guessing.
        let guesses = if pattern.iter().any(|part| matches!(part, Part::Word(_))) {
            GUESSES
        } else {
            0
        };
        let Some(explained) = follow(model, slots, pattern, said, guesses) else {
            continue;
        };
        if best
            .as_ref()
            .is_none_or(|best| explained.is_better_than(best))
        {
            best = Some(explained);
        }
    }
    best
}

/// Follows one sample through all the words; slots take as many words as
/// they can, and give back what the rest needs.
fn follow(
    model: &InteractionModel,
    slots: &[Slot],
    parts: &[Part],
    said: &[String],
    guesses: usize,
) -> Option<Explained> {
    let Some((part, after)) = parts.split_first() else {
        return said.is_empty().then(Explained::default);
    };
    match part {
        Part::Word(word) => {
            let (first, rest) = said.split_first()?;
            if !same_word(word, first) {
                return None;
            }
            let mut explained = follow(model, slots, after, rest, guesses)?;
            explained.words += 1;
            Some(explained)
        }
        Part::Slot(slot) => {
            // Each part that follows needs a word of its own.
            let most = said.len().checked_sub(after.len())?;
            // The last one takes all there is.
            let least = if after.is_empty() { most } else { 1 };
            let mut best: Option<Explained> = None;
            for taken in (least..=most).rev() {
                let Some(filled) = fill(model, &slots[*slot], &said[..taken]) else {
                    continue;
                };
                let Some(guesses) = guesses.checked_sub(filled.strangers) else {
                    continue;
                };
                if best
                    .as_ref()
                    .is_some_and(|best| best.strangers <= filled.strangers)
                {
                    continue;
                }
                let Some(mut explained) = follow(model, slots, after, &said[taken..], guesses)
                else {
                    continue;
                };
                explained.strangers += filled.strangers;
                explained.slots.insert(0, (*slot, filled.values));
                if best
                    .as_ref()
                    .is_none_or(|best| explained.is_better_than(best))
                {
                    best = Some(explained);
                }
            }
            best
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::tests::shop;
    use super::super::words::words;
    use super::*;

    fn heard(said: &str) -> String {
        match understand(&shop(), &words(said)) {
            None => "nothing".to_owned(),
            Some(understood) => show(understood),
        }
    }

    fn show(understood: Understood) -> String {
        let slots = understood.slots.into_iter().map(|(name, values)| {
            let values: Vec<_> = values.into_iter().map(|value| value.said).collect();
            format!(" {name}={}", values.join("+"))
        });
        understood.intent + &slots.collect::<String>()
    }

    #[test]
    fn the_sample_that_explains_most_wins() {
        assert_eq!(heard("get me a basket"), "OrderIntent");
        assert_eq!(
            heard("get me a large basket with figs and apples"),
            "OrderIntent Size=large Fruits=figs+apples"
        );
        assert_eq!(
            heard("get me a huge basket with figs and gold"),
            "OrderIntent Size=huge Fruits=figs+gold"
        );
        assert_eq!(
            heard("my code is four eight two please"),
            "ConfirmIntent Code=482"
        );
        assert_eq!(heard("cancel or not"), "StatusIntent");
        assert_eq!(heard("cancel"), "AMAZON.CancelIntent");
        assert_eq!(heard("what is this"), "AMAZON.HelpIntent");
        assert_eq!(
            heard("write down buy milk tomorrow morning before the shop closes"),
            "NoteIntent Note=buy milk tomorrow morning before the shop closes"
        );
    }

    #[test]
    fn a_lone_slot_takes_what_it_knows_and_nothing_else() {
        assert_eq!(
            heard("four eight two nine one three"),
            "ConfirmIntent Code=482913"
        );
        assert_eq!(heard("what is the weather like"), "nothing");
    }

    #[test]
    fn what_cannot_be_a_number_is_a_question_mark_after_the_right_words() {
        assert_eq!(heard("the code is banana split"), "ConfirmIntent Code=?");
        assert_eq!(heard("operation basket is a go 4829"), "PinIntent Pin=4829");
        assert_eq!(heard("operation basket is a go 482913"), "nothing");
    }

    #[test]
    fn the_skills_own_model_is_understood() {
        let Ok(json) = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../pod-alexa/models/en-US.json"
        )) else {
            // A copy of this crate alone has no skill beside it.
            return;
        };
        let model = InteractionModel::parse(&json).unwrap();
        let heard = |said: &str| understand(&model, &words(said)).map(show);

        assert_eq!(
            heard("get me a large pizza with pepperoni, extra cheese and onions").as_deref(),
            Some("GetMeSomePizzaIntent Size=large Toppings=pepperoni+extra cheese+onions")
        );
        assert_eq!(
            heard("the code is four eight two nine one three").as_deref(),
            Some("AuthorizePizzaOrderIntent Code=482913")
        );
        assert_eq!(
            heard("cancel my order").as_deref(),
            Some("CancelOrderIntent")
        );
        assert_eq!(heard("what's the weather like in Kyoto"), None);
    }

    #[test]
    fn a_long_rigmarole_is_given_up_soon() {
        let shop = shop();
        let said = words(&"the code is figs and apples with gold ".repeat(40));

        assert_eq!(understand(&shop, &said), None);
    }

    #[test]
    fn an_answer_fills_the_slot_that_was_asked_for() {
        let shop = shop();
        let order = shop.intent("OrderIntent").unwrap();
        let reply = |said: &str| {
            answer(&shop, order, 0, &words(said))
                .map(|understood| (understood.strangers, show(understood)))
        };

        assert_eq!(reply("big"), Some((0, "OrderIntent Size=big".into())));
        assert_eq!(
            reply("make it big"),
            Some((0, "OrderIntent Size=big".into()))
        );
        assert_eq!(
            reply("gigantic"),
            Some((1, "OrderIntent Size=gigantic".into()))
        );
    }
}
