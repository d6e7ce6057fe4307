//! Where Amazon's certificates may be fetched from.

use std::fmt;

use thiserror::Error;
use url::Url;

/// An address under Amazon's own folder of certificates, normalised.
///
/// It can only be made by [`parse`](Self::parse), so nothing else is ever
/// fetched, and what is fetched is exactly what was checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CertificateUrl(Box<str>);

/// Not the address of one of Amazon's certificates.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InvalidCertificateUrl {
    /// It is empty, too long, or has characters such an address never has.
    #[error("the certificate URL has characters that no such URL has, or is too long")]
    Characters,
    /// Its scheme, host or port is not Amazon's.
    #[error("the certificate URL is not on https://s3.amazonaws.com")]
    Host,
    /// Its path, with dots resolved, is not below `/echo.api/`.
    #[error("the certificate URL does not stay below /echo.api/")]
    Path,
}

const SCHEME: &str = "https://";
const HOSTS: [&str; 2] = ["s3.amazonaws.com", "s3.amazonaws.com:443"];
const ORIGIN: &str = "https://s3.amazonaws.com";
const FOLDER: &str = "/echo.api/";

impl CertificateUrl {
    const MAX: usize = 256;

    /// Reads the address out of a request's header.
    ///
    /// The parts are compared as they are written, before any parser has had
    /// a chance to be kind to them; the parser only resolves the dots.
    ///
    /// # Errors
    ///
    /// [`InvalidCertificateUrl`] naming the part that is not Amazon's.
    pub fn parse(raw: &str) -> Result<Self, InvalidCertificateUrl> {
        if raw.len() > Self::MAX || !raw.bytes().all(is_harmless) {
            return Err(InvalidCertificateUrl::Characters);
        }
        let (scheme, rest) = raw
            .split_at_checked(SCHEME.len())
            .ok_or(InvalidCertificateUrl::Host)?;
        let (host, _) = rest.split_once('/').ok_or(InvalidCertificateUrl::Path)?;
        if !scheme.eq_ignore_ascii_case(SCHEME)
            || !HOSTS.iter().any(|amazon| host.eq_ignore_ascii_case(amazon))
        {
            return Err(InvalidCertificateUrl::Host);
        }
        let path = &rest[host.len()..];
        if path.contains("//") {
            return Err(InvalidCertificateUrl::Path);
        }

        let normal = Url::parse(raw).map_err(|_| InvalidCertificateUrl::Characters)?;
        let path = normal
            .as_str()
            .strip_prefix(ORIGIN)
            .ok_or(InvalidCertificateUrl::Host)?;
        match path.strip_prefix(FOLDER) {
            Some(file) if !file.is_empty() && !file.ends_with('/') => {
                Ok(Self(normal.as_str().into()))
            }
            _ => Err(InvalidCertificateUrl::Path),
        }
    }

