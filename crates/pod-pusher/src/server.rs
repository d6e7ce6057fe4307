//! Where an app is: in one of Pusher's clusters, or at a server of one's own.

use thiserror::Error;
use url::{Host, Url};

/// The server that takes what is announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PusherServer {
    url: Url,
    cluster: Option<Box<str>>,
}

/// Not the name of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("write the cluster's name as the app's page shows it, such as eu, us2 or ap1")]
pub struct InvalidPusherCluster;

/// Not where a server is; what was given is left out, since it may hold a
/// password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidPusherHost {
    /// It names no host.
    #[error("write the server's host, such as push.example.com, with a port if need be")]
    Host,
    /// It starts with something that is neither `https://` nor `http://`.
    #[error("write the server's host alone, or a URL that starts with https://")]
    Scheme,
    /// It is `http://` and not on this machine.
    #[error("use https: plain http is for loopback addresses only")]
    PlainHttp,
    /// It has a user name or a password.
    #[error("leave out what stands before the @: the server knows pod by the app's key and secret")]
    Credentials,
    /// It has more than a host and a port.
    #[error("leave out what follows the host: the server is asked at paths that the protocol sets")]
    Path,
}

impl PusherServer {
    /// Finds one of Pusher's own clusters by its name.
    ///
    /// # Errors
    ///
    /// [`InvalidPusherCluster`] unless it is 1 to 32 lower-case ASCII letters,
    /// digits and `-`.
    pub fn cluster(raw: &str) -> Result<Self, InvalidPusherCluster> {
        let of_a_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=32).contains(&raw.len()) || !raw.bytes().all(of_a_name) {
            return Err(InvalidPusherCluster);
        }
        let url = Url::parse(&format!("https://api-{raw}.pusher.com/"));
        Ok(Self {
            url: url.map_err(|_| InvalidPusherCluster)?,
            cluster: Some(raw.into()),
        })
    }

    /// Reads the host of any server of the protocol, with a port if need be,
    /// or a URL of one. A host alone is reached by https; plain http is for
    /// loopback only.
    ///
    /// # Errors
    ///
    /// [`InvalidPusherHost::Host`], [`InvalidPusherHost::Scheme`],
    /// [`InvalidPusherHost::PlainHttp`], [`InvalidPusherHost::Credentials`] or
    /// [`InvalidPusherHost::Path`]: each says what to write instead.
    pub fn host(raw: &str) -> Result<Self, InvalidPusherHost> {
        let (scheme, rest) = raw.split_once("://").unwrap_or(("https", raw));
        if !["https", "http"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
        {
            return Err(InvalidPusherHost::Scheme);
        }
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains('@') {
            return Err(InvalidPusherHost::Credentials);
        }
        // A URL parser forgives backslashes, blanks and missing slashes; a
        // host that has to be forgiven is a mistake.
        if authority.is_empty() || authority.contains(|c: char| c.is_whitespace() || c.is_control())
        {
            return Err(InvalidPusherHost::Host);
        }
        if authority.contains(['/', '\\', '?', '#']) {
            return Err(InvalidPusherHost::Path);
        }
        let url =
            Url::parse(&format!("{scheme}://{authority}/")).map_err(|_| InvalidPusherHost::Host)?;
        if url.host_str().is_none_or(|host| host.ends_with('.')) {
            return Err(InvalidPusherHost::Host);
        }
        let server = Self { url, cluster: None };
        if server.url.scheme() == "http" && !server.is_loopback() {
            return Err(InvalidPusherHost::PlainHttp);
        }
        Ok(server)
    }

    /// The name of the cluster, if it is one of Pusher's.
    #[must_use]
    pub fn cluster_name(&self) -> Option<&str> {
        self.cluster.as_deref()
    }

    /// The server's root.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether the server is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_found_by_its_name() {
        for name in ["eu", "us2", "ap1", "mt1"] {
            let server = PusherServer::cluster(name).unwrap();

            let url = format!("https://api-{name}.pusher.com/");
            assert_eq!(server.url().as_str(), url);
            assert_eq!(server.cluster_name(), Some(name));
        }
    }

    #[test]
    fn what_would_lead_elsewhere_is_no_cluster() {
        let long = "a".repeat(33);
        for raw in [
            "",
            "EU",
            "eu ",
            "e.u",
            "eu.evil.example/",
            "@evil.example",
            "é",
            &long,
        ] {
            assert_eq!(
                PusherServer::cluster(raw),
                Err(InvalidPusherCluster),
                "{raw:?}"
            );
        }
    }

    #[test]
    fn a_host_or_a_url_is_a_server() {
        for (raw, url) in [
            ("push.example.com", "https://push.example.com/"),
            ("push.example.com:8443", "https://push.example.com:8443/"),
            ("HTTPS://push.example.com/", "https://push.example.com/"),
            ("http://127.0.0.1:6001", "http://127.0.0.1:6001/"),
            ("http://[::1]:6001/", "http://[::1]:6001/"),
            ("http://localhost:6001", "http://localhost:6001/"),
        ] {
            let server = PusherServer::host(raw).unwrap();
            assert_eq!(server.url().as_str(), url, "{raw}");
            assert_eq!(server.cluster_name(), None);
        }
    }

    #[test]
    fn whatever_is_not_just_a_host_is_refused_with_a_hint() {
        for (raw, error) in [
            ("", InvalidPusherHost::Host),
            ("https://", InvalidPusherHost::Host),
            ("push example.com", InvalidPusherHost::Host),
            ("push.example.com.", InvalidPusherHost::Host),
            ("push.example.com:port", InvalidPusherHost::Host),
            ("wss://push.example.com", InvalidPusherHost::Scheme),
            ("http://push.example.com", InvalidPusherHost::PlainHttp),
            ("http://10.0.0.1:6001", InvalidPusherHost::PlainHttp),
            (
                "http://localhost.evil.example",
                InvalidPusherHost::PlainHttp,
            ),
            (
                "key:secret@push.example.com",
                InvalidPusherHost::Credentials,
            ),
            ("https://push.example.com/apps", InvalidPusherHost::Path),
            ("push.example.com?a=b", InvalidPusherHost::Path),
            ("push.example.com\\", InvalidPusherHost::Path),
        ] {
            assert_eq!(PusherServer::host(raw), Err(error), "{raw:?}");
        }
    }
}
