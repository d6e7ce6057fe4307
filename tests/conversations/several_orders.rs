//! Several orders: each code confirms the order it was sent for, or nothing.

use std::time::Duration;

use expect_test::expect;

use crate::stage::{ADA, GRACE, Storage, Talk, Trouble};

played_on_both_stores![
    a_newer_order_takes_the_place_of_an_older_one,
    an_order_whose_code_cannot_be_sent_takes_no_place,
    an_order_whose_code_is_sent_late_takes_the_place_then,
    a_code_of_one_customer_confirms_nothing_of_another,
    what_became_of_an_order_is_told,
    an_order_is_cancelled_when_the_customer_says_yes,
    an_order_is_kept_when_the_customer_says_no,
    every_open_order_is_cancelled,
];

async fn a_newer_order_takes_the_place_of_an_older_one(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a small pizza")
        .await;
    talk.ada("get me a jumbo pizza with bacon").await;
    talk.ada("<code 1>").await;
    talk.ada("<code 2>").await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a small pizza
        Pod: I have your order: a small pizza, 9 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a small pizza, 9 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a small pizza, 9.50 USD. It works for 5 minutes.]
        [awaiting code: a small pizza]
        Ada: get me a jumbo pizza with bacon
        Pod: I have your order: a jumbo pizza with bacon, 20 dollars. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a jumbo pizza with bacon, 20 dollars Confirm it with the code sent to …42.]
        [sms to …42: <code 2> confirms a jumbo pizza with bacon, 20.00 USD. It works for 5 minutes.]
        [superseded: a small pizza]
        [awaiting code: a jumbo pizza with bacon]
        Ada: <code 1>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: <code 2>
        Pod: Your order is confirmed: a jumbo pizza with bacon, 20 dollars. Enjoy your meal!
        [card: Confirmed: a jumbo pizza with bacon, 20 dollars.]
        [confirmed: a jumbo pizza with bacon]
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(talk.transcript());
    assert_eq!(
        talk.orders_of(ADA).await,
        [
            "a jumbo pizza with bacon: confirmed",
            "a small pizza: superseded"
        ]
    );
}

async fn an_order_whose_code_cannot_be_sent_takes_no_place(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a small pizza")
        .await;
    talk.post_is(Trouble::Down);
    talk.ada("Alexa, ask Pizza on Demand for a jumbo pizza")
        .await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;
    talk.ada("Alexa, ask Pizza on Demand what became of my order")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a small pizza
        Pod: I have your order: a small pizza, 9 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a small pizza, 9 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a small pizza, 9.50 USD. It works for 5 minutes.]
        [awaiting code: a small pizza]
        (the post is closed)
        Ada: Alexa, ask Pizza on Demand for a jumbo pizza
        Pod: I cannot send codes right now, so your order is not confirmed. Please order again in a few minutes.
        [undelivered: a jumbo pizza]
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your order is confirmed: a small pizza, 9 dollars 50. Enjoy your meal!
        [card: Confirmed: a small pizza, 9 dollars 50.]
        [confirmed: a small pizza]
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: I have your order, a jumbo pizza, 18 dollars 50, but could not send its code yet. Say: Alexa, ask pizza on demand to send the code again.
    "#]].assert_eq(talk.transcript());
    assert_eq!(
        talk.orders_of(ADA).await,
        ["a jumbo pizza: undelivered", "a small pizza: confirmed"]
    );
}

