//! Where the tenant sends a browser back to.

use pod_http::is_protected;
use thiserror::Error;
use url::Url;

/// A URL of the web app's that the tenant may send a browser back to. The
/// tenant compares it to the letter with those that the application is
/// allowed, so it stays as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnUrl(Box<str>);

/// Not a URL to send a browser back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "write a whole URL that starts with https://, or with http:// for a loopback address, and has no user, no password and no #"
)]
pub struct InvalidReturnUrl;

impl ReturnUrl {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// [`InvalidReturnUrl`] unless it is https, or plain http for loopback,
    /// and without a user, a password or a fragment (RFC 6749, 3.1.2).
    pub fn parse(raw: &str) -> Result<Self, InvalidReturnUrl> {
        let url = Url::parse(raw).map_err(|_| InvalidReturnUrl)?;
        // A URL parser forgives blanks, backslashes and missing slashes.
        let plain = raw.bytes().all(|b| b.is_ascii_graphic()) && !raw.contains('\\');
        let whole = raw.contains("://") && !raw.contains(['@', '#']);
        if is_protected(&url) && plain && whole {
            Ok(Self(raw.into()))
        } else {
            Err(InvalidReturnUrl)
        }
    }

    /// The URL as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_safe_url_stays_as_it_was_written() {
        for raw in [
            "https://pod.example/pod/app/oidc/callback",
            "https://Pod.Example",
            "https://pod.example:8443/a%20b?c=d",
            "http://127.0.0.1:7100/pod/app/oidc/callback",
            "http://[::1]/",
            "http://localhost:7100",
        ] {
            assert_eq!(ReturnUrl::parse(raw).unwrap().as_str(), raw);
        }
    }

    #[test]
    fn whatever_is_not_a_whole_safe_url_is_refused() {
        for raw in [
            "",
            "/pod/app",
            "pod.example/callback",
            "https:pod.example",
            "http://pod.example/callback",
            "http://127.0.0.1.evil.example/",
            "javascript:alert(1)//://",
            "https://pod.example/#here",
            "https://ada:secret@pod.example/",
            "https://pod.example\\evil",
            " https://pod.example/",
            "https://pod.example/ä",
            "https://pod.example/\n",
        ] {
            assert_eq!(ReturnUrl::parse(raw), Err(InvalidReturnUrl), "{raw:?}");
        }
    }
}
