//! The two headers that make a request Amazon's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

use super::{CertificateUrl, InvalidCertificateUrl, Rejection};

const CERTIFICATE_URL: &str = "signaturecertchainurl";

/// The longest signature there is, in bytes: that of an RSA key of 8192 bits.
const MAX_SIGNATURE: usize = 1_024;

/// Reads the one header that says where the certificate is.
pub(super) fn certificate_url(headers: &HeaderMap) -> Result<CertificateUrl, Rejection> {
    let raw = match only(headers, CERTIFICATE_URL) {
        Found::One(raw) => raw,
        Found::None => return Err(Rejection::MissingCertificateUrl),
        Found::Several => return Err(Rejection::RepeatedCertificateUrl),
    };
    let raw = std::str::from_utf8(raw).map_err(|_| InvalidCertificateUrl::Characters)?;
    Ok(CertificateUrl::parse(raw)?)
}

/// Reads the one header of this name as a signature: strict base64, with its
/// padding, and nothing around it.
pub(super) fn signature(headers: &HeaderMap, name: &str) -> Result<Vec<u8>, Rejection> {
    let raw = match only(headers, name) {
        Found::One(raw) => raw,
        Found::None => return Err(Rejection::MissingSignature),
        Found::Several => return Err(Rejection::RepeatedSignature),
    };
    if raw.len() > MAX_SIGNATURE.div_ceil(3) * 4 {
        return Err(Rejection::SignatureEncoding);
    }
    STANDARD
        .decode(raw)
        .map_err(|_| Rejection::SignatureEncoding)
}

enum Found<'a> {
    None,
    One(&'a [u8]),
    Several,
}

/// Finds the value of a header; a repeated one could mean one thing to us and
/// another to whoever stands in between.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Found<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => Found::One(value.as_bytes()),
        (Some(_), Some(_)) => Found::Several,
        _ => Found::None,
    }
}
