//! Spoken codes: whatever was heard, in words or in slots, is a code of the
//! length asked for, or it is not understood.
//!
//! An input is what was heard, a line for each slot: the first for the whole
//! code, the others for a digit each. Of `4=for`, `for` was heard and 4 is what
//! Alexa resolved it to.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pod_alexa::fuzzing;
use pod_core::{Code, CodeDigits};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

const SLOTS: [&str; 9] = [
    "Code", "DOne", "DTwo", "DThree", "DFour", "DFive", "DSix", "DSeven", "DEight",
];

fuzz_target!(|heard: &str| {
    judge(heard);
    let slots = SLOTS.iter().zip(heard.split('\n'));
    let slots = slots.map(|(name, heard)| ((*name).to_owned(), slot(heard)));
    let body = json!({"request": {
        "type": "IntentRequest",
        "intent": {"name": "AuthorizePizzaOrderIntent", "slots": Value::Object(slots.collect())},
    }});
    if let Some(gathered) = fuzzing::spoken_code(body.to_string().as_bytes()) {
        judge(gathered.expose_secret());
    }
});

fn slot(heard: &str) -> Value {
    let Some((id, spoken)) = heard.split_once('=') else {
        return json!({"value": heard});
    };
    let resolution = json!({
        "status": {"code": "ER_SUCCESS_MATCH"},
        "values": [{"value": {"id": id}}],
    });
    json!({"value": spoken, "resolutions": {"resolutionsPerAuthority": [resolution]}})
}

/// Whatever is asked for, what is accepted is that; so it is a code of one
/// length at most.
fn judge(heard: &str) {
    let lengths = (5..=8).map(|digits| CodeDigits::new(digits).expect("5 to 8 digits"));
    let lengths = lengths.chain([CodeDigits::four_as_in_2017()]);

    let accepted = lengths.filter_map(|digits| Some((Code::hear(heard, digits).ok()?, digits)));
    let accepted: Vec<_> = accepted.collect();

    assert!(accepted.len() <= 1, "it is a code of several lengths");
    for (code, digits) in accepted {
        let said = code.expose();
        assert!((4..=8).contains(&said.len()) && said.len() == digits.get());
        assert!(said.bytes().all(|b| b.is_ascii_digit()));
        let again = Code::hear(said, digits).expect("digits are heard as they are");
        assert!(code.matches(&again));
    }
}