    /// Shows the normalised address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CertificateUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Whether a byte may stand in the address.
///
/// What could begin user information, a query, a fragment or an escape, or
/// that some parsers take for a slash, is not among them; nor is what a parser
/// would escape.
fn is_harmless(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'/' | b'.' | b'-' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(raw: &str) -> String {
        CertificateUrl::parse(raw).unwrap().to_string()
    }

    fn all_are_refused(urls: &[&str], with: InvalidCertificateUrl) {
        for url in urls {
            assert_eq!(CertificateUrl::parse(url), Err(with), "{url:?}");
        }
    }

    #[test]
    fn amazons_own_url_is_accepted() {
        // U1
        let raw = "https://s3.amazonaws.com/echo.api/echo-api-cert.pem";

        assert_eq!(normal(raw), raw);
    }

    #[test]
    fn scheme_and_host_may_be_in_any_case() {
        // U2
        for raw in [
            "HTTPS://s3.amazonaws.com/echo.api/cert.pem",
            "https://S3.AmazonAWS.COM/echo.api/cert.pem",
        ] {
            assert_eq!(normal(raw), "https://s3.amazonaws.com/echo.api/cert.pem");
        }
    }

    #[test]
    fn the_standard_port_may_be_named() {
        // U3
        assert_eq!(
            normal("https://s3.amazonaws.com:443/echo.api/cert.pem"),
            "https://s3.amazonaws.com/echo.api/cert.pem"
        );
    }

    #[test]
    fn dots_that_stay_inside_are_resolved() {
        // U4
        for raw in [
            "https://s3.amazonaws.com/echo.api/../echo.api/cert.pem",
            "https://s3.amazonaws.com/elsewhere/../echo.api/./cert.pem",
            "https://s3.amazonaws.com/../echo.api/cert.pem",
        ] {
            assert_eq!(
                normal(raw),
                "https://s3.amazonaws.com/echo.api/cert.pem",
                "{raw}"
            );
        }
    }

    #[test]
    fn another_scheme_is_refused() {
        // U5
        all_are_refused(
            &[
                "http://s3.amazonaws.com/echo.api/cert.pem",
                "http://s3.amazonaws.com:443/echo.api/cert.pem",
                "ftp://s3.amazonaws.com/echo.api/cert.pem",
                "file:///s3.amazonaws.com/echo.api/cert.pem",
                "https:s3.amazonaws.com/echo.api/cert.pem",
                "https:/s3.amazonaws.com/echo.api/cert.pem",
                "https:///s3.amazonaws.com/echo.api/cert.pem",
            ],
            InvalidCertificateUrl::Host,
        );
    }

    #[test]
    fn another_host_is_refused() {
        // U6
        all_are_refused(
            &[
                "https://notamazon.com/echo.api/cert.pem",
                "https://very.bad/echo.api/cert.pem",
                "https://s3.amazonaws.com.evil.example/echo.api/cert.pem",
                "https://evil-s3.amazonaws.com/echo.api/cert.pem",
                "https://s3.us-east-1.amazonaws.com/echo.api/cert.pem",
                "https://echo.api.s3.amazonaws.com/echo.api/cert.pem",
                "https://52.216.0.1/echo.api/cert.pem",
            ],
            InvalidCertificateUrl::Host,
        );
    }

    #[test]
    fn the_folder_in_another_case_is_refused() {
        // U7
        all_are_refused(
            &[
                "https://s3.amazonaws.com/EcHo.aPi/cert.pem",
                "https://s3.amazonaws.com/ECHO.API/cert.pem",
                "https://s3.amazonaws.com/Echo.APi/foo",
            ],
            InvalidCertificateUrl::Path,
        );
    }

    #[test]
    fn another_folder_is_refused() {
        // U8
        all_are_refused(
            &[
                "https://s3.amazonaws.com/invalid.path/cert.pem",
                "https://s3.amazonaws.com/cert",
                "https://s3.amazonaws.com/echo.apis/cert.pem",
                "https://s3.amazonaws.com/",
                "https://s3.amazonaws.com",
            ],
            InvalidCertificateUrl::Path,
        );
    }

    #[test]
    fn another_port_is_refused() {
        // U9
        for port in ["563", "80", "0443", "4430", "", "x", "-443", "65536"] {
            let url = format!("https://s3.amazonaws.com:{port}/echo.api/cert.pem");

            all_are_refused(&[&url], InvalidCertificateUrl::Host);
        }
    }

    #[test]
    fn dots_that_lead_outside_are_refused() {
        // U10; 1.4 b: others accept these, and fetch a certificate of the attacker's.
        all_are_refused(
            &[
                "https://s3.amazonaws.com/echo.api/../cert",
                "https://s3.amazonaws.com/echo.api/../invalid.path/x",
                "https://s3.amazonaws.com/echo.api/../attacker-bucket/cert.pem",
                "https://s3.amazonaws.com/echo.api/./../evil/cert.pem",
                "https://s3.amazonaws.com/echo.api/..",
                "https://s3.amazonaws.com/echo.api/a/../../evil/cert.pem",
            ],
            InvalidCertificateUrl::Path,
        );
    }

    #[test]
    fn what_is_no_url_is_refused() {
        // U11
        all_are_refused(
            &["badUrl", "", "https", "null"],
            InvalidCertificateUrl::Host,
        );
        all_are_refused(
            &["not a url", " ", "\0", "<html></html>"],
            InvalidCertificateUrl::Characters,
        );
    }

    #[test]
    fn user_information_is_refused() {
        // U12
        all_are_refused(
            &[
                "https://user:pass@s3.amazonaws.com/echo.api/cert.pem",
                "https://s3.amazonaws.com@evil.example/echo.api/cert.pem",
                "https://@s3.amazonaws.com/echo.api/cert.pem",
            ],
            InvalidCertificateUrl::Characters,
        );
    }

    #[test]
    fn escapes_backslashes_queries_and_fragments_are_refused() {
        // U13; 1.4 d: others accept %2e%2e.
        all_are_refused(
            &[
                "https://s3.amazonaws.com/echo.api/%2e%2e/evil/c.pem",
                "https://s3.amazonaws.com/echo.api/%2E%2E/evil/c.pem",
                "https://s3.amazonaws.com/echo.api/..%2fevil/c.pem",
                "https://s3.amazonaws.com/echo.api%2fc.pem",
                "https://s3.amazonaws.com/echo.api/%252e%252e/evil/c.pem",
                "https://s3.amazonaws.com/echo.api/..\\..\\evil",
                "https://s3.amazonaws.com\\echo.api\\cert.pem",
                "https://s3.amazonaws.com/echo.api/cert.pem?query",
                "https://s3.amazonaws.com/echo.api/cert.pem?",
                "https://s3.amazonaws.com/echo.api/cert.pem#frag",
                "https://evil.example#s3.amazonaws.com/echo.api/cert.pem",
                "https://s3.amazonaws.com/echo.api/ce\trt.pem",
                "https://s3.amazonaws.com/echo.api/cert.pem\n",
                " https://s3.amazonaws.com/echo.api/cert.pem",
                "https://s3。amazonaws.com/echo.api/cert.pem",
            ],
            InvalidCertificateUrl::Characters,
        );
    }

    #[test]
    fn slashes_and_hosts_that_are_not_written_exactly_are_refused() {
        // U13
        all_are_refused(
            &[
                "https://s3.amazonaws.com//echo.api/cert.pem",
                "https://s3.amazonaws.com/echo.api//cert.pem",
                "https://s3.amazonaws.com/echo.api",
                "https://s3.amazonaws.com/echo.api/",
                "https://s3.amazonaws.com/echo.api/folder/",
            ],
            InvalidCertificateUrl::Path,
        );
        all_are_refused(
            &[
                "https://s3.amazonaws.com./echo.api/cert.pem",
                "https://s3.amazonaws.com:x/echo.api/cert.pem",
            ],
            InvalidCertificateUrl::Host,
        );
    }

    #[test]
    fn a_very_long_url_is_refused() {
        // U13
        let url = format!(
            "https://s3.amazonaws.com/echo.api/{}.pem",
            "x".repeat(10_240)
        );

        all_are_refused(&[&url], InvalidCertificateUrl::Characters);
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_stays_in_amazons_folder(
            raw in r"(https://s3\.amazonaws\.com)?(/echo\.api/|/|\.\.|\.|:443|a|%2e|\\|\?|#|@){0,8}"
        ) {
            if let Ok(url) = CertificateUrl::parse(&raw) {
                prop_assert!(url.as_str().starts_with("https://s3.amazonaws.com/echo.api/"));
                prop_assert!(url.as_str().split('/').all(|part| part != ".."));
                prop_assert_eq!(CertificateUrl::parse(url.as_str()), Ok(url.clone()));
            }
        }

        #[test]
        fn no_text_makes_it_panic(raw in any::<String>()) {
            let _ = CertificateUrl::parse(&raw);
        }
    }
}
