//! What verifying a request costs, against what nobody can do without: the RSA
//! signature, and reading the JSON.

mod support;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use divan::{Bencher, black_box};
use http::{HeaderMap, HeaderName, HeaderValue};
use pod_alexa::verify::{
    CertificateHost, CertificateUrl, FetchError, SkillId, Verifier, VerifierConfig,
};
use pod_core::Timestamp;
use pod_core::ports::{AccessToken, Authenticator};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Deserialize;

use support::{KEYS, RUNTIME, WORLD, deadline, now, signed, token};

const SAID: &str = "ask pizza on demand to get me a large pizza with pepperoni and onions";

fn main() {
    divan::main();
}

/// A request as the skill gets it.
struct Letter {
    headers: HeaderMap,
    body: Vec<u8>,
    signature: Vec<u8>,
    at: Timestamp,
}

impl Letter {
    fn new() -> Self {
        let signed = signed(SAID);
        let mut headers = HeaderMap::new();
        for (name, value) in signed.headers() {
            headers.insert(
                HeaderName::from_bytes(name.as_bytes()).expect("a name"),
                HeaderValue::from_str(value).expect("a value"),
            );
        }
        Self {
            headers,
            body: signed.body.to_vec(),
            signature: STANDARD.decode(&signed.signature).expect("base64"),
            at: now(),
        }
    }
}

/// Hands the emulator's certificates out.
struct Certificates;

#[async_trait]
impl CertificateHost for Certificates {
    async fn fetch(
        &self,
        _url: &CertificateUrl,
        _deadline: Instant,
    ) -> Result<Vec<u8>, FetchError> {
        Ok(WORLD.amazon().certificates().into())
    }
}

fn verifier() -> Verifier {
    let environment = WORLD.environment();
    let (_, id) = environment
        .iter()
        .find(|(name, _)| *name == "POD_ALEXA_SKILL_ID")
        .expect("a skill id");
    let config = VerifierConfig {
        trust_anchors: Some(WORLD.amazon().root().into()),
        ..VerifierConfig::new(SkillId::parse(id).expect("a skill id"))
    };
    Verifier::with_host(config, Arc::new(Certificates)).expect("a verifier")
}

/// The key that signs requests, parsed once.
fn amazons_key() -> ParsedPublicKey {
    let signer = PrivatePkcs8KeyDer::pem_slice_iter(KEYS.as_bytes())
        .nth(2)
        .expect("a third key")
        .expect("a key");
    let pair = RsaKeyPair::from_pkcs8(signer.secret_pkcs8_der()).expect("an RSA key");
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref()).expect("a key")
}

/// Everything: headers, address, time, skill, cached certificate, signature.
#[divan::bench]
fn verify_with_a_cached_certificate(bencher: Bencher<'_, '_>) {
    let (verifier, letter) = (verifier(), Letter::new());
    let verify = || {
        let until = Instant::now() + Duration::from_secs(6);
        let verified = verifier.verify(&letter.headers, &letter.body, letter.at, until);
        RUNTIME.block_on(verified).expect("a good request")
    };
    drop(verify());

    bencher.bench_local(|| drop(black_box(verify())));
}

/// What nobody can do without: one RSA-2048 verification by a key that is
/// parsed already, and reading the same JSON into types.
#[divan::bench]
fn bare_rsa_and_typed_json(bencher: Bencher<'_, '_>) {
    let (key, letter) = (amazons_key(), Letter::new());

    bencher.bench_local(|| {
        key.verify_sig(&letter.body, &letter.signature)
            .expect("a good signature");
        let envelope: Envelope = serde_json::from_slice(&letter.body).expect("an envelope");
        black_box(envelope);
    });
}

/// The first half of it.
#[divan::bench]
fn bare_rsa(bencher: Bencher<'_, '_>) {
    let (key, letter) = (amazons_key(), Letter::new());

    bencher.bench_local(|| {
        key.verify_sig(black_box(&letter.body), &letter.signature)
            .expect("good");
    });
}

/// What reading an envelope costs the skill.
#[divan::bench]
fn envelope(bencher: Bencher<'_, '_>) {
    let letter = Letter::new();

    bencher.bench_local(|| assert!(pod_alexa::parse_envelope(black_box(&letter.body))));
}

/// What it costs to find out who is speaking, by the tenant's known keys.
#[divan::bench]
fn authenticate_rs256(bencher: Bencher<'_, '_>) {
    let config = pod_auth0::AuthenticatorConfig {
        domain: pod_auth0::Auth0Domain::parse(WORLD.tenant().issuer()).expect("a domain"),
        audience: pod_auth0::Audience::parse(WORLD.tenant().audience()).expect("an API"),
        clients: Vec::new(),
        hs256_key: None,
    };
    let clock = Arc::new(pod_server::system::SystemClock);
    let http = pod_http::Http::new(&pod_http::Route::default()).expect("a way out");
    let authenticator =
        RUNTIME.block_on(async { pod_auth0::Auth0Authenticator::new(config, http, clock) });
    let token = AccessToken::parse(&token()).expect("a token");
    let authenticate = || {
        let caller = authenticator.authenticate(&token, deadline());
        RUNTIME.block_on(caller).expect("a good token")
    };
    drop(authenticate());

    bencher.bench_local(|| drop(black_box(authenticate())));
}

/// What entering the runtime costs in the figures above.
#[divan::bench]
fn nothing_at_all(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| RUNTIME.block_on(async { black_box(Instant::now()) }));
}

/// A request, as far as anybody could want to know it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is read to know what reading costs")]
struct Envelope {
    version: String,
    session: Option<Session>,
    context: Context,
    request: Request,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is read to know what reading costs")]
struct Session {
    new: bool,
    #[serde(rename = "sessionId")]
    id: String,
    application: Application,
    #[serde(default)]
    attributes: HashMap<String, String>,
    user: User,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is read to know what reading costs")]
struct Application {
    application_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is read to know what reading costs")]
struct User {
    #[serde(rename = "userId")]
    id: String,
    access_token: Option<String>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is read to know what reading costs")]
struct Context {
    #[serde(rename = "System")]
    system: System,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is read to know what reading costs")]
struct System {
    application: Application,
    user: User,
    device: Device,
    api_endpoint: String,
    api_access_token: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is read to know what reading costs")]
struct Device {
    #[serde(rename = "deviceId")]
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is read to know what reading costs")]
struct Request {
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "requestId")]
    id: String,
    timestamp: String,
    locale: String,
    intent: Option<Intent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is read to know what reading costs")]
struct Intent {
    name: String,
    #[serde(default)]
    slots: HashMap<String, Slot>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is read to know what reading costs")]
struct Slot {
    name: String,
    value: Option<String>,
}
