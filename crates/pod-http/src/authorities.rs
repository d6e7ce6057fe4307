//! Who may vouch for a host, and TLS with those who do.

use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::client::InvalidRoute;

/// TLS with hosts that the system's authorities vouch for or, if there are
/// any, these.
pub(crate) fn tls(authorities: Option<&[u8]>) -> Result<ClientConfig, InvalidRoute> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let unusable = |error: rustls::Error| InvalidRoute::Tls(error.into());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    let builder: ConfigBuilder<_, WantsClientCert> = match authorities {
        None => builder.with_platform_verifier().map_err(unusable)?,
        Some(pem) => builder.with_root_certificates(read(pem)?),
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Reads authorities, of which none may be bad.
fn read(pem: &[u8]) -> Result<RootCertStore, InvalidRoute> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| InvalidRoute::Authorities)?;
        store
            .add(certificate)
            .map_err(|_| InvalidRoute::Authorities)?;
    }
    if store.is_empty() {
        return Err(InvalidRoute::Authorities);
    }
    Ok(store)
}
