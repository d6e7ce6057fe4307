//! Waiting: how long a code is good, how it is sent again, and where it may be
//! said.

use std::time::Duration;

use expect_test::expect;

use crate::stage::{ADA, Storage, Talk};

played_on_both_stores![
    a_code_expires,
    a_code_is_good_to_the_last_second,
    a_code_that_is_sent_again_stays_the_same,
    no_code_is_good_for_longer_than_ten_minutes,
    too_many_codes_are_not_sent_to_one_telephone,
    a_code_is_said_in_a_new_session_on_another_device,
    a_code_is_not_heard_when_nobody_listens,
    what_was_said_is_said_again,
    a_waiting_order_is_told_of_at_the_next_launch,
];

const SECOND: Duration = Duration::from_secs(1);

async fn a_code_expires(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.later(300 * SECOND, "five minutes");
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;
    talk.ada("Alexa, ask Pizza on Demand what became of my order")
        .await;
    talk.ada("send the code again").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (five minutes later)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: The code has expired, and your order was not confirmed. Please place it anew, and I will send you a new code.
        [expired: a large pizza]
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: Your order, a large pizza, 15 dollars 50, was not confirmed, because the code was not said in time. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: send the code again
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: expired"]);
}

async fn a_code_is_good_to_the_last_second(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.later(293 * SECOND, "some minutes");
    talk.ada("Alexa, ask Pizza on Demand is my order confirmed")
        .await;
    talk.ada("<code 1>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (some minutes later)
        Ada: Alexa, ask Pizza on Demand is my order confirmed
        Pod: Your order, a large pizza, 15 dollars 50, waits for the code I sent to your phone ending in 4 2. The code is good for 4 seconds. Say: the code is, and then the digits one by one.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

async fn a_code_that_is_sent_again_stays_the_same(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza with chicken")
        .await;
    talk.ada("I didn't get the code").await;
    talk.later(24 * SECOND, "24 seconds");
    talk.ada("Alexa, ask Pizza on Demand to send the code again")
        .await;
    talk.ada("<wrong code>").await;
    talk.ada("send it again").await;
    talk.later(60 * SECOND, "a minute");
    talk.ada("Alexa, ask Pizza on Demand to text me again")
        .await;
    talk.later(120 * SECOND, "two minutes");
    talk.ada("Alexa, ask Pizza on Demand to send another code")
        .await;
    talk.ada("Alexa, tell Pizza on Demand the code is <wrong code>")
        .await;
    talk.ada("<code 1>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza with chicken
        Pod: I have your order: a large pizza with chicken, 17 dollars. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza with chicken, 17 dollars Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza with chicken, 17.00 USD. It works for 5 minutes.]
        [awaiting code: a large pizza with chicken]
        Ada: I didn't get the code
        Pod: I have only just tried to send the code. If it does not arrive, ask me again in 27 seconds.
        (24 seconds later)
        Ada: Alexa, ask Pizza on Demand to send the code again
        Pod: For a large pizza with chicken, 17 dollars, I sent the code again, to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one.
        [sms to …42: <code 1> confirms a large pizza with chicken, 17.00 USD. It works for 5 minutes.]
        [awaiting code: a large pizza with chicken]
        Ada: <wrong code>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: send it again
        Pod: I have only just tried to send the code. If it does not arrive, ask me again in 54 seconds.
        (a minute later)
        Ada: Alexa, ask Pizza on Demand to text me again
        Pod: For a large pizza with chicken, 17 dollars, I sent the code again, to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one.
        [sms to …42: <code 1> confirms a large pizza with chicken, 17.00 USD. It works for 5 minutes.]
        [awaiting code: a large pizza with chicken]
        (two minutes later)
        Ada: Alexa, ask Pizza on Demand to send another code
        Pod: I cannot send the code of this order again. Please place the order anew, and I will send you a new code.
        Ada: Alexa, tell Pizza on Demand the code is <wrong code>
        Pod: That is not the right code. You have one more attempt. Please say the code again, digit by digit.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza with chicken, 17 dollars. Enjoy your meal!
        [card: Confirmed: a large pizza with chicken, 17 dollars.]
        [confirmed: a large pizza with chicken]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.messages(), 3);
}

async fn no_code_is_good_for_longer_than_ten_minutes(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.later(290 * SECOND, "almost five minutes");
    talk.ada("Alexa, ask Pizza on Demand to send the code again")
        .await;
    talk.later(247 * SECOND, "some minutes");
    talk.ada("Alexa, ask Pizza on Demand to send the code again")
        .await;
    talk.later(57 * SECOND, "a minute");
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (almost five minutes later)
        Ada: Alexa, ask Pizza on Demand to send the code again
        Pod: For a large pizza, 15 dollars 50, I sent the code again, to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one.
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (some minutes later)
        Ada: Alexa, ask Pizza on Demand to send the code again
        Pod: For a large pizza, 15 dollars 50, I sent the code again, to your phone ending in 4 2. It is good for 57 seconds. Say: the code is, and then the digits one by one.
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 57 seconds.]
        [awaiting code: a large pizza]
        (a minute later)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: The code has expired, and your order was not confirmed. Please place it anew, and I will send you a new code.
        [expired: a large pizza]
    "#]].assert_eq(talk.transcript());
}

