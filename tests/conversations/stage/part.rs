//! A part of the outside world that can go away and come back where it was.

use std::net::SocketAddr;

use pod_emulator::{Emulator, EmulatorConfig};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// An emulator, or the closed doors where it was.
pub(crate) struct Part {
    config: EmulatorConfig,
    running: Option<Emulator>,
    closed: JoinSet<()>,
}

impl Part {
    pub(crate) async fn start(config: EmulatorConfig) -> Self {
        let running = Emulator::start(config.clone()).await.expect("it starts");
        let config = EmulatorConfig {
            listen: running.address(),
            proxy_listen: running.proxy(),
            ..config
        };
        Self {
            config,
            running: Some(running),
            closed: JoinSet::new(),
        }
    }

    /// The emulator, while it is there.
    pub(crate) fn emulator(&self) -> &Emulator {
        self.running.as_ref().expect("it is there")
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.config.listen
    }

    pub(crate) fn proxy(&self) -> SocketAddr {
        self.config.proxy_listen
    }

    /// Has it go away: whoever connects is hung up on. Its ports stay taken,
    /// so that nobody else can be found there.
    pub(crate) async fn lose(&mut self) {
        self.running.take().expect("it is there").shutdown().await;
        for port in [self.address(), self.proxy()] {
            let door = TcpListener::bind(port).await.expect("it has just left");
            self.closed.spawn(async move {
                loop {
                    drop(door.accept().await);
                }
            });
        }
    }

    /// Has it come back, with the same keys and as if it had never run.
    pub(crate) async fn find(&mut self) {
        self.closed.shutdown().await;
        let running = Emulator::start(self.config.clone()).await;
        self.running = Some(running.expect("it starts again"));
    }
}
