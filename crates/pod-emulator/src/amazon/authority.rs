//! The certificates: root, intermediate, the one that signs requests, and the
//! one of the host that serves them.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SigningKey as _, date_time_ymd,
};
use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::AmazonError;
use crate::keys::{Keys, pair};

/// The name that Amazon's signing certificate is for.
const SIGNER: &str = "echo-api.amazon.com";
/// The host that serves the certificates.
pub(super) const HOST: &str = "s3.amazonaws.com";
/// The names of this machine.
const HERE: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// A day, in seconds.
const DAY: i64 = 86_400;

/// The keys and certificates of one run.
pub(super) struct Authority {
    signing_key: KeyPair,
    chain_pem: String,
    root_pem: String,
    tls: Arc<ServerConfig>,
    local_tls: Arc<ServerConfig>,
}

impl Authority {
    pub(super) fn create(keys: &Keys, now: Timestamp) -> Result<Self, AmazonError> {
        let signing_key = pair(&keys.signer)?;
        let root = CertifiedIssuer::self_signed(
            authority_params("pod emulator root", None),
            pair(&keys.root)?,
        )?;
        let middle = authority_params("pod emulator RSA 2048 M01", Some(0));
        let middle = CertifiedIssuer::signed_by(middle, pair(&keys.intermediate)?, &root)?;

        let mut signer = leaf_params(&[SIGNER])?;
        signer.not_before = date_time_ymd(1970, 1, 1) + seconds(now.as_second() - DAY);
        signer.not_after = date_time_ymd(1970, 1, 1) + seconds(now.as_second() + 29 * DAY);
        let signer = signer.signed_by(&signing_key, &middle)?;

        let tls = server(&[HOST], &root)?;
        let local_tls = server(&HERE, &root)?;

        // Amazon's own files carry the root as well.
        let chain_pem = [signer.pem(), middle.pem(), root.pem()].concat();
        Ok(Self {
            signing_key,
            chain_pem,
            root_pem: root.pem(),
            tls,
            local_tls,
        })
    }

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256.
    pub(super) fn sign(&self, body: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.signing_key.sign(body)
    }

    pub(super) fn chain_pem(&self) -> &str {
        &self.chain_pem
    }

    pub(super) fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// For a server that is called by the names of this machine.
    pub(super) fn local_tls(&self) -> Arc<ServerConfig> {
        self.local_tls.clone()
    }

    pub(super) fn tls(&self) -> Arc<ServerConfig> {
        self.tls.clone()
    }
}

/// Makes a server's certificate, with a key of its own.
fn server(
    names: &[&str],
    root: &CertifiedIssuer<'_, KeyPair>,
) -> Result<Arc<ServerConfig>, AmazonError> {
    let key = KeyPair::generate()?;
    // The certificate keeps the generator's wide dates: clients compare it
    // with the system's clock, which a test cannot set.
    let certificate = leaf_params(names)?.signed_by(&key, root)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )?;
    Ok(Arc::new(tls))
}

fn authority_params(name: &str, below: Option<u8>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(below.map_or(
        BasicConstraints::Unconstrained,
        BasicConstraints::Constrained,
    ));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf_params(names: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let all: Vec<String> = names.iter().copied().map(str::to_owned).collect();
    let mut params = CertificateParams::new(all)?;
    if let Some(name) = names.first() {
        params.distinguished_name.push(DnType::CommonName, *name);
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// Seconds since 1970, where the certificate generator's calendar starts for
/// us; before that is 1970.
fn seconds(at: i64) -> Duration {
    Duration::from_secs(u64::try_from(at).unwrap_or(0))
}
