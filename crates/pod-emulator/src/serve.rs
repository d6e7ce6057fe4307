//! The listener of the emulator: HTTP/1.1, in the clear and over TLS at the
//! same port, and the one server that loses connections when asked to.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::auth0::LostConnection;

/// How long to wait before accepting again when the machine is out of files.
const BREATH: Duration = Duration::from_millis(50);

/// The first byte of a TLS handshake, which no request in the clear begins
/// with.
const HANDSHAKE: u8 = 0x16;

/// Serves until told to stop; requests in progress are finished then.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<Arc<ServerConfig>>,
    stop: watch::Receiver<bool>,
) {
    let tls = tls.map(TlsAcceptor::from);
    let mut connections = JoinSet::new();
    let stopped = told(stop.clone());
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, router.clone(), tls.clone(), stop.clone()));
                }
                Err(_) => tokio::time::sleep(BREATH).await,
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Waits to be told to stop; an emulator that is gone has stopped as well.
pub(crate) async fn told(mut stop: watch::Receiver<bool>) {
    let _gone = stop.wait_for(|stop| *stop).await;
}

/// One client. What goes wrong with its connection is no news.
async fn connection(
    stream: TcpStream,
    router: Router,
    tls: Option<TlsAcceptor>,
    stop: watch::Receiver<bool>,
) {
    let mut first = [0];
    let peeked = tokio::select! {
        peeked = stream.peek(&mut first) => peeked,
        () = told(stop.clone()) => return,
    };
    match (tls, peeked) {
        (Some(tls), Ok(1)) if first[0] == HANDSHAKE => {
            if let Ok(stream) = tls.accept(stream).await {
                exchange(stream, router, stop).await;
            }
        }
        (_, Ok(_)) => exchange(stream, router, stop).await,
        (_, Err(_)) => {}
    }
}

async fn exchange<S>(stream: S, router: Router, stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = router.call(request);
        async move { answer.await.map_err(|never| match never {}).and_then(kept) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // A client that goes away is not an error of ours.
        _gone = connection.as_mut() => {}
        () = told(stop) => {
            connection.as_mut().graceful_shutdown();
            let _gone = connection.await;
        }
    }
}

/// The response, unless it is to be lost: an error makes the server close the
/// connection without a word.
fn kept(response: Response<Body>) -> io::Result<Response<Body>> {
    if response.extensions().get::<LostConnection>().is_some() {
        return Err(io::Error::from(io::ErrorKind::ConnectionAborted));
    }
    Ok(response)
}
