//! Requests that Amazon really signed, and the chains it really used.
//!
//! They are other people's data, so they are read from a folder beside this
//! repository (`../shared/vectors/alexa`), and none is copied into it. Without
//! the folder these tests say so and pass.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::chain::{Certificate, TrustAnchors};
use super::*;

const SHA1: Scheme = Scheme {
    header: "signature",
    algorithm: &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
};

struct Capture {
    name: String,
    body: Vec<u8>,
    signature: String,
    chain: Vec<u8>,
    url: String,
    now: Timestamp,
    is_trusted_today: bool,
}

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/alexa");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: vectors not present");
    None
}

fn captures() -> Vec<Capture> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let file = |name: &Value| fs::read(folder.join(name.as_str().unwrap())).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list: Vec<Value> =
        serde_json::from_slice(&fs::read(folder.join("vectors.json")).unwrap()).unwrap();
    assert_eq!(list.len(), 6);
    list.iter()
        .map(|one| Capture {
            name: text(&one["name"]),
            body: file(&one["body"]),
            signature: text(&one["sig"]),
            chain: file(&one["cert"]),
            url: text(&one["certUrl"]),
            now: one["now"].as_str().unwrap().parse().unwrap(),
            is_trusted_today: one["chainAnchorsInWebpkiRoots"].as_bool().unwrap(),
        })
        .collect()
}

impl Capture {
    /// The authority that vouched for it then: the browsers' of today, or the
    /// last certificate of its own chain.
    fn anchors(&self) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(&self.chain).unwrap();
        let last = text.rfind("-----BEGIN").unwrap();
        (!self.is_trusted_today).then(|| self.chain[last..].to_vec())
    }

    fn verifier(&self, scheme: Scheme) -> Verifier {
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        let skill = body["session"]["application"]["applicationId"]
            .as_str()
            .unwrap();
        let config = VerifierConfig {
            trust_anchors: self.anchors(),
            ..VerifierConfig::new(SkillId::parse(skill).unwrap())
        };
        Verifier::with_scheme(config, Arc::new(File(self.chain.clone())), scheme).unwrap()
    }

    async fn verify(
        &self,
        scheme: Scheme,
        header: &'static str,
        body: &[u8],
    ) -> Result<Verified, Rejection> {
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_static(header),
            HeaderValue::from_str(&self.signature).unwrap(),
        );
        headers.insert(
            "signaturecertchainurl",
            HeaderValue::from_str(&self.url).unwrap(),
        );
        let deadline = Instant::now() + Duration::from_secs(5);
        self.verifier(scheme)
            .verify(&headers, body, self.now, deadline)
            .await
    }

    fn certificate(&self, scheme: Scheme) -> Certificate {
        let anchors = self.anchors().map_or_else(TrustAnchors::public, |pem| {
            TrustAnchors::read(&pem).unwrap()
        });
        Certificate::read(&self.chain, &anchors, scheme.algorithm, self.now).unwrap()
    }

    fn tampered(&self) -> Vec<u8> {
        let mut body = self.body.clone();
        let last = body.len() - 1;
        body[last] ^= 1;
        body
    }

    /// The oldest captures are from before there was a context.
    fn has_context(&self) -> bool {
        self.body.windows(9).any(|window| window == br#""context""#)
    }
}

struct File(Vec<u8>);

#[async_trait]
impl CertificateHost for File {
    async fn fetch(&self, _: &CertificateUrl, _: Instant) -> Result<Vec<u8>, FetchError> {
        Ok(self.0.clone())
    }
}

#[tokio::test]
async fn the_old_captures_verify_by_their_old_signature() {
    // B4, B5: among them are a "Pokémon" and bodies that begin with a space.
    for capture in captures().iter().filter(|capture| capture.has_context()) {
        let outcome = capture.verify(SHA1, "signature", &capture.body).await;

        assert!(outcome.is_ok(), "{}: {outcome:?}", capture.name);
    }
}

#[test]
fn the_signatures_of_all_six_captures_are_good_and_of_no_other_bytes() {
    // B1, B2, B4, B5
    for capture in captures() {
        let certificate = capture.certificate(SHA1);
        let signature = STANDARD.decode(&capture.signature).unwrap();

        assert!(
            certificate.has_signed(&capture.body, &signature),
            "{}",
            capture.name
        );
        assert!(
            !certificate.has_signed(&capture.tampered(), &signature),
            "{}",
            capture.name
        );
        let parsed: Value = serde_json::from_slice(&capture.body).unwrap();
        assert!(
            !certificate.has_signed(parsed.to_string().as_bytes(), &signature),
            "{}",
            capture.name
        );
    }
}

#[tokio::test]
async fn a_capture_without_a_context_is_refused() {
    // S1: two of the captures are from before Amazon named the skill there.
    for capture in captures().iter().filter(|capture| !capture.has_context()) {
        let outcome = capture.verify(SHA1, "signature", &capture.body).await;

        assert!(
            matches!(outcome, Err(Rejection::MissingSkillId)),
            "{}: {outcome:?}",
            capture.name
        );
    }
}

