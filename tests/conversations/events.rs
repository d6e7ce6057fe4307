//! Events: what Amazon tells besides, out of any conversation.

use std::time::Duration;

use expect_test::expect;
use pod_emulator::SessionEnd;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::stage::{ADA, GRACE, Storage, Talk};

played_on_both_stores![
    when_the_skill_is_disabled_what_is_open_is_cancelled,
    an_event_may_come_late_and_twice,
    an_account_that_was_never_linked_has_nothing_to_cancel,
    an_order_outlives_a_session_that_ends_with_an_error,
    whoever_leaves_may_come_back,
    nothing_comes_of_the_question_whether_an_order_could_be_placed,
];

async fn when_the_skill_is_disabled_what_is_open_is_cancelled(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.tell("kitchen", linked(&talk, ADA)).await;
    talk.tell("office", linked(&talk, GRACE)).await;
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.grace("Alexa, ask Pizza on Demand for a medium pizza")
        .await;
    talk.tell("kitchen", disabled()).await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;
    talk.grace("Alexa, tell Pizza on Demand the code is <code 2>")
        .await;

    expect![[r#"
        (AlexaSkillEvent.SkillAccountLinked, for the account of the kitchen)
        (AlexaSkillEvent.SkillAccountLinked, for the account of the office)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Grace: Alexa, ask Pizza on Demand for a medium pizza
        Pod: I have your order: a medium pizza, 12 dollars 50. I sent a code to your e-mail address that begins with g. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a medium pizza, 12 dollars 50 Confirm it with the code sent to g…@…com.]
        [mail to g…@…com: <code 2> confirms a medium pizza, 12.50 USD. It works for 5 minutes.]
        [awaiting code: a medium pizza]
        (AlexaSkillEvent.SkillDisabled, for the account of the kitchen)
        [cancelled: a large pizza]
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
        Grace: Alexa, tell Pizza on Demand the code is <code 2>
        Pod: Your order is confirmed: a medium pizza, 12 dollars 50. Enjoy your meal!
        [card: Confirmed: a medium pizza, 12 dollars 50.]
        [confirmed: a medium pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: cancelled"]);
    assert_eq!(talk.orders_of(GRACE).await, ["a medium pizza: confirmed"]);
}

async fn an_event_may_come_late_and_twice(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    let link = talk.wrap("kitchen", linked(&talk, ADA));
    let disable = talk.wrap("kitchen", disabled());
    let (link, disable) = (talk.sign(&link), talk.sign(&disable));
    talk.later(Duration::from_mins(59), "59 minutes");
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;

    for event in [&link, &link, &disable, &disable] {
        let answer = talk.post(event).await;
        assert_eq!(answer.status, 200);
    }
    talk.clock.advance(Duration::from_mins(2));
    let too_late = talk.post(&disable).await;

    expect![[r#"
        (59 minutes later)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        [cancelled: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(too_late.status, 400);
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: cancelled"]);
}

async fn an_account_that_was_never_linked_has_nothing_to_cancel(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.tell("hallway", disabled()).await;
    let mut forged = linked(&talk, ADA);
    forged["body"]["accessToken"] = "x.y.z".into();
    talk.tell("hallway", forged).await;
    talk.tell("hallway", disabled()).await;
    talk.ada("<code 1>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (AlexaSkillEvent.SkillDisabled, for the account of the hallway)
        (AlexaSkillEvent.SkillAccountLinked, for the account of the hallway)
        (AlexaSkillEvent.SkillDisabled, for the account of the hallway)
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
}

async fn an_order_outlives_a_session_that_ends_with_an_error(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    let kept = talk.everything_kept().await;
    let ended = talk.house.echo("kitchen");
    let ended = ended.end_session(SessionEnd::InvalidResponse).await;
    let ended = ended.expect("an answer").expect("a session");
    talk.direct("the session ends with an error");
    assert_eq!((ended.status, &*ended.speech), (200, ""));
    assert!(talk.everything_kept().await == kept, "something was kept");
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        (the session ends with an error)
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
}

async fn whoever_leaves_may_come_back(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("exit").await;
    talk.ada("Alexa, open Pizza on Demand").await;
    talk.ada("cancel").await;
    talk.ada("Alexa, open Pizza on Demand").await;
    talk.ada("<code 1>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Ada: exit
        Ada: Alexa, open Pizza on Demand
        Pod: Welcome back to Pizza on Demand. Your order, a large pizza, 15 dollars 50, waits for the code I sent to your phone ending in 4 2. The code is good for 4 minutes. Say: the code is, and then the digits one by one.
        Ada: cancel
        Pod: Goodbye.
        Ada: Alexa, open Pizza on Demand
        Pod: Welcome back to Pizza on Demand. Your order, a large pizza, 15 dollars 50, waits for the code I sent to your phone ending in 4 2. The code is good for 4 minutes. Say: the code is, and then the digits one by one.
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
}

async fn nothing_comes_of_the_question_whether_an_order_could_be_placed(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    talk.ada("Alexa, ask Pizza on Demand for a small pizza")
        .await;
    let code = talk.code(1).to_owned();
    let (kept, messages) = (talk.everything_kept().await, talk.messages());
    let intents = [
        (
            "GetMeSomePizzaIntent",
            json!({"Size": {"name": "Size", "value": "large"}}),
        ),
        ("GetMeSomePizzaIntent", json!({})),
        (
            "GetMeSomePizzaIntent",
            json!({"Size": {"name": "Size", "value": "vast"}}),
        ),
        (
            "AuthorizePizzaOrderIntent",
            json!({"Code": {"name": "Code", "value": code}}),
        ),
        ("CancelOrderIntent", json!({})),
    ];

    let mut verdicts = Vec::new();
    for (name, slots) in intents {
        let intent = json!({"name": name, "slots": slots});
        let question = json!({"type": "CanFulfillIntentRequest", "intent": intent});
        let question = talk.wrap("kitchen", question);
        let answer = talk.post(&talk.sign(&question)).await;
        let verdict = answer.json()["response"]["canFulfillIntent"].to_string();
        verdicts.push(format!("{name}: {verdict}"));
    }

    expect![[r#"
        GetMeSomePizzaIntent: {"canFulfill":"YES","slots":{"Size":{"canFulfill":"YES","canUnderstand":"YES"}}}
        GetMeSomePizzaIntent: {"canFulfill":"MAYBE"}
        GetMeSomePizzaIntent: {"canFulfill":"NO"}
        AuthorizePizzaOrderIntent: {"canFulfill":"NO"}
        CancelOrderIntent: {"canFulfill":"NO"}"#]].assert_eq(&verdicts.join("\n"));
    assert!(talk.everything_kept().await == kept, "something was kept");
    assert_eq!(talk.messages(), messages);
}

fn linked(talk: &Talk, subject: &str) -> Value {
    let tenant = talk.house.tenant.emulator().tenant();
    let token = tenant.issue_token(subject, "openid", jiff::SignedDuration::from_hours(1));
    let token = token.expect("a token");
    json!({
        "type": "AlexaSkillEvent.SkillAccountLinked",
        "body": {"accessToken": token.expose_secret()},
    })
}

fn disabled() -> Value {
    let body = json!({"userInformationPersistenceStatus": "NOT_PERSISTED"});
    json!({"type": "AlexaSkillEvent.SkillDisabled", "body": body})
}
