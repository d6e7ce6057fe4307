//! The model is what the code expects and what Amazon accepts.

use std::collections::BTreeSet;

use super::*;

const MENU_SIZES: [(&str, &str); 4] = [
    ("small", "Small"),
    ("medium", "Medium"),
    ("large", "Large"),
    ("jumbo", "Jumbo"),
];
const MENU_TOPPINGS: [(&str, &str); 11] = [
    ("pepperoni", "Pepperoni"),
    ("mushrooms", "Mushrooms"),
    ("onions", "Onions"),
    ("sausage", "Sausage"),
    ("bacon", "Bacon"),
    ("extra-cheese", "Extra cheese"),
    ("black-olives", "Black olives"),
    ("green-peppers", "Green peppers"),
    ("pineapple", "Pineapple"),
    ("spinach", "Spinach"),
    ("chicken", "Chicken"),
];

/// The models of three shops: this one, one with a menu of its own, and one
/// whose pizzas are as they are.
fn models() -> [Value; 3] {
    [
        interaction_model("en-US", &MENU_SIZES, &MENU_TOPPINGS),
        interaction_model(
            "en-US",
            &[
                ("large", "Large"),
                ("big", "Big"),
                ("family", "Family size"),
            ],
            &[
                ("cheese", "Cheese"),
                ("extra-cheese", "Extra cheese"),
                ("artichokes", "Artichokes"),
            ],
        ),
        interaction_model("en-US", &[("one-size", "One size")], &[]),
    ]
    .map(|model| model.expect("there is a model for en-US"))
}

fn array<'m>(json: &'m Value, place: &str) -> &'m [Value] {
    json.pointer(place)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn intents(model: &Value) -> &[Value] {
    array(model, "/interactionModel/languageModel/intents")
}

fn types(model: &Value) -> &[Value] {
    array(model, "/interactionModel/languageModel/types")
}

fn texts<'m>(values: &'m [Value], place: &str) -> Vec<&'m str> {
    values
        .iter()
        .map(|value| value.pointer(place).and_then(Value::as_str).unwrap())
        .collect()
}

/// All that is said in an intent: its samples, and its slots' own.
fn samples(intent: &Value) -> (Vec<&str>, Vec<&str>) {
    let of_slots = array(intent, "/slots")
        .iter()
        .flat_map(|slot| array(slot, "/samples"));
    (
        texts(array(intent, "/samples"), ""),
        of_slots.map(|sample| sample.as_str().unwrap()).collect(),
    )
}

fn slots_in(sample: &str) -> impl Iterator<Item = &str> {
    sample
        .split('{')
        .skip(1)
        .map(|rest| rest.split('}').next().unwrap())
}

fn assert_unique<'a>(names: impl IntoIterator<Item = &'a str>) {
    let mut seen = BTreeSet::new();
    for name in names {
        assert!(seen.insert(name.to_lowercase()), "{name:?} is there twice");
    }
}

fn values<'m>(model: &'m Value, kind: &str) -> &'m [Value] {
    array(
        types(model)
            .iter()
            .find(|known| known["name"] == kind)
            .unwrap(),
        "/values",
    )
}

#[test]
fn every_intent_of_the_model_is_one_the_code_knows_and_the_other_way_round() {
    for model in models() {
        let known: Vec<&str> = INTENTS
            .iter()
            .map(|intent| intent.name)
            .chain(BUILT_INS)
            .collect();

        assert_eq!(texts(intents(&model), "/name"), known);
    }
}

#[test]
fn every_slot_of_the_model_is_one_the_code_knows_and_the_other_way_round() {
    let [model, another, plain] = models();

    for (intent, known) in intents(&model)
        .iter()
        .zip(INTENTS)
        .chain(intents(&another).iter().zip(INTENTS))
    {
        assert_eq!(
            texts(array(intent, "/slots"), "/name"),
            known.slots,
            "{}",
            known.name
        );
    }
    assert_eq!(
        texts(array(&intents(&plain)[0], "/slots"), "/name"),
        [slot::SIZE]
    );
}

