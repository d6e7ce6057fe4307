//! One request over HTTP, without a browser.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::header::HOST;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::Url;

/// An answer, as it came.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
}

/// Asks once, on a connection of its own, and follows nothing.
pub(crate) async fn exchange(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Answer {
    let url = Url::parse(url).expect("a URL");
    let authority = url.authority();
    let stream = TcpStream::connect(authority).await.expect("it answers");
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.expect("it answers");
    tokio::spawn(connection);
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, authority);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .body(Full::new(Bytes::from(body)))
        .expect("a request");
    let (head, body) = sender
        .send_request(request)
        .await
        .expect("an answer")
        .into_parts();
    let body = body.collect().await.expect("a whole answer").to_bytes();
    Answer {
        status: head.status,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}
