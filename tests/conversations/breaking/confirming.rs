//! The store fails while an order is confirmed.

use expect_test::expect;

use super::{CODE, ORDER, STATUS};
use crate::stage::{ADA, Call, Moment, Storage, Talk};

played_on_both_stores![
    an_attempt_that_was_not_counted_is_not_judged,
    an_attempt_that_was_counted_in_vain_is_lost,
    a_confirmation_that_was_not_kept_is_not_told,
    a_confirmation_that_was_kept_unnoticed_is_found_out,
    an_order_that_was_refused_unnoticed_stays_refused,
];

async fn an_attempt_that_was_not_counted_is_not_judged(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada(ORDER).await;
    talk.breaks(Call::BeginAttempt, Moment::Before);
    talk.ada(CODE).await;
    talk.is_mended();
    talk.ada(STATUS).await;
    talk.ada("<wrong code>").await;
    talk.ada("<code 1>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (BeginAttempt fails, without effect)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: I could not finish checking your code. In a minute, say: Alexa, ask pizza on demand what became of my order.
        (the store works again)
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: Your order, a large pizza, 15 dollars 50, waits for the code I sent to your phone ending in 4 2. The code is good for 4 minutes. Say: the code is, and then the digits one by one.
        Ada: <wrong code>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

async fn an_attempt_that_was_counted_in_vain_is_lost(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada(ORDER).await;
    talk.breaks(Call::BeginAttempt, Moment::After);
    talk.ada(CODE).await;
    talk.is_mended();
    talk.ada(STATUS).await;
    talk.ada("<wrong code>").await;
    talk.ada("<code 1>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (BeginAttempt fails, with effect)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: I could not finish checking your code. In a minute, say: Alexa, ask pizza on demand what became of my order.
        (the store works again)
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: Your order, a large pizza, 15 dollars 50, waits for the code I sent to your phone ending in 4 2. The code is good for 4 minutes. Say: the code is, and then the digits one by one.
        Ada: <wrong code>
        Pod: That is not the right code. You have one more attempt. Please say the code again, digit by digit.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

async fn a_confirmation_that_was_not_kept_is_not_told(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada(ORDER).await;
    talk.breaks(Call::Confirm, Moment::Before);
    talk.ada(CODE).await;
    talk.is_mended();
    talk.ada(STATUS).await;
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
        (the store works again)
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: Your order, a large pizza, 15 dollars 50, waits for the code I sent to your phone ending in 4 2. The code is good for 4 minutes. Say: the code is, and then the digits one by one.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

async fn a_confirmation_that_was_kept_unnoticed_is_found_out(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada(ORDER).await;
    talk.breaks(Call::Confirm, Moment::After);
    talk.ada(CODE).await;
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
        (the store works again)
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: Your order is confirmed: a large pizza, 15 dollars 50.
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

async fn an_order_that_was_refused_unnoticed_stays_refused(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada(ORDER).await;
    talk.breaks(Call::Close, Moment::Before);
    for _ in 0..3 {
        talk.ada("Alexa, tell Pizza on Demand the code is <wrong code>")
            .await;
    }
    talk.ada(CODE).await;
    talk.ada(CODE).await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (Close fails, without effect)
        Ada: Alexa, tell Pizza on Demand the code is <wrong code>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: Alexa, tell Pizza on Demand the code is <wrong code>
        Pod: That is not the right code. You have one more attempt. Please say the code again, digit by digit.
        Ada: Alexa, tell Pizza on Demand the code is <wrong code>
        Pod: There were too many wrong codes for that order, so it is closed and was not confirmed. Please place it anew, and I will send you a new code.
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: There were too many wrong codes for that order, so it is closed and was not confirmed. Please place it anew, and I will send you a new code.
        [refused: a large pizza]
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: refused"]);
}
