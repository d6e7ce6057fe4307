//! Amazon as a skill meets it: an authority that signs requests, and the host
//! that serves its certificates.

mod authority;
mod host;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;
use jiff::Timestamp;
use thiserror::Error;

use crate::keys::Keys;
use authority::Authority;
pub(crate) use host::serve;

/// Where a request says that its certificates are.
pub const CERTIFICATE_URL: &str = "https://s3.amazonaws.com/echo.api/echo-api-cert.pem";

/// The header with the signature of the body.
pub const SIGNATURE_HEADER: &str = "Signature-256";
/// The header with the address of the certificates.
pub const CERTIFICATE_URL_HEADER: &str = "SignatureCertChainUrl";

/// Signs requests as Amazon does, under an authority of its own.
///
/// Its keys stay in memory. Clones are the same authority.
#[derive(Clone)]
pub struct Amazon {
    authority: Arc<Authority>,
}

impl fmt::Debug for Amazon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Amazon").finish_non_exhaustive()
    }
}

/// A request's body with what proves that it is Amazon's.
///
/// The fields are open so that a test can change one and see it refused:
/// `SignedRequest { body: other, ..signed }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// The bytes that are signed, and sent as they are.
    pub body: Bytes,
    /// The signature in base64, for [`SIGNATURE_HEADER`].
    pub signature: String,
    /// The address of the certificates, for [`CERTIFICATE_URL_HEADER`].
    pub certificate_url: String,
}

impl SignedRequest {
    /// Gives the two headers that go with the body.
    #[must_use]
    pub fn headers(&self) -> [(&'static str, &str); 2] {
        [
            (SIGNATURE_HEADER, &self.signature),
            (CERTIFICATE_URL_HEADER, &self.certificate_url),
        ]
    }
}

/// The authority could not do its work.
#[derive(Debug, Error)]
pub enum AmazonError {
    /// A key or a certificate could not be used.
    #[error("the emulated authority could not use a key")]
    Key(#[from] rcgen::Error),
    /// The certificate host could not be set up.
    #[error("the emulated certificate host could not be set up")]
    Tls(#[from] rustls::Error),
}

impl Amazon {
    /// Makes an authority whose signing certificate is valid for thirty days:
    /// the one before `now` and the twenty-nine after.
    ///
    /// # Errors
    ///
    /// [`AmazonError::Key`] when a key cannot be used, [`AmazonError::Tls`]
    /// when the certificate host cannot be set up.
    pub fn new(keys: &Keys, now: Timestamp) -> Result<Self, AmazonError> {
        Ok(Self {
            authority: Arc::new(Authority::create(keys, now)?),
        })
    }

    /// Signs any bytes, whether or not they are a request.
    ///
    /// # Errors
    ///
    /// [`AmazonError::Key`] when the key cannot be used.
    pub fn sign(&self, body: impl Into<Bytes>) -> Result<SignedRequest, AmazonError> {
        let body = body.into();
        let signature = STANDARD.encode(self.authority.sign(&body)?);
        Ok(SignedRequest {
            body,
            signature,
            certificate_url: CERTIFICATE_URL.to_owned(),
        })
    }

    /// Gives the chain that stands behind [`CERTIFICATE_URL`], in PEM: the
    /// signing certificate first.
    #[must_use]
    pub fn certificates(&self) -> &str {
        self.authority.chain_pem()
    }

    /// What a server on this machine proves its names with.
    pub(crate) fn local_tls(&self) -> std::sync::Arc<rustls::ServerConfig> {
        self.authority.local_tls()
    }

    /// Gives the root, in PEM, that both the signatures and the certificate
    /// host stand on. It is what a client must trust.
    #[must_use]
    pub fn root(&self) -> &str {
        self.authority.root_pem()
    }

    /// Writes the root, and no key, into a directory, and gives the file.
    ///
    /// # Errors
    ///
    /// The operating system's error when the directory or the file cannot be
    /// written.
    pub fn write_root(&self, directory: &Path) -> std::io::Result<PathBuf> {
        std::fs::create_dir_all(directory)?;
        let file = directory.join("pod-emulator-root.pem");
        std::fs::write(&file, self.root())?;
        Ok(file)
    }
}
