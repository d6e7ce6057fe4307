//! The whole outside world, started and stopped as one.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use pod_core::Fault;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

use crate::amazon::{self, Amazon, AmazonError};
use crate::auth0::{
    self, BACKEND_CLIENT, BACKEND_SECRET, Parts, Tenant, TenantContents, TenantError,
};
use crate::config::{DeviceAccount, EmulatorConfig};
use crate::echo::http::Devices;
use crate::echo::{Account, Device, Echo, Skill};
use crate::inbox::{self, Inbox};
use crate::keys::{Keys, KeysError};
use crate::mailbox::Mailbox;
use crate::random::Random;
use crate::serve::{serve, told};
use crate::simulator::{self, Resident, Simulator};
use crate::twilio::{
    self, TWILIO_ACCOUNT, TWILIO_FROM, TWILIO_TOKEN, TWILIO_VERIFY_SERVICE, Twilio,
};

/// How long open requests may take to finish when the emulator stops.
const GRACE: Duration = Duration::from_secs(2);

/// A running outside world: Amazon's certificate host behind a proxy, a
/// tenant, Twilio, a mail server, devices, and an inbox, all on this machine.
///
/// Dropping it stops it at once; [`Emulator::shutdown`] stops it gently.
pub struct Emulator {
    address: SocketAddr,
    proxy: SocketAddr,
    skill: Skill,
    root_file: Option<PathBuf>,
    amazon: Amazon,
    tenant: Tenant,
    twilio: Twilio,
    mailbox: Mailbox,
    inbox: Inbox,
    house: Vec<(Device, Account)>,
    config: EmulatorConfig,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("address", &self.address)
            .field("proxy", &self.proxy)
            .finish_non_exhaustive()
    }
}

