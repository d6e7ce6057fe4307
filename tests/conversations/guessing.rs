//! Guessing: what a wrong code costs, and that what is no code costs nothing.

use std::time::Duration;

use expect_test::expect;
use pod_core::{AttemptLimits, CodeDigits, FailureLimits, Policy};

use crate::stage::{ADA, Answer, Letter, Setup, Storage, Talk, customer};

played_on_both_stores![
    the_right_code_is_too_late_after_three_wrong_ones,
    failures_add_up_over_orders_and_lock_the_customer_for_an_hour,
    some_locks_last_until_somebody_unlocks,
    a_wrong_code_is_no_failure_of_anybody_elses,
    what_is_not_understood_is_asked_for_three_times_and_costs_no_attempt,
    a_code_of_another_length_costs_no_attempt,
    of_many_guesses_at_once_three_are_judged,
    of_some_right_codes_at_once_one_confirms,
    of_many_right_codes_at_once_no_two_confirm,
];

const GUESS: &str = "Alexa, tell Pizza on Demand the code is <wrong code>";

async fn the_right_code_is_too_late_after_three_wrong_ones(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("<wrong code>").await;
    talk.ada("the code is <wrong code>").await;
    talk.ada(GUESS).await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Ada: <wrong code>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: the code is <wrong code>
        Pod: That is not the right code. You have one more attempt. Please say the code again, digit by digit.
        Ada: Alexa, tell Pizza on Demand the code is <wrong code>
        Pod: There were too many wrong codes for that order, so it is closed and was not confirmed. Please place it anew, and I will send you a new code.
        [refused: a large pizza]
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: refused"]);
}

async fn failures_add_up_over_orders_and_lock_the_customer_for_an_hour(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    for size in ["small", "medium", "large"] {
        talk.ada(&format!("Alexa, ask Pizza on Demand for a {size} pizza"))
            .await;
        for _ in 0..3 {
            talk.ada(GUESS).await;
        }
    }
    talk.cut();

    talk.ada("Alexa, ask Pizza on Demand for a jumbo pizza")
        .await;
    talk.ada("<wrong code>").await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 4>")
        .await;
    talk.later(Duration::from_mins(50), "fifty minutes");
    talk.ada("Alexa, tell Pizza on Demand the code is <code 4>")
        .await;
    talk.later(Duration::from_mins(10), "ten minutes");
    talk.ada("Alexa, ask Pizza on Demand for a jumbo pizza")
        .await;
    talk.ada("<code 5>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a jumbo pizza
        Pod: I have your order: a jumbo pizza, 18 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a jumbo pizza, 18 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 4> confirms a jumbo pizza, 18.50 USD. It works for 5 minutes.]
        [awaiting code: a jumbo pizza]
        Ada: <wrong code>
        Pod: There were too many wrong codes. To protect your account, I take no codes for 60 minutes. After that, please order anew.
        Ada: Alexa, tell Pizza on Demand the code is <code 4>
        Pod: There were too many wrong codes. To protect your account, I take no codes for 60 minutes. After that, please order anew.
        (fifty minutes later)
        Ada: Alexa, tell Pizza on Demand the code is <code 4>
        Pod: There were too many wrong codes. To protect your account, I take no codes for 10 minutes. After that, please order anew.
        (ten minutes later)
        Ada: Alexa, ask Pizza on Demand for a jumbo pizza
        Pod: I have your order: a jumbo pizza, 18 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a jumbo pizza, 18 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 5> confirms a jumbo pizza, 18.50 USD. It works for 5 minutes.]
        [awaiting code: a jumbo pizza]
        Ada: <code 5>
        Pod: Your order is confirmed: a jumbo pizza, 18 dollars 50. Enjoy your meal!
        [card: Confirmed: a jumbo pizza, 18 dollars 50.]
        [confirmed: a jumbo pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(
        talk.orders_of(ADA).await,
        [
            "a jumbo pizza: confirmed",
            "a jumbo pizza: expired",
            "a large pizza: refused",
            "a medium pizza: refused",
            "a small pizza: refused",
        ]
    );
}