async fn an_order_whose_code_is_sent_late_takes_the_place_then(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a small pizza")
        .await;
    talk.post_is(Trouble::Unknown);
    talk.ada("Alexa, ask Pizza on Demand for a jumbo pizza")
        .await;
    talk.post_is(None);
    talk.later(Duration::from_secs(30), "half a minute");
    talk.ada("Alexa, ask Pizza on Demand to send the code again")
        .await;
    talk.ada("<code 1>").await;
    talk.ada("<code 2>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a small pizza
        Pod: I have your order: a small pizza, 9 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a small pizza, 9 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a small pizza, 9.50 USD. It works for 5 minutes.]
        [awaiting code: a small pizza]
        (the post knows nobody of that name)
        Ada: Alexa, ask Pizza on Demand for a jumbo pizza
        Pod: I could not reach your phone or e-mail. Please check the contacts in your account, and then order again.
        [undelivered: a jumbo pizza]
        (the post works again)
        (half a minute later)
        Ada: Alexa, ask Pizza on Demand to send the code again
        Pod: For a jumbo pizza, 18 dollars 50, I sent the code again, to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one.
        [sms to …42: <code 2> confirms a jumbo pizza, 18.50 USD. It works for 5 minutes.]
        [superseded: a small pizza]
        [awaiting code: a jumbo pizza]
        Ada: <code 1>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: <code 2>
        Pod: Your order is confirmed: a jumbo pizza, 18 dollars 50. Enjoy your meal!
        [card: Confirmed: a jumbo pizza, 18 dollars 50.]
        [confirmed: a jumbo pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(
        talk.orders_of(ADA).await,
        ["a jumbo pizza: confirmed", "a small pizza: superseded"]
    );
}

async fn a_code_of_one_customer_confirms_nothing_of_another(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.grace("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;
    talk.grace("get me a large pizza").await;
    talk.grace("<code 1>").await;
    talk.ada("<code 2>").await;
    talk.ada("<code 1>").await;
    talk.grace("<code 2>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Grace: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
        Grace: get me a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your e-mail address that begins with g. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to g…@…com.]
        [mail to g…@…com: <code 2> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Grace: <code 1>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: <code 2>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
        Grace: <code 2>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
    assert_eq!(talk.orders_of(GRACE).await, ["a large pizza: confirmed"]);
}

async fn what_became_of_an_order_is_told(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand where is my pizza")
        .await;
    talk.ada("get me a large pizza").await;
    talk.later(Duration::from_mins(1), "a minute");
    talk.ada("Alexa, ask Pizza on Demand what became of my order")
        .await;
    talk.ada("<code 1>").await;
    talk.ada("Alexa, ask Pizza on Demand what became of my order")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand where is my pizza
        Pod: You have not ordered yet. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: get me a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (a minute later)
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: Your order, a large pizza, 15 dollars 50, waits for the code I sent to your phone ending in 4 2. The code is good for 3 minutes. Say: the code is, and then the digits one by one.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: Your order is confirmed: a large pizza, 15 dollars 50.
    "#]].assert_eq(talk.transcript());
}

async fn an_order_is_cancelled_when_the_customer_says_yes(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("cancel my order").await;
    talk.ada("yes").await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;
    talk.ada("what became of my order").await;
    talk.ada("cancel my order").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Ada: cancel my order
        Pod: Shall I cancel your order: a large pizza, 15 dollars 50?
        Ada: yes
        Pod: I cancelled your order. Its code is worth nothing any more.
        [cancelled: a large pizza]
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: what became of my order
        Pod: Your order, a large pizza, 15 dollars 50, was not confirmed, because it was cancelled. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: cancel my order
        Pod: You have no order that could be cancelled. A confirmed order is already being made.
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: cancelled"]);
}

async fn an_order_is_kept_when_the_customer_says_no(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("I changed my mind").await;
    talk.ada("repeat that").await;
    talk.ada("no").await;
    talk.ada("Alexa, ask Pizza on Demand to cancel my order")
        .await;
    talk.ada("the code is <code 1>").await;
    talk.ada("Alexa, ask Pizza on Demand to cancel my order")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Ada: I changed my mind
        Pod: Shall I cancel your order: a large pizza, 15 dollars 50?
        Ada: repeat that
        Pod: Shall I cancel your order: a large pizza, 15 dollars 50?
        Ada: no
        Pod: All right. Nothing was changed.
        Ada: Alexa, ask Pizza on Demand to cancel my order
        Pod: Shall I cancel your order: a large pizza, 15 dollars 50?
        Ada: the code is <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
        Ada: Alexa, ask Pizza on Demand to cancel my order
        Pod: You have no order that could be cancelled. A confirmed order is already being made.
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

async fn every_open_order_is_cancelled(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a small pizza")
        .await;
    talk.post_is(Trouble::Mute);
    talk.ada("Alexa, ask Pizza on Demand for a jumbo pizza")
        .await;
    talk.ada("Alexa, ask Pizza on Demand to cancel my order")
        .await;
    talk.ada("yes please").await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;
    talk.ada("the code is <code 2>").await;
    talk.ada("send the code again").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a small pizza
        Pod: I have your order: a small pizza, 9 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a small pizza, 9 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a small pizza, 9.50 USD. It works for 5 minutes.]
        [awaiting code: a small pizza]
        (the post takes messages, and does not say so)
        Ada: Alexa, ask Pizza on Demand for a jumbo pizza
        Pod: I cannot send codes right now, so your order is not confirmed. Please order again in a few minutes.
        [sms to …42: <code 2> confirms a jumbo pizza, 18.50 USD. It works for 5 minutes.]
        [undelivered: a jumbo pizza]
        Ada: Alexa, ask Pizza on Demand to cancel my order
        Pod: Shall I cancel your order: a jumbo pizza, 18 dollars 50?
        Ada: yes please
        Pod: I cancelled your order. Its code is worth nothing any more.
        [cancelled: a jumbo pizza]
        [cancelled: a small pizza]
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: the code is <code 2>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: send the code again
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(talk.transcript());
    assert_eq!(
        talk.orders_of(ADA).await,
        ["a jumbo pizza: cancelled", "a small pizza: cancelled"]
    );
}
