//! What responses look like on the wire, and that nothing makes them too big.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::memory::Question;
use super::super::ssml::tests::check_ssml;
use super::*;

fn check(response: &Response, expected: &Expect) {
    let json: Value = serde_json::from_str(&response.to_json()).unwrap();
    expected.assert_eq(&(serde_json::to_string_pretty(&json).unwrap() + "\n"));
}

#[test]
fn silence_is_an_empty_response() {
    assert_eq!(
        Response::silence().to_json(),
        r#"{"version":"1.0","response":{}}"#
    );
}

#[test]
fn silence_stays_silent_whatever_is_added() {
    let response = Response::silence()
        .with_card(Card::simple("Pizza", "on demand"))
        .eliciting(Elicit::code())
        .remembering(Memory::default().misheard_again());

    assert_eq!(response.to_json(), Response::silence().to_json());
}

#[test]
fn an_answer_that_ends_the_session_neither_listens_nor_remembers() {
    let response = Response::tell("Bye.".into())
        .eliciting(Elicit::size())
        .remembering(Memory::default().misheard_again());

    assert_eq!(response.to_json(), Response::tell("Bye.".into()).to_json());
}

#[test]
fn the_last_word_ends_the_session() {
    assert_eq!(
        Response::tell("Goodbye & thanks.".into()).to_json(),
        r#"{"version":"1.0","response":{"outputSpeech":{"type":"PlainText","text":"Goodbye & thanks."},"shouldEndSession":true}}"#
    );
}

