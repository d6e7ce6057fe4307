//! The certificate that HTTPS is served with.

use std::sync::Arc;

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::{self, ServerConfig};

/// Why a certificate or its key cannot be used.
#[derive(Debug, Error)]
pub(super) enum InvalidTls {
    /// There are no certificates in the file.
    #[error("there is no certificate in it: give a PEM file, the server's own certificate first")]
    Certificates,
    /// There is no key in the file.
    #[error("there is no private key in it: give a PEM file, not encrypted")]
    Key,
    /// They are not a pair.
    #[error("the certificate and the key do not go together ({0})")]
    Pair(#[from] rustls::Error),
}

/// Reads the certificates of a PEM file, the server's own first.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, InvalidTls> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(InvalidTls::Certificates),
    }
}

/// Reads the first private key of a PEM file.
pub(super) fn key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, InvalidTls> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| InvalidTls::Key)
}

/// Puts the two together, for HTTP/2 and HTTP/1.1.
pub(super) fn server(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, InvalidTls> {
    let mut server = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(server))
}
