//! Authorities that nobody else trusts.
//!
//! The two RSA keys beside this file vouch for nothing outside these tests.
//! They are kept because making one takes half a second in every test.

use std::sync::OnceLock;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P384_SHA384,
    PKCS_RSA_SHA256, SanType, date_time_ymd,
};

use super::letter::now;

pub(crate) const AMAZON: &str = "echo-api.amazon.com";

/// The key Amazon signs with.
pub(crate) fn amazon_key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| rsa(include_str!("../keys/amazon.pem")))
}

/// A key that is not Amazon's.
pub(crate) fn stranger_key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| rsa(include_str!("../keys/stranger.pem")))
}

fn rsa(pem: &str) -> KeyPair {
    KeyPair::from_pkcs8_pem_and_sign_algo(pem, &PKCS_RSA_SHA256).unwrap()
}

/// An authority: a certificate that may sign others.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// A root with an elliptic key on P-256.
    pub(crate) fn root(name: &str) -> Self {
        Self::root_with(KeyPair::generate().unwrap(), name)
    }

    /// A root with an elliptic key on P-384.
    pub(crate) fn p384_root(name: &str) -> Self {
        Self::root_with(
            KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap(),
            name,
        )
    }

    /// A root with an RSA key.
    pub(crate) fn rsa_root(name: &str) -> Self {
        Self::root_with(rsa(include_str!("../keys/stranger.pem")), name)
    }

    fn root_with(key: KeyPair, name: &str) -> Self {
        Self(CertifiedIssuer::self_signed(authority(name), key).unwrap())
    }

    /// An authority under this one, with an elliptic key on P-256.
    pub(crate) fn sign(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::signed_by(params, key, &self.0).unwrap())
    }

    /// An authority under this one.
    pub(crate) fn below(&self, name: &str) -> Self {
        self.sign(authority(name))
    }

    /// This authority's name and key again, vouched for by another one.
    pub(crate) fn cross_signed_by(&self, name: &str, other: &Self) -> String {
        authority(name)
            .signed_by(self.0.key(), &other.0)
            .unwrap()
            .pem()
    }

    /// A certificate for this key.
    pub(crate) fn issue(&self, params: &CertificateParams, key: &KeyPair) -> String {
        params.signed_by(key, &self.0).unwrap().pem()
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }
}

/// What an authority's certificate says.
pub(crate) fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// What Amazon's certificate says: valid for a day before and after [`now`].
pub(crate) fn leaf() -> CertificateParams {
    let day = SignedDuration::from_hours(24);
    valid(for_names(vec![dns(AMAZON)]), now() - day, now() + day)
}

/// The same, valid between these times.
pub(crate) fn valid(
    mut params: CertificateParams,
    from: Timestamp,
    until: Timestamp,
) -> CertificateParams {
    let date = |time: Timestamp| {
        let seconds = u64::try_from(time.as_second()).unwrap();
        date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
    };
    params.not_before = date(from);
    params.not_after = date(until);
    params
}

/// What a server's certificate says, with these names.
pub(crate) fn for_names(names: Vec<SanType>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.subject_alt_names = names;
    params.distinguished_name = named(AMAZON);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

pub(crate) fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

fn named(name: &str) -> DistinguishedName {
    let mut named = DistinguishedName::new();
    named.push(DnType::CommonName, name);
    named
}

/// A root, an authority below it, and Amazon's certificate below that.
pub(crate) struct Pki {
    pub(crate) root: Authority,
    pub(crate) middle: Authority,
}

impl Pki {
    pub(crate) fn new() -> Self {
        let root = Authority::root("Root");
        let middle = root.below("Middle");
        Self { root, middle }
    }

    /// The file for a certificate with Amazon's key.
    pub(crate) fn chain(&self, leaf: &CertificateParams) -> String {
        self.chain_for(leaf, amazon_key())
    }

    /// The file for a certificate with this key.
    pub(crate) fn chain_for(&self, leaf: &CertificateParams, key: &KeyPair) -> String {
        self.middle.issue(leaf, key) + &self.middle.pem()
    }
}
