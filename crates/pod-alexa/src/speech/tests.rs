//! Every answer there is, held to what is true of all of them.

use pod_core::{
    ConfirmOrderError, Contact, Fault, Menu, NotOnTheMenu, Order, PlaceOrderError, ResendCodeError,
    State,
};
use pod_testkit::fixtures;
use serde_json::Value;

use super::*;
use crate::wish::Unmade;

fn fault() -> Fault {
    Fault::broken("sms", "the number +14155550142 is not known: 482913")
}

fn sent(contact: &Contact) -> pod_core::CodeSent {
    let order = fixtures::order(1, &fixtures::zoe());
    let challenge = pod_core::Challenge {
        sent_to: contact.masked(),
        ..fixtures::challenge(&order)
    };
    pod_core::CodeSent {
        order,
        challenge,
        attempts_left: 3,
    }
}

fn order(state: State) -> Order {
    let placed = fixtures::order(1, &fixtures::zoe());
    Order {
        sends: 1,
        last_send_at: placed.placed_at,
        placed,
        state,
    }
}

fn orders() -> Vec<Order> {
    let at = fixtures::at(2);
    let awaiting = |contact: &Contact| State::AwaitingCode {
        challenge: sent(contact).challenge,
        attempts: 1,
    };
    [
        State::Placed,
        awaiting(&fixtures::zoe_phone()),
        awaiting(&fixtures::zoe_email()),
        State::Confirmed { at },
        State::Expired { at },
        State::Refused { at },
        State::Superseded { at },
        State::Cancelled { at },
        State::Undelivered { at, attempts: 0 },
    ]
    .map(order)
    .into()
}

fn confirmation() -> pod_core::Confirmation {
    let order = fixtures::order(1, &fixtures::zoe());
    let challenge = fixtures::challenge(&order);
    let attempt = pod_core::Attempt::counted(order, challenge, 2, fixtures::at(3));
    let proof = pod_core::CodeAccepted::assertion(&attempt);
    attempt.confirm(proof, fixtures::at(3)).unwrap()
}

fn not_sold() -> [Unmade; 3] {
    let there_is = vec!["Oval".to_owned()];
    let asked = "482913".to_owned();
    [
        Unmade::NoSize,
        Unmade::NotOnTheMenu(NotOnTheMenu::Size {
            asked: asked.clone(),
            there_is: there_is.clone(),
        }),
        Unmade::NotOnTheMenu(NotOnTheMenu::Topping { asked, there_is }),
    ]
}

/// Every answer but silence.
fn all() -> Vec<Answer> {
    let now = fixtures::at(60);
    let retry_at = fixtures::at(1000);
    let bare = Menu::new(pod_core::Currency::USD, &[("Oval", 900)], &[]).unwrap();
    let mut all = vec![
        welcome(None, now),
        help(),
        goodbye(),
        repeat(Memory::default()),
        not_understood(),
        link_account(),
        link_account_again(),
        not_recognised(),
        too_slow(),
        broken(),
        unavailable(),
        confirmed(&confirmation()),
        misheard(6, Memory::default()),
        misheard(
            4,
            (0..3).fold(Memory::default(), |memory, _| memory.misheard_again()),
        ),
        status(None, now),
        cannot_look(),
        ask_to_cancel(None),
        cancelled(),
        nothing_to_cancel(),
        cannot_cancel(),
        kept(),
    ];
    for unmade_pizza in not_sold() {
        all.push(unmade(&unmade_pizza, &Menu::default()));
        all.push(unmade(&unmade_pizza, &bare));
    }
    for order in orders() {
        all.push(welcome(Some(&order), now));
        all.push(status(Some(&order), now));
        all.push(status(Some(&order), fixtures::at(10_000)));
        all.push(ask_to_cancel(Some(&order)));
    }
    for contact in [fixtures::zoe_phone(), fixtures::zoe_email()] {
        all.push(code_sent(&sent(&contact)));
        all.push(code_resent(&sent(&contact)));
    }
    let placing = [
        PlaceOrderError::NoContact,
        PlaceOrderError::Undeliverable,
        PlaceOrderError::TooManySends { retry_at },
        PlaceOrderError::Superseded,
        PlaceOrderError::Fault(fault()),
    ];
    all.extend(placing.iter().map(|error| not_placed(error, now)));
    let resending = [
        ResendCodeError::NothingPending,
        ResendCodeError::TooSoon { retry_at },
        ResendCodeError::Exhausted,
        ResendCodeError::TooLate,
        ResendCodeError::NoContact,
        ResendCodeError::Undeliverable,
        ResendCodeError::TooManySends { retry_at },
        ResendCodeError::Fault(fault()),
    ];
    all.extend(resending.iter().map(|error| not_resent(error, now)));
    let confirming = [
        ConfirmOrderError::NothingPending,
        ConfirmOrderError::WrongCode { attempts_left: 2 },
        ConfirmOrderError::WrongCode { attempts_left: 1 },
        ConfirmOrderError::Refused,
        ConfirmOrderError::Expired,
        ConfirmOrderError::Locked {
            until: Some(retry_at),
        },
        ConfirmOrderError::Locked { until: None },
        ConfirmOrderError::Fault(fault()),
    ];
    all.extend(confirming.iter().map(|error| not_confirmed(error, now)));
    all
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.response.to_json()).unwrap()
}

