//! Twilio: what it takes, what it refuses, and what it reports.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode as AxumStatus, Uri};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use pod_core::{Contact, PhoneNumber};
use pod_emulator::{
    Emulator, EmulatorConfig, TWILIO_ACCOUNT, TWILIO_FROM, TWILIO_KEY, TWILIO_KEY_SECRET,
    TWILIO_MESSAGING_SERVICE, TWILIO_TOKEN, TWILIO_VERIFY_SERVICE, Twilio, TwilioTrouble,
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use url::Url;
use url::form_urlencoded::{Serializer, parse};

use crate::support::{ask, config};

const ADA: &str = "+14155550142";

async fn start() -> Emulator {
    start_with(|config| config).await
}

async fn start_with(changed: impl FnOnce(EmulatorConfig) -> EmulatorConfig) -> Emulator {
    let config = changed(config("http://127.0.0.1:9/pod/alexa"));
    Emulator::start(config).await.unwrap()
}

/// Posts a form as the account's owner.
async fn post(world: &Emulator, path: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
    let owner = format!("{TWILIO_ACCOUNT}:{TWILIO_TOKEN}");
    post_as(world, path, form, &owner).await
}

async fn post_as(
    world: &Emulator,
    path: &str,
    form: &[(&str, &str)],
    owner: &str,
) -> (StatusCode, Value) {
    let stream = TcpStream::connect(world.address()).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::post(path)
        .header("host", world.address().to_string())
        .header("content-type", "application/x-www-form-urlencoded")
        .header(
            "authorization",
            format!("Basic {}", BASE64_STANDARD.encode(owner)),
        )
        .body(Full::new(Bytes::from(body)))
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

fn messages() -> String {
    format!("/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Messages.json")
}

fn verify(place: &str) -> String {
    format!("/v2/Services/{TWILIO_VERIFY_SERVICE}/{place}")
}

const LEAST: [(&str, &str); 3] = [
    ("To", ADA),
    ("From", TWILIO_FROM),
    ("Body", "482913 confirms\n@pod.example.com #482913"),
];

/// The least with one field changed, or taken away.
fn with<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut form: Vec<_> = LEAST.into_iter().filter(|(n, _)| *n != name).collect();
    if !value.is_empty() {
        form.push((name, value));
    }
    form
}

fn ada() -> Contact {
    Contact::Phone(PhoneNumber::parse(ADA).unwrap())
}

#[tokio::test]
async fn a_message_is_taken_and_goes_to_the_inbox() {
    let world = start().await;

    let (status, answer) = post(&world, &messages(), &LEAST).await;

    assert_eq!(status, StatusCode::CREATED, "{answer}");
    assert!(answer["sid"].as_str().unwrap().starts_with("SM"));
    assert_eq!(answer["status"], "queued");
    assert_eq!(answer["num_segments"], "1");
    assert_eq!(answer["error_code"], Value::Null);
    assert_eq!(answer["date_created"], "Sun, 22 Nov 2026 11:43:17 +0000");
    let message = world.inbox().latest_for(&ada()).unwrap();
    assert_eq!(message.code().unwrap().expose(), "482913");
    assert_eq!(world.twilio().messages(), 1);
}

#[tokio::test]
async fn a_messaging_service_and_an_api_key_are_as_good() {
    let world = start().await;
    let mut form = with("From", "");
    form.push(("MessagingServiceSid", TWILIO_MESSAGING_SERVICE));
    let owner = format!("{TWILIO_KEY}:{TWILIO_KEY_SECRET}");

    let (status, answer) = post_as(&world, &messages(), &form, &owner).await;

    assert_eq!(status, StatusCode::CREATED, "{answer}");
    assert_eq!(answer["status"], "accepted");
    assert_eq!(answer["messaging_service_sid"], TWILIO_MESSAGING_SERVICE);
}

#[tokio::test]
async fn what_twilio_would_refuse_is_refused_with_its_number() {
    let world = start().await;
    let long = "x".repeat(1601);
    for (name, value, code) in [
        ("To", "", 21211),
        ("To", "4155550142", 21211),
        ("To", "+15005550001", 21211),
        ("To", "+15005550002", 21612),
        ("To", "+15005550003", 21408),
        ("To", "+15005550004", 21610),
        ("To", "+15005550009", 21614),
        ("From", "", 21603),
        ("From", "+14155550100", 21606),
        ("From", "+15005550001", 21212),
        ("From", "+15005550007", 21606),
        ("From", "+15005550008", 21611),
        ("Body", "", 21602),
        ("Body", &long, 21617),
        ("ValidityPeriod", "0", 30203),
        ("ValidityPeriod", "36001", 30203),
        ("ValidityPeriod", "soon", 30203),
        ("ContentRetention", "forget", 20001),
        ("StatusCallback", "nowhere", 21609),
    ] {
        let (status, answer) = post(&world, &messages(), &with(name, value)).await;

        assert_eq!(answer["code"], code, "{name}={value}: {answer}");
        assert_eq!(status, StatusCode::BAD_REQUEST, "{name}={value}");
    }
    assert_eq!(world.twilio().messages(), 0);
    assert_eq!(world.inbox().newest(), 0);
}

#[tokio::test]
async fn only_the_accounts_owner_may_ask() {
    let world = start().await;
    for owner in ["", "x:y", &format!("{TWILIO_ACCOUNT}:{TWILIO_KEY_SECRET}")] {
        let (status, answer) = post_as(&world, &messages(), &LEAST, owner).await;
        assert_eq!(
            (status, &answer["code"]),
            (StatusCode::UNAUTHORIZED, &json!(20003))
        );
    }
    let elsewhere = messages().replace(TWILIO_ACCOUNT, TWILIO_KEY);
    let (status, _) = post(&world, &elsewhere, &LEAST).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = ask(world.address(), Method::POST, &messages(), Some(json!({}))).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_message_meets_its_trouble_and_the_next_one_none() {
    let world = start().await;
    let path = "/emulator/twilio/troubles";
    let trouble = json!({"times": 1, "trouble": {"refuse": 21610}});
    let (status, _) = ask(world.address(), Method::POST, path, Some(trouble)).await;
    assert_eq!(status, StatusCode::NO_CONTENT);

    let (_, refused) = post(&world, &messages(), &LEAST).await;
    let (taken, _) = post(&world, &messages(), &LEAST).await;
    world.twilio().trouble(u32::MAX, TwilioTrouble::Lose(30005));
    let (lost, _) = post(&world, &messages(), &LEAST).await;
    let (status, _) = ask(world.address(), Method::DELETE, path, None).await;

    assert_eq!(refused["code"], 21610);
    assert_eq!((taken, lost), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(world.inbox().newest(), 1);
    assert_eq!(world.twilio().messages(), 2);
    let (_, again) = post(&world, &messages(), &LEAST).await;
    assert_eq!(again["status"], "queued");
    assert_eq!(world.inbox().newest(), 2);
}

/// Somebody to whom reports are made.
async fn listener() -> (Url, mpsc::UnboundedReceiver<(String, String, String)>) {
    type Told = mpsc::UnboundedSender<(String, String, String)>;
    async fn take(
        State(told): State<Arc<Told>>,
        uri: Uri,
        headers: HeaderMap,
        body: String,
    ) -> AxumStatus {
        let signature = headers["x-twilio-signature"].to_str().unwrap().to_owned();
        told.send((uri.to_string(), signature, body)).unwrap();
        AxumStatus::NO_CONTENT
    }
    let (tell, told) = mpsc::unbounded_channel();
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let router = Router::new().fallback(take).with_state(Arc::new(tell));
    tokio::spawn(axum::serve(socket, router).into_future());
    let url = format!("http://{address}/status?order=a%7Cb&n=1");
    (url.parse().unwrap(), told)
}

#[tokio::test]
async fn what_becomes_of_a_message_is_reported_and_signed() {
    let world = start_with(|config| EmulatorConfig {
        callback_delay: Duration::ZERO,
        ..config
    })
    .await;
    let (url, mut told) = listener().await;

    for (lost, last) in [(None, "delivered"), (Some(30006), "undelivered")] {
        if let Some(code) = lost {
            world.twilio().trouble(1, TwilioTrouble::Lose(code));
        }
        post(&world, &messages(), &with("StatusCallback", url.as_str())).await;

        for status in ["sent", last] {
            let (path, signature, body) = told.recv().await.unwrap();
            let form: Vec<_> = parse(body.as_bytes()).into_owned().collect();
            let pairs: Vec<_> = form.iter().map(|(n, v)| (&**n, &**v)).collect();
            assert_eq!(path, "/status?order=a%7Cb&n=1");
            assert_eq!(signature, Twilio::sign(&url, &pairs));
            assert!(pairs.contains(&("MessageStatus", status)), "{pairs:?}");
            assert!(pairs.contains(&("To", ADA)), "{pairs:?}");
            let code = pairs.iter().find(|(name, _)| *name == "ErrorCode");
            let expected = (status == "undelivered").then_some(("ErrorCode", "30006"));
            assert_eq!(code.copied(), expected);
        }
    }
}

async fn begin(world: &Emulator, form: &[(&str, &str)]) -> (StatusCode, Value) {
    post(world, &verify("Verifications"), form).await
}

async fn check(world: &Emulator, sid: &Value, code: &str) -> (StatusCode, Value) {
    let form = [("VerificationSid", sid.as_str().unwrap()), ("Code", code)];
    post(world, &verify("VerificationCheck"), &form).await
}

fn code(world: &Emulator) -> String {
    let message = world.inbox().latest_for(&ada()).unwrap();
    message.code().unwrap().expose().to_owned()
}

#[tokio::test]
async fn verify_judges_a_code_once() {
    let world = start().await;
    let (status, begun) = begin(&world, &[("To", ADA), ("Channel", "sms")]).await;
    assert_eq!(
        (status, &begun["status"]),
        (StatusCode::CREATED, &json!("pending"))
    );
    let right = code(&world);
    let wrong = if right == "111111" {
        "222222"
    } else {
        "111111"
    };

    let (_, refused) = check(&world, &begun["sid"], wrong).await;
    let (_, approved) = check(&world, &begun["sid"], &right).await;
    let (gone, _) = check(&world, &begun["sid"], &right).await;

    assert_eq!(
        (&refused["valid"], &refused["status"]),
        (&json!(false), &json!("pending"))
    );
    assert_eq!(
        (&approved["valid"], &approved["status"]),
        (&json!(true), &json!("approved"))
    );
    assert_eq!(gone, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn verify_binds_a_code_to_amount_and_payee() {
    let world = start().await;
    let paid = [
        ("To", ADA),
        ("Channel", "sms"),
        ("Amount", "18.50 USD"),
        ("Payee", "Pizza on demand"),
    ];
    let (_, begun) = begin(&world, &paid).await;
    let text = world.inbox().latest_for(&ada()).unwrap();
    assert!(text.expose_text().contains("18.50 USD to Pizza on demand"));
    let sid = begun["sid"].as_str().unwrap();
    let code = code(&world);
    let judged = |amount: &'static str| {
        let form = [
            ("VerificationSid", sid),
            ("Code", &code),
            ("Amount", amount),
            ("Payee", "Pizza on demand"),
        ];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let world = &world;
        async move {
            let form: Vec<_> = form.iter().map(|(n, v)| (&**n, &**v)).collect();
            post(world, &verify("VerificationCheck"), &form).await.1
        }
    };

    assert_eq!(judged("18.51 USD").await["valid"], false);
    assert_eq!(judged("18.50 USD").await["valid"], true);
    let (_, half) = begin(&world, &paid[..3]).await;
    assert_eq!(half["code"], 60206);
}

#[tokio::test]
async fn verify_sends_the_same_code_again_and_five_times_at_most() {
    let world = start().await;
    let to_ada = [("To", ADA), ("Channel", "sms")];
    let (_, first) = begin(&world, &to_ada).await;
    let right = code(&world);

    for sends in 2..=5 {
        let (_, again) = begin(&world, &to_ada).await;
        assert_eq!(again["sid"], first["sid"]);
        assert_eq!(again["send_code_attempts"].as_array().unwrap().len(), sends);
        assert_eq!(code(&world), right);
    }
    let (status, sixth) = begin(&world, &to_ada).await;

    assert_eq!(
        (status, &sixth["code"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!(60203))
    );
}

#[tokio::test]
async fn verify_forgets_what_was_cancelled_and_what_was_checked_too_often() {
    let world = start().await;
    let to_ada = [("To", ADA), ("Channel", "sms")];
    let (_, first) = begin(&world, &to_ada).await;
    let place = format!("Verifications/{}", first["sid"].as_str().unwrap());
    let (_, cancelled) = post(&world, &verify(&place), &[("Status", "canceled")]).await;
    assert_eq!(cancelled["status"], "canceled");
    let (gone, _) = check(&world, &first["sid"], &code(&world)).await;
    assert_eq!(gone, StatusCode::NOT_FOUND);

    let (_, second) = begin(&world, &to_ada).await;
    assert_ne!(second["sid"], first["sid"]);
    for _ in 0..5 {
        check(&world, &second["sid"], "000000").await;
    }
    let (status, exhausted) = check(&world, &second["sid"], &code(&world)).await;
    assert_eq!(
        (status, &exhausted["code"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!(60202))
    );
}

#[tokio::test]
async fn verify_refuses_what_it_cannot_send() {
    let world = start().await;
    for (to, channel, code) in [
        (ADA, "", 60200),
        (ADA, "pigeon", 60200),
        ("ada", "sms", 60200),
        (ADA, "email", 60200),
        ("+15005550009", "sms", 60205),
    ] {
        let (_, answer) = begin(&world, &[("To", to), ("Channel", channel)]).await;
        assert_eq!(answer["code"], code, "{to} {channel}");
    }
    let (status, _) = begin(&world, &[("To", "ada@example.com"), ("Channel", "email")]).await;
    assert_eq!(status, StatusCode::CREATED);
}
