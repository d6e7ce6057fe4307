//! A pod that answers: bound, served, and stopped as one.

use std::net::SocketAddr;
use std::sync::Arc;

use pod_core::BoxError;
use tokio::task::JoinHandle;
use tokio_rustls::rustls::ServerConfig;

use crate::admin::{self, Admin};
use crate::config::BasePath;
use crate::serving::{Limits, Server, Stopper, hardened};
use crate::wiring::Assembled;

/// The two addresses of a pod, listened on and not yet answered.
pub struct Bound {
    main: Server,
    admin: Server,
    scheme: &'static str,
    base_path: String,
}

/// A pod that answers.
pub struct Running {
    stopper: Stopper,
    served: JoinHandle<()>,
    assembled: Assembled,
}

impl Bound {
    /// Listens on both addresses; on the main one for HTTPS if there is a
    /// certificate.
    ///
    /// # Errors
    ///
    /// A sentence naming the address that cannot be listened on.
    pub async fn bind(
        main: SocketAddr,
        admin: SocketAddr,
        base_path: &BasePath,
        tls: Option<Arc<ServerConfig>>,
    ) -> Result<Self, BoxError> {
        let scheme = if tls.is_some() { "https" } else { "http" };
        Ok(Self {
            main: bind(main, tls).await?,
            admin: bind(admin, None).await?,
            scheme,
            base_path: base_path.as_str().to_owned(),
        })
    }

    /// Where the skill answers.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn skill_url(&self) -> std::io::Result<String> {
        let Self {
            main,
            scheme,
            base_path,
            ..
        } = self;
        Ok(format!("{scheme}://{}{base_path}/alexa", main.address()?))
    }

    /// Where health and metrics answer.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn admin_url(&self) -> std::io::Result<String> {
        Ok(format!("http://{}", self.admin.address()?))
    }

    /// Begins to answer.
    #[must_use]
    pub fn serve(self, assembled: Assembled) -> Running {
        let (stopper, stop) = Stopper::new();
        let router = hardened(assembled.router.clone());
        let admin = hardened(admin::router(Admin {
            metrics: assembled.metrics.clone(),
            database: Arc::new(assembled.store.clone()),
            stop: stop.clone(),
        }));
        let served = tokio::spawn(async move {
            // Whoever asks how the stop goes is answered until it is over.
            let (last, over) = Stopper::new();
            let admin = tokio::spawn(self.admin.run(admin, over));
            self.main.run(router, stop).await;
            last.stop();
            let _ended = admin.await;
        });
        Running {
            stopper,
            served,
            assembled,
        }
    }
}

impl Running {
    /// Stops: nothing new is accepted, what was accepted is answered, and the
    /// database is closed.
    pub async fn stop(self) {
        self.stopper.stop();
        self.assembled.live.stop();
        let _ended = self.served.await;
        self.assembled.close().await;
    }

    /// What answers.
    #[must_use]
    pub fn assembled(&self) -> &Assembled {
        &self.assembled
    }
}

async fn bind(address: SocketAddr, tls: Option<Arc<ServerConfig>>) -> Result<Server, BoxError> {
    Server::bind(address, tls, Limits::default())
        .await
        .map_err(|error| {
            format!("{address} cannot be listened on ({error}): choose another address").into()
        })
}

#[cfg(test)]
mod tests;
