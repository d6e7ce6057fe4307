//! Serving HTTP: a loop of its own, so that a slow or silent client costs a
//! connection for seconds and not for ever, and so that stopping drops no
//! request that was accepted.

mod activity;
mod answer;
mod connection;
mod files;
mod impatient;
mod layers;
mod requests;
mod stop;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use connection::Connection;
pub use layers::hardened;
pub use stop::{Stop, Stopper};

/// How long things may take, and how many there may be.
#[derive(Debug, Clone)]
pub struct Limits {
    /// From being accepted to the end of the TLS handshake.
    pub handshake: Duration,
    /// From being connected to the end of a request's header.
    pub header: Duration,
    /// From the last that was asked or taken of an answer to the next; who does
    /// neither is shown out.
    pub idle: Duration,
    /// How long a write may find no room, and who is shown out may stay.
    pub stuck: Duration,
    /// From the stop to the last answer; what is unanswered then is dropped.
    pub grace: Duration,
    /// From the stop to the first request of a connection that has sent none.
    pub first_request: Duration,
    /// How many connections there may be; more wait to be accepted. There are
    /// fewer if the system allows too few open files.
    pub connections: usize,
    /// How many requests may be in progress; more are answered 503 unread.
    pub requests: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            header: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            stuck: Duration::from_secs(10),
            grace: Duration::from_secs(20),
            first_request: Duration::from_millis(200),
            connections: 4096,
            requests: 1024,
        }
    }
}

impl Limits {
    /// Lowers the number of connections to what the system has files for.
    fn within_files(self, address: SocketAddr) -> Self {
        let connections = self.connections.min(files::connections());
        if connections < self.connections {
            tracing::warn!(
                %address,
                connections,
                intended = self.connections,
                "the limit of open files allows fewer connections than intended: raise it to {}",
                files::needed(self.connections)
            );
        }
        Self {
            connections,
            ..self
        }
    }
}

/// Answers whoever connects to one address.
pub struct Server {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    limits: Limits,
}

impl Server {
    /// Listens on an address, for HTTPS if there is a certificate.
    ///
    /// # Errors
    ///
    /// What the system says, if it cannot be listened on.
    pub async fn bind(
        address: SocketAddr,
        tls: Option<Arc<ServerConfig>>,
        limits: Limits,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let limits = limits.within_files(address);
        Ok(Self {
            listener,
            tls: tls.map(TlsAcceptor::from),
            limits,
        })
    }

    /// The address that is listened on.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until it is told to stop, then finishes what was begun.
    pub async fn run(self, router: Router, stop: Stop) {
        let Self {
            listener,
            tls,
            limits,
        } = self;
        let slots = Arc::new(Semaphore::new(limits.connections));
        let mut connections = JoinSet::new();
        let connection = Connection::new(router, tls, limits.clone(), stop.clone());

        loop {
            let accepted = tokio::select! {
                () = stop.told() => break,
                accepted = accept(&listener, &slots) => accepted,
                Some(_ended) = connections.join_next() => continue,
            };
            if let Some((stream, slot)) = accepted {
                connections.spawn(connection.clone().serve(stream, slot));
            }
        }

        // Whoever was let in by the system before the stop is answered too.
        let waiting = std::future::poll_fn(|cx| {
            while let std::task::Poll::Ready(Ok((stream, _))) = listener.poll_accept(cx) {
                at_once(&stream);
                connections.spawn(connection.clone().serve(stream, None));
            }
            std::task::Poll::Ready(())
        });
        waiting.await;
        drop(listener);

        let finished = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(limits.grace, finished).await.is_err() {
            tracing::warn!(
                connections = connections.len(),
                "some requests took too long to be waited for: they are dropped"
            );
            connections.shutdown().await;
        }
    }
}

/// The next connection, once there is room for it; `None` if accepting it
/// failed.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, Option<OwnedSemaphorePermit>)> {
    let slot = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            at_once(&stream);
            Some((stream, Some(slot)))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            // Usually there are no file descriptors left: some need time to close.
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

/// Answers are written whole: waiting for more would only delay them.
fn at_once(stream: &TcpStream) {
    let _slower = stream.set_nodelay(true);
}
