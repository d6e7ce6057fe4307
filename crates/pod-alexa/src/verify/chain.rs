//! From a file of certificates to a key that is Amazon's.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::ops::RangeInclusive;
use std::sync::Arc;

use aws_lc_rs::signature::{ParsedPublicKey, RsaParameters};
use jiff::Timestamp;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use thiserror::Error;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage};

use super::Rejection;

/// The one name a certificate must have.
const AMAZON: &str = "echo-api.amazon.com";

/// The usage "server authentication", 1.3.6.1.5.5.7.3.1.
const SERVER_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];

/// Amazon sends three or four certificates.
const MAX_CERTIFICATES: usize = 8;

/// A certificate whose chain, name and usage were found good, once.
///
/// Time goes on, so [`is_valid_at`](Self::is_valid_at) is asked on every use.
pub(super) struct Certificate {
    key: ParsedPublicKey,
    /// When all of the chain is valid, in seconds since 1970.
    valid: RangeInclusive<u64>,
}

/// Why a file of certificates does not speak for Amazon.
#[derive(Clone, Debug, Error)]
pub enum InvalidChain {
    /// It has no certificates, or broken ones.
    #[error("the certificate file cannot be read")]
    Unreadable(#[source] Arc<dyn StdError + Send + Sync>),
    /// It has more certificates than any chain of Amazon's.
    #[error("the certificate file has too many certificates")]
    TooMany,
    /// It leads to no authority that is trusted.
    #[error("the certificate is not vouched for by a trusted authority")]
    Untrusted(#[source] Arc<dyn StdError + Send + Sync>),
    /// It is somebody else's: the name is not exactly Amazon's.
    #[error("the certificate is not for {AMAZON}")]
    Name,
    /// It is for another use than servers.
    #[error("the certificate is not for servers")]
    Usage,
    /// Its key is not an RSA key.
    #[error("the certificate's key is not an RSA key")]
    Key,
}

impl Certificate {
    /// Reads a chain, leaf first, and follows it to a trust anchor.
    ///
    /// The path ends at the first anchor: Amazon's files go on to
    /// cross-signatures of authorities that are trusted no longer.
    pub(super) fn read(
        pem: &[u8],
        anchors: &TrustAnchors,
        algorithm: &'static RsaParameters,
        now: Timestamp,
    ) -> Result<Self, Rejection> {
        let chain = certificates(pem)?;
        let Some((leaf, others)) = chain.split_first() else {
            return Err(InvalidChain::unreadable("there is no certificate in it").into());
        };
        let leaf = EndEntityCert::try_from(leaf).map_err(InvalidChain::unreadable)?;
        let now = u64::try_from(now.as_second()).map_err(|_| Rejection::CertificateDates)?;

        let path = leaf
            .verify_for_usage(
                ALL_VERIFICATION_ALGS,
                &anchors.0,
                others,
                at(now),
                KeyUsage::server_auth(),
                None,
                None,
            )
            .map_err(|error| match error {
                webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. } => {
                    Rejection::CertificateDates
                }
                webpki::Error::RequiredEkuNotFoundContext(_) => InvalidChain::Usage.into(),
                error => InvalidChain::Untrusted(Arc::new(error)).into(),
            })?;
        require_name(&leaf)?;
        require_usage(&leaf, now)?;

        let mut valid = dates(&leaf);
        for certificate in path.intermediate_certificates() {
            let der = certificate.der();
            let link = EndEntityCert::try_from(&der).map_err(InvalidChain::unreadable)?;
            let (from, until) = dates(&link).into_inner();
            valid = from.max(*valid.start())..=until.min(*valid.end());
        }
        let key = ParsedPublicKey::new(algorithm, leaf.subject_public_key_info())
            .map_err(|_| InvalidChain::Key)?;
        Ok(Self { key, valid })
    }

    /// Whether every certificate of the chain is valid at this time.
    pub(super) fn is_valid_at(&self, now: Timestamp) -> bool {
        u64::try_from(now.as_second()).is_ok_and(|now| self.valid.contains(&now))
    }

    /// Whether the signature is that of this certificate's key over these
    /// bytes. It has to be exactly as long as the key.
    pub(super) fn has_signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(bytes, signature).is_ok()
    }
}

impl InvalidChain {
    fn unreadable(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Unreadable(cause.into().into())
    }
}

/// Whom to believe about certificates.
pub(super) struct TrustAnchors(Cow<'static, [TrustAnchor<'static>]>);

/// No trust anchors.
#[derive(Debug, Error)]
#[error("the trust anchors are not PEM certificates: name at least one")]
pub struct InvalidTrustAnchors(#[source] Option<Box<dyn StdError + Send + Sync>>);

impl TrustAnchors {
    /// The authorities that browsers trust.
    pub(super) fn public() -> Self {
        Self(Cow::Borrowed(webpki_roots::TLS_SERVER_ROOTS))
    }

    /// Reads authorities of one's own.
    pub(super) fn read(pem: &[u8]) -> Result<Self, InvalidTrustAnchors> {
        let mut anchors = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate =
                certificate.map_err(|error| InvalidTrustAnchors(Some(error.into())))?;
            let anchor = webpki::anchor_from_trusted_cert(&certificate)
                .map_err(|error| InvalidTrustAnchors(Some(error.into())))?;
            anchors.push(anchor.to_owned());
        }
        if anchors.is_empty() {
            return Err(InvalidTrustAnchors(None));
        }
        Ok(Self(anchors.into()))
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, InvalidChain> {
    let mut chain = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        if chain.len() == MAX_CERTIFICATES {
            return Err(InvalidChain::TooMany);
        }
        chain.push(certificate.map_err(InvalidChain::unreadable)?);
    }
    Ok(chain)
}

/// Amazon's name has to be there as it is; webpki alone would take a wildcard
/// for it as well.
fn require_name(leaf: &EndEntityCert<'_>) -> Result<(), InvalidChain> {
    let amazon = ServerName::try_from(AMAZON).map_err(|_| InvalidChain::Name)?;
    if leaf.verify_is_valid_for_subject_name(&amazon).is_err()
        || !leaf.valid_dns_names().any(|name| name == AMAZON)
    {
        return Err(InvalidChain::Name);
    }
    Ok(())
}

/// The leaf has to name the usage itself; for the path above it webpki takes
/// silence for consent. Without anchors it judges the leaf alone, and has
/// nothing but the unknown issuer to complain of.
fn require_usage(leaf: &EndEntityCert<'_>, now: u64) -> Result<(), InvalidChain> {
    let usage = KeyUsage::required(SERVER_AUTH);
    match leaf
        .verify_for_usage(&[], &[], &[], at(now), usage, None, None)
        .err()
    {
        Some(webpki::Error::UnknownIssuer) => Ok(()),
        _ => Err(InvalidChain::Usage),
    }
}

/// Reads when one certificate is valid. webpki keeps the dates to itself, but
/// names them when it is asked about the first and the last of all times.
fn dates(certificate: &EndEntityCert<'_>) -> RangeInclusive<u64> {
    let judge = |time| {
        certificate
            .verify_for_usage(&[], &[], &[], at(time), KeyUsage::server_auth(), None, None)
            .err()
    };
    let from = match judge(u64::MIN) {
        Some(webpki::Error::CertNotValidYet { not_before, .. }) => not_before.as_secs(),
        _ => u64::MIN,
    };
    let until = match judge(u64::MAX) {
        Some(webpki::Error::CertExpired { not_after, .. }) => not_after.as_secs(),
        _ => u64::MIN,
    };
    from..=until
}

fn at(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}
