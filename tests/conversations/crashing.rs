//! Crashing: the pod ends between any two steps, and another one starts on
//! what is on the disk. Every order is in one lawful state, and is confirmed
//! once.

use std::time::Duration;

use expect_test::expect;

use crate::stage::{ADA, Call, Letter, Moment, Setup, Storage, Talk, Trouble};

const ORDER: &str = "Alexa, ask Pizza on Demand for a large pizza";
const CODE: &str = "Alexa, tell Pizza on Demand the code is <code 1>";
const STATUS: &str = "Alexa, ask Pizza on Demand what became of my order";
const RESEND: &str = "Alexa, ask Pizza on Demand to send the code again";
const HALF_A_MINUTE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn after_a_crash_while_a_code_is_being_sent_it_can_be_sent_again() {
    let mut talk = Talk::on(Storage::Sqlite).await;

    talk.post_is(Trouble::Stuck);
    let post = talk.post.clone();
    tokio::select! {
        _ = talk.ada(ORDER) => panic!("there is an answer"),
        () = post.is_stuck() => {}
    }
    talk.crash_and_restart().await;
    talk.post_is(None);
    talk.ada(STATUS).await;
    talk.later(HALF_A_MINUTE, "half a minute");
    talk.ada(RESEND).await;
    talk.ada("<code 1>").await;

    expect![[r#"
        (the post is stuck)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        (the pod crashes, and another one starts)
        (the post works again)
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: I have your order, a large pizza, 15 dollars 50, but could not send its code yet. Say: Alexa, ask pizza on demand to send the code again.
        (half a minute later)
        Ada: Alexa, ask Pizza on Demand to send the code again
        Pod: For a large pizza, 15 dollars 50, I sent the code again, to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one.
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

#[tokio::test]
async fn after_a_crash_while_a_code_is_sent_again_it_is_good_as_before() {
    let mut talk = Talk::on(Storage::Sqlite).await;

    talk.ada(ORDER).await;
    talk.later(HALF_A_MINUTE, "half a minute");
    talk.post_is(Trouble::Stuck);
    let post = talk.post.clone();
    tokio::select! {
        _ = talk.ada(RESEND) => panic!("there is an answer"),
        () = post.is_stuck() => {}
    }
    talk.crash_and_restart().await;
    talk.ada(RESEND).await;
    talk.ada(CODE).await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (half a minute later)
        (the post is stuck)
        Ada: Alexa, ask Pizza on Demand to send the code again
        (the pod crashes, and another one starts)
        Ada: Alexa, ask Pizza on Demand to send the code again
        Pod: I have only just tried to send the code. If it does not arrive, ask me again in 57 seconds.
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

#[tokio::test]
async fn after_a_crash_before_an_order_waits_its_code_has_to_be_sent_again() {
    let mut talk = Talk::on(Storage::Sqlite).await;

    talk.breaks(Call::Activate, Moment::Before);
    talk.breaks(Call::Close, Moment::Before);
    talk.ada(ORDER).await;
    talk.crash_and_restart().await;
    talk.is_mended();
    talk.ada(CODE).await;
    talk.ada(STATUS).await;
    talk.later(HALF_A_MINUTE, "half a minute");
    talk.ada(RESEND).await;
    talk.ada("<code 1>").await;

    expect![[r#"
        (Activate fails, without effect)
        (Close fails, without effect)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I cannot send codes right now, so your order is not confirmed. Please order again in a few minutes.
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        (the pod crashes, and another one starts)
        (the store works again)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: I have your order, a large pizza, 15 dollars 50, but could not send its code yet. Say: Alexa, ask pizza on demand to send the code again.
        (half a minute later)
        Ada: Alexa, ask Pizza on Demand to send the code again
        Pod: For a large pizza, 15 dollars 50, I sent the code again, to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one.
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

#[tokio::test]
async fn after_a_crash_before_an_order_was_answered_it_is_not_placed_twice() {
    let setup = Setup {
        budget: Duration::from_secs(3),
        ..Setup::default()
    };
    let mut talk = Talk::with(setup, Storage::Sqlite).await;
    let order = Letter::from(&talk.compose("kitchen", ORDER));

    talk.breaks(Call::FinishReply, Moment::Before);
    talk.direct("Ada orders a large pizza, and hears no answer");
    talk.post(order.clone()).await;
    talk.crash_and_restart().await;
    talk.is_mended();
    talk.direct("the request is repeated");
    let answer = talk.post(order).await;
    talk.ada(STATUS).await;
    talk.ada("<code 1>").await;

    expect!["That takes longer than it should. In a minute, say: Alexa, ask pizza on demand what became of my order."].assert_eq(&answer.speech());
    expect![[r#"
        (FinishReply fails, without effect)
        (Ada orders a large pizza, and hears no answer)
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (the pod crashes, and another one starts)
        (the store works again)
        (the request is repeated)
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: Your order, a large pizza, 15 dollars 50, waits for the code I sent to your phone ending in 4 2. The code is good for 4 minutes. Say: the code is, and then the digits one by one.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

#[tokio::test]
async fn after_a_crash_while_a_code_is_judged_one_attempt_is_lost() {
    let mut talk = Talk::on(Storage::Sqlite).await;

    talk.ada(ORDER).await;
    talk.breaks(Call::Confirm, Moment::Before);
    talk.ada(CODE).await;
    talk.crash_and_restart().await;
    talk.is_mended();
    talk.ada("Alexa, tell Pizza on Demand the code is <wrong code>")
        .await;
    talk.ada("<code 1>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (Confirm fails, without effect)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: I could not finish checking your code. In a minute, say: Alexa, ask pizza on demand what became of my order.
        (the pod crashes, and another one starts)
        (the store works again)
        Ada: Alexa, tell Pizza on Demand the code is <wrong code>
        Pod: That is not the right code. You have one more attempt. Please say the code again, digit by digit.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

#[tokio::test]
async fn after_a_crash_before_a_confirmation_was_told_it_holds() {
    let mut talk = Talk::on(Storage::Sqlite).await;

    talk.ada(ORDER).await;
    talk.breaks(Call::Confirm, Moment::After);
    talk.ada(CODE).await;
    talk.crash_and_restart().await;
    talk.is_mended();
    talk.ada(STATUS).await;
    talk.ada(CODE).await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (Confirm fails, with effect)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: I could not finish checking your code. In a minute, say: Alexa, ask pizza on demand what became of my order.
        (the pod crashes, and another one starts)
        (the store works again)
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: Your order is confirmed: a large pizza, 15 dollars 50.
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

#[tokio::test]
async fn an_order_survives_a_crash_after_each_step() {
    let mut talk = Talk::on(Storage::Sqlite).await;

    talk.ada(ORDER).await;
    talk.crash_and_restart().await;
    talk.ada("Alexa, open Pizza on Demand").await;
    talk.ada("<wrong code>").await;
    talk.crash_and_restart().await;
    talk.later(HALF_A_MINUTE, "half a minute");
    talk.ada(RESEND).await;
    talk.crash_and_restart().await;
    talk.ada(CODE).await;
    talk.crash_and_restart().await;
    talk.ada(CODE).await;
    talk.ada(STATUS).await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (the pod crashes, and another one starts)
        Ada: Alexa, open Pizza on Demand
        Pod: Welcome back to Pizza on Demand. Your order, a large pizza, 15 dollars 50, waits for the code I sent to your phone ending in 4 2. The code is good for 4 minutes. Say: the code is, and then the digits one by one.
        Ada: <wrong code>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        (the pod crashes, and another one starts)
        (half a minute later)
        Ada: Alexa, ask Pizza on Demand to send the code again
        Pod: For a large pizza, 15 dollars 50, I sent the code again, to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one.
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (the pod crashes, and another one starts)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
        (the pod crashes, and another one starts)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: Your order is confirmed: a large pizza, 15 dollars 50.
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

#[tokio::test]
async fn attempts_are_not_given_back_by_a_crash() {
    let mut talk = Talk::on(Storage::Sqlite).await;

    talk.ada(ORDER).await;
    for _ in 0..3 {
        talk.ada("Alexa, tell Pizza on Demand the code is <wrong code>")
            .await;
        talk.crash_and_restart().await;
    }
    talk.ada(CODE).await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Ada: Alexa, tell Pizza on Demand the code is <wrong code>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        (the pod crashes, and another one starts)
        Ada: Alexa, tell Pizza on Demand the code is <wrong code>
        Pod: That is not the right code. You have one more attempt. Please say the code again, digit by digit.
        (the pod crashes, and another one starts)
        Ada: Alexa, tell Pizza on Demand the code is <wrong code>
        Pod: There were too many wrong codes for that order, so it is closed and was not confirmed. Please place it anew, and I will send you a new code.
        [refused: a large pizza]
        (the pod crashes, and another one starts)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: refused"]);
}

#[tokio::test]
async fn without_a_database_nothing_is_done_and_nothing_is_lost() {
    let mut talk = Talk::on(Storage::Sqlite).await;

    talk.ada(ORDER).await;
    talk.lose_the_database().await;
    talk.ada("the code is <code 1>").await;
    talk.ada("Alexa, ask Pizza on Demand for a jumbo pizza")
        .await;
    talk.ada("Alexa, open Pizza on Demand").await;
    talk.ada(STATUS).await;
    talk.crash_and_restart().await;
    talk.ada(CODE).await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (the database is gone)
        Ada: the code is <code 1>
        Pod: I could not finish checking your code. In a minute, say: Alexa, ask pizza on demand what became of my order.
        Ada: Alexa, ask Pizza on Demand for a jumbo pizza
        Pod: I cannot send codes right now, so your order is not confirmed. Please order again in a few minutes.
        Ada: Alexa, open Pizza on Demand
        Pod: I cannot do that right now. Please try again in a minute.
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: I cannot do that right now. Please try again in a minute.
        (the pod crashes, and another one starts)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}
