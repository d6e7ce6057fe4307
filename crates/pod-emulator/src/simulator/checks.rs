//! What Amazon demands that a skill checks of every request, checked on the
//! requests that the emulator sends: for people to see what pod looks at.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use serde::Serialize;
use serde_json::Value;
use url::Url;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::amazon::SignedRequest;

/// The name that must be in the certificate.
const SIGNER: &str = "echo-api.amazon.com";
/// How far a request's time may be from now, in seconds.
const TOLERANCE: i64 = 150;

/// One rule, and whether a request keeps it.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    name: &'static str,
    passed: bool,
    says: String,
}

/// What requests are held against.
pub(super) struct Inspector<'a> {
    /// The chain behind the request's address of certificates, in PEM.
    pub(super) certificates: &'a str,
    /// The root of trust, in PEM.
    pub(super) root: &'a str,
    /// The skill that requests must be for.
    pub(super) skill_id: &'a str,
    pub(super) now: Timestamp,
}

impl Inspector<'_> {
    /// Holds a request against every rule. `skill_said` is the status of the
    /// skill's answer, if there was one.
    pub(super) fn inspect(&self, sent: &SignedRequest, skill_said: Option<u16>) -> Vec<Check> {
        let body = serde_json::from_slice(&sent.body).unwrap_or(Value::Null);
        vec![
            certificate_url(&sent.certificate_url),
            self.chain(),
            self.signer_name(),
            self.signature(sent),
            self.time(&body),
            self.skill(&body),
            verdict(skill_said),
        ]
    }

    fn chain(&self) -> Check {
        let passed = self.with_signer(|signer, others| {
            let root = CertificateDer::from_pem_slice(self.root.as_bytes()).ok()?;
            let anchors = [anchor_from_trusted_cert(&root).ok()?];
            let seconds = u64::try_from(self.now.as_second()).ok()?;
            let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
            let algorithms = webpki::ALL_VERIFICATION_ALGS;
            let usage = KeyUsage::server_auth();
            signer
                .verify_for_usage(algorithms, &anchors, others, at, usage, None, None)
                .ok()
                .map(drop)
        });
        Check {
            name: "Chain to Amazon's root",
            passed,
            says: if passed {
                "Every certificate is signed by the next one, up to a root that is trusted here."
            } else {
                "The certificates do not lead to a root that is trusted, or are out of date."
            }
            .to_owned(),
        }
    }

    fn signer_name(&self) -> Check {
        let passed = self.with_signer(|signer, _| {
            let name = ServerName::try_from(SIGNER).ok()?;
            signer.verify_is_valid_for_subject_name(&name).ok()
        });
        Check {
            name: "Name in the certificate",
            passed,
            says: if passed {
                format!("The certificate is for {SIGNER}.")
            } else {
                format!("The certificate is not for {SIGNER}.")
            },
        }
    }

    fn signature(&self, sent: &SignedRequest) -> Check {
        let passed = self.with_signer(|signer, _| {
            let signature = STANDARD.decode(&sent.signature).ok()?;
            let algorithm = webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA256;
            signer
                .verify_signature(algorithm, &sent.body, &signature)
                .ok()
        });
        let length = sent.body.len();
        Check {
            name: "Signature of the body",
            passed,
            says: if passed {
                format!("All {length} bytes are just as they were signed.")
            } else {
                "The body is not what was signed.".to_owned()
            },
        }
    }

    fn time(&self, body: &Value) -> Check {
        let sent_at = body["request"]["timestamp"]
            .as_str()
            .and_then(|raw| raw.parse::<Timestamp>().ok());
        let age = sent_at.map(|at| self.now.as_second() - at.as_second());
        Check {
            name: "Time within 150 seconds",
            passed: age.is_some_and(|age| age.abs() <= TOLERANCE),
            says: match age {
                Some(age @ (0 | 1)) => {
                    format!("It was sent {age} s ago.").replace("0 s ago", "just now")
                }
                Some(age) if age >= 0 => format!("It was sent {age} s ago."),
                Some(age) => format!("It is from {} s in the future.", -age),
                None => "It does not say when it was sent.".to_owned(),
            },
        }
    }

    fn skill(&self, body: &Value) -> Check {
        let asked = &body["context"]["System"]["application"]["applicationId"];
        let passed = asked == self.skill_id;
        Check {
            name: "Meant for this skill",
            passed,
            says: if passed {
                format!("It names {}.", self.skill_id)
            } else {
                "It names another skill, or none.".to_owned()
            },
        }
    }

    /// Looks at the certificate that signs, and the ones that vouch for it;
    /// nothing is right about a chain that cannot be read.
    fn with_signer(
        &self,
        look: impl FnOnce(&EndEntityCert<'_>, &[CertificateDer<'_>]) -> Option<()>,
    ) -> bool {
        let chain: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(self.certificates.as_bytes()).collect();
        let Ok(chain) = chain else { return false };
        let Some((signer, others)) = chain.split_first() else {
            return false;
        };
        EndEntityCert::try_from(signer).is_ok_and(|signer| look(&signer, others).is_some())
    }
}

