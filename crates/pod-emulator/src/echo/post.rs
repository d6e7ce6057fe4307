//! The way from Amazon to the skill: one HTTP/1.1 request to a pod on this
//! machine, given up after Amazon's eight seconds.

use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, StatusCode, body::Bytes, header};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::TcpStream;
use url::{Host, Url};

use crate::amazon::SignedRequest;

/// How long Amazon waits for a skill.
const PATIENCE: Duration = Duration::from_secs(8);
/// More than any lawful response: longer ones are cut off, not collected.
const LONGEST: usize = 1024 * 1024;

/// What a skill answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The content type, if there was one.
    pub content_type: Option<String>,
    /// The body.
    pub body: Bytes,
}

/// Why a request did not get an answer.
#[derive(Debug, Error)]
pub enum PostError {
    /// The skill's address is not plain HTTP on this machine.
    #[error(
        "the emulator only speaks to http://127.0.0.1, http://localhost and http://[::1]; give it such an address"
    )]
    NotLoopback,
    /// Nobody listens there.
    #[error("no pod answers there; start one, or give the right port")]
    Unreachable(#[source] std::io::Error),
    /// The connection broke, or what came back was no HTTP.
    #[error("the pod's answer could not be read")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Eight seconds are over.
    #[error("the pod did not answer within Amazon's 8 seconds")]
    TooSlow,
}

/// Sends a signed request to a skill, just as it is.
///
/// # Errors
///
/// [`PostError::NotLoopback`] for any address off this machine,
/// [`PostError::Unreachable`], [`PostError::Broken`] or [`PostError::TooSlow`]
/// when there is no answer.
pub async fn post(skill: &Url, request: &SignedRequest) -> Result<Reply, PostError> {
    let parcel = Parcel {
        url: skill,
        content_type: "application/json; charset=utf-8",
        headers: &request.headers(),
        body: request.body.clone(),
    };
    send(parcel).await
}

/// A body that is posted.
pub(crate) struct Parcel<'a> {
    pub(crate) url: &'a Url,
    pub(crate) content_type: &'static str,
    pub(crate) headers: &'a [(&'static str, &'a str)],
    pub(crate) body: Bytes,
}

/// Posts a body to an address on this machine.
pub(crate) async fn send(parcel: Parcel<'_>) -> Result<Reply, PostError> {
    let address = loopback(parcel.url)?;
    tokio::time::timeout(PATIENCE, exchange(&address, parcel))
        .await
        .map_err(|_| PostError::TooSlow)?
}

async fn exchange(address: &str, parcel: Parcel<'_>) -> Result<Reply, PostError> {
    let stream = TcpStream::connect(address)
        .await
        .map_err(PostError::Unreachable)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let Parcel { url, headers, .. } = parcel;
    let mut post = Request::post(&url[url::Position::BeforePath..url::Position::AfterQuery])
        .header(header::HOST, address)
        .header(header::CONTENT_TYPE, parcel.content_type)
        .header(header::ACCEPT, "application/json");
    for (name, value) in headers {
        post = post.header(*name, *value);
    }
    let post = post.body(Full::new(parcel.body)).map_err(broken)?;
    let answered = async {
        let response = sender.send_request(post).await.map_err(broken)?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, LONGEST)
            .collect()
            .await
            .map_err(PostError::Broken)?
            .to_bytes();
        let content_type = head
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok(Reply {
            status: head.status,
            content_type,
            body,
        })
    };
    // The connection is driven here, so that it ends with the exchange.
    tokio::pin!(answered);
    tokio::select! {
        reply = &mut answered => reply,
        closed = connection => match closed {
            Ok(()) => answered.await,
            Err(error) => Err(broken(error)),
        },
    }
}

fn broken(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PostError {
    PostError::Broken(error.into())
}

/// Gives the address to connect to, which is this machine or none: a request
/// carries a customer's token in the clear.
fn loopback(skill: &Url) -> Result<String, PostError> {
    let here = match skill.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match (
        skill.scheme(),
        skill.host_str(),
        skill.port_or_known_default(),
    ) {
        ("http", Some(host), Some(port)) if here => Ok(format!("{host}:{port}")),
        _ => Err(PostError::NotLoopback),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to() {
        let address = |url: &str| loopback(&url.parse().unwrap()).ok();

        assert_eq!(
            address("http://127.0.0.1:7100/pod/alexa").as_deref(),
            Some("127.0.0.1:7100")
        );
        assert_eq!(
            address("http://[::1]/pod/alexa").as_deref(),
            Some("[::1]:80")
        );
        assert_eq!(
            address("http://localhost:1/").as_deref(),
            Some("localhost:1")
        );
        for elsewhere in [
            "https://127.0.0.1/",
            "http://192.0.2.1/",
            "http://localhost.example/",
            "http://127.0.0.1.example/",
        ] {
            assert_eq!(address(elsewhere), None, "{elsewhere}");
        }
    }
}
