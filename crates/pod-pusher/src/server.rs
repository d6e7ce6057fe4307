//! Where an app is: in one of Pusher's clusters, or at a server of one's own.

use pod_http::InvalidServer;
use thiserror::Error;
use url::Url;

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
    /// [`InvalidServer`], which says what to write instead.
    pub fn host(raw: &str) -> Result<Self, InvalidServer> {
        let url = pod_http::server(raw)?;
        Ok(Self { url, cluster: None })
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
    fn whatever_is_not_just_a_host_is_no_server() {
        for (raw, error) in [
            ("wss://push.example.com", InvalidServer::Scheme),
            ("http://push.example.com", InvalidServer::PlainHttp),
            ("key:secret@push.example.com", InvalidServer::Credentials),
            ("https://push.example.com/apps", InvalidServer::Path),
        ] {
            assert_eq!(PusherServer::host(raw), Err(error), "{raw}");
        }
    }
}
