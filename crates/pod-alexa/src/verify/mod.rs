//! Verification: nothing of a request is acted upon before it is known to be
//! Amazon's, recent, and for this skill.
//!
//! There is no switch that turns it off. A handler that asks for a
//! [`Verified`] cannot be called without it:
//!
//! ```compile_fail,E0451
//! fn forge() -> pod_alexa::verify::Verified {
//!     pod_alexa::verify::Verified { ..panic!() }
//! }
//! ```

mod cache;
mod chain;
mod flight;
mod headers;
mod host;
mod kept;
mod outline;
mod rejection;
mod skill;
mod tolerance;
mod url;
mod verified;

#[cfg(test)]
mod captures;

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaParameters};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use pod_http::Http;

use cache::Certificates;
use chain::TrustAnchors;
use outline::{Addressee, Outline, Text};

pub use chain::{InvalidChain, InvalidTrustAnchors};
pub use host::{CertificateHost, FetchError, HttpsHost};
pub use outline::InvalidBody;
pub use rejection::Rejection;
pub use skill::{InvalidSkillId, SkillId, SkillIds};
pub use tolerance::{NegativeTolerance, Tolerance};
pub use url::{CertificateUrl, InvalidCertificateUrl};
pub use verified::Verified;

/// What requests are held against.
#[derive(Clone)]
pub struct VerifierConfig {
    /// The skills this endpoint answers for.
    pub skill_ids: SkillIds,
    /// How far a request's time may be from ours.
    pub tolerance: Tolerance,
    /// The authorities that may vouch for Amazon's certificates, as PEM, in
    /// place of those that browsers trust.
    pub trust_anchors: Option<Vec<u8>>,
    /// How long fetching a certificate may take, whatever the deadline.
    pub fetch_timeout: Duration,
}

impl VerifierConfig {
    /// Holds requests for these skills against Amazon's own rules.
    #[must_use]
    pub fn new(skill_ids: impl Into<SkillIds>) -> Self {
        Self {
            skill_ids: skill_ids.into(),
            tolerance: Tolerance::default(),
            trust_anchors: None,
            fetch_timeout: Duration::from_secs(2),
        }
    }
}

/// Tells Amazon's requests from all others.
pub struct Verifier {
    skill_ids: SkillIds,
    tolerance: Tolerance,
    scheme: Scheme,
    certificates: Certificates,
}

/// A header and the signature in it. Outside of tests there is one.
#[derive(Clone, Copy)]
struct Scheme {
    header: &'static str,
    algorithm: &'static RsaParameters,
}

const SHA256: Scheme = Scheme {
    header: "signature-256",
    algorithm: &RSA_PKCS1_2048_8192_SHA256,
};

impl Verifier {
    /// Makes a verifier that fetches certificates from Amazon, by this way out.
    ///
    /// # Errors
    ///
    /// [`InvalidTrustAnchors`] if the trust anchors cannot be read.
    pub fn new(config: VerifierConfig, http: Http) -> Result<Self, InvalidTrustAnchors> {
        Self::with_host(config, Arc::new(HttpsHost::new(http)))
    }

    /// Makes a verifier that asks this host for certificates.
    ///
    /// # Errors
    ///
    /// [`InvalidTrustAnchors`] if the trust anchors cannot be read.
    pub fn with_host(
        config: VerifierConfig,
        host: Arc<dyn CertificateHost>,
    ) -> Result<Self, InvalidTrustAnchors> {
        Self::with_scheme(config, host, SHA256)
    }

    fn with_scheme(
        config: VerifierConfig,
        host: Arc<dyn CertificateHost>,
        scheme: Scheme,
    ) -> Result<Self, InvalidTrustAnchors> {
        let anchors = match &config.trust_anchors {
            Some(pem) => TrustAnchors::read(pem)?,
            None => TrustAnchors::public(),
        };
        if config.tolerance.is_clamped() {
            tracing::warn!(
                "the tolerance for timestamps is above Amazon's limit: 150 seconds are used"
            );
        }
        Ok(Self {
            skill_ids: config.skill_ids,
            tolerance: config.tolerance,
            scheme,
            certificates: Certificates::new(host, anchors, scheme.algorithm, config.fetch_timeout),
        })
    }

    /// Verifies a request by its headers and its body, byte for byte as they
    /// came.
    ///
    /// What costs nothing is looked at first, so nobody can make this endpoint
    /// fetch or compute with less than a fresh request for its own skill.
    ///
    /// # Errors
    ///
    /// [`Rejection`], by whichever rule is broken first.
    pub async fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
        deadline: Instant,
    ) -> Result<Verified, Rejection> {
        let url = headers::certificate_url(headers)?;
        let signature = headers::signature(headers, self.scheme.header)?;
        let outline = Outline::read(body)?;
        let (timestamp, tolerance) = self.require_recent(&outline, now)?;
        let skill_id = self.require_skill(&outline)?;

        let certificate = self.certificates.get(&url, now, deadline).await?;
        if !certificate.has_signed(body, &signature) {
            // Amazon may have put another certificate in the same place.
            let renewed = self
                .certificates
                .renew(&url, &certificate, now, deadline)
                .await;
            if !renewed.is_some_and(|renewed| renewed.has_signed(body, &signature)) {
                return Err(Rejection::Signature);
            }
        }
        self.certificates.proved(&url, now);

        let request = outline.request.0;
        // Twice as long as it could be let in again, for clocks that are set
        // back and for what waits in a queue.
        let remember_until = timestamp
            .checked_add(tolerance * 2)
            .unwrap_or(Timestamp::MAX);
        Ok(Verified::assertion(
            skill_id.clone(),
            request.kind,
            request.request_id,
            timestamp,
            remember_until,
        ))
    }

    fn require_recent(
        &self,
        outline: &Outline<'_>,
        now: Timestamp,
    ) -> Result<(Timestamp, SignedDuration), Rejection> {
        let request = &outline.request.0;
        let Text(text) = request
            .timestamp
            .as_ref()
            .ok_or(Rejection::MissingTimestamp)?;
        let timestamp = text
            .parse::<Timestamp>()
            .map_err(|_| Rejection::UnreadableTimestamp)?;
        let tolerance = self.tolerance.of(&request.kind);
        let ahead = timestamp.duration_since(now);
        if ahead.abs() > tolerance {
            return Err(Rejection::Timestamp {
                seconds_ahead: ahead.as_secs(),
            });
        }
        Ok((timestamp, tolerance))
    }

    fn require_skill(&self, outline: &Outline<'_>) -> Result<&SkillId, Rejection> {
        match outline.addressee() {
            Addressee::Missing => Err(Rejection::MissingSkillId),
            Addressee::Contradictory => Err(Rejection::ContradictorySkillIds),
            Addressee::Skill(named) => self.skill_ids.find(named).ok_or(Rejection::SkillId),
        }
    }
}
