//! The one client, and the way that it takes.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::Method;
use reqwest::{Client, ClientBuilder, redirect, retry};
use thiserror::Error;
use url::Url;

use crate::authorities;
use crate::request::Request;
use crate::server::{is_loopback, is_protected};

/// Whatever cannot be connected to in this time is taken to be away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How the outside is reached.
///
/// By default as the environment says: the system's authorities, or those of
/// `SSL_CERT_FILE` and `SSL_CERT_DIR`; `HTTPS_PROXY` and `NO_PROXY`. This
/// machine itself is reached directly in any case: no proxy leads there, and
/// the variables do not leave it out by themselves.
#[derive(Clone, Default)]
pub struct Route {
    /// A proxy to go through, whatever the environment says: its URL.
    pub proxy: Option<String>,
    /// The authorities that may vouch for a host, as PEM, in place of the
    /// system's.
    pub authorities: Option<Vec<u8>>,
}

/// A route that leads nowhere.
#[derive(Debug, Error)]
pub enum InvalidRoute {
    /// The proxy is not a URL. It is not shown: it may have a password in it.
    #[error("the proxy is not a URL: write it as http://host:port")]
    Proxy,
    /// The authorities cannot be read.
    #[error("the authorities to trust are not PEM certificates: name at least one")]
    Authorities,
    /// TLS cannot be set up.
    #[error("the system's root certificates cannot be read: install them, or see to SSL_CERT_FILE")]
    Tls(#[source] Box<dyn StdError + Send + Sync>),
}

/// The way out over HTTP: made once, and shared by whoever has a copy.
#[derive(Clone)]
pub struct Http {
    /// To wherever the route is needed.
    routed: Client,
    /// To this machine.
    direct: Client,
}

impl Http {
    /// Prepares to ask; nothing is connected yet. It takes milliseconds to read
    /// the system's authorities, which are some hundred.
    ///
    /// # Errors
    ///
    /// [`InvalidRoute`] if the proxy or the authorities cannot be read, or the
    /// system trusts nobody.
    pub fn new(route: &Route) -> Result<Self, InvalidRoute> {
        let tls = authorities::tls(route.authorities.as_deref())?;
        let client = || client().tls_backend_preconfigured(tls.clone());
        let mut routed = client();
        if let Some(proxy) = &route.proxy {
            let proxy = reqwest::Proxy::all(proxy.as_str()).map_err(|_| InvalidRoute::Proxy)?;
            routed = routed.proxy(proxy);
        }
        let build = |client: ClientBuilder| {
            let built = client.build();
            built.map_err(|error| InvalidRoute::Tls(error.into()))
        };
        Ok(Self {
            routed: build(routed)?,
            direct: build(client().no_proxy())?,
        })
    }

    /// Begins a request that reads what is there.
    pub fn get(&self, url: Url) -> Request {
        self.request(Method::GET, url)
    }

    /// Begins a request that hands something over.
    pub fn post(&self, url: Url) -> Request {
        self.request(Method::POST, url)
    }

    /// Begins a request.
    pub fn request(&self, method: Method, url: Url) -> Request {
        let client = if is_loopback(&url) {
            &self.direct
        } else {
            &self.routed
        };
        let is_protected = is_protected(&url);
        Request::new(client.request(method, url), is_protected)
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http(..)")
    }
}

/// What both clients are; each request has a time of its own.
fn client() -> ClientBuilder {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one client: `Request::ask` times each of its requests"
    )]
    Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
}
