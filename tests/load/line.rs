//! One connection to a pod, kept open from request to request.

use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use pod_core::BoxError;
use pod_emulator::SignedRequest;
use tokio::net::TcpStream;

use crate::address::LocalUrl;

/// How long an answer is waited for: longer than Alexa does.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to one URL, by HTTP/1.1.
pub(crate) struct Line {
    url: LocalUrl,
    requests: SendRequest<Full<Bytes>>,
}

/// An answer, and how long it took from the first byte out to the last one in.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// The body.
    pub(crate) body: Bytes,
    /// How long it took.
    pub(crate) took: Duration,
}

impl Line {
    /// Connects.
    pub(crate) async fn open(url: &LocalUrl) -> Result<Self, BoxError> {
        let stream = TcpStream::connect(url.socket()).await?;
        stream.set_nodelay(true)?;
        let (requests, connection) = handshake(TokioIo::new(stream)).await?;
        // When it breaks, the next request says so.
        tokio::spawn(connection);
        Ok(Self {
            url: url.clone(),
            requests,
        })
    }

    /// Connects anew if the pod has hung up meanwhile, as it does on whoever
    /// is silent for long.
    pub(crate) async fn reopen(&mut self) -> Result<(), BoxError> {
        if self.requests.is_closed() {
            *self = Self::open(&self.url).await?;
        }
        Ok(())
    }

    /// Sends a signed request, and waits for the whole answer.
    pub(crate) async fn post(&mut self, signed: &SignedRequest) -> Result<Answer, BoxError> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(self.url.path())
            .header(HOST, self.url.authority())
            .header(CONTENT_TYPE, "application/json; charset=utf-8");
        for (name, value) in signed.headers() {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(signed.body.clone()))?;
        tokio::time::timeout(PATIENCE, self.send(request))
            .await
            .map_err(|_| "no answer within ten seconds")?
    }

    /// Gets what is at this path, with its query.
    pub(crate) async fn get(&mut self, path: &str, patience: Duration) -> Result<Answer, BoxError> {
        let request = Request::builder()
            .uri(path)
            .header(HOST, self.url.authority())
            .body(Full::default())?;
        tokio::time::timeout(patience, self.send(request)).await?
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, BoxError> {
        let began = Instant::now();
        let exchange = async {
            self.requests.ready().await?;
            let answer = self.requests.send_request(request).await?;
            let status = answer.status();
            let body = answer.into_body().collect().await?.to_bytes();
            Ok::<_, hyper::Error>((status, body))
        };
        let (status, body) = exchange.await?;
        Ok(Answer {
            status,
            body,
            took: began.elapsed(),
        })
    }
}
