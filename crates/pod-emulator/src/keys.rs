//! The private keys of the outside world: made anew for each run, or read
//! where a test cannot wait for them.

use std::fmt;

use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use thiserror::Error;

/// Four RSA keys of 2048 bits: Amazon's root, intermediate and signer, and the
/// tenant's first one.
pub struct Keys {
    pub(crate) root: PrivatePkcs8KeyDer<'static>,
    pub(crate) intermediate: PrivatePkcs8KeyDer<'static>,
    pub(crate) signer: PrivatePkcs8KeyDer<'static>,
    pub(crate) tenant: PrivatePkcs8KeyDer<'static>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

impl Clone for Keys {
    fn clone(&self) -> Self {
        Self {
            root: self.root.clone_key(),
            intermediate: self.intermediate.clone_key(),
            signer: self.signer.clone_key(),
            tenant: self.tenant.clone_key(),
        }
    }
}

/// Why there are no keys.
#[derive(Debug, Error)]
pub enum KeysError {
    /// A key could not be made.
    #[error("an RSA key could not be made")]
    Generate(#[source] rcgen::Error),
    /// The thread that made a key was lost.
    #[error("making an RSA key was interrupted")]
    Interrupted,
    /// The text does not hold four private keys.
    #[error("four PEM blocks \"PRIVATE KEY\" are needed: root, intermediate, signer, tenant")]
    Pem,
}

impl Keys {
    /// Makes new keys, all at the same time: in a debug build each takes up to
    /// half a second.
    ///
    /// # Errors
    ///
    /// [`KeysError::Generate`] or [`KeysError::Interrupted`] when one cannot
    /// be made.
    pub async fn generate() -> Result<Self, KeysError> {
        let (root, intermediate, signer, tenant) =
            tokio::try_join!(new_key(), new_key(), new_key(), new_key())?;
        Ok(Self {
            root,
            intermediate,
            signer,
            tenant,
        })
    }

    /// Reads keys that are kept in a file, for tests that would otherwise wait
    /// for new ones again and again. Keys in a file are no secret: only what
    /// runs on this machine may trust them.
    ///
    /// # Errors
    ///
    /// [`KeysError::Pem`] unless the text has four private keys: root,
    /// intermediate, signer, tenant.
    pub fn from_pem(text: &str) -> Result<Self, KeysError> {
        let keys: Result<Vec<_>, _> = PrivatePkcs8KeyDer::pem_slice_iter(text.as_bytes()).collect();
        let [root, intermediate, signer, tenant] = keys
            .map_err(|_| KeysError::Pem)?
            .try_into()
            .map_err(|_| KeysError::Pem)?;
        Ok(Self {
            root,
            intermediate,
            signer,
            tenant,
        })
    }
}

/// Makes one key, off the runtime's threads.
pub(crate) async fn new_key() -> Result<PrivatePkcs8KeyDer<'static>, KeysError> {
    let key = tokio::task::spawn_blocking(|| {
        KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)
    })
    .await
    .map_err(|_| KeysError::Interrupted)?
    .map_err(KeysError::Generate)?;
    Ok(key.serialize_der().into())
}

/// Makes a key ready to sign.
pub(crate) fn pair(key: &PrivatePkcs8KeyDer<'_>) -> Result<KeyPair, rcgen::Error> {
    KeyPair::from_pkcs8_der_and_sign_algo(key, &PKCS_RSA_SHA256)
}