async fn some_locks_last_until_somebody_unlocks(storage: Storage) {
    let failures = FailureLimits {
        consecutive: 2,
        ..FailureLimits::default()
    };
    let policy = Policy {
        attempts: AttemptLimits {
            failures,
            ..AttemptLimits::default()
        },
        ..Policy::default()
    };
    let setup = Setup {
        policy,
        ..Setup::default()
    };
    let mut talk = Talk::with(setup, storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a small pizza")
        .await;
    talk.ada("<wrong code>").await;
    talk.ada("<wrong code>").await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;
    talk.direct("somebody unlocks the account");
    let unlocked = talk.pod().unlock_customer(&customer(ADA)).await;
    unlocked.expect("Ada is unlocked");
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a small pizza
        Pod: I have your order: a small pizza, 9 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a small pizza, 9 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a small pizza, 9.50 USD. It works for 5 minutes.]
        [awaiting code: a small pizza]
        Ada: <wrong code>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: <wrong code>
        Pod: There were too many wrong codes, and your account is locked. Please ask Pizza on Demand to unlock it.
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: There were too many wrong codes, and your account is locked. Please ask Pizza on Demand to unlock it.
        (somebody unlocks the account)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your order is confirmed: a small pizza, 9 dollars 50. Enjoy your meal!
        [card: Confirmed: a small pizza, 9 dollars 50.]
        [confirmed: a small pizza]
    "#]].assert_eq(talk.transcript());
}

