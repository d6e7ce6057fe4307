//! Strangers: what is not Amazon's, or not for this skill, is refused without
//! a word and leaves no trace.

use std::time::Duration;

use pod_core::ports::Clock;
use pod_emulator::{CERTIFICATE_URL_HEADER, SIGNATURE_HEADER, SignedRequest};
use serde_json::{Value, json};

use crate::stage::{ADA, Letter, Setup, Storage, Talk, strange_root};

played_on_both_stores![
    what_is_not_signed_is_refused,
    what_was_signed_is_not_changed,
    what_is_too_old_or_too_new_is_refused,
    what_is_for_another_skill_is_refused,
    what_is_no_request_is_refused,
    what_is_too_large_is_not_read,
    whoever_signs_without_amazons_authority_is_refused,
    no_other_header_makes_a_request_amazons,
];

const ORDER: &str = "Alexa, ask Pizza on Demand for a jumbo pizza";
const CODE: &str = "Alexa, tell Pizza on Demand the code is <code 1>";

/// A pod that knows Amazon's certificate, and has an order that waits.
async fn busy(storage: Storage) -> Talk {
    let mut talk = Talk::on(storage).await;
    talk.ada("Alexa, ask Pizza on Demand for a small pizza")
        .await;
    talk
}

/// Sends what has to be refused, and holds that it is, for the reason given,
/// and leaves no trace.
async fn refused(talk: &mut Talk, letters: impl IntoIterator<Item = (&'static str, Letter)>) {
    let (kept, messages) = (talk.everything_kept().await, talk.messages());
    for (reason, letter) in letters {
        let answer = talk.post(letter).await;

        let status = if reason == "too-large" { 413 } else { 400 };
        assert_eq!((answer.status, &*answer.body), (status, ""), "{reason}");
        assert_eq!(talk.refusals(), [reason]);
    }
    assert!(talk.everything_kept().await == kept, "something was kept");
    assert_eq!(talk.messages(), messages);
}

async fn what_is_not_signed_is_refused(storage: Storage) {
    let mut talk = busy(storage).await;
    let code = talk.compose("kitchen", CODE);
    let unsigned = Letter::unsigned(code.body.to_vec());
    let signed = Letter::from(&code);
    let elsewhere = "https://s3.amazonaws.com.example/echo.api/echo-api-cert.pem";

    let letters = [
        ("missing-certificate-url", unsigned.clone()),
        (
            "missing-certificate-url",
            unsigned.clone().with(SIGNATURE_HEADER, &code.signature),
        ),
        (
            "missing-signature",
            unsigned
                .clone()
                .with(CERTIFICATE_URL_HEADER, &code.certificate_url),
        ),
        (
            "missing-signature",
            unsigned
                .with(CERTIFICATE_URL_HEADER, &code.certificate_url)
                .with("Signature", &code.signature),
        ),
        (
            "signature-encoding",
            signed.clone().with(SIGNATURE_HEADER, "?"),
        ),
        ("signature", signed.clone().with(SIGNATURE_HEADER, "AAAA")),
        (
            "certificate-url",
            signed.with(CERTIFICATE_URL_HEADER, elsewhere),
        ),
    ];

    refused(&mut talk, letters).await;
}

async fn what_was_signed_is_not_changed(storage: Storage) {
    let mut talk = busy(storage).await;
    let order = talk.compose("kitchen", ORDER);
    let other = talk.compose("kitchen", CODE);
    let text = String::from_utf8(order.body.to_vec()).expect("text");
    let smaller = text.replace("jumbo", "small");
    let spaced = format!("{text} ");

    let letters = [
        ("signature", Letter::unsigned(smaller).signed_as(&order)),
        ("signature", Letter::unsigned(spaced).signed_as(&order)),
        ("signature", Letter::from(&order).signed_as(&other)),
    ];

    refused(&mut talk, letters).await;
}

async fn what_is_too_old_or_too_new_is_refused(storage: Storage) {
    let mut talk = busy(storage).await;
    let now = talk.clock.now();
    let old = talk.compose("kitchen", CODE);
    talk.clock.advance(Duration::from_secs(302));
    let new = talk.compose("kitchen", CODE);
    let year = Duration::from_hours(24 * 365);
    let without = altered(&talk, &old, |json| {
        json["request"]["timestamp"] = Value::Null;
    });
    let unreadable = altered(&talk, &old, |json| {
        json["request"]["timestamp"] = "yesterday".into();
    });
    talk.clock.set(now + Duration::from_secs(151));

    let letters = [
        ("timestamp", Letter::from(&old)),
        ("timestamp", Letter::from(&new)),
        ("missing-timestamp", without),
        ("unreadable-timestamp", unreadable),
    ];

    refused(&mut talk, letters).await;
    talk.clock.set(now + year);
    refused(&mut talk, [("timestamp", Letter::from(&old))]).await;
}

async fn what_is_for_another_skill_is_refused(storage: Storage) {
    const ANOTHER: &str = "amzn1.ask.skill.00000000-0000-4000-8000-000000000000";
    let mut talk = busy(storage).await;
    let code = talk.compose("kitchen", CODE);
    let in_session =
        |json: &mut Value| json["session"]["application"]["applicationId"] = ANOTHER.into();
    let in_context = |json: &mut Value| {
        json["context"]["System"]["application"]["applicationId"] = ANOTHER.into();
    };

    let letters = [
        (
            "skill-id",
            altered(&talk, &code, |json| {
                in_session(json);
                in_context(json);
            }),
        ),
        ("contradictory-skill-ids", altered(&talk, &code, in_session)),
        ("contradictory-skill-ids", altered(&talk, &code, in_context)),
        (
            "missing-skill-id",
            altered(&talk, &code, |json| {
                json["context"]["System"]["application"] = json!({});
                json["session"]["application"] = json!({});
            }),
        ),
    ];

    refused(&mut talk, letters).await;
}

async fn what_is_no_request_is_refused(storage: Storage) {
    let mut talk = busy(storage).await;
    let code = talk.compose("kitchen", CODE);
    let bytes = |body: &[u8]| {
        let signed = talk.house.signer.sign(body.to_vec());
        Letter::from(&signed.expect("a signature"))
    };
    let mut not_text = code.body.to_vec();
    let somewhere = not_text.iter().position(|byte| *byte == b':');
    not_text[somewhere.expect("a colon") + 2] = 0xFF;
    let half = &code.body[..code.body.len() / 2];
    let twice = [&code.body[..], &code.body[..]].concat();
    let deep = "[".repeat(100_000);

    let letters: Vec<_> = [
        &b""[..],
        b"null",
        b"[]",
        b"{}",
        b"the code is four eight two nine one three",
        br#"{"request":{"type":"IntentRequest"}}"#,
        &not_text,
        half,
        &twice,
        deep.as_bytes(),
    ]
    .map(|body| ("body", bytes(body)))
    .into();

    refused(&mut talk, letters).await;
}

async fn what_is_too_large_is_not_read(storage: Storage) {
    let mut talk = busy(storage).await;
    let order = talk.compose("kitchen", ORDER);
    let fill = |size: usize| {
        let mut body = order.body.to_vec();
        body.resize(size, b' ');
        let signed = talk.house.signer.sign(body);
        Letter::from(&signed.expect("a signature"))
    };
    let (most, more) = (fill(128 * 1024), fill(128 * 1024 + 1));

    refused(&mut talk, [("too-large", more)]).await;
    let answer = talk.post(most).await;

    assert_eq!(answer.status, 200);
    assert!(answer.speech().starts_with("I have your order"));
}

async fn whoever_signs_without_amazons_authority_is_refused(storage: Storage) {
    let setup = Setup {
        trust_anchors: Some(strange_root()),
        ..Setup::default()
    };
    let mut talk = Talk::with(setup, storage).await;
    let order = Letter::from(&talk.compose("kitchen", ORDER));

    refused(&mut talk, [("certificate-chain", order)]).await;
}

async fn no_other_header_makes_a_request_amazons(storage: Storage) {
    const HEADERS: [(&str, &str); 8] = [
        ("Host", "evil.example"),
        (
            "Forwarded",
            "for=127.0.0.1;host=s3.amazonaws.com;proto=https",
        ),
        ("X-Forwarded-For", "127.0.0.1, 10.0.0.1"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "javascript"),
        ("X-Original-URL", "/admin"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("Authorization", "Bearer x"),
    ];
    let mut talk = busy(storage).await;
    let code = talk.compose("kitchen", CODE);
    let headed = |letter: Letter| {
        HEADERS
            .into_iter()
            .fold(letter, |letter, (name, value)| letter.with(name, value))
    };
    let unsigned = headed(Letter::unsigned(code.body.to_vec()));
    let signed = headed(Letter::from(&code));

    refused(&mut talk, [("missing-certificate-url", unsigned)]).await;
    let answer = talk.post(signed).await;

    assert_eq!(answer.status, 200);
    assert!(answer.speech().starts_with("Your order is confirmed"));
    assert_eq!(talk.orders_of(ADA).await, ["a small pizza: confirmed"]);
}

/// The same request with something changed, and signed anew.
fn altered(talk: &Talk, request: &SignedRequest, change: impl FnOnce(&mut Value)) -> Letter {
    let mut json = serde_json::from_slice(&request.body).expect("JSON");
    change(&mut json);
    Letter::from(&talk.sign(&json))
}
