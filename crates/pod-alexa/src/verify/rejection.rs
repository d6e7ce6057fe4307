//! Why a request is not taken for Amazon's.

use thiserror::Error;

use super::{FetchError, InvalidBody, InvalidCertificateUrl, InvalidChain};

/// Why a request is not taken for Amazon's.
///
/// The sender learns nothing of it but a 400; [`reason`](Self::reason) is for
/// metrics, `Display` for the log.
#[derive(Clone, Debug, Error)]
pub enum Rejection {
    /// It does not say where its certificate is.
    #[error("the header SignatureCertChainUrl is missing")]
    MissingCertificateUrl,
    /// It names several places.
    #[error("the header SignatureCertChainUrl is there more than once")]
    RepeatedCertificateUrl,
    /// It names a place that is not Amazon's.
    #[error(transparent)]
    CertificateUrl(#[from] InvalidCertificateUrl),
    /// It has no SHA-256 signature; an old SHA-1 one does not count.
    #[error("the header Signature-256 is missing")]
    MissingSignature,
    /// It has several signatures.
    #[error("the header Signature-256 is there more than once")]
    RepeatedSignature,
    /// Its signature is not base64.
    #[error("the signature is not base64")]
    SignatureEncoding,
    /// Its body is not a request.
    #[error(transparent)]
    Body(#[from] InvalidBody),
    /// It does not say when it was sent.
    #[error("the request has no timestamp")]
    MissingTimestamp,
    /// It says so in no form known.
    #[error("the request's timestamp is not ISO 8601")]
    UnreadableTimestamp,
    /// It was sent too long ago, or is ahead of its time.
    #[error("the request's timestamp is {seconds_ahead} seconds ahead of this clock")]
    Timestamp {
        /// How far ahead it is; negative when it is behind.
        seconds_ahead: i64,
    },
    /// It does not say which skill it is for.
    #[error("the request does not name a skill")]
    MissingSkillId,
    /// Its context and its session name different skills.
    #[error("the request's context and session name different skills")]
    ContradictorySkillIds,
    /// It is for another skill.
    #[error("the request is for a skill that this endpoint does not answer for")]
    SkillId,
    /// Its certificate cannot be fetched now: too many are being fetched, or
    /// this one was tried a moment ago.
    #[error("too many certificates are being fetched, or this one was tried a moment ago")]
    TooManyFetches,
    /// Its certificate could not be fetched.
    #[error("the certificate could not be fetched")]
    CertificateFetch(#[source] FetchError),
    /// Its certificate did not come before the deadline.
    #[error("the certificate did not come before the deadline")]
    Deadline,
    /// Its certificate is not Amazon's.
    #[error(transparent)]
    CertificateChain(#[from] InvalidChain),
    /// Its certificate, or one above it, is not yet or no longer valid.
    #[error("the certificate is not yet or no longer valid")]
    CertificateDates,
    /// Its signature is not that of the certificate's key over this body.
    #[error("the signature is not that of this body")]
    Signature,
}

impl Rejection {
    /// Names the reason, always in the same words.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::MissingCertificateUrl => "missing-certificate-url",
            Self::RepeatedCertificateUrl => "repeated-certificate-url",
            Self::CertificateUrl(_) => "certificate-url",
            Self::MissingSignature => "missing-signature",
            Self::RepeatedSignature => "repeated-signature",
            Self::SignatureEncoding => "signature-encoding",
            Self::Body(_) => "body",
            Self::MissingTimestamp => "missing-timestamp",
            Self::UnreadableTimestamp => "unreadable-timestamp",
            Self::Timestamp { .. } => "timestamp",
            Self::MissingSkillId => "missing-skill-id",
            Self::ContradictorySkillIds => "contradictory-skill-ids",
            Self::SkillId => "skill-id",
            Self::TooManyFetches => "too-many-fetches",
            Self::CertificateFetch(_) => "certificate-fetch",
            Self::Deadline => "deadline",
            Self::CertificateChain(_) => "certificate-chain",
            Self::CertificateDates => "certificate-dates",
            Self::Signature => "signature",
        }
    }

    /// Whether the fault is not the request's: the certificate could not be
    /// had.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::TooManyFetches | Self::CertificateFetch(_) | Self::Deadline
        )
    }
}