/// What is heard of a speech: SSML without its tags.
fn words(speech: &Value) -> Option<String> {
    let text = speech["text"].as_str().or(speech["ssml"].as_str())?;
    let (mut words, mut inside) = (String::new(), false);
    for c in text.chars() {
        inside = (inside || c == '<') && c != '>';
        if !inside && c != '>' {
            words.push(c);
        }
    }
    Some(words)
}

/// Everything of an answer that a person hears or reads.
fn texts(answer: &Answer) -> Vec<String> {
    let response = json(answer)["response"].clone();
    let card = &response["card"]["content"];
    [
        words(&response["outputSpeech"]),
        words(&response["reprompt"]["outputSpeech"]),
        card.as_str().map(str::to_owned),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_answer_is_made_of_whole_sentences() {
    for answer in all() {
        let texts = texts(&answer);
        assert!(!texts.is_empty(), "{} says nothing", answer.outcome);
        for text in texts {
            assert!(text.ends_with(['.', '?', '!']), "{text}");
            assert!(!text.contains("  ") && text.trim() == text, "{text}");
            assert!(
                ![" ,", " .", " ?", " :", ".."]
                    .iter()
                    .any(|slip| text.contains(slip)),
                "{text}"
            );
            assert!(text.chars().count() < 600, "{text}");
        }
    }
}

#[test]
fn who_is_asked_is_listened_to_and_who_is_told_is_not() {
    for answer in all() {
        let response = json(&answer)["response"].clone();
        let speech = words(&response["outputSpeech"]).unwrap();
        let listens = response["shouldEndSession"] == false;

        assert_eq!(response["reprompt"].is_object(), listens, "{speech}");
        assert!(listens || !speech.ends_with('?'), "{speech}");
    }
}

#[test]
fn no_answer_has_a_code_or_a_whole_destination_in_it() {
    for answer in all() {
        let text = answer.response.to_json();
        let digits = text.split(|c: char| !c.is_ascii_digit());
        let longest = digits.map(str::len).max().unwrap_or_default();

        assert!(longest < 4, "{text}");
        for contact in [fixtures::zoe_phone(), fixtures::zoe_email()] {
            assert!(!text.contains(contact.expose()), "{text}");
        }
        assert!(
            !text.contains("o'hara") && !text.contains("münchen"),
            "{text}"
        );
    }
}

#[test]
fn the_words_for_metrics_are_words() {
    for answer in all() {
        let outcome = answer.outcome;
        let plain = |b: u8| b.is_ascii_lowercase() || b == b'-';

        assert!(
            !outcome.is_empty() && outcome.bytes().all(plain),
            "{outcome}"
        );
    }
}

#[test]
fn what_is_said_again_is_what_was_said() {
    let asked = ask_to_cancel(orders().first());
    let attributes = json(&asked)["sessionAttributes"].to_string();
    let body = format!(r#"{{"session":{{"attributes":{attributes}}},"request":{{"type":"x"}}}}"#);
    let envelope = crate::envelope::Envelope::parse(body.as_bytes()).unwrap();

    let again = repeat(envelope.memory().clone());

    let speech = |answer: &Answer| json(answer)["response"]["outputSpeech"].clone();
    assert_eq!(speech(&again), speech(&asked));
    assert_eq!(json(&again)["sessionAttributes"].to_string(), attributes);
}
