//! `pod-load serve`: a pod of the real adapters, put together by the program's
//! own wiring, whose courier hands codes to the client in datagrams.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use clap::Args;
use jiff::SignedDuration;
use pod_core::ports::{Courier, DeliverError, Delivery};
use pod_core::{BoxError, Fault, Menu};
use pod_http::Route;
use pod_server::config::{Config, Database, Source, fresh_code_key};
use pod_server::running::Bound;
use pod_server::system::OsEntropy;
use pod_server::wiring::{Outside, Suppliers, assemble};
use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};

use crate::address::{self, LocalUrl};
use crate::customers;
use crate::world::{self, Places};

/// Serves a pod whose codes go to `pod-load run`
///
/// It is what `pod-server serve` is, but for three things: the courier, the
/// way to the certificates, and, if asked for, a slower disk.
#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// The file that orders are kept in
    #[arg(long)]
    database: PathBuf,
    /// How much longer each commit takes, such as 2ms
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = delay)]
    slow_disk: Duration,
    /// How many customers have a contact
    #[arg(long, default_value_t = 60_000)]
    customers: u32,
    /// Where the skill answers
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7100", value_parser = address::parse)]
    listen: SocketAddr,
    /// Where health and metrics answer
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7101", value_parser = address::parse)]
    admin: SocketAddr,
    /// Where codes are sent to
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7192", value_parser = address::parse)]
    codes: SocketAddr,
    #[command(flatten)]
    world: Places,
}

impl Serve {
    /// Serves until it is told to stop.
    pub(crate) fn start(self) -> Result<(), BoxError> {
        // As the program has it.
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(self.serve())
    }

    async fn serve(self) -> Result<(), BoxError> {
        let config = self.config()?;
        let outside = Outside {
            couriers: Suppliers::Given(Arc::new(Datagrams::to(self.codes)?)),
            route: Route {
                proxy: Some(format!("http://{}", self.world.proxy)),
                authorities: config.alexa.trust_anchors.clone(),
            },
            framed: false,
        };
        let (listen, admin) = (config.listen, config.admin_listen);
        let bound = Bound::bind(listen, admin, &config.base_path, None).await?;
        let assembled = assemble(&config, outside).await?;
        customers::keep(&assembled.store, self.customers).await?;
        println!(
            "serving {} as process {}",
            bound.skill_url()?,
            std::process::id()
        );
        let running = bound.serve(assembled);

        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminated.recv() => {}
        }
        running.stop().await;
        Ok(())
    }

    fn config(&self) -> Result<Config, BoxError> {
        let url = LocalUrl::parse(&format!("http://{}/pod/alexa", self.listen))?;
        let mut settings: BTreeMap<_, _> = world::settings(&self.world, &url, &Menu::default())?
            .into_iter()
            .collect();
        let key = fresh_code_key("load", &OsEntropy)?;
        settings.insert("POD_CODE_KEYS", key.expose_secret().to_owned());
        settings.insert("POD_LISTEN", self.listen.to_string());
        settings.insert("POD_ADMIN_LISTEN", self.admin.to_string());

        let names: Vec<String> = settings.keys().map(ToString::to_string).collect();
        let source = Source::new(|name| settings.get(name).cloned(), names);
        let mut config = Config::read(&source)?;
        config.alexa.trust_anchors = Some(world::root()?.into_bytes());
        config.database = Database::file(&self.database).commit_delay(self.slow_disk);
        Ok(config)
    }
}

fn delay(raw: &str) -> Result<Duration, String> {
    let delay: SignedDuration = raw
        .parse()
        .map_err(|_| "write a time, such as 2ms".to_owned())?;
    Duration::try_from(delay)
        .ok()
        .filter(|delay| *delay <= Duration::from_secs(1))
        .ok_or_else(|| "a commit can be slowed down by a second at most".to_owned())
}

/// A courier that hands each code over in one datagram on this machine.
struct Datagrams {
    socket: UdpSocket,
    to: SocketAddr,
}

impl Datagrams {
    fn to(to: SocketAddr) -> std::io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, to })
    }
}

#[async_trait]
impl Courier for Datagrams {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let message = format!(
            "{}#{}",
            delivery.order.item.summary(),
            delivery.code.expose()
        );
        self.socket
            .send_to(message.as_bytes(), self.to)
            .map_err(|error| Fault::unavailable("datagrams", error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_a_short_time() {
        assert_eq!(delay("2ms"), Ok(Duration::from_millis(2)));
        assert_eq!(delay("500us"), Ok(Duration::from_micros(500)));
        for raw in ["", "2", "-2ms", "2 hours"] {
            assert!(delay(raw).is_err(), "{raw}");
        }
    }
}