async fn too_many_codes_are_not_sent_to_one_telephone(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    for _ in 0..4 {
        talk.ada("Alexa, ask Pizza on Demand for a small pizza")
            .await;
    }
    talk.cut();

    talk.ada("Alexa, ask Pizza on Demand for a small pizza")
        .await;
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 5>")
        .await;
    talk.later(600 * SECOND, "ten minutes");
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a small pizza
        Pod: I have your order: a small pizza, 9 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a small pizza, 9 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 5> confirms a small pizza, 9.50 USD. It works for 5 minutes.]
        [superseded: a small pizza]
        [awaiting code: a small pizza]
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: You have asked for too many codes. Please try again in 10 minutes.
        Ada: Alexa, tell Pizza on Demand the code is <code 5>
        Pod: Your order is confirmed: a small pizza, 9 dollars 50. Enjoy your meal!
        [card: Confirmed: a small pizza, 9 dollars 50.]
        [confirmed: a small pizza]
        (ten minutes later)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 6> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
    "#]].assert_eq(talk.transcript());
}

async fn a_code_is_said_in_a_new_session_on_another_device(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    talk.house.link("hallway", ADA);

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    let left = talk.house.echo("kitchen").walk_away().await;
    assert!(left.expect("an answer").is_some());
    talk.direct("Ada walks into the hallway without another word");
    talk.say("Ada", "hallway", "Alexa, open Pizza on Demand")
        .await;
    talk.say("Ada", "hallway", "the code is <code 1>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (Ada walks into the hallway without another word)
        Ada: Alexa, open Pizza on Demand
        Pod: Welcome back to Pizza on Demand. Your order, a large pizza, 15 dollars 50, waits for the code I sent to your phone ending in 4 2. The code is good for 4 minutes. Say: the code is, and then the digits one by one.
        Ada: the code is <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

async fn a_code_is_not_heard_when_nobody_listens(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("stop").await;
    let unheard = talk.ada_in_vain("the code is <code 1>").await;
    talk.direct("the device hears nothing that is meant for it");
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Ada: stop
        Pod: Goodbye.
        Ada: the code is <code 1>
        (the device hears nothing that is meant for it)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    expect![[r#"no session is open; begin with "alexa, open pizza on demand" or "alexa, ask pizza on demand to ...""#]].assert_eq(&unheard.to_string());
}

async fn what_was_said_is_said_again(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("say that again").await;
    talk.ada("<wrong code>").await;
    talk.ada("repeat that").await;
    talk.ada("<code 1>").await;
    talk.ada("Alexa, ask Pizza on Demand to repeat that").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Ada: say that again
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        Ada: <wrong code>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: repeat that
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
        Ada: Alexa, ask Pizza on Demand to repeat that
        Pod: I take your order, and send a code to your phone or e-mail, so that only you can confirm it. You can say, for example: get me a large pizza with pepperoni and onions. When you have the code, say: the code is, and then the digits. You can also say: send the code again, what became of my order, or cancel my order.
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.messages(), 1);
}

async fn a_waiting_order_is_told_of_at_the_next_launch(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.later(60 * SECOND, "a minute");
    talk.ada("Alexa, open Pizza on Demand").await;
    talk.ada("yes").await;
    talk.ada("no").await;
    talk.ada("repeat that").await;
    talk.ada("help").await;
    talk.ada("what's the weather like in Kyoto").await;
    talk.ada("<code 1>").await;
    talk.ada("Alexa, open Pizza on Demand").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (a minute later)
        Ada: Alexa, open Pizza on Demand
        Pod: Welcome back to Pizza on Demand. Your order, a large pizza, 15 dollars 50, waits for the code I sent to your phone ending in 4 2. The code is good for 3 minutes. Say: the code is, and then the digits one by one.
        Ada: yes
        Pod: I did not understand that. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: no
        Pod: I did not understand that. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: repeat that
        Pod: I did not understand that. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: help
        Pod: I take your order, and send a code to your phone or e-mail, so that only you can confirm it. You can say, for example: get me a large pizza with pepperoni and onions. When you have the code, say: the code is, and then the digits. You can also say: send the code again, what became of my order, or cancel my order.
        Ada: what's the weather like in Kyoto
        Pod: I did not understand that. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
        Ada: Alexa, open Pizza on Demand
        Pod: Welcome to Pizza on Demand. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(talk.transcript());
}
