//! One connection, from its handshake to its last answer.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::TlsAcceptor;

use super::activity::Activity;
use super::impatient::Impatient;
use super::requests::{Requests, Room};
use super::{Limits, Stop};

/// How many requests one connection of HTTP/2 may have in progress.
const STREAMS: u32 = 32;

/// How much may arrive over HTTP/2 and not be read yet, by a request and by
/// all of a connection: as little as the protocol allows.
const WINDOW: u32 = 65_535;

/// How much is kept of a header, and of an answer that is still to be taken.
/// Who takes the last so much of an answer has [`Limits::idle`] for it.
const BUFFER: usize = 16 * 1024;

/// What every connection is served with.
#[derive(Clone)]
pub(super) struct Connection {
    router: Router,
    room: Room,
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
            .header_read_timeout(limits.header)
            .max_buf_size(BUFFER);
        http.http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(Duration::from_secs(20))
            .max_concurrent_streams(STREAMS)
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .max_send_buf_size(BUFFER);
        Self {
            router,
            room: Room::new(limits.requests),
            tls,
            http: Arc::new(http),
            limits,
            stop,
        }
    }

    /// Serves one connection to its end, and gives its slot back.
    pub(super) async fn serve(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        _slot: Option<OwnedSemaphorePermit>,
    ) {
        let stream = Impatient::new(stream, self.limits.stuck);
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
        let Limits { idle, stuck, .. } = self.limits;
        let activity = Activity::new();
        let service = TowerToHyperService::new(Requests {
            router: self.router.clone(),
            room: self.room.clone(),
            activity: activity.clone(),
        });
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(stream), service));

        // The timer for headers starts with the second byte or so: one who
        // sends nothing at all, or half of HTTP/2's greeting, is timed here.
        let mut silence = pin!(activity.is_asked_within(self.limits.header));
        let mut stopping = pin!(self.time_to_stop(&activity));
        let mut resting = pin!(activity.rests_for(idle));
        let (mut heard, mut closing) = (false, false);
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
                    continue;
                }
                () = &mut stopping, if !closing => {}
                () = &mut resting => {
                    if closing {
                        tracing::debug!("a connection did not end when it was to");
                        return;
                    }
                }
            }
            // Whoever does not leave now is waited for as long as for a write.
            connection.as_mut().graceful_shutdown();
            closing = true;
            resting.set(activity.rests_for(stuck));
        }
    }

    /// Waits for the stop, and then a moment for a request that is on its way
    /// on a connection that has brought none.
    async fn time_to_stop(&self, activity: &Activity) {
        self.stop.told().await;
        activity.is_asked_within(self.limits.first_request).await;
    }
}
