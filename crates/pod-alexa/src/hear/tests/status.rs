//! What became of the order, whatever became of it.

use std::time::Duration;

use expect_test::expect;
use pod_core::ports::Orders;
use pod_testkit::fixtures;

use super::talk::Talk;

#[tokio::test]
async fn without_an_order_there_is_an_example() {
    let mut talk = Talk::with_zoe();

    talk.ask_for_status().await;

    expect![[r#"
        Zoë: what became of my order
        Pod: You have not ordered yet. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(&talk.transcript);
}

#[tokio::test]
async fn an_order_that_waits_is_named_with_the_time_that_is_left() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;
    talk.fakes.clock.advance(Duration::from_secs(59));
    talk.transcript.clear();

    talk.ask_for_status().await;
    talk.say("stop", "AMAZON.StopIntent").await;
    talk.open().await;

    expect![[r#"
        Zoë: what became of my order
        Pod: Your order, a large pizza with onions, 17 dollars, waits for the code I sent to your phone ending in 42. The code is good for 4 minutes. Say: the code is, and then the digits one by one.
        Zoë: stop
        Pod: Goodbye.
             [the session ends]
        Zoë: open pizza on demand
        Pod: Welcome back to Pizza on Demand. Your order, a large pizza with onions, 17 dollars, waits for the code I sent to your phone ending in 42. The code is good for 4 minutes. Say: the code is, and then the digits one by one.
    "#]].assert_eq(&talk.transcript);
    assert_eq!(talk.listens_for(), Some("Code"));
}

#[tokio::test]
async fn an_order_that_has_ended_says_how() {
    let mut confirmed = Talk::with_zoe();
    confirmed.order_any().await;
    confirmed.right_code().await;
    let mut expired = Talk::with_zoe();
    expired.order_any().await;
    expired.fakes.clock.advance(Duration::from_mins(5));
    let mut refused = Talk::with_zoe();
    refused.order_any().await;
    for _ in 0..3 {
        refused.wrong_code().await;
    }
    let mut cancelled = Talk::with_zoe();
    cancelled.order_any().await;
    cancelled.cancel().await;
    cancelled.yes().await;
    let mut said = String::new();

    for mut talk in [confirmed, expired, refused, cancelled] {
        talk.ask_for_status().await;
        said += &talk.said();
        said += "\n";
    }

    expect![[r#"
        Your order is confirmed: a large pizza with onions, 17 dollars.
        Your order, a large pizza with onions, 17 dollars, was not confirmed, because the code was not said in time. You can say, for example: get me a large pizza with pepperoni and onions.
        Your order, a large pizza with onions, 17 dollars, was not confirmed, because the code was wrong too often. You can say, for example: get me a large pizza with pepperoni and onions.
        Your order, a large pizza with onions, 17 dollars, was not confirmed, because it was cancelled. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(&said);
}

#[tokio::test]
async fn an_order_without_a_code_may_have_it_sent_for_ten_minutes() {
    let mut talk = Talk::with_zoe();
    talk.fakes.courier.lose(&fixtures::zoe_phone());
    talk.order_any().await;
    talk.transcript.clear();

    talk.ask_for_status().await;
    talk.fakes.clock.advance(Duration::from_mins(10));
    talk.ask_for_status().await;

    expect![[r#"
        Zoë: what became of my order
        Pod: I have your order, a large pizza with onions, 17 dollars, but could not send its code yet. Say: Alexa, ask pizza on demand to send the code again.
             [the session ends]
        Zoë: what became of my order
        Pod: Your order, a large pizza with onions, 17 dollars, was not confirmed, because its code could not be sent. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(&talk.transcript);
}

#[tokio::test]
async fn an_order_that_was_placed_and_no_more_is_told_like_one_that_could_not_be_sent() {
    let mut talk = Talk::with_zoe();
    let order = fixtures::order(1, &fixtures::zoe());
    talk.fakes.orders.place(&order, &[], None).await.unwrap();

    talk.ask_for_status().await;

    expect![[r#"
        Zoë: what became of my order
        Pod: I have your order, pizza № 1 with jalapeños, 10.01 SEK, but could not send its code yet. Say: Alexa, ask pizza on demand to send the code again.
             [the session ends]
    "#]].assert_eq(&talk.transcript);
}
