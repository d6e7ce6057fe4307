//! The store fails while an order is placed.

use expect_test::expect;

use super::{CODE, HALF_A_MINUTE, ORDER, RESEND, STATUS};
use crate::stage::{ADA, Call, Moment, Storage, Talk};

played_on_both_stores![
    an_order_that_was_not_kept_is_placed_again,
    an_order_that_was_kept_unnoticed_is_sent_its_code,
    an_order_that_does_not_wait_for_its_code_is_not_confirmed_by_it,
    an_order_that_waits_unnoticed_is_confirmed_by_its_code,
];

async fn an_order_that_was_not_kept_is_placed_again(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.breaks(Call::Place, Moment::Before);
    talk.ada(ORDER).await;
    talk.ada(STATUS).await;
    talk.is_mended();
    talk.ada(ORDER).await;
    talk.ada("<code 1>").await;

    expect![[r#"
        (Place fails, without effect)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I cannot send codes right now, so your order is not confirmed. Please order again in a few minutes.
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: You have not ordered yet. You can say, for example: get me a large pizza with pepperoni and onions.
        (the store works again)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

async fn an_order_that_was_kept_unnoticed_is_sent_its_code(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.breaks(Call::Place, Moment::After);
    talk.ada(ORDER).await;
    talk.ada(STATUS).await;
    talk.is_mended();
    talk.later(HALF_A_MINUTE, "half a minute");
    talk.ada(RESEND).await;
    talk.ada("<code 1>").await;

    expect![[r#"
        (Place fails, with effect)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I cannot send codes right now, so your order is not confirmed. Please order again in a few minutes.
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: I have your order, a large pizza, 15 dollars 50, but could not send its code yet. Say: Alexa, ask pizza on demand to send the code again.
        (the store works again)
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

async fn an_order_that_does_not_wait_for_its_code_is_not_confirmed_by_it(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.breaks(Call::Activate, Moment::Before);
    talk.ada(ORDER).await;
    talk.ada(CODE).await;
    talk.is_mended();
    talk.later(HALF_A_MINUTE, "half a minute");
    talk.ada(RESEND).await;
    talk.ada("<code 1>").await;

    expect![[r#"
        (Activate fails, without effect)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I cannot send codes right now, so your order is not confirmed. Please order again in a few minutes.
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [undelivered: a large pizza]
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
        (the store works again)
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

async fn an_order_that_waits_unnoticed_is_confirmed_by_its_code(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a small pizza")
        .await;
    talk.breaks(Call::Activate, Moment::After);
    talk.ada(ORDER).await;
    talk.ada(CODE).await;
    talk.ada("<code 2>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a small pizza
        Pod: I have your order: a small pizza, 9 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a small pizza, 9 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a small pizza, 9.50 USD. It works for 5 minutes.]
        [awaiting code: a small pizza]
        (Activate fails, with effect)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I cannot send codes right now, so your order is not confirmed. Please order again in a few minutes.
        [sms to …42: <code 2> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: <code 2>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(
        talk.orders_of(ADA).await,
        ["a large pizza: confirmed", "a small pizza: superseded"]
    );
}
