//! The store fails while an order is cancelled or looked up, and while a
//! request is taken note of.

use std::time::Duration;

use expect_test::expect;

use super::{HALF_A_MINUTE, ORDER, RESEND, STATUS};
use crate::stage::{ADA, Call, Letter, Moment, Setup, Storage, Talk};

played_on_both_stores![
    an_order_that_was_not_cancelled_can_be_cancelled_again,
    what_cannot_be_looked_up_is_not_made_up,
    a_request_that_cannot_be_begun_has_no_effect,
    an_answer_that_is_not_kept_is_given_once,
];

async fn an_order_that_was_not_cancelled_can_be_cancelled_again(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada(ORDER).await;
    talk.breaks(Call::Close, Moment::Before);
    talk.ada("cancel my order").await;
    talk.ada("yes").await;
    talk.is_mended();
    talk.breaks(Call::Close, Moment::After);
    talk.ada("Alexa, ask Pizza on Demand to cancel my order")
        .await;
    talk.ada("yes").await;
    talk.is_mended();
    talk.ada("Alexa, ask Pizza on Demand to cancel my order")
        .await;
    talk.ada(STATUS).await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (Close fails, without effect)
        Ada: cancel my order
        Pod: Shall I cancel your order: a large pizza, 15 dollars 50?
        Ada: yes
        Pod: I could not cancel your order right now. Please try again in a minute: say, Alexa, ask pizza on demand to cancel my order.
        (the store works again)
        (Close fails, with effect)
        Ada: Alexa, ask Pizza on Demand to cancel my order
        Pod: Shall I cancel your order: a large pizza, 15 dollars 50?
        Ada: yes
        Pod: I could not cancel your order right now. Please try again in a minute: say, Alexa, ask pizza on demand to cancel my order.
        (the store works again)
        Ada: Alexa, ask Pizza on Demand to cancel my order
        Pod: You have no order that could be cancelled. A confirmed order is already being made.
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: Your order, a large pizza, 15 dollars 50, was not confirmed, because it was cancelled. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: cancelled"]);
}

async fn what_cannot_be_looked_up_is_not_made_up(storage: Storage) {
    let mut transcripts = Vec::new();
    for moment in [Moment::Before, Moment::After] {
        let mut talk = Talk::on(storage).await;

        talk.ada(ORDER).await;
        talk.breaks(Call::Page, moment);
        talk.cut();
        talk.ada(STATUS).await;
        talk.ada("Alexa, ask Pizza on Demand to cancel my order")
            .await;
        talk.ada(RESEND).await;
        talk.ada("Alexa, open Pizza on Demand").await;
        talk.ada("<code 1>").await;

        transcripts.push(talk.transcript().to_owned());
    }

    assert_eq!(transcripts[0], transcripts[1]);
    expect![[r#"
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: I cannot look at your orders right now. Please try again in a minute.
        Ada: Alexa, ask Pizza on Demand to cancel my order
        Pod: I cannot look at your orders right now. Please try again in a minute.
        Ada: Alexa, ask Pizza on Demand to send the code again
        Pod: I cannot send codes right now. Please ask me again in a few minutes: say, Alexa, ask pizza on demand to send the code again.
        Ada: Alexa, open Pizza on Demand
        Pod: Welcome to Pizza on Demand. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(&transcripts[0]);
}

async fn a_request_that_cannot_be_begun_has_no_effect(storage: Storage) {
    let mut transcripts = Vec::new();
    for moment in [Moment::Before, Moment::After] {
        let mut talk = Talk::on(storage).await;

        talk.ada(ORDER).await;
        talk.ada("cancel my order").await;
        talk.later(HALF_A_MINUTE, "half a minute");
        talk.breaks(Call::BeginReply, moment);
        talk.cut();
        talk.ada("yes").await;
        talk.ada(RESEND).await;
        talk.is_mended();
        talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
            .await;

        transcripts.push(talk.transcript().to_owned());
        assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
    }

    assert_eq!(transcripts[0], transcripts[1]);
    expect![[r#"
        Ada: yes
        Pod: I cannot do that right now. Please try again in a minute.
        Ada: Alexa, ask Pizza on Demand to send the code again
        Pod: I cannot do that right now. Please try again in a minute.
        (the store works again)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]]
    .assert_eq(&transcripts[0]);
}

async fn an_answer_that_is_not_kept_is_given_once(storage: Storage) {
    let mut answers = Vec::new();
    for moment in [Moment::Before, Moment::After] {
        let setup = Setup {
            budget: Duration::from_secs(3),
            ..Setup::default()
        };
        let mut talk = Talk::with(setup, storage).await;
        let order = Letter::from(&talk.compose("kitchen", ORDER));

        talk.breaks(Call::FinishReply, moment);
        let first = talk.post(order.clone()).await;
        talk.is_mended();
        let second = talk.post(order).await;

        assert_eq!((first.status, second.status), (200, 200));
        assert_eq!(talk.messages(), 1);
        answers.push([first.speech(), second.speech()]);
    }

    let [[first, second], [kept, repeated]] = &answers[..] else {
        panic!("four answers");
    };
    assert!(first.starts_with("I have your order"), "{first}");
    assert!(second.starts_with("That takes longer"), "{second}");
    assert_eq!([kept, repeated], [first, first]);
}
