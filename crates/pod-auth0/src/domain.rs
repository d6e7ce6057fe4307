//! Where the tenant is, and what it calls itself in tokens.

use pod_http::InvalidServer;
use url::Url;

/// The domain of an Auth0 tenant, its own or a custom one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth0Domain(Url);

impl Auth0Domain {
    /// Reads a host, with a port if need be, or a URL of one. A host alone is
    /// reached by https; plain http is for loopback only.
    ///
    /// # Errors
    ///
    /// [`InvalidServer`], which says what to write instead.
    pub fn parse(raw: &str) -> Result<Self, InvalidServer> {
        pod_http::server(raw).map(Self)
    }

    /// What the tenant calls itself in the `iss` of its tokens: the URL with
    /// its trailing slash.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.as_str()
    }

    /// Where the tenant publishes its keys.
    #[must_use]
    pub fn jwks_url(&self) -> Url {
        self.at("/.well-known/jwks.json")
    }

    /// A place at the tenant, with nothing asked of it yet.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
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
            domain.jwks_url().as_str(),
            "https://tenant.eu.auth0.com/.well-known/jwks.json"
        );
    }

    #[test]
    fn whatever_is_not_just_a_host_is_no_domain() {
        for (raw, error) in [
            ("http://tenant.eu.auth0.com", InvalidServer::PlainHttp),
            ("tenant.eu.auth0.com.", InvalidServer::Host),
            ("https://tenant.eu.auth0.com/api", InvalidServer::Path),
        ] {
            assert_eq!(Auth0Domain::parse(raw), Err(error), "{raw}");
        }
    }
}
