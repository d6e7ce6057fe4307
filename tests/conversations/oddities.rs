//! Oddities: what is Amazon's and still not as expected is answered with a
//! sentence, or with silence, and never with a failure.

use expect_test::expect;
use serde_json::{Value, json};

use crate::stage::{ADA, Answer, GRACE, Storage, Talk};

played_on_both_stores![
    unknown_types_of_requests_have_no_effect,
    unknown_intents_are_not_understood,
    a_request_may_lack_any_of_its_parts,
    a_request_may_be_nested_deeply,
    slots_may_hold_anything,
    a_request_may_have_any_name,
];

async fn unknown_types_of_requests_have_no_effect(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    let (kept, messages) = (talk.everything_kept().await, talk.messages());

    for kind in [
        "NextYearsRequest",
        "__proto__",
        "launchrequest",
        "Display.ElementSelected",
        "AudioPlayer.PlaybackStarted",
        "System.ExceptionEncountered",
        "SessionEndedRequest",
    ] {
        let request = talk.wrap("kitchen", json!({"type": kind}));
        let answer = talk.post(&talk.sign(&request)).await;

        let silence = json!({"version": "1.0", "response": {}});
        assert_eq!((answer.status, answer.json()), (200, silence), "{kind}");
    }

    assert!(talk.everything_kept().await == kept, "something was kept");
    assert_eq!(talk.messages(), messages);
}

async fn unknown_intents_are_not_understood(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    for name in ["NextYearsIntent", "AMAZON.FallbackIntent", "", "__proto__"] {
        let request = json!({"type": "IntentRequest", "intent": {"name": name, "slots": {}}});
        let request = talk.wrap("kitchen", request);
        let answer = talk.post(&talk.sign(&request)).await;

        assert_eq!(answer.status, 200);
        let said = answer.speech();
        assert!(
            said.starts_with("I did not understand that."),
            "{name}: {said}"
        );
    }
}

async fn a_request_may_lack_any_of_its_parts(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    talk.grace("Alexa, ask Pizza on Demand for a medium pizza")
        .await;
    let order = talk.compose(
        "kitchen",
        "Alexa, ask Pizza on Demand for a large pizza with onions",
    );
    let order: Value = serde_json::from_slice(&order.body).expect("JSON");
    let odd = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(""),
        json!("\u{0}'\"<speak>&"),
        json!([]),
        json!([{}, null]),
        json!({}),
    ];

    let mut refused = 0;
    for place in places(&order) {
        let mut changed: Vec<Value> = odd.iter().map(|odd| with(&order, &place, odd)).collect();
        changed.push(without(&order, &place));
        for mut json in changed {
            // Each is a request of its own, if it has a name.
            if json["request"]["requestId"].is_string() && place != "/request/requestId" {
                let fresh = talk.wrap("kitchen", json!({}));
                json["request"]["requestId"] = fresh["request"]["requestId"].clone();
            }
            let answer = talk.post(&talk.sign(&json)).await;

            refused += u32::from(answer.status == 400);
            assert_sound(&answer, &place);
        }
    }

    assert!(refused > 0);
    talk.cut();
    talk.grace("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;
    expect![[r#"
        Grace: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your order is confirmed: a medium pizza, 12 dollars 50. Enjoy your meal!
        [card: Confirmed: a medium pizza, 12 dollars 50.]
        [confirmed: a medium pizza]
    "#]]
    .assert_eq(talk.transcript());
}

async fn a_request_may_be_nested_deeply(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    let order = talk.compose("kitchen", "Alexa, ask Pizza on Demand for a large pizza");
    let order = String::from_utf8(order.body.to_vec()).expect("text");
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        for depth in [100, 1_000, 15_000] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            for place in [
                r#""attributes":{}"#,
                r#""supportedInterfaces":{}"#,
                r#""confirmationStatus":"NONE""#,
            ] {
                let (name, _) = place.split_once(':').expect("a name and a value");
                let body = order.replacen(place, &format!("{name}:{deep}"), 1);
                assert_ne!(body, order);
                let signed = talk.house.signer.sign(body).expect("a signature");

                let answer = talk.post(&signed).await;

                assert_sound(&answer, place);
            }
        }
    }
}

