//! Where a supplier's server is: a host, and how it is spoken to.

use thiserror::Error;
use url::{Host, Url};

/// Not where a server is; what was given is left out, since it may hold a
/// password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidServer {
    /// It names no host.
    #[error("write the host, such as login.example.com, with a port if need be")]
    Host,
    /// It starts with something that is neither `https://` nor `http://`.
    #[error("write the host alone, or a URL that starts with https://")]
    Scheme,
    /// It is `http://` and not on this machine.
    #[error("use https: plain http is for loopback addresses only")]
    PlainHttp,
    /// It has a user name or a password.
    #[error("leave out what stands before the @: there is no user and no password here")]
    Credentials,
    /// It has more than a host and a port.
    #[error("leave out what follows the host: there is no path, query or fragment here")]
    Path,
}

/// Reads a host, with a port if need be, or a URL of one, as the URL of its
/// root. A host alone is reached by https; plain http is for loopback only.
///
/// # Errors
///
/// [`InvalidServer::Host`], [`InvalidServer::Scheme`],
/// [`InvalidServer::PlainHttp`], [`InvalidServer::Credentials`] or
/// [`InvalidServer::Path`]: each says what to write instead.
pub fn server(raw: &str) -> Result<Url, InvalidServer> {
    let (scheme, rest) = raw.split_once("://").unwrap_or(("https", raw));
    if !["https", "http"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
    {
        return Err(InvalidServer::Scheme);
    }
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if authority.contains('@') {
        return Err(InvalidServer::Credentials);
    }
    // A URL parser forgives backslashes, blanks and missing slashes; a host
    // that has to be forgiven is a mistake.
    if authority.is_empty() || authority.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(InvalidServer::Host);
    }
    if authority.contains(['/', '\\', '?', '#']) {
        return Err(InvalidServer::Path);
    }
    let url = Url::parse(&format!("{scheme}://{authority}/")).map_err(|_| InvalidServer::Host)?;
    if url.host_str().is_none_or(|host| host.ends_with('.')) {
        return Err(InvalidServer::Host);
    }
    if !is_protected(&url) {
        return Err(InvalidServer::PlainHttp);
    }
    Ok(url)
}

/// Whether a URL leads to this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether nobody on the way can read what is sent to a URL: it is for https,
/// or leads to this machine.
#[must_use]
pub fn is_protected(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => is_loopback(url),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_or_a_url_is_a_server() {
        for (raw, url) in [
            ("login.example.com", "https://login.example.com/"),
            ("Login.EXAMPLE.com", "https://login.example.com/"),
            ("login.example.com:8443", "https://login.example.com:8443/"),
            ("https://login.example.com", "https://login.example.com/"),
            ("HTTPS://login.example.com/", "https://login.example.com/"),
            (
                "https://login.example.com:443",
                "https://login.example.com/",
            ),
            ("http://127.0.0.1:7200", "http://127.0.0.1:7200/"),
            ("http://127.8.9.1:7200/", "http://127.8.9.1:7200/"),
            ("http://[::1]:7200", "http://[::1]:7200/"),
            ("http://localhost:7200", "http://localhost:7200/"),
            ("localhost:7200", "https://localhost:7200/"),
        ] {
            assert_eq!(server(raw).unwrap().as_str(), url, "{raw}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for raw in [
            "http://login.example.com",
            "HTTP://login.example.com",
            "http://10.0.0.1",
            "http://128.0.0.1",
            "http://[::2]",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
        ] {
            assert_eq!(server(raw), Err(InvalidServer::PlainHttp), "{raw}");
        }
    }

    #[test]
    fn whatever_is_not_just_a_host_is_refused_with_a_hint() {
        for (raw, error) in [
            ("", InvalidServer::Host),
            ("https://", InvalidServer::Host),
            ("https:///login.example.com", InvalidServer::Path),
            (" login.example.com", InvalidServer::Host),
            ("login example.com", InvalidServer::Host),
            ("login.exam\nple.com", InvalidServer::Host),
            ("login.example.com.", InvalidServer::Host),
            ("login.example.com:port", InvalidServer::Host),
            ("login.example.com:70000", InvalidServer::Host),
            ("https:login.example.com", InvalidServer::Host),
            ("ftp://login.example.com", InvalidServer::Scheme),
            ("wss://login.example.com", InvalidServer::Scheme),
            ("file:///etc/passwd", InvalidServer::Scheme),
            ("ada:secret@login.example.com", InvalidServer::Credentials),
            ("https://@login.example.com", InvalidServer::Credentials),
            ("https://login.example.com/api", InvalidServer::Path),
            ("https://login.example.com//", InvalidServer::Path),
            ("https://login.example.com\\", InvalidServer::Path),
            ("login.example.com?a=b", InvalidServer::Path),
            ("login.example.com#", InvalidServer::Path),
        ] {
            assert_eq!(server(raw), Err(error), "{raw:?}");
        }
    }

    #[test]
    fn only_what_others_cannot_read_is_protected() {
        for (url, protected) in [
            ("https://login.example.com/a?b=c", true),
            ("http://127.0.0.1:1/a", true),
            ("http://login.example.com/a", false),
            ("ftp://127.0.0.1/a", false),
        ] {
            assert_eq!(is_protected(&url.parse().unwrap()), protected, "{url}");
        }
    }
}