#[test]
fn every_slot_that_is_said_exists_and_every_slot_can_be_said() {
    for model in models() {
        for intent in intents(&model) {
            let (of_intent, of_slots) = samples(intent);
            let said: BTreeSet<&str> = of_intent.iter().copied().flat_map(slots_in).collect();
            let slots: BTreeSet<&str> = texts(array(intent, "/slots"), "/name")
                .into_iter()
                .collect();

            assert_eq!(said, slots, "{}", intent["name"]);
            assert!(
                of_slots
                    .into_iter()
                    .flat_map(slots_in)
                    .all(|name| slots.contains(name)),
                "{}",
                intent["name"]
            );
        }
    }
}

#[test]
fn an_answer_for_one_slot_has_that_slot_in_it() {
    for model in models() {
        for slot in intents(&model)
            .iter()
            .flat_map(|intent| array(intent, "/slots"))
        {
            for sample in texts(array(slot, "/samples"), "") {
                assert!(
                    slots_in(sample).eq([slot["name"].as_str().unwrap()]),
                    "{sample}"
                );
            }
        }
    }
}

#[test]
fn no_utterance_is_there_twice() {
    for model in models() {
        let all = intents(&model).iter().map(samples);

        assert_unique(all.flat_map(|(of_intent, of_slots)| [of_intent, of_slots].concat()));
    }
}

#[test]
fn utterances_are_written_as_amazon_accepts_them() {
    for model in models() {
        for (of_intent, of_slots) in intents(&model).iter().map(samples) {
            for sample in of_intent.into_iter().chain(of_slots) {
                let words = sample.split(' ').all(|word| match word.strip_prefix('{') {
                    Some(slot) => slot
                        .strip_suffix('}')
                        .is_some_and(|slot| slot.chars().all(|c| c.is_ascii_alphabetic())),
                    None => {
                        !word.is_empty()
                            && word
                                .chars()
                                .all(|c| c.is_ascii_lowercase() || c == '\'' || c == '.')
                    }
                });
                assert!(words, "{sample:?}");
                assert!(sample.len() <= 200, "{sample:?}");
            }
        }
    }
}

#[test]
fn no_code_is_taken_for_another_slot_of_the_same_kind_side_by_side() {
    for model in models() {
        for sample in samples(&intents(&model)[1]).0 {
            let slots: Vec<&str> = slots_in(sample).collect();

            let digits = &slot::DIGITS[..slots.len().min(8)];
            assert!(
                slots.is_empty() || slots == [slot::CODE] || slots == digits,
                "{sample}"
            );
        }
    }
}

#[test]
fn every_type_is_there_once_and_used() {
    for model in models() {
        let kinds = texts(types(&model), "/name");
        assert_unique(kinds.iter().copied());
        let used: BTreeSet<&str> = intents(&model)
            .iter()
            .flat_map(|intent| texts(array(intent, "/slots"), "/type"))
            .filter(|kind| !kind.starts_with("AMAZON."))
            .collect();

        assert_eq!(used, kinds.into_iter().collect());
    }
}

#[test]
fn every_value_has_its_own_id_and_its_own_names() {
    for model in models() {
        for kind in types(&model) {
            let values = array(kind, "/values");

            assert!(!values.is_empty(), "{}", kind["name"]);
            assert_unique(texts(values, "/id"));
            assert_unique(values.iter().flat_map(|value| {
                let synonyms = texts(array(value, "/name/synonyms"), "");
                synonyms
                    .into_iter()
                    .chain([value["name"]["value"].as_str().unwrap()])
            }));
        }
    }
}

#[test]
fn the_dialog_has_the_slots_of_the_intents_and_a_prompt_for_each_that_it_needs() {
    for model in models() {
        let mut asked = Vec::new();
        for dialog in array(&model, "/interactionModel/dialog/intents") {
            let intent = intents(&model)
                .iter()
                .find(|intent| intent["name"] == dialog["name"])
                .unwrap();
            for place in ["/name", "/type"] {
                assert_eq!(
                    texts(array(dialog, "/slots"), place),
                    texts(array(intent, "/slots"), place)
                );
            }
            for slot in array(dialog, "/slots") {
                assert_eq!(
                    slot["elicitationRequired"],
                    slot["prompts"]["elicitation"].is_string(),
                    "{slot}"
                );
                asked.extend(slot["prompts"]["elicitation"].as_str());
            }
        }

        assert_eq!(
            asked,
            texts(array(&model, "/interactionModel/prompts"), "/id")
        );
    }
}