#[tokio::test]
async fn an_old_signature_does_not_count_even_though_it_is_good() {
    // H3
    for capture in captures() {
        let by_its_header = capture.verify(SHA256, "signature", &capture.body).await;
        let renamed = capture.verify(SHA256, "signature-256", &capture.body).await;

        assert!(
            matches!(by_its_header, Err(Rejection::MissingSignature)),
            "{by_its_header:?}"
        );
        let expected = if capture.has_context() {
            "signature"
        } else {
            "missing-skill-id"
        };
        assert_eq!(renamed.unwrap_err().reason(), expected, "{}", capture.name);
    }
}

fn judge(file: &str, now: Timestamp) -> Option<Result<(), &'static str>> {
    let pem = fs::read(folder()?.join(file)).unwrap();
    let read = Certificate::read(&pem, &TrustAnchors::public(), SHA256.algorithm, now);
    Some(match read {
        Ok(certificate) => {
            assert!(certificate.is_valid_at(now), "{file}");
            Ok(())
        }
        Err(rejection) => Err(rejection.reason()),
    })
}

#[test]
fn amazons_own_chains_are_trusted_within_their_dates_and_not_outside() {
    // C9, C11; 1.4 a: the tail of these files leads to an authority that is
    // no longer trusted, and Amazon's own kit refuses them for it.
    let second = SignedDuration::from_secs(1);
    for (file, from, until) in [
        ("cert6.pem", "2018-06-13T00:00:00Z", "2019-06-13T12:00:00Z"),
        ("cert7.pem", "2019-05-22T00:00:00Z", "2020-05-15T12:00:00Z"),
        ("cert8.pem", "2020-03-19T00:00:00Z", "2021-03-10T12:00:00Z"),
        ("cert9.pem", "2020-12-11T00:00:00Z", "2021-11-16T23:59:59Z"),
        ("cert10.pem", "2021-08-31T00:00:00Z", "2022-08-04T23:59:59Z"),
        ("cert11.pem", "2022-06-16T00:00:00Z", "2023-06-15T23:59:59Z"),
        ("cert12.pem", "2023-03-16T00:00:00Z", "2023-12-23T23:59:59Z"),
        (
            "cert-eu-2026.pem",
            "2026-07-28T00:00:00Z",
            "2027-02-10T23:59:59Z",
        ),
    ] {
        let (from, until): (Timestamp, Timestamp) = (from.parse().unwrap(), until.parse().unwrap());

        for (now, expected) in [
            (from - second, Err("certificate-dates")),
            (from, Ok(())),
            (from + SignedDuration::from_hours(24 * 30), Ok(())),
            (until, Ok(())),
            (until + second, Err("certificate-dates")),
        ] {
            let Some(outcome) = judge(file, now) else {
                return;
            };

            assert_eq!(outcome, expected, "{file} at {now}");
        }
    }
}

#[test]
fn the_chain_in_use_is_trusted_today() {
    // The public authorities are those of today, so it is held against this
    // day's clock. Once it has ended, a newer one has to take its place here.
    const ENDS: &str = "2027-02-10T23:59:59Z";
    #[expect(clippy::disallowed_methods, reason = "the test is about this very day")]
    let now = Timestamp::now();
    let ends: Timestamp = ENDS.parse().unwrap();

    let Some(outcome) = judge("cert-eu-2026.pem", now) else {
        return;
    };

    let expected = if now <= ends {
        Ok(())
    } else {
        Err("certificate-dates")
    };
    assert_eq!(outcome, expected, "at {now}");
}

#[test]
fn chains_of_authorities_that_lost_their_trust_are_refused() {
    for (file, now) in [
        ("cert4.pem", "2017-02-10T07:27:59Z"),
        ("cert5.pem", "2017-12-01T09:00:10Z"),
        ("cert-verisign-2015-expired.pem", "2015-06-01T00:00:00Z"),
    ] {
        let Some(outcome) = judge(file, now.parse().unwrap()) else {
            return;
        };

        assert_eq!(outcome, Err("certificate-chain"), "{file}");
    }
}

#[test]
fn a_kept_certificate_knows_when_its_whole_chain_ends() {
    // C3
    let Some(folder) = folder() else { return };
    let pem = fs::read(folder.join("cert7.pem")).unwrap();
    let read_at = "2019-07-15T22:44:30Z".parse().unwrap();

    let certificate =
        Certificate::read(&pem, &TrustAnchors::public(), SHA256.algorithm, read_at).unwrap();

    assert!(certificate.is_valid_at("2020-05-15T12:00:00.9Z".parse().unwrap()));
    assert!(!certificate.is_valid_at("2020-05-15T12:00:01Z".parse().unwrap()));
    assert!(!certificate.is_valid_at("2019-05-21T23:59:59Z".parse().unwrap()));
    assert!(!certificate.is_valid_at(Timestamp::MIN));
}
