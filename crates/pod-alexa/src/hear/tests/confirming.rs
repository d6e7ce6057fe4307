//! Confirming: the code, said rightly, wrongly, too late, or not at all.

use std::sync::Arc;
use std::time::Duration;

use expect_test::expect;
use pod_core::Standing;
use pod_core::ports::{BeginAttemptError, CheckError, ConfirmAttemptError, Ports};
use pod_testkit::{Fakes, MockAttempts, MockChallenger, fixtures};
use serde_json::json;

use super::talk::{Talk, fault};

#[tokio::test]
async fn the_right_code_after_too_many_wrong_ones_is_worth_nothing() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;
    talk.transcript.clear();

    talk.wrong_code().await;
    assert_eq!(talk.listens_for(), Some("Code"));
    talk.wrong_code().await;
    talk.wrong_code().await;
    talk.right_code().await;

    expect![[r#"
        Zoë: (a wrong code)
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Zoë: (a wrong code)
        Pod: That is not the right code. You have one more attempt. Please say the code again, digit by digit.
        Zoë: (a wrong code)
        Pod: There were too many wrong codes for that order, so it is closed and was not confirmed. Please place it anew, and I will send you a new code.
             [the session ends]
        Zoë: (the right code)
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(&talk.transcript);
    assert_eq!(talk.stages(), ["refused"]);
}

#[tokio::test]
async fn a_code_works_once() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;
    talk.right_code().await;

    talk.right_code().await;

    assert_eq!(talk.outcome, "nothing-pending");
    assert_eq!(talk.stages(), ["confirmed"]);
}