/// Why the outside world did not start.
#[derive(Debug, Error)]
pub enum EmulatorError {
    /// An address is open to other machines.
    #[error(
        "the emulator gives tokens to anybody who asks, so it listens on this machine only: give it 127.0.0.1, not {0}"
    )]
    NotLoopback(SocketAddr),
    /// An address cannot be listened on.
    #[error("{address} cannot be listened on; choose another port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The root certificate cannot be written.
    #[error("the root certificate cannot be written to {}", directory.display())]
    Roots {
        /// The directory.
        directory: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// No device to talk to.
    #[error("the emulator needs at least one device")]
    NoDevice,
    /// The keys could not be made.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Amazon's authority could not be made.
    #[error(transparent)]
    Amazon(#[from] AmazonError),
    /// The tenant could not be made.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// No randomness.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Emulator {
    /// Starts everything, and returns when it answers.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::NotLoopback`] and [`EmulatorError::Listen`] for an
    /// address, [`EmulatorError::Roots`] for the directory of the root
    /// certificate, [`EmulatorError::NoDevice`] for a house without a device;
    /// [`EmulatorError::Keys`], [`EmulatorError::Amazon`],
    /// [`EmulatorError::Tenant`] and [`EmulatorError::Fault`] when keys cannot
    /// be made or used.
    pub async fn start(config: EmulatorConfig) -> Result<Self, EmulatorError> {
        let listener = listen(config.listen).await?;
        let proxy_listener = listen(config.proxy_listen).await?;
        let mail_listener = listen(config.mail_listen).await?;
        let address = local_address(&listener, config.listen)?;
        let mail_address = local_address(&mail_listener, config.mail_listen)?;
        let proxy = local_address(&proxy_listener, config.proxy_listen)?;

        let random = Random::new(config.entropy.clone());
        let keys = match &config.keys {
            Some(keys) => keys.clone(),
            None => Keys::generate().await?,
        };
        let amazon = Amazon::new(&keys, config.clock.now())?;
        let inbox = Inbox::new(
            config.shop.clone(),
            config.host.clone(),
            config.clock.clone(),
        );
        let parts = Parts {
            issuer: if config.tls {
                format!("https://localhost:{}/", address.port())
            } else {
                format!("http://{address}/")
            },
            audience: config.api_id.clone(),
            setup: config.tenant.clone(),
            clock: config.clock.clone(),
            random: random.clone(),
            inbox: inbox.clone(),
        };
        let twilio = Twilio::new(
            config.shop.clone(),
            config.callback_delay,
            config.clock.clone(),
            random.clone(),
            inbox.clone(),
        );
        let mailbox = Mailbox::new(inbox.clone(), mail_address);
        let tenant = Tenant::new(parts, &keys.tenant)?;
        let root_file = config.roots.as_ref().map(|directory| {
            amazon
                .write_root(directory)
                .map_err(|source| EmulatorError::Roots {
                    directory: directory.clone(),
                    source,
                })
        });

        let (stop, stopped) = watch::channel(false);
        let mut emulator = Self {
            address,
            proxy,
            skill: Skill {
                id: config.skill_id.clone(),
                url: config.skill_url.clone(),
                model: config.model.clone(),
            },
            root_file: root_file.transpose()?,
            house: house(&config, &tenant, &random).await?,
            amazon,
            tenant,
            twilio,
            mailbox,
            inbox,
            config,
            stop,
            tasks: JoinSet::new(),
        };
        let router = emulator.router(&stopped)?;
        emulator.tasks.spawn(amazon::serve(
            proxy_listener,
            emulator.amazon.clone(),
            told(stopped.clone()),
        ));
        let Self { mailbox, tasks, .. } = &mut emulator;
        mailbox.start(mail_listener, tasks);
        let tls = emulator.config.tls.then(|| emulator.amazon.local_tls());
        emulator.tasks.spawn(serve(listener, router, tls, stopped));
        Ok(emulator)
    }

    /// Gives the address of the tenant, the devices and the inbox.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives the address of the proxy to the certificate host.
    #[must_use]
    pub fn proxy(&self) -> SocketAddr {
        self.proxy
    }

    /// Gives Amazon's signing authority.
    #[must_use]
    pub fn amazon(&self) -> &Amazon {
        &self.amazon
    }

    /// Gives the tenant.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Gives the Twilio account.
    #[must_use]
    pub fn twilio(&self) -> &Twilio {
        &self.twilio
    }

    /// Gives the mail server.
    #[must_use]
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// Gives the inbox.
    #[must_use]
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Gives a device of the house, with a conversation of its own; nothing
    /// if there is no device of that name.
    #[must_use]
    pub fn echo(&self, device: &str) -> Option<Echo> {
        let (device, account) = self.house.iter().find(|(known, _)| known.name == device)?;
        Some(self.wake(device, account))
    }

    /// Gives the settings that make a pod outside use this world, as names
    /// and values. The certificates are among them once
    /// [`EmulatorConfig::roots`] says where to write them. Over TLS the domain
    /// is a host with its port, since the tools of others take no URL.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let url = self.tenant_url();
        let domain = url.strip_prefix("https://").unwrap_or(&url);
        let mut lines = vec![
            ("POD_ALEXA_SKILL_ID", self.skill.id.clone()),
            ("AUTH0_DOMAIN", domain.to_owned()),
            ("API_ID", self.tenant.audience().to_owned()),
            ("HTTPS_PROXY", format!("http://{}", self.proxy)),
            ("NO_PROXY", "127.0.0.1,localhost,::1".to_owned()),
        ];
        if let Some(file) = &self.root_file {
            let file = file.display().to_string();
            lines.push(("POD_ALEXA_TRUST_ANCHORS", file.clone()));
            lines.push(("SSL_CERT_FILE", file));
        }
        lines
    }

    /// Gives the settings by which a pod outside uses the tenant's back-end
    /// client: for the Management API and for one-time codes. An empty tenant
    /// has no such client.
    #[must_use]
    pub fn tenant_environment(&self) -> Vec<(&'static str, String)> {
        match self.config.tenant.contents {
            TenantContents::Demo => vec![
                ("APP_CLIENT_ID", BACKEND_CLIENT.to_owned()),
                ("APP_CLIENT_SECRET", BACKEND_SECRET.to_owned()),
            ],
            TenantContents::Empty => Vec::new(),
        }
    }

    /// Gives the settings by which a pod outside has codes made, sent and
    /// judged by Twilio Verify.
    #[must_use]
    pub fn verify_environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TWILIO_ACCOUNT_SID", TWILIO_ACCOUNT.to_owned()),
            ("TWILIO_AUTH_TOKEN", TWILIO_TOKEN.to_owned()),
            (
                "TWILIO_VERIFY_SERVICE_SID",
                TWILIO_VERIFY_SERVICE.to_owned(),
            ),
            ("TWILIO_BASE_URL", format!("http://{}", self.address)),
        ]
    }

    /// Gives the settings by which a pod outside sends text messages by Twilio
    /// and e-mails by the mail server. No value has a space in it: a shell takes
    /// them as words.
    #[must_use]
    pub fn delivery_environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TWILIO_ACCOUNT_SID", TWILIO_ACCOUNT.to_owned()),
            ("TWILIO_AUTH_TOKEN", TWILIO_TOKEN.to_owned()),
            ("TWILIO_FROM", TWILIO_FROM.to_owned()),
            ("TWILIO_BASE_URL", format!("http://{}", self.address)),
            ("POD_SMTP_URL", format!("smtp://{}", self.mailbox.address())),
            ("POD_MAIL_FROM", format!("codes@{}", self.config.host)),
        ]
    }

    /// Gives the tenant's address, without a slash at its end: over TLS if
    /// that was asked for.
    #[must_use]
    pub fn tenant_url(&self) -> String {
        self.tenant.issuer().trim_end_matches('/').to_owned()
    }

    /// Gives the simulator: a page with the house's devices, in conversations
    /// of their own, and the inbox. It asks for `../app/assets/pod.css` and
    /// `../app/assets/mark.svg`, so it belongs beside the web app:
    /// `nest_service("/pod/simulator", emulator.simulator())`.
    ///
    /// Whoever reaches it speaks for the house's customers and reads their
    /// codes: serve it on this machine only.
    pub fn simulator(&self) -> Router {
        let house = self.config.devices.iter().map(Resident::from).collect();
        let simulator = Simulator {
            echoes: self.echoes(),
            house: Arc::new(house),
            shop: self.config.shop.clone(),
            invocation: self.skill.model.invocation_name().to_owned(),
            skill_id: self.skill.id.clone(),
            amazon: self.amazon.clone(),
            clock: self.config.clock.clone(),
        };
        simulator::router(simulator, self.inbox.clone(), self.stop.subscribe())
    }

    /// Stops listening, lets requests in progress finish for two seconds, and
    /// returns when everything has stopped.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        self.mailbox.kill();
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, finished).await.is_err() {
            self.tasks.shutdown().await;
        }
    }

    fn wake(&self, device: &Device, account: &Account) -> Echo {
        Echo::new(
            self.skill.clone(),
            device.clone(),
            account.clone(),
            self.amazon.clone(),
            self.config.clock.clone(),
            self.config.entropy.clone(),
        )
    }

    /// Wakes every device of the house, in a conversation of its own.
    fn echoes(&self) -> Arc<BTreeMap<String, Mutex<Echo>>> {
        let awake = |(device, account): &(Device, Account)| {
            let echo = self.wake(device, account);
            (device.name.clone(), Mutex::new(echo))
        };
        Arc::new(self.house.iter().map(awake).collect())
    }

    fn router(&self, stop: &watch::Receiver<bool>) -> Result<Router, EmulatorError> {
        let (nearest, _) = self.house.first().ok_or(EmulatorError::NoDevice)?;
        let devices = Devices {
            echoes: self.echoes(),
            nearest: nearest.name.clone(),
            skill_url: self.skill.url.clone(),
            amazon: self.amazon.clone(),
        };
        Ok(auth0::http::router(self.tenant.clone())
            .merge(crate::echo::http::router(devices))
            .merge(twilio::router(self.twilio.clone()))
            .merge(inbox::http::router(self.inbox.clone(), stop.clone())))
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, EmulatorError> {
    if !address.ip().is_loopback() {
        return Err(EmulatorError::NotLoopback(address));
    }
    TcpListener::bind(address)
        .await
        .map_err(|source| EmulatorError::Listen { address, source })
}

fn local_address(listener: &TcpListener, address: SocketAddr) -> Result<SocketAddr, EmulatorError> {
    listener
        .local_addr()
        .map_err(|source| EmulatorError::Listen { address, source })
}

/// Gives every device its ids, and links its account. The ids hold for one
/// run: to a skill, a new run is a customer who has enabled it anew.
async fn house(
    config: &EmulatorConfig,
    tenant: &Tenant,
    random: &Random,
) -> Result<Vec<(Device, Account)>, EmulatorError> {
    let mut house = Vec::with_capacity(config.devices.len());
    for setup in &config.devices {
        let device = Device {
            name: setup.name.clone(),
            id: format!("amzn1.ask.device.{}", random.letters(148)?),
            user_id: format!("amzn1.ask.account.{}", random.letters(192)?),
            locale: setup.locale.clone(),
        };
        let account = match &setup.account {
            DeviceAccount::NotLinked => Account::NotLinked,
            DeviceAccount::Linked(subject) => Account::Linked {
                tenant: tenant.clone(),
                subject: subject.clone(),
                scope: config.scope.clone(),
            },
            DeviceAccount::SignedIn { login, password } => {
                Account::link(tenant, login, password, &config.scope).await?
            }
        };
        house.push((device, account));
    }
    Ok(house)
}
