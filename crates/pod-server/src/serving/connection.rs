//! One connection, from its handshake to its last answer.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceBuilder;

use super::{Limits, Stop};

/// What every connection is served with.
#[derive(Clone)]
pub(super) struct Connection {
    router: Router,
    tls: Option<TlsAcceptor>,
    http: Arc<Builder<TokioExecutor>>,
    limits: Limits,
    stop: Stop,
}

impl Connection {
    pub(super) fn new(
        router: Router,
        tls: Option<TlsAcceptor>,
        limits: Limits,
        stop: Stop,
    ) -> Self {
        let mut http = Builder::new(TokioExecutor::new());
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header);
        http.http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(Duration::from_secs(20))
            .max_concurrent_streams(100);
        Self {
            router,
            tls,
            http: Arc::new(http),
            limits,
            stop,
        }
    }

    /// Serves one connection to its end, and gives its slot back.
    pub(super) async fn serve(self, stream: TcpStream, _slot: Option<OwnedSemaphorePermit>) {
        // Answers are written whole: waiting for more would only delay them.
        let _slower = stream.set_nodelay(true);
        match &self.tls {
            None => self.answer(stream).await,
            Some(tls) => {
                let handshake = tokio::time::timeout(self.limits.handshake, tls.accept(stream));
                match handshake.await {
                    Ok(Ok(stream)) => self.answer(stream).await,
                    Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                    Err(_elapsed) => tracing::debug!("a TLS handshake took too long"),
                }
            }
        }
    }

    async fn answer(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let (came, first) = watch::channel(false);
        let router = ServiceBuilder::new()
            .map_request(move |request| {
                came.send_if_modified(|came| !std::mem::replace(came, true));
                request
            })
            .service(self.router.clone());
        let service = TowerToHyperService::new(router);
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(stream), service));

        // The timer for headers starts with the second byte or so: one who
        // sends nothing at all, or half of HTTP/2's greeting, is timed here.
        let mut silence = pin!(wait_for_request(first.clone(), self.limits.header));
        let mut stopping = pin!(self.time_to_stop(first));
        let (mut heard, mut stopped) = (false, false);
        loop {
            tokio::select! {
                // What has arrived is read before a stop is looked at.
                biased;
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection broke");
                    }
                    return;
                }
                came = &mut silence, if !heard => {
                    if !came {
                        tracing::debug!("a connection brought no request in time");
                        return;
                    }
                    heard = true;
                }
                () = &mut stopping, if !stopped => {
                    connection.as_mut().graceful_shutdown();
                    stopped = true;
                }
            }
        }
    }

    /// Waits for the stop, and then a moment for a request that is on its way
    /// on a connection that has brought none.
    async fn time_to_stop(&self, first: watch::Receiver<bool>) {
        self.stop.told().await;
        wait_for_request(first, self.limits.first_request).await;
    }
}

/// Whether a first request comes in time.
async fn wait_for_request(mut first: watch::Receiver<bool>, patience: Duration) -> bool {
    let came = first.wait_for(|came| *came);
    matches!(tokio::time::timeout(patience, came).await, Ok(Ok(_)))
}
