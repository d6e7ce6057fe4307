//! Bodies: whatever comes in is refused or read, and nothing unsigned is let
//! in.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use pod_alexa::verify::{
    CertificateHost, CertificateUrl, FetchError, SkillIds, Verifier, VerifierConfig,
};
use pod_core::Timestamp;
use tokio::runtime::{Builder, Runtime};

/// As in the seeds, so that requests for this skill get as far as the
/// certificate.
const SKILL: &str = "amzn1.ask.skill.7c1f0a52-8f0e-4d57-9a3b-2c5e6f1d90ab";

/// As in the seeds: 21 November 2026, 18:03:02 UTC.
const NOW: i64 = 1_795_284_182;

struct NoHost;

#[async_trait]
impl CertificateHost for NoHost {
    async fn fetch(&self, _: &CertificateUrl, _: Instant) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::Status(403))
    }
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime")
});

static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let skill_ids = SkillIds::parse(SKILL).expect("a skill's id");
    let verifier = Verifier::with_host(VerifierConfig::new(skill_ids), Arc::new(NoHost));
    verifier.expect("a verifier")
});

static HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let signature = format!("{}==", "A".repeat(342));
    let mut headers = HeaderMap::new();
    let url = "https://s3.amazonaws.com/echo.api/echo-api-cert.pem";
    headers.insert("signaturecertchainurl", url.parse().expect("a value"));
    headers.insert("signature-256", signature.parse().expect("a value"));
    headers
});

fuzz_target!(|body: &[u8]| {
    let _ = pod_alexa::parse_envelope(body);
    let now = Timestamp::from_second(NOW).expect("a time");
    let deadline = Instant::now() + Duration::from_secs(1);

    let verified = RUNTIME.block_on(VERIFIER.verify(&HEADERS, body, now, deadline));

    assert!(verified.is_err(), "nobody signed it");
});
