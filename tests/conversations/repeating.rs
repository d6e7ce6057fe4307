//! Repeating: the same request has one effect and one answer, however often it
//! comes.

use std::time::Duration;

use expect_test::expect;
use serde_json::Value;

use crate::stage::{ADA, Answer, Letter, Storage, Talk, customer};

played_on_both_stores![
    a_repeated_order_is_placed_once,
    a_repeated_code_confirms_once,
    a_repeated_wrong_code_costs_one_attempt,
    an_order_that_comes_many_times_at_once_is_placed_once,
    a_repetition_leaves_no_trace,
    another_request_of_the_same_name_is_refused,
    a_request_is_not_repeated_for_long,
    an_answer_goes_with_its_customer,
];

const ORDER: &str = "Alexa, ask Pizza on Demand for a large pizza";
const CODE: &str = "Alexa, tell Pizza on Demand the code is <code 1>";

async fn a_repeated_order_is_placed_once(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    let order = Letter::from(&talk.compose("kitchen", ORDER));

    let first = talk.post(order.clone()).await;
    let second = talk.post(order).await;

    assert_eq!(first, second);
    expect!["I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 42. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits."].assert_eq(&first.speech());
    expect![[r#"
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
    "#]]
    .assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: awaiting code"]);
}

async fn a_repeated_code_confirms_once(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    talk.ada(ORDER).await;
    let code = Letter::from(&talk.compose("kitchen", CODE));
    talk.cut();

    let first = talk.post(code.clone()).await;
    let second = talk.post(code).await;

    assert_eq!(first, second);
    expect!["Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!"]
        .assert_eq(&first.speech());
    expect![[r#"
        [confirmed: a large pizza]
    "#]]
    .assert_eq(talk.transcript());
}

async fn a_repeated_wrong_code_costs_one_attempt(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    talk.ada(ORDER).await;
    let line = "Alexa, tell Pizza on Demand the code is <wrong code>";
    let wrong = Letter::from(&talk.compose("kitchen", line));
    talk.cut();

    for _ in 0..5 {
        talk.post(wrong.clone()).await;
    }
    talk.ada("the code is <wrong code>").await;
    talk.ada("<code 1>").await;

    expect![[r#"
        Ada: the code is <wrong code>
        Pod: That is not the right code. You have one more attempt. Please say the code again, digit by digit.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
}

async fn an_order_that_comes_many_times_at_once_is_placed_once(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    let order = Letter::from(&talk.compose("kitchen", ORDER));

    let answers = talk.post_all(vec![order; 16]).await;

    let first = &answers[0];
    assert!(answers.iter().all(|answer| answer == first), "{answers:?}");
    expect!["I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 42. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits."].assert_eq(&first.speech());
    expect![[r#"
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
    "#]]
    .assert_eq(talk.transcript());
}

async fn a_repetition_leaves_no_trace(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    let order = Letter::from(&talk.compose("kitchen", ORDER));
    talk.post(order.clone()).await;
    let code = Letter::from(&talk.compose("kitchen", CODE));
    talk.post(code.clone()).await;
    let (kept, messages) = (talk.everything_kept().await, talk.messages());

    let answers = talk.post_all([code.clone(), order, code]).await;

    assert!(answers.iter().all(|answer| answer.status == 200));
    assert!(talk.everything_kept().await == kept, "something was kept");
    assert_eq!(talk.messages(), messages);
}

async fn another_request_of_the_same_name_is_refused(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    let order = talk.compose("kitchen", ORDER);
    let mut other: Value = serde_json::from_slice(&order.body).expect("JSON");
    other["request"]["intent"]["slots"]["Size"]["value"] = "jumbo".into();
    let other = talk.sign(&other);
    let first = talk.post(&order).await;
    let kept = talk.everything_kept().await;

    let second = talk.post(&other).await;

    assert_eq!(first.status, 200);
    assert_eq!(second, refusal());
    assert_eq!(talk.refusals(), ["other-request"]);
    assert!(talk.everything_kept().await == kept, "something was kept");
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: awaiting code"]);
    assert_eq!(talk.messages(), 1);
}

async fn a_request_is_not_repeated_for_long(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    let order = Letter::from(&talk.compose("kitchen", ORDER));
    let first = talk.post(order.clone()).await;

    talk.clock.advance(Duration::from_secs(149));
    let soon = talk.post(order.clone()).await;
    talk.clock.advance(Duration::from_secs(2));
    let late = talk.post(order).await;

    assert_eq!(soon, first);
    assert_eq!(late, refusal());
    assert_eq!(talk.refusals(), ["timestamp"]);
    assert_eq!(talk.messages(), 1);
}

fn refusal() -> Answer {
    Answer {
        status: 400,
        body: String::new(),
    }
}

async fn an_answer_goes_with_its_customer(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    talk.ada(ORDER).await;
    talk.ada("<code 1>").await;
    let status = "Alexa, ask Pizza on Demand what is the status of my order";
    let status = Letter::from(&talk.compose("kitchen", status));
    let first = talk.post(status.clone()).await;
    // By then it is kept.
    assert_eq!(talk.post(status.clone()).await, first);

    let forgotten = talk.pod().forget_customer(&customer(ADA)).await;
    forgotten.expect("forgotten");
    let again = talk.post(status).await;

    assert!(first.speech().contains("a large pizza"));
    assert!(!again.speech().contains("a large"), "{}", again.speech());
}