async fn a_wrong_code_is_no_failure_of_anybody_elses(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    talk.grace("Alexa, ask Pizza on Demand for a medium pizza")
        .await;
    for size in ["small", "medium", "large", "jumbo"] {
        talk.ada(&format!("Alexa, ask Pizza on Demand for a {size} pizza"))
            .await;
        for _ in 0..3 {
            talk.ada(GUESS).await;
        }
    }
    talk.cut();

    talk.ada(GUESS).await;
    talk.grace("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;

    expect![[r#"
        Ada: Alexa, tell Pizza on Demand the code is <wrong code>
        Pod: There were too many wrong codes. To protect your account, I take no codes for 60 minutes. After that, please order anew.
        Grace: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your order is confirmed: a medium pizza, 12 dollars 50. Enjoy your meal!
        [card: Confirmed: a medium pizza, 12 dollars 50.]
        [confirmed: a medium pizza]
    "#]].assert_eq(talk.transcript());
}

async fn what_is_not_understood_is_asked_for_three_times_and_costs_no_attempt(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("the code is banana split").await;
    talk.ada("four eight two").await;
    talk.ada_intends("AuthorizePizzaOrderIntent", &[("Code", "?")])
        .await;
    talk.ada("I have the code").await;
    talk.later(Duration::from_secs(30), "half a minute");
    talk.ada("yes").await;
    talk.ada("<wrong code>").await;
    talk.ada("<wrong code>").await;
    talk.ada("<code 1>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Ada: the code is banana split
        Pod: I did not catch all 6 digits. Please say them one by one.
        Ada: four eight two
        Pod: I did not catch all 6 digits. Please say them one by one.
        Ada: (AuthorizePizzaOrderIntent)
        Pod: I did not catch all 6 digits. Please say them one by one.
        Ada: I have the code
        Pod: I still did not understand the code. Shall I send it again?
        (half a minute later)
        Ada: yes
        Pod: For a large pizza, 15 dollars 50, I sent the code again, to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one.
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Ada: <wrong code>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: <wrong code>
        Pod: That is not the right code. You have one more attempt. Please say the code again, digit by digit.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
}

async fn a_code_of_another_length_costs_no_attempt(storage: Storage) {
    let policy = Policy {
        digits: CodeDigits::new(8).expect("a number of digits"),
        ..Policy::default()
    };
    let setup = Setup {
        policy,
        ..Setup::default()
    };
    let mut talk = Talk::with(setup, storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a small pizza")
        .await;
    talk.ada("<wrong code>").await;
    talk.ada("<code 1> one").await;
    talk.ada("<code 1>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a small pizza
        Pod: I have your order: a small pizza, 9 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a small pizza, 9 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a small pizza, 9.50 USD. It works for 5 minutes.]
        [awaiting code: a small pizza]
        Ada: <wrong code>
        Pod: I did not catch all 8 digits. Please say them one by one.
        Ada: <code 1> one
        Pod: I did not catch all 8 digits. Please say them one by one.
        Ada: <code 1>
        Pod: Your order is confirmed: a small pizza, 9 dollars 50. Enjoy your meal!
        [card: Confirmed: a small pizza, 9 dollars 50.]
        [confirmed: a small pizza]
    "#]].assert_eq(talk.transcript());
}

async fn of_many_guesses_at_once_three_are_judged(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    let guesses: Vec<Letter> = (0..64)
        .map(|_| Letter::from(&talk.compose("kitchen", GUESS)))
        .collect();

    let answers = talk.post_all(guesses).await;

    let told = |words: &str| {
        let said = answers
            .iter()
            .map(|answer| (answer.status, answer.speech()));
        said.filter(|(status, said)| *status == 200 && said.contains(words))
            .count()
    };
    assert_eq!(told("You have 2 more attempts."), 1);
    assert_eq!(told("You have one more attempt."), 1);
    assert_eq!(told("it is closed") + told("You have no order"), 62);
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: refused"]);

    // Of ten failures that lead to a lock, the many guesses were three.
    for size in ["small", "medium"] {
        talk.ada(&format!("Alexa, ask Pizza on Demand for a {size} pizza"))
            .await;
        for _ in 0..3 {
            talk.ada(GUESS).await;
        }
    }
    talk.ada("Alexa, ask Pizza on Demand for a jumbo pizza")
        .await;
    talk.cut();
    talk.ada("<wrong code>").await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 4>")
        .await;
    expect![[r#"
        Ada: <wrong code>
        Pod: There were too many wrong codes. To protect your account, I take no codes for 60 minutes. After that, please order anew.
        Ada: Alexa, tell Pizza on Demand the code is <code 4>
        Pod: There were too many wrong codes. To protect your account, I take no codes for 60 minutes. After that, please order anew.
    "#]].assert_eq(talk.transcript());
}

async fn of_some_right_codes_at_once_one_confirms(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    let codes = right_codes(&mut talk, 3).await;

    let answers = talk.post_all(codes).await;

    let mut told: Vec<String> = answers.iter().map(Answer::speech).collect();
    told.sort();
    expect![[r#"
        You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
        You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
        Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!"#]].assert_eq(&told.join("\n"));
    expect![[r#"
        [confirmed: a large pizza]
    "#]]
    .assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: confirmed"]);
}

async fn of_many_right_codes_at_once_no_two_confirm(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    let codes = right_codes(&mut talk, 64).await;

    let answers = talk.post_all(codes).await;

    assert!(answers.iter().all(|answer| answer.status == 200));
    let told = answers.iter().map(Answer::speech);
    let told = told.filter(|said| said.starts_with("Your order is confirmed"));
    let kept = talk.orders_of(ADA).await;
    let confirmed = kept.iter().filter(|order| order.ends_with(": confirmed"));
    assert_eq!(told.count(), confirmed.count(), "{kept:?}");
    assert_eq!(kept.len(), 1);
}

/// The same right code for one order, said in so many requests.
async fn right_codes(talk: &mut Talk, count: usize) -> Vec<Letter> {
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.cut();
    let line = "Alexa, tell Pizza on Demand the code is <code 1>";
    (0..count)
        .map(|_| Letter::from(&talk.compose("kitchen", line)))
        .collect()
}