#[test]
fn a_question_is_asked_twice_and_remembered() {
    let speech = Speech::new()
        .text("I sent a code to your phone ending in ")
        .digits("42")
        .text(".");
    let memory = Memory::default()
        .misheard_again()
        .asking(Question::ResendCode);

    let response = Response::ask(speech, "What is the code?".into())
        .with_card(Card::simple("Pizza on demand", "A code is on its way."))
        .remembering(memory);

    check(
        &response,
        &expect![[r#"
        {
          "response": {
            "card": {
              "content": "A code is on its way.",
              "title": "Pizza on demand",
              "type": "Simple"
            },
            "outputSpeech": {
              "ssml": "<speak>I sent a code to your phone ending in <say-as interpret-as=\"digits\">42</say-as>.</speak>",
              "type": "SSML"
            },
            "reprompt": {
              "outputSpeech": {
                "text": "What is the code?",
                "type": "PlainText"
              }
            },
            "shouldEndSession": false
          },
          "sessionAttributes": {
            "pod": {
              "misheard": 1,
              "question": "resend-code",
              "said": [
                {
                  "words": "I sent a code to your phone ending in "
                },
                {
                  "digits": "42"
                },
                {
                  "words": "."
                }
              ]
            }
          },
          "version": "1.0"
        }
    "#]],
    );
}

#[test]
fn a_code_is_listened_for_in_an_intent_that_begins_afresh() {
    let response = Response::ask("The code?".into(), Speech::new()).eliciting(Elicit::code());

    let json: Value = serde_json::from_str(&response.to_json()).unwrap();
    let directive = &json["response"]["directives"][0];
    assert_eq!(directive["type"], "Dialog.ElicitSlot");
    assert_eq!(directive["slotToElicit"], "Code");
    let intent = &directive["updatedIntent"];
    assert_eq!(intent["name"], "AuthorizePizzaOrderIntent");
    assert_eq!(intent["confirmationStatus"], "NONE");
    let slots = intent["slots"].as_object().unwrap();
    assert_eq!(slots.len(), 9);
    for (name, slot) in slots {
        assert_eq!(slot, &json!({"name": name, "confirmationStatus": "NONE"}));
    }
}

#[test]
fn a_size_is_asked_for_without_forgetting_the_toppings() {
    let response = Response::ask("Which size?".into(), Speech::new()).eliciting(Elicit::size());

    check(
        &response,
        &expect![[r#"
        {
          "response": {
            "directives": [
              {
                "slotToElicit": "Size",
                "type": "Dialog.ElicitSlot"
              }
            ],
            "outputSpeech": {
              "text": "Which size?",
              "type": "PlainText"
            },
            "shouldEndSession": false
          },
          "version": "1.0"
        }
    "#]],
    );
}

#[test]
fn linking_an_account_shows_the_card_for_it_and_ends_the_session() {
    let response = Response::link_account("Link your account in the Alexa app.".into())
        .with_card(Card::simple("Never", "shown"))
        .eliciting(Elicit::code());

    check(
        &response,
        &expect![[r#"
        {
          "response": {
            "card": {
              "type": "LinkAccount"
            },
            "outputSpeech": {
              "text": "Link your account in the Alexa app.",
              "type": "PlainText"
            },
            "shouldEndSession": true
          },
          "version": "1.0"
        }
    "#]],
    );
}

#[test]
fn whether_pod_could_is_answered_without_a_word() {
    let answer = CanFulfill::new(Verdict::Maybe)
        .slot(slot::SIZE, Verdict::Maybe)
        .slot(slot::SIZE, Verdict::Yes)
        .slot(slot::TOPPINGS[0], Verdict::Maybe);

    check(
        &Response::can_fulfill(answer),
        &expect![[r#"
        {
          "response": {
            "canFulfillIntent": {
              "canFulfill": "MAYBE",
              "slots": {
                "Size": {
                  "canFulfill": "YES",
                  "canUnderstand": "YES"
                },
                "Toppings": {
                  "canFulfill": "NO",
                  "canUnderstand": "MAYBE"
                }
              }
            }
          },
          "version": "1.0"
        }
    "#]],
    );
    assert_eq!(
        Response::can_fulfill(CanFulfill::new(Verdict::No)).to_json(),
        r#"{"version":"1.0","response":{"canFulfillIntent":{"canFulfill":"NO"}}}"#
    );
}

#[test]
fn speech_without_a_word_is_left_out() {
    let response = Response::ask(Speech::new().text(" \u{0}"), "".into());

    assert_eq!(
        response.to_json(),
        r#"{"version":"1.0","response":{"shouldEndSession":false}}"#
    );
}

#[test]
fn a_card_has_room_for_its_title_first() {
    let Card(CardKind::Simple { title, content }) =
        Card::simple(&"t".repeat(7_990), "one two three")
    else {
        unreachable!("it is a simple card");
    };

    assert_eq!((title.len(), content.as_str()), (7_990, "one two"));
}

#[test]
fn the_widest_texts_that_fit_stay_below_the_limit() {
    let wide = "\u{20ac}".repeat(9_000);
    let beads = (0..400).fold(Speech::new(), |speech, _| {
        speech.digits("1").text("\u{20ac}")
    });

    let words = Response::ask(wide.as_str().into(), wide.as_str().into());
    let beads = Response::ask(beads.clone(), beads);

    for (response, least) in [(words, 95_000), (beads, 45_000)] {
        let json = response
            .with_card(Card::simple(&wide, &wide))
            .eliciting(Elicit::code())
            .remembering(Memory::default().asking(Question::CancelOrder))
            .to_json();
        assert!(
            (least..=LIMIT).contains(&json.len()),
            "{} bytes",
            json.len()
        );
    }
}

/// Text that takes the most room wherever it is: wide characters, characters
/// that JSON or XML escapes, tiny words, no words.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{1,8}",
        "[&<>\"'\\\\\n\r\t \u{0}-\u{7f}]{1,8}",
        Just("\u{ffff}\u{20ac}".to_owned()),
        Just("\u{1f355}".to_owned()),
        Just("\u{20ac}".to_owned()),
        Just("a ".to_owned()),
    ];
    (piece, 0..9_000_usize).prop_map(|(piece, times)| piece.repeat(times))
}

fn speech() -> impl Strategy<Value = Speech> {
    proptest::collection::vec((text(), "[0-9]{0,4}", 1..300_usize), 0..4).prop_map(|parts| {
        parts
            .iter()
            .fold(Speech::new(), |speech, (text, digits, times)| {
                let speech = speech.text(text);
                (0..*times).fold(speech, |speech, _| speech.text(" ").digits(digits))
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_text_whatever_breaks_a_limit(
        (speech, reprompt, title, content) in (speech(), speech(), text(), text()),
    ) {
        let response = Response::ask(speech, reprompt)
            .with_card(Card::simple(&title, &content))
            .eliciting(Elicit::code())
            .remembering(Memory::default().asking(Question::CancelOrder));

        let json = response.to_json();

        prop_assert!(json.len() <= LIMIT, "{} bytes", json.len());
        let body = &serde_json::from_str::<Value>(&json).unwrap()["response"];
        for speech in [&body["outputSpeech"], &body["reprompt"]["outputSpeech"]] {
            if let Some(ssml) = speech["ssml"].as_str() {
                prop_assert!(ssml.encode_utf16().count() <= 8_000);
                prop_assert_eq!(check_ssml(ssml), Ok(()));
            } else {
                prop_assert!(speech["text"].as_str().unwrap_or_default().encode_utf16().count() <= 8_000);
            }
        }
        let card = [&body["card"]["title"], &body["card"]["content"]];
        prop_assert!(card.iter().map(|text| text.as_str().unwrap().encode_utf16().count()).sum::<usize>() <= 8_000);
    }
}
