//! Where the tenant is, and what it calls itself in tokens.

use thiserror::Error;
use url::{Host, Url};

/// The domain of an Auth0 tenant, its own or a custom one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth0Domain(Url);

/// Not the domain of a tenant; what was given is left out, since it may hold a
/// password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidAuth0Domain {
    /// It names no host.
    #[error("write the tenant's host, such as tenant.eu.auth0.com, with a port if need be")]
    Host,
    /// It starts with something that is neither `https://` nor `http://`.
    #[error("write the tenant's host alone, or a URL that starts with https://")]
    Scheme,
    /// It is `http://` and not on this machine.
    #[error("use https: plain http is for loopback addresses only")]
    PlainHttp,
    /// It has a user name or a password.
    #[error("leave out what stands before the @: a tenant's domain has no user and no password")]
    Credentials,
    /// It has more than a host and a port.
    #[error("leave out what follows the host: a tenant's domain has no path, query or fragment")]
    Path,
}

impl Auth0Domain {
    /// Reads a host, with a port if need be, or a URL of one. A host alone is
    /// reached by https; plain http is for loopback only.
    ///
    /// # Errors
    ///
    /// [`InvalidAuth0Domain::Host`], [`InvalidAuth0Domain::Scheme`],
    /// [`InvalidAuth0Domain::PlainHttp`], [`InvalidAuth0Domain::Credentials`]
    /// or [`InvalidAuth0Domain::Path`]: each says what to write instead.
    pub fn parse(raw: &str) -> Result<Self, InvalidAuth0Domain> {
        let (scheme, rest) = raw.split_once("://").unwrap_or(("https", raw));
        if !["https", "http"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
        {
            return Err(InvalidAuth0Domain::Scheme);
        }
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains('@') {
            return Err(InvalidAuth0Domain::Credentials);
        }
        // A URL parser forgives backslashes, blanks and missing slashes; a
        // domain that has to be forgiven is a mistake.
        if authority.is_empty() || authority.contains(|c: char| c.is_whitespace() || c.is_control())
        {
            return Err(InvalidAuth0Domain::Host);
        }
        if authority.contains(['/', '\\', '?', '#']) {
            return Err(InvalidAuth0Domain::Path);
        }
        let url = Url::parse(&format!("{scheme}://{authority}/"))
            .map_err(|_| InvalidAuth0Domain::Host)?;
        if url.host_str().is_none_or(|host| host.ends_with('.')) {
            return Err(InvalidAuth0Domain::Host);
        }
        let domain = Self(url);
        if domain.0.scheme() == "http" && !domain.is_loopback() {
            return Err(InvalidAuth0Domain::PlainHttp);
        }
        Ok(domain)
    }

    /// What the tenant calls itself in the `iss` of its tokens: the URL with
    /// its trailing slash.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.as_str()
    }

    /// Where the tenant publishes its keys.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}.well-known/jwks.json", self.0)
    }

    /// Whether the tenant is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// A place at the tenant, with nothing asked of it yet.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }
}

/// Whether a URL leads to this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_or_a_url_gives_the_issuer_with_its_slash() {
        for (raw, issuer) in [
            ("tenant.eu.auth0.com", "https://tenant.eu.auth0.com/"),
            ("Tenant.EU.auth0.com", "https://tenant.eu.auth0.com/"),
            (
                "login.pizza.example:8443",
                "https://login.pizza.example:8443/",
            ),
            (
                "https://tenant.eu.auth0.com",
                "https://tenant.eu.auth0.com/",
            ),
            (
                "HTTPS://tenant.eu.auth0.com/",
                "https://tenant.eu.auth0.com/",
            ),
            (
                "https://tenant.eu.auth0.com:443",
                "https://tenant.eu.auth0.com/",
            ),
            ("http://127.0.0.1:7200", "http://127.0.0.1:7200/"),
            ("http://127.8.9.1:7200/", "http://127.8.9.1:7200/"),
            ("http://[::1]:7200", "http://[::1]:7200/"),
            ("http://localhost:7200", "http://localhost:7200/"),
            ("localhost:7200", "https://localhost:7200/"),
        ] {
            assert_eq!(Auth0Domain::parse(raw).unwrap().issuer(), issuer, "{raw}");
        }
    }

    #[test]
    fn the_keys_are_at_the_well_known_place() {
        let domain = Auth0Domain::parse("tenant.eu.auth0.com").unwrap();

        assert_eq!(
            domain.jwks_url(),
            "https://tenant.eu.auth0.com/.well-known/jwks.json"
        );
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for raw in [
            "http://tenant.eu.auth0.com",
            "HTTP://tenant.eu.auth0.com",
            "http://10.0.0.1",
            "http://128.0.0.1",
            "http://[::2]",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
        ] {
            assert_eq!(
                Auth0Domain::parse(raw),
                Err(InvalidAuth0Domain::PlainHttp),
                "{raw}"
            );
        }
    }

    #[test]
    fn whatever_is_not_just_a_host_is_refused_with_a_hint() {
        for (raw, error) in [
            ("", InvalidAuth0Domain::Host),
            ("https://", InvalidAuth0Domain::Host),
            ("https:///tenant.eu.auth0.com", InvalidAuth0Domain::Path),
            (" tenant.eu.auth0.com", InvalidAuth0Domain::Host),
            ("tenant.eu\n.auth0.com", InvalidAuth0Domain::Host),
            ("tenant.eu.auth0.com.", InvalidAuth0Domain::Host),
            ("tenant.eu.auth0.com:port", InvalidAuth0Domain::Host),
            ("tenant.eu.auth0.com:70000", InvalidAuth0Domain::Host),
            ("https:tenant.eu.auth0.com", InvalidAuth0Domain::Host),
            ("ftp://tenant.eu.auth0.com", InvalidAuth0Domain::Scheme),
            ("file:///etc/passwd", InvalidAuth0Domain::Scheme),
            (
                "ada:secret@tenant.eu.auth0.com",
                InvalidAuth0Domain::Credentials,
            ),
            (
                "https://@tenant.eu.auth0.com",
                InvalidAuth0Domain::Credentials,
            ),
            ("https://tenant.eu.auth0.com/api", InvalidAuth0Domain::Path),
            ("https://tenant.eu.auth0.com//", InvalidAuth0Domain::Path),
            ("https://tenant.eu.auth0.com\\", InvalidAuth0Domain::Path),
            ("tenant.eu.auth0.com?a=b", InvalidAuth0Domain::Path),
            ("tenant.eu.auth0.com#", InvalidAuth0Domain::Path),
        ] {
            assert_eq!(Auth0Domain::parse(raw), Err(error), "{raw:?}");
        }
    }
}