#[tokio::test]
async fn a_code_that_comes_too_late_is_worth_nothing() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;
    talk.fakes.clock.advance(Duration::from_mins(5));
    talk.transcript.clear();

    talk.right_code().await;

    expect![[r#"
        Zoë: (the right code)
        Pod: The code has expired, and your order was not confirmed. Please place it anew, and I will send you a new code.
             [the session ends]
    "#]].assert_eq(&talk.transcript);
    assert_eq!(talk.stages(), ["expired"]);
}

#[tokio::test]
async fn a_code_may_be_spelled_or_put_into_words() {
    for (name, heard) in [
        ("digit by digit", None),
        ("in words", Some("the code is {} please")),
        ("with hyphens", Some("{}")),
    ] {
        let mut talk = Talk::with_zoe();
        talk.order_any().await;
        let code = talk.fakes.courier.last_code().unwrap();
        let hyphened = code
            .expose()
            .chars()
            .map(String::from)
            .collect::<Vec<_>>()
            .join("-");

        if let Some(words) = heard {
            talk.code(&words.replace("{}", &hyphened)).await;
        } else {
            let names = ["DOne", "DTwo", "DThree", "DFour", "DFive", "DSix"];
            let slots = names.into_iter().zip(code.expose().chars());
            let slots: serde_json::Map<_, _> = slots
                .map(|(name, digit)| (name.to_owned(), json!({"value": digit.to_string()})))
                .collect();
            talk.intend(
                "(the right code)",
                "AuthorizePizzaOrderIntent",
                slots.into(),
            )
            .await;
        }

        assert_eq!(talk.outcome, "confirmed", "{name}");
    }
}

#[tokio::test]
async fn a_customer_who_failed_too_often_has_to_wait() {
    let mut fakes = Fakes::with_zoe();
    fakes.policy.attempts.failures.most = 2;
    let mut talk = Talk::on(fakes);
    talk.order_any().await;
    talk.wrong_code().await;
    talk.wrong_code().await;
    talk.transcript.clear();

    talk.right_code().await;

    expect![[r#"
        Zoë: (the right code)
        Pod: There were too many wrong codes. To protect your account, I take no codes for 60 minutes. After that, please order anew.
             [the session ends]
    "#]].assert_eq(&talk.transcript);
    assert_eq!(talk.attempts(), 2);
}

#[tokio::test]
async fn a_customer_who_only_ever_fails_has_to_be_unlocked() {
    let mut fakes = Fakes::with_zoe();
    fakes.policy.attempts.failures.consecutive = 2;
    let mut talk = Talk::on(fakes);
    talk.order_any().await;
    talk.wrong_code().await;
    talk.wrong_code().await;
    talk.transcript.clear();

    talk.right_code().await;

    expect![[r#"
        Zoë: (the right code)
        Pod: There were too many wrong codes, and your account is locked. Please ask Pizza on Demand to unlock it.
             [the session ends]
    "#]].assert_eq(&talk.transcript);
}

#[tokio::test]
async fn whatever_breaks_nothing_is_claimed() {
    let fakes = Fakes::with_zoe();
    let mut counting = MockAttempts::new();
    counting
        .expect_begin()
        .returning(|_, _, _, _, _| Err(BeginAttemptError::Fault(fault())));
    let mut judging = MockChallenger::new();
    judging
        .expect_check()
        .returning(|_, _, _| Err(CheckError::Fault(fault())));
    Talk::on(fakes.clone()).order_any().await;
    let broken = [
        Ports {
            attempts: Arc::new(counting),
            ..fakes.ports()
        },
        Ports {
            challenger: Arc::new(judging),
            ..fakes.ports()
        },
        Ports {
            attempts: Arc::new(forgetful(&fakes).await),
            ..fakes.ports()
        },
    ];

    for ports in broken {
        let mut talk = Talk::on_ports(fakes.clone(), ports);
        talk.right_code().await;

        assert_eq!(talk.outcome, "cannot-check");
        assert_eq!(
            talk.said(),
            "I could not finish checking your code. In a minute, \
             say: Alexa, ask pizza on demand what became of my order."
        );
        assert_eq!(talk.stages(), ["awaiting_code"]);
    }
}

/// Counts an attempt, but cannot keep a confirmation.
async fn forgetful(fakes: &Fakes) -> MockAttempts {
    let limits = &fakes.policy.attempts;
    let (zoe, now) = (fixtures::zoe(), fixtures::start());
    let attempt = pod_core::ports::Attempts::begin(&*fakes.orders, &zoe, None, now, limits, None)
        .await
        .expect("an order awaits its code");
    let mut attempts = MockAttempts::new();
    attempts
        .expect_begin()
        .returning(move |_, _, _, _, _| Ok(attempt.clone()));
    attempts
        .expect_confirm()
        .returning(|_| Err(ConfirmAttemptError::Fault(fault())));
    attempts
}

#[tokio::test]
async fn a_misheard_code_is_asked_for_three_times_then_sent_again() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;
    talk.fakes.clock.advance(Duration::from_secs(31));
    talk.transcript.clear();

    for heard in ["?", "48", "four eight", "pepperoni"] {
        talk.code(heard).await;
    }
    talk.yes().await;

    expect![[r#"
        Zoë: the code is ?
        Pod: I did not catch all 6 digits. Please say them one by one.
        Zoë: the code is 48
        Pod: I did not catch all 6 digits. Please say them one by one.
        Zoë: the code is four eight
        Pod: I did not catch all 6 digits. Please say them one by one.
        Zoë: the code is pepperoni
        Pod: I still did not understand the code. Shall I send it again?
        Zoë: yes
        Pod: For a large pizza with onions, 17 dollars, I sent the code again, to your phone ending in 42. It is good for 5 minutes. Say: the code is, and then the digits one by one.
    "#]].assert_eq(&talk.transcript);
    assert_eq!(talk.fakes.courier.deliveries().len(), 2);
}

#[tokio::test]
async fn a_misheard_code_costs_nothing() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;

    for heard in ["?", "48291", "4829130", "48291x", "?", "?"] {
        talk.code(heard).await;
    }
    talk.say("the code is", "AuthorizePizzaOrderIntent").await;

    assert_eq!(talk.attempts(), 0);
    assert_eq!(
        talk.fakes.orders.standing(&fixtures::zoe()),
        Standing::default()
    );
    talk.right_code().await;
    assert_eq!(talk.outcome, "confirmed");
}

#[tokio::test]
async fn after_the_offer_a_misheard_code_gets_the_offer_again() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;
    for _ in 0..4 {
        talk.code("?").await;
    }

    talk.code("?").await;

    assert_eq!(talk.outcome, "misheard-too-often");
    talk.no().await;
    assert_eq!(talk.said(), "All right. Nothing was changed.");
    assert_eq!(talk.fakes.courier.deliveries().len(), 1);
}

#[tokio::test]
async fn in_a_new_session_a_misheard_code_is_asked_for_three_times_again() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;
    for _ in 0..4 {
        talk.code("?").await;
    }
    talk.say("stop", "AMAZON.StopIntent").await;

    talk.code("?").await;

    assert_eq!(talk.outcome, "misheard");
}

#[tokio::test]
async fn a_yes_after_a_misheard_code_answers_no_older_question() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;
    talk.cancel().await;
    talk.code("?").await;

    talk.yes().await;

    assert_eq!(talk.outcome, "not-understood");
    assert_eq!(talk.stages(), ["awaiting_code"]);
}

#[tokio::test]
async fn a_code_that_nothing_waits_for_is_told_so() {
    let mut talk = Talk::with_zoe();

    talk.code("482913").await;

    expect![[r#"
        Zoë: the code is 482913
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(&talk.transcript);
}
