//! Addresses: of this machine, or refused.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use url::{Host, Url};

/// A URL that leads to this machine, over plain HTTP.
#[derive(Debug, Clone)]
pub(crate) struct LocalUrl {
    url: Url,
    socket: SocketAddr,
}

impl LocalUrl {
    /// Reads a URL.
    pub(crate) fn parse(raw: &str) -> Result<Self, String> {
        let url = Url::parse(raw).map_err(|error| error.to_string())?;
        if url.scheme() != "http" {
            return Err("write a URL that begins with http://".to_owned());
        }
        let ip = match url.host() {
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
            Some(Host::Domain("localhost")) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            _ => return Err(ELSEWHERE.to_owned()),
        };
        let socket = local(SocketAddr::new(
            ip,
            url.port_or_known_default().unwrap_or(80),
        ))?;
        Ok(Self { url, socket })
    }

    /// Where to connect to.
    pub(crate) fn socket(&self) -> SocketAddr {
        self.socket
    }

    /// What the `Host` header says.
    pub(crate) fn authority(&self) -> &str {
        self.url.authority()
    }

    /// The path.
    pub(crate) fn path(&self) -> &str {
        self.url.path()
    }

    /// The URL.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }
}

/// Reads an address and a port of this machine.
pub(crate) fn parse(raw: &str) -> Result<SocketAddr, String> {
    local(
        raw.parse()
            .map_err(|_| "write an address and a port, such as 127.0.0.1:7190".to_owned())?,
    )
}

const ELSEWHERE: &str = "only this machine is measured: write 127.0.0.1";

fn local(address: SocketAddr) -> Result<SocketAddr, String> {
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err(ELSEWHERE.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_goes_by_several_names() {
        for (raw, socket) in [
            ("http://127.0.0.1:7100/pod/alexa", "127.0.0.1:7100"),
            ("http://127.0.0.2:7100/pod/alexa", "127.0.0.2:7100"),
            ("http://localhost/pod/alexa", "127.0.0.1:80"),
            ("http://[::1]:7100/", "[::1]:7100"),
        ] {
            assert_eq!(LocalUrl::parse(raw).unwrap().socket().to_string(), socket);
        }
    }

    #[test]
    fn every_other_machine_is_refused() {
        for raw in [
            "http://192.0.2.7:7100/pod/alexa",
            "http://pod.example/pod/alexa",
            "http://127.0.0.1.pod.example/",
            "http://0.0.0.0:7100/",
            "https://127.0.0.1/",
            "127.0.0.1:7100",
        ] {
            assert!(LocalUrl::parse(raw).is_err(), "{raw}");
        }
        assert!(parse("0.0.0.0:7192").is_err());
        assert!(parse("192.0.2.7:7192").is_err());
    }
}
