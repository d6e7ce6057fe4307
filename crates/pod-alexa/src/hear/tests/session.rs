//! What is said around an order: hello, help, again, goodbye.

use std::sync::Arc;

use expect_test::expect;
use pod_core::ports::Ports;
use pod_testkit::{Fakes, MockHistory};
use serde_json::json;

use super::talk::{Talk, fault};

#[tokio::test]
async fn a_greeting_is_given_even_if_orders_cannot_be_looked_at() {
    let fakes = Fakes::with_zoe();
    let mut history = MockHistory::new();
    history.expect_page().returning(|_, _| Err(fault()));
    let ports = Ports {
        history: Arc::new(history),
        ..fakes.ports()
    };
    let mut talk = Talk::on_ports(fakes, ports);

    talk.open().await;

    assert_eq!(talk.outcome, "welcome");
}

#[tokio::test]
async fn help_explains_everything_and_a_stop_ends_it() {
    let mut talk = Talk::with_zoe();

    talk.say("help", "AMAZON.HelpIntent").await;
    talk.say("stop", "AMAZON.StopIntent").await;

    expect![[r#"
        Zoë: help
        Pod: I take your order, and send a code to your phone or e-mail, so that only you can confirm it. You can say, for example: get me a large pizza with pepperoni and onions. When you have the code, say: the code is, and then the digits. You can also say: send the code again, what became of my order, or cancel my order.
        Zoë: stop
        Pod: Goodbye.
             [the session ends]
    "#]].assert_eq(&talk.transcript);
    for intent in ["AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent"] {
        talk.say("enough", intent).await;
        assert_eq!(talk.outcome, "goodbye", "{intent}");
    }
}

#[tokio::test]
async fn the_last_words_are_said_again() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;
    let said = talk.said();

    talk.repeat().await;
    assert_eq!(talk.said(), said);
    talk.repeat().await;
    assert_eq!(talk.said(), said);

    talk.right_code().await;
    assert_eq!(talk.outcome, "confirmed");
}

#[tokio::test]
async fn a_question_that_is_said_again_is_still_open() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;
    talk.cancel().await;
    let said = talk.said();

    talk.repeat().await;
    assert_eq!(talk.said(), said);
    talk.yes().await;

    assert_eq!(talk.stages(), ["cancelled"]);
}

#[tokio::test]
async fn with_nothing_to_say_again_there_is_help() {
    let mut talk = Talk::with_zoe();

    talk.repeat().await;

    assert_eq!(talk.outcome, "help");
}

#[tokio::test]
async fn what_is_not_understood_is_told_so() {
    let mut talk = Talk::with_zoe();

    talk.say("tell me a joke", "AMAZON.FallbackIntent").await;

    expect![[r#"
        Zoë: tell me a joke
        Pod: I did not understand that. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(&talk.transcript);
    talk.say("fly me to the moon", "NextYearsIntent").await;
    assert_eq!(talk.outcome, "not-understood");
}

#[tokio::test]
async fn what_comes_back_from_another_skill_is_answered_with_help() {
    let mut talk = Talk::with_zoe();

    for kind in ["Connections.Response", "SessionResumedRequest"] {
        talk.hear("(another skill is done)", json!({"type": kind}))
            .await;
        assert_eq!(talk.outcome, "help", "{kind}");
    }
}

#[tokio::test]
async fn what_nobody_hears_an_answer_to_gets_silence() {
    let mut talk = Talk::with_zoe();
    let wrong = json!({"type": "INVALID_RESPONSE", "message": "too many digits"});

    for request in [
        json!({"type": "SessionEndedRequest", "reason": "USER_INITIATED"}),
        json!({"type": "SessionEndedRequest", "reason": "ERROR", "error": wrong}),
        json!({"type": "System.ExceptionEncountered", "error": wrong, "cause": {"requestId": "r"}}),
        json!({"type": "AudioPlayer.PlaybackStopped"}),
        json!({"type": "Alexa.Presentation.APL.UserEvent"}),
    ] {
        talk.hear("(nothing)", request).await;
        assert_eq!(talk.answer, json!({"version": "1.0", "response": {}}));
    }
}
