//! Failing: each of pod's suppliers goes away in turn. Nothing is confirmed
//! that should not be, nothing is lost, and there is a sentence that says what
//! to do.

use std::time::Duration;

use expect_test::expect;

use crate::stage::{ADA, Setup, Storage, Talk, Trouble};

played_on_both_stores![
    while_the_post_is_closed_no_code_is_sent,
    a_telephone_that_cannot_be_reached_is_named,
    a_code_whose_sending_was_not_acknowledged_confirms_nothing_yet,
    while_the_post_says_nothing_the_customer_is_answered_in_time,
    while_the_tenant_is_away_nobody_is_recognised,
    once_known_the_tenants_keys_outlast_it,
    without_amazons_certificate_nobody_is_heard,
    once_known_amazons_certificate_outlasts_its_host,
];

const HALF_A_MINUTE: Duration = Duration::from_secs(30);

async fn while_the_post_is_closed_no_code_is_sent(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.post_is(Trouble::Down);
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("Alexa, ask Pizza on Demand what became of my order")
        .await;
    talk.ada("Alexa, ask Pizza on Demand to send the code again")
        .await;
    talk.later(HALF_A_MINUTE, "half a minute");
    talk.ada("Alexa, ask Pizza on Demand to send the code again")
        .await;
    talk.post_is(None);
    talk.later(2 * HALF_A_MINUTE, "a minute");
    talk.ada("Alexa, ask Pizza on Demand to send the code again")
        .await;
    talk.ada("<code 1>").await;

    expect![[r#"
        (the post is closed)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I cannot send codes right now, so your order is not confirmed. Please order again in a few minutes.
        [undelivered: a large pizza]
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: I have your order, a large pizza, 15 dollars 50, but could not send its code yet. Say: Alexa, ask pizza on demand to send the code again.
        Ada: Alexa, ask Pizza on Demand to send the code again
        Pod: I have only just tried to send the code. If it does not arrive, ask me again in 24 seconds.
        (half a minute later)
        Ada: Alexa, ask Pizza on Demand to send the code again
        Pod: I cannot send codes right now. Please ask me again in a few minutes: say, Alexa, ask pizza on demand to send the code again.
        (the post works again)
        (a minute later)
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

async fn a_telephone_that_cannot_be_reached_is_named(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.post_is(Trouble::Unknown);
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.later(HALF_A_MINUTE, "half a minute");
    talk.ada("Alexa, ask Pizza on Demand to send the code again")
        .await;
    talk.post_is(None);
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("<code 1>").await;

    expect![[r#"
        (the post knows nobody of that name)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I could not reach your phone or e-mail. Please check the contacts in your account, and then order again.
        [undelivered: a large pizza]
        (half a minute later)
        Ada: Alexa, ask Pizza on Demand to send the code again
        Pod: I could not reach your phone or e-mail. Please check the contacts in your account, and then ask me again.
        (the post works again)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [superseded: a large pizza]
        [awaiting code: a large pizza]
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(
        talk.orders_of(ADA).await,
        ["a large pizza: confirmed", "a large pizza: superseded"]
    );
}

async fn a_code_whose_sending_was_not_acknowledged_confirms_nothing_yet(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.post_is(Trouble::Mute);
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;
    talk.post_is(None);
    talk.later(HALF_A_MINUTE, "half a minute");
    talk.ada("send the code again").await;
    talk.ada("<code 1>").await;

    expect![[r#"
        (the post takes messages, and does not say so)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I cannot send codes right now, so your order is not confirmed. Please order again in a few minutes.
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [undelivered: a large pizza]
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
        (the post works again)
        (half a minute later)
        Ada: send the code again
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

async fn while_the_post_says_nothing_the_customer_is_answered_in_time(storage: Storage) {
    let setup = Setup {
        budget: Duration::from_secs(3),
        ..Setup::default()
    };
    let mut talk = Talk::with(setup, storage).await;

    talk.post_is(Trouble::Stuck);
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("Alexa, ask Pizza on Demand what became of my order")
        .await;
    talk.post_is(None);
    talk.later(HALF_A_MINUTE, "half a minute");
    talk.ada("Alexa, ask Pizza on Demand to send the code again")
        .await;
    talk.ada("<code 1>").await;

    expect![[r#"
        (the post is stuck)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: That takes longer than it should. In a minute, say: Alexa, ask pizza on demand what became of my order.
        Ada: Alexa, ask Pizza on Demand what became of my order
        Pod: I have your order, a large pizza, 15 dollars 50, but could not send its code yet. Say: Alexa, ask pizza on demand to send the code again.
        (the post works again)
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

async fn while_the_tenant_is_away_nobody_is_recognised(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.direct("the tenant is away");
    talk.house.tenant.lose().await;
    talk.ada("Alexa, open Pizza on Demand").await;
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.direct("the tenant is back");
    talk.house.tenant.find().await;
    talk.house.link_all();
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("<code 1>").await;

    expect![[r#"
        (the tenant is away)
        Ada: Alexa, open Pizza on Demand
        Pod: I cannot check your account right now, and nothing was done. Please try again in a minute.
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I cannot check your account right now, and nothing was done. Please try again in a minute.
        (the tenant is back)
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

async fn once_known_the_tenants_keys_outlast_it(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, open Pizza on Demand").await;
    talk.direct("the tenant is away");
    talk.house.tenant.lose().await;
    talk.later(Duration::from_hours(1), "an hour");
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("<code 1>").await;

    expect![[r#"
        Ada: Alexa, open Pizza on Demand
        Pod: Welcome to Pizza on Demand. You can say, for example: get me a large pizza with pepperoni and onions.
        (the tenant is away)
        (an hour later)
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
}

async fn without_amazons_certificate_nobody_is_heard(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    let kept = talk.everything_kept().await;

    talk.direct("Amazon's certificates are away");
    talk.house.amazon.lose().await;
    let heard = talk
        .ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    assert_eq!(heard.status, 400);
    assert_eq!(talk.refusals(), ["certificate-fetch"]);
    assert!(talk.everything_kept().await == kept, "something was kept");
    talk.direct("Amazon's certificates are back");
    talk.house.amazon.find().await;
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("<code 1>").await;

    expect![[r#"
        (Amazon's certificates are away)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Alexa: There was a problem with the requested skill's response.
        (Amazon's certificates are back)
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

async fn once_known_amazons_certificate_outlasts_its_host(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.direct("Amazon's certificates are away");
    talk.house.amazon.lose().await;
    talk.later(Duration::from_mins(1), "a minute");
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (Amazon's certificates are away)
        (a minute later)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert!(talk.refusals().is_empty());
}
