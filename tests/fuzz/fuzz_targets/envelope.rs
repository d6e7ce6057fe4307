//! Bodies: whatever comes in is refused or read, nothing unsigned is let in,
//! and what can be read can be answered within Amazon's limits.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use pod_alexa::verify::{
    CertificateHost, CertificateUrl, FetchError, SkillIds, Verifier, VerifierConfig,
};
use pod_alexa::{Observer, Skill, SkillPorts, fuzzing};
use pod_core::ports::{AccessToken, AuthenticateError, Authenticator, Caller, Scopes};
use pod_core::{Deadline, Menu, Timestamp};
use pod_testkit::{Fakes, fixtures};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// As in the seeds, so that requests for this skill get as far as the
/// certificate.
const SKILL: &str = "amzn1.ask.skill.7c1f0a52-8f0e-4d57-9a3b-2c5e6f1d90ab";

/// As in the seeds: 21 November 2026, 18:03:02 UTC.
const NOW: i64 = 1_795_284_182;

/// An order, for others to be about.
const ORDER: &[u8] = include_bytes!("../../../crates/pod-alexa/tests/requests/order.json");

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime")
});

static VERIFIER: LazyLock<Verifier> = LazyLock::new(verifier);

static HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let signature = format!("{}==", "A".repeat(342));
    let mut headers = HeaderMap::new();
    let url = "https://s3.amazonaws.com/echo.api/echo-api-cert.pem";
    headers.insert("signaturecertchainurl", url.parse().expect("a value"));
    headers.insert("signature-256", signature.parse().expect("a value"));
    headers
});

fuzz_target!(|body: &[u8]| {
    RUNTIME.block_on(async {
        is_not_let_in(body).await;
        if pod_alexa::parse_envelope(body) {
            is_answered(body, &[]).await;
            is_answered(body, &[ORDER]).await;
        }
    });
});

async fn is_not_let_in(body: &[u8]) {
    let now = Timestamp::from_second(NOW).expect("a time");
    let deadline = Instant::now() + Duration::from_secs(1);

    let verified = VERIFIER.verify(&HEADERS, body, now, deadline).await;

    assert!(verified.is_err(), "nobody signed it");
}

/// Answers it to a customer who asked for this before.
async fn is_answered(body: &[u8], before: &[&[u8]]) {
    let skill = skill();
    for body in before {
        answer(&skill, body).await;
    }

    let answer = answer(&skill, body).await;

    assert!(answer.len() <= 120_000, "{} bytes", answer.len());
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    let response = &answer["response"];
    for speech in [
        &response["outputSpeech"],
        &response["reprompt"]["outputSpeech"],
    ] {
        if let Some(text) = speech["text"].as_str() {
            is_short(text);
        }
        if let Some(ssml) = speech["ssml"].as_str() {
            is_short(ssml);
            is_sound(ssml);
        }
    }
}

async fn answer(skill: &Skill, body: &[u8]) -> String {
    let deadline = Deadline::at(Instant::now() + Duration::from_secs(20));
    let answer = fuzzing::answer(skill, body, deadline).await;
    answer.expect("what is an envelope is answered")
}

fn is_short(speech: &str) {
    assert!(speech.encode_utf16().count() <= 8_000, "{speech}");
}

/// What is left of speech without the tags and entities that pod uses has no
/// others.
fn is_sound(ssml: &str) {
    let inner = ssml.strip_prefix("<speak>");
    let inner = inner.and_then(|inner| inner.strip_suffix("</speak>"));
    let mut words = inner.expect("speech in a tag of its own").to_owned();
    let (open, close) = (r#"<say-as interpret-as="digits">"#, "</say-as>");
    assert_eq!(words.matches(open).count(), words.matches(close).count());
    for known in [open, close, "&amp;", "&lt;", "&gt;", "&quot;", "&apos;"] {
        words = words.replace(known, " ");
    }

    assert!(!words.contains(['<', '>', '&', '"', '\'']), "{ssml}");
    let illegal = |c: char| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{7f}');
    assert!(!words.contains(illegal), "{ssml:?}");
}

fn verifier() -> Verifier {
    let skill_ids = SkillIds::parse(SKILL).expect("a skill's id");
    let verifier = Verifier::with_host(VerifierConfig::new(skill_ids), Arc::new(Nobody));
    verifier.expect("a verifier")
}

/// A skill that nobody has asked for anything yet.
fn skill() -> Skill {
    let fakes = Fakes::with_zoe();
    let ports = SkillPorts {
        pod: Arc::new(fakes.pod()),
        authenticator: Arc::new(Everybody),
        clock: fakes.clock.clone(),
        observer: Arc::new(Nobody),
    };
    Skill::with_verifier(verifier(), Menu::default(), Duration::from_secs(6), ports)
}

/// Has no certificates, and does not watch.
struct Nobody;

#[async_trait]
impl CertificateHost for Nobody {
    async fn fetch(&self, _: &CertificateUrl, _: Instant) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::Status(403))
    }
}

impl Observer for Nobody {
    fn answered(&self, _: &'static str, _: &'static str, _: Duration) {}

    fn rejected(&self, _: &'static str) {}
}

/// Takes whoever speaks for Zoë.
struct Everybody;

#[async_trait]
impl Authenticator for Everybody {
    async fn authenticate(
        &self,
        _: &AccessToken,
        _: Deadline,
    ) -> Result<Caller, AuthenticateError> {
        Ok(Caller {
            customer: fixtures::zoe(),
            scopes: Scopes::default(),
        })
    }
}