/// The address has to be Amazon's own, or anybody could name certificates.
fn certificate_url(raw: &str) -> Check {
    let passed = Url::parse(raw).is_ok_and(|url| {
        url.scheme() == "https"
            && url.host_str() == Some("s3.amazonaws.com")
            && url.port().is_none()
            && url.path().starts_with("/echo.api/")
    });
    Check {
        name: "Address of the certificates",
        passed,
        says: if passed {
            format!("{raw} is in Amazon's own folder.")
        } else {
            "The address is not in Amazon's own folder.".to_owned()
        },
    }
}

/// What the skill itself made of the request.
fn verdict(skill_said: Option<u16>) -> Check {
    Check {
        name: "The skill's own verdict",
        passed: skill_said == Some(200),
        says: match skill_said {
            Some(200) => "It checked the same, took the request, and answered 200.".to_owned(),
            Some(400) => "It refused the request with 400.".to_owned(),
            Some(status) => format!("It answered {status}."),
            None => "It gave no answer that could be used.".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::amazon::Amazon;
    use crate::keys::Keys;

    const SKILL: &str = "amzn1.ask.skill.1";

    fn now() -> Timestamp {
        "2026-11-22T11:43:17Z".parse().unwrap()
    }

    fn amazon() -> Amazon {
        let keys = Keys::from_pem(include_str!("../../tests/keys.pem")).unwrap();
        Amazon::new(&keys, now()).unwrap()
    }

    fn signed(amazon: &Amazon, at: &str, skill: &str) -> SignedRequest {
        let body = json!({
            "context": {"System": {"application": {"applicationId": skill}}},
            "request": {"timestamp": at},
        });
        amazon.sign(body.to_string()).unwrap()
    }

    fn good(amazon: &Amazon) -> SignedRequest {
        signed(amazon, "2026-11-22T11:43:16Z", SKILL)
    }

    /// The rules that are broken, by their place in the list.
    fn broken(amazon: &Amazon, sent: &SignedRequest, said: Option<u16>) -> Vec<usize> {
        let inspector = Inspector {
            certificates: amazon.certificates(),
            root: amazon.root(),
            skill_id: SKILL,
            now: now(),
        };
        let checks = inspector.inspect(sent, said);
        let places = checks.iter().enumerate();
        places
            .filter(|(_, check)| !check.passed)
            .map(|(place, _)| place)
            .collect()
    }

    #[test]
    fn a_request_of_the_emulators_keeps_every_rule() {
        let amazon = amazon();

        assert_eq!(broken(&amazon, &good(&amazon), Some(200)), [0; 0]);
    }

    #[test]
    fn every_rule_finds_what_breaks_it() {
        let amazon = amazon();
        let good = good(&amazon);
        let elsewhere = SignedRequest {
            certificate_url: "https://s3.amazonaws.com/echo.fake/cert.pem".to_owned(),
            ..good.clone()
        };
        let changed = SignedRequest {
            body: [&good.body[..], b" "].concat().into(),
            ..good.clone()
        };
        let old = signed(&amazon, "2026-11-22T11:40:46Z", SKILL);
        let early = signed(&amazon, "2026-11-22T11:45:48Z", SKILL);
        let anothers = signed(&amazon, "2026-11-22T11:43:17Z", "amzn1.ask.skill.2");

        let cases = [
            (&elsewhere, 0),
            (&changed, 3),
            (&old, 4),
            (&early, 4),
            (&anothers, 5),
        ];
        for (sent, place) in cases {
            assert_eq!(broken(&amazon, sent, Some(200)), [place]);
        }
        assert_eq!(broken(&amazon, &good, Some(400)), [6]);
        assert_eq!(broken(&amazon, &good, None), [6]);
    }

    #[test]
    fn a_chain_to_another_root_or_for_another_name_is_found() {
        let (amazon, sent) = (amazon(), good(&amazon()));
        let inspect = |certificates: &str, root: &str| {
            let inspector = Inspector {
                certificates,
                root,
                skill_id: SKILL,
                now: now(),
            };
            let checks = inspector.inspect(&sent, Some(200));
            checks.iter().map(|check| check.passed).collect::<Vec<_>>()
        };
        let root_alone = inspect(amazon.root(), amazon.root());
        let nothing = inspect("", amazon.root());
        let distrusted = inspect(amazon.certificates(), "");

        assert_eq!(root_alone[1..4], [false, false, false]);
        assert_eq!(nothing[1..4], [false, false, false]);
        assert_eq!(distrusted[1..4], [false, true, true]);
    }
}