#[test]
fn what_is_elicited_is_in_the_dialog() {
    for model in models() {
        let dialogs = array(&model, "/interactionModel/dialog/intents");
        for (intent, slot) in [(&ORDER, slot::SIZE), (&CONFIRM, slot::CODE)] {
            let dialog = dialogs
                .iter()
                .find(|dialog| dialog["name"] == intent.name)
                .unwrap();

            assert!(
                texts(array(dialog, "/slots"), "/name").contains(&slot),
                "{slot}"
            );
        }
    }
}

#[test]
fn the_invocation_name_follows_amazons_rules() {
    for model in models() {
        let name = model
            .pointer("/interactionModel/languageModel/invocationName")
            .and_then(Value::as_str)
            .unwrap();
        let words: Vec<&str> = name.split(' ').collect();

        assert_eq!(name, "pizza on demand");
        assert!((2..=50).contains(&name.len()) && words.len() > 1);
        assert!(
            words
                .iter()
                .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()))
        );
        for reserved in [
            "alexa", "echo", "amazon", "computer", "skill", "app", "launch", "ask", "tell", "load",
            "begin", "enable", "open", "run", "start", "use", "to", "from", "in", "using", "with",
            "about", "for", "that", "by", "if", "and", "whether",
        ] {
            assert!(!words.contains(&reserved), "{reserved}");
        }
    }
}

#[test]
fn the_phrases_of_the_2017_guide_still_confirm() {
    let [model, ..] = models();
    let (said, _) = samples(&intents(&model)[1]);

    for phrase in [
        "confirm order {Code}",
        "authorize {Code}",
        "operation pizza is a go {Code}",
    ] {
        assert!(said.contains(&phrase), "{phrase}");
        for digits in 4..=8 {
            let by_digit: Vec<String> = slot::DIGITS[..digits]
                .iter()
                .map(|digit| format!("{{{digit}}}"))
                .collect();
            let phrase = phrase.replace("{Code}", &by_digit.join(" "));
            assert!(said.contains(&phrase.as_str()), "{phrase}");
        }
    }
}

#[test]
fn the_digits_are_their_own_ids() {
    let [model, ..] = models();

    let digits = values(&model, "DIGIT");
    assert_eq!(
        texts(digits, "/id"),
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
    );
    for (digit, homophone) in [
        (0, "oh"),
        (0, "o"),
        (2, "to"),
        (2, "too"),
        (4, "for"),
        (8, "ate"),
    ] {
        assert!(
            texts(array(&digits[digit], "/name/synonyms"), "").contains(&homophone),
            "{homophone}"
        );
    }
}

#[test]
fn the_file_is_the_model_of_this_shop() {
    let [model, ..] = models();

    assert!(model == serde_json::from_str::<Value>(EN_US).unwrap());
}

#[test]
fn a_menu_of_ones_own_replaces_the_values_and_keeps_the_synonyms_of_what_stays() {
    let [_, model, _] = models();

    assert_eq!(
        texts(values(&model, SIZES), "/id"),
        ["large", "big", "family"]
    );
    assert_eq!(
        values(&model, SIZES)[0],
        json!({"id": "large", "name": {"value": "Large", "synonyms": ["family"]}})
    );
    assert_eq!(
        values(&model, TOPPINGS)[0],
        json!({"id": "cheese", "name": {"value": "Cheese", "synonyms": []}})
    );
    let extra = texts(array(&values(&model, TOPPINGS)[1], "/name/synonyms"), "");
    assert!(
        extra.contains(&"double cheese") && !extra.contains(&"cheese"),
        "{extra:?}"
    );
}

#[test]
fn a_shop_without_toppings_hears_none() {
    let [.., model] = models();

    assert!(!model.to_string().contains("opping"));
    assert!(
        samples(&intents(&model)[0])
            .0
            .contains(&"get me a {Size} pizza")
    );
}

#[test]
fn there_is_no_model_for_another_locale() {
    assert_eq!(
        interaction_model("de-DE", &MENU_SIZES, &MENU_TOPPINGS),
        None
    );
    assert_eq!(LOCALES, ["en-US"]);
}