async fn slots_may_hold_anything(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    talk.ada("Alexa, ask Pizza on Demand for a small pizza")
        .await;
    let long = "four ".repeat(10_000);
    for said in [
        "",
        " ",
        "?",
        "????",
        "-1",
        "0",
        "NaN",
        "1e6",
        "<code>",
        "١٢٣٤٥٦",
        "１２３４５６",
        "12345",
        "1234567",
        "'; DROP TABLE orders; --",
        "__proto__",
        "\u{0}",
        "\u{202e}123456",
        &long,
    ] {
        for (intent, slot) in [
            ("AuthorizePizzaOrderIntent", "Code"),
            ("AuthorizePizzaOrderIntent", "DSix"),
            ("GetMeSomePizzaIntent", "Size"),
            ("GetMeSomePizzaIntent", "Toppings"),
        ] {
            let slots = json!({slot: {"name": slot, "value": said}});
            let request =
                json!({"type": "IntentRequest", "intent": {"name": intent, "slots": slots}});
            let request = talk.wrap("kitchen", request);
            let answer = talk.post(&talk.sign(&request)).await;

            assert_eq!(answer.status, 200, "{said}");
            assert_sound(&answer, said);
        }
    }

    talk.cut();
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;
    expect![[r#"
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your order is confirmed: a small pizza, 9 dollars 50. Enjoy your meal!
        [card: Confirmed: a small pizza, 9 dollars 50.]
        [confirmed: a small pizza]
    "#]]
    .assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a small pizza: confirmed"]);
}

async fn a_request_may_have_any_name(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    for name in [
        "__proto__",
        "'; DROP TABLE requests; --",
        "é\u{0}",
        "x",
        &"x".repeat(590),
    ] {
        let mut order = talk.wrap("office", json!({"type": "LaunchRequest"}));
        order["request"]["requestId"] = name.into();
        let order = talk.sign(&order);

        let first = talk.post(&order).await;
        let second = talk.post(&order).await;

        assert_eq!((first.status, &first), (200, &second), "{name}");
    }
    for (kind, name) in [("LaunchRequest", "x".repeat(10_000)), ("", "y".to_owned())] {
        let request = json!({"type": kind, "requestId": name});
        let request = talk.wrap("office", request);

        let answer = talk.post(&talk.sign(&request)).await;

        assert_eq!(answer.status, 400, "{kind}");
    }
    assert!(talk.orders_of(GRACE).await.is_empty());
}

/// Holds that a request was refused, or answered with a sentence that is not
/// about a failure, or with silence.
fn assert_sound(answer: &Answer, about: &str) {
    match answer.status {
        400 => assert_eq!(answer.body, "", "{about}"),
        200 => {
            let said = answer.speech();
            assert_eq!(answer.json()["version"], "1.0", "{about}");
            assert!(!said.contains("went wrong"), "{about}: {said}");
        }
        status => panic!("{about}: {status}"),
    }
}

/// The place of each part of a JSON text, as pointers name them.
fn places(json: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match json {
        Value::Object(parts) => parts
            .iter()
            .map(|(name, part)| (name.clone(), part))
            .collect(),
        Value::Array(parts) => (0..)
            .zip(parts)
            .map(|(index, part): (usize, _)| (index.to_string(), part))
            .collect(),
        _ => Vec::new(),
    };
    let mut places = Vec::new();
    for (name, part) in inner {
        places.extend(places_in(&name, part));
    }
    places
}

fn places_in(name: &str, part: &Value) -> Vec<String> {
    let below = places(part)
        .into_iter()
        .map(|place| format!("/{name}{place}"));
    std::iter::once(format!("/{name}")).chain(below).collect()
}

fn with(json: &Value, place: &str, part: &Value) -> Value {
    let mut json = json.clone();
    *json.pointer_mut(place).expect("a part") = part.clone();
    json
}

fn without(json: &Value, place: &str) -> Value {
    let mut json = json.clone();
    let (above, name) = place.rsplit_once('/').expect("a place");
    match json.pointer_mut(above).expect("a part") {
        Value::Object(parts) => drop(parts.remove(name)),
        Value::Array(parts) => parts.clear(),
        _ => panic!("{above} has no parts"),
    }
    json
}
