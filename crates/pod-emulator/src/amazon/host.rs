//! The certificate host behind a CONNECT proxy: the only way to stand in for
//! `s3.amazonaws.com:443` without touching the client or the machine's names.

use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::authority::HOST;
use super::{Amazon, CERTIFICATE_URL};

/// How long to wait before accepting again when the machine is out of files.
const BREATH: Duration = Duration::from_millis(50);

/// Serves the proxy until told to stop; then open tunnels are cut.
pub(crate) async fn serve(
    listener: TcpListener,
    amazon: Amazon,
    stopped: impl Future<Output = ()> + Send,
) {
    let mut connections = JoinSet::new();
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped => return,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, amazon.clone()));
                }
                Err(_) => tokio::time::sleep(BREATH).await,
            },
        }
    }
}

/// One client of the proxy. What goes wrong with it is between it and its
/// client: a stranger's broken connection is no news.
async fn connection(stream: TcpStream, amazon: Amazon) {
    let tunnel: Arc<Mutex<Option<OnUpgrade>>> = Arc::default();
    let asked = tunnel.clone();
    let proxy = service_fn(move |mut request: Request<Incoming>| {
        let answer = if is_for_the_host(&request) {
            *asked.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(hyper::upgrade::on(&mut request));
            answer(StatusCode::OK, "")
        } else {
            answer(
                StatusCode::FORBIDDEN,
                "This proxy leads to s3.amazonaws.com:443 and nowhere else.\n",
            )
        };
        ready(Ok::<_, Infallible>(answer))
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), proxy)
        .with_upgrades()
        .await;

    let asked = tunnel.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let (Ok(()), Some(tunnel)) = (served, asked)
        && let Ok(tunnel) = tunnel.await
        && let Ok(stream) = TlsAcceptor::from(amazon.authority.tls())
            .accept(TokioIo::new(tunnel))
            .await
    {
        let host = service_fn(move |request: Request<Incoming>| {
            ready(Ok::<_, Infallible>(file(&amazon, &request)))
        });
        // A client that goes away is not an error of ours.
        let _gone = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), host)
            .await;
    }
}

fn is_for_the_host(request: &Request<Incoming>) -> bool {
    request.method() == Method::CONNECT
        && request
            .uri()
            .authority()
            .is_some_and(|to| to.host().eq_ignore_ascii_case(HOST) && to.port_u16() == Some(443))
}

fn file(amazon: &Amazon, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let there = CERTIFICATE_URL
        .split_once(HOST)
        .is_some_and(|(_, path)| path == request.uri().path());
    if !there {
        return answer(StatusCode::NOT_FOUND, "There is no such file.\n");
    }
    if request.method() != Method::GET {
        return answer(
            StatusCode::METHOD_NOT_ALLOWED,
            "The certificates can only be read.\n",
        );
    }
    let mut response = answer(StatusCode::OK, amazon.certificates().to_owned());
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/x-pem-file"),
    );
    response
}

fn answer(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response
}
