//! A pod and the world around it, wired as in production: only what lies
//! outside is emulated.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use pod_alexa::verify::SkillIds;
use pod_auth0::{Audience, Auth0Domain, ClientId, ClientSecret, CustomersConfig, PasswordlessMode};
use pod_core::ports::Event;
use pod_core::{BoxError, CodeDigits, CodeLifetime, Entry, Menu, Pod};
use pod_delivery::{
    MailFrom, SmtpConfig, SmtpUrl, TwilioAccount, TwilioCredentials, TwilioSender, TwilioSid, Words,
};
use pod_emulator::{
    ADA_PASSWORD, ALEXA_CLIENT, BACKEND_CLIENT, BACKEND_SECRET, DeviceSetup, Emulator,
    EmulatorConfig, GRACE_PASSWORD, InteractionModel, TWILIO_ACCOUNT, TWILIO_FROM, TWILIO_TOKEN,
    TWILIO_VERIFY_SERVICE, TwilioTrouble, WEB_CLIENT, WEB_SECRET,
};
use pod_http::Route;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;
use tokio::sync::broadcast;
use tracing_subscriber::filter::Targets;
use url::Url;

use crate::config::{
    AlexaConfig, ApiAccess, AppSettings, BackEnd, BasePath, ChallengerKind, CodesConfig, Config,
    Database, DeliveryConfig, IdentityConfig, ReportsConfig, Scope, fresh_code_key,
    parse_code_keys,
};
use crate::running::{Bound, Running};
use crate::system::{OsEntropy, SystemClock};
use crate::wiring::{self, Outside, Suppliers};

/// The customer in the kitchen.
pub(super) const ADA: &str = "auth0|ada";

/// Where a world is to be.
pub(super) struct WorldConfig {
    /// Where the skill answers.
    pub(super) listen: SocketAddr,
    /// Where health and metrics answer.
    pub(super) admin_listen: SocketAddr,
    /// Where the emulated world answers.
    pub(super) world_listen: SocketAddr,
    /// The database to keep orders in; `None` for one that goes with the
    /// world.
    pub(super) database: Option<PathBuf>,
    /// Who makes and judges codes.
    pub(super) challenger: ChallengerKind,
    /// How long a code can be used.
    pub(super) lifetime: CodeLifetime,
    /// What goes wrong with messages.
    pub(super) fail: Option<Failure>,
}

/// What goes wrong with messages, from the first one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Failure {
    /// The supplier of text messages refuses them for good
    Sms,
    /// The supplier takes text messages, and reports that they did not arrive
    SmsLater,
    /// The mail server takes no mail
    Mail,
}

impl Failure {
    fn befall(self, emulator: &Emulator) {
        let always = u32::MAX;
        match self {
            Self::Sms => emulator
                .twilio()
                .trouble(always, TwilioTrouble::Refuse(21612)),
            Self::SmsLater => emulator
                .twilio()
                .trouble(always, TwilioTrouble::Lose(30005)),
            Self::Mail => emulator.mailbox().refuse("550 5.1.1 No such user", always),
        }
    }
}

/// A running pod and the running world around it.
pub(super) struct World {
    emulator: Emulator,
    running: Running,
    skill_url: String,
    admin_url: String,
    /// Removed at the end, with the database in it.
    _directory: TempDir,
}

impl World {
    /// Starts both.
    pub(super) async fn start(world: WorldConfig) -> Result<Self, BoxError> {
        let directory = tempfile::Builder::new().prefix("pod-demo-").tempdir()?;
        let menu = Menu::default();
        let base_path = BasePath::default();
        let bound = Bound::bind(world.listen, world.admin_listen, &base_path, None).await?;
        let (skill_url, admin_url) = (bound.skill_url()?, bound.admin_url()?);

        let around = EmulatorConfig {
            listen: world.world_listen,
            ..emulator(&menu, skill_url.parse()?)?
        };
        let skill_ids = SkillIds::parse(&around.skill_id)?;
        let emulator = Emulator::start(around).await?;
        if let Some(failure) = world.fail {
            failure.befall(&emulator);
        }
        let public = skill_url.parse::<Url>()?.join("/")?;
        let app = format!("{public}{}/app", base_path.as_str().trim_start_matches('/'));
        emulator
            .tenant()
            .allow_callback(WEB_CLIENT, &format!("{app}/oidc/callback"));
        let signed_out = format!("{app}/?said=signed-out");
        emulator.tenant().allow_logout_url(WEB_CLIENT, &signed_out);
        let root = emulator.amazon().root().as_bytes().to_vec();

        let keys = fresh_code_key("demo", &OsEntropy)?;
        let database = world.database.unwrap_or(directory.path().join("pod.db"));
        let config = Config {
            listen: world.listen,
            admin_listen: world.admin_listen,
            base_path,
            tls: None,
            database: Database::file(database),
            alexa: AlexaConfig {
                skill_ids,
                trust_anchors: Some(root.clone()),
            },
            codes: CodesConfig {
                challenger: world.challenger,
                keys: parse_code_keys(keys.expose_secret())?,
                digits: CodeDigits::default(),
                lifetime: world.lifetime,
            },
            sms_countries: None,
            delivery: delivery(&emulator, &skill_url)?,
            menu,
            api: ApiAccess::default(),
            app: Some(AppSettings {
                client: ClientId::parse(WEB_CLIENT)?,
                secret: ClientSecret::parse(WEB_SECRET.into())?,
                public: public.clone(),
            }),
            pusher: None,
            identity: IdentityConfig {
                domain: Auth0Domain::parse(&format!("http://{}", emulator.address()))?,
                audience: Audience::parse(emulator.tenant().audience())?,
                signing_key: None,
                clients: vec![ClientId::parse(ALEXA_CLIENT)?],
                scope: Scope::default(),
                back_end: Some(BackEnd {
                    client: ClientId::parse(BACKEND_CLIENT)?,
                    secret: ClientSecret::parse(BACKEND_SECRET.into())?,
                    keep: CustomersConfig::KEEP,
                    trust_user_metadata: false,
                    mode: PasswordlessMode::default(),
                }),
            },
            log: Targets::new(),
        };
        let outside = Outside {
            couriers: Suppliers::Configured,
            route: Route {
                proxy: Some(format!("http://{}", emulator.proxy())),
                authorities: Some(root),
            },
            framed: true,
        };
        let mut assembled = wiring::assemble(&config, outside).await?;
        // On this machine only: whoever talks there, talks for Ada.
        let simulator = format!("{}/simulator", config.base_path.as_str());
        let simulator = Router::new().nest_service(&simulator, emulator.simulator());
        assembled.router = assembled.router.merge(simulator);
        Ok(Self {
            emulator,
            running: bound.serve(assembled),
            skill_url,
            admin_url,
            _directory: directory,
        })
    }

    /// The world outside.
    pub(super) fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// The use cases, to look behind the scenes.
    pub(super) fn pod(&self) -> &Pod {
        &self.running.assembled().pod
    }

    /// What becomes of orders from now on.
    pub(super) fn events(&self) -> broadcast::Receiver<Event> {
        self.running.assembled().announcer.listen()
    }

    /// Where the skill answers.
    pub(super) fn skill_url(&self) -> &str {
        &self.skill_url
    }

    /// Where health and metrics answer.
    pub(super) fn admin_url(&self) -> &str {
        &self.admin_url
    }

    /// Where the world answers.
    pub(super) fn world_url(&self) -> String {
        format!("http://{}", self.emulator.address())
    }

    /// Stops both, the pod first.
    pub(super) async fn stop(self) {
        self.running.stop().await;
        self.emulator.shutdown().await;
    }
}

/// Couriers for messages through the emulated suppliers.
fn delivery(emulator: &Emulator, skill_url: &str) -> Result<DeliveryConfig, BoxError> {
    const SHOP: &str = "Pizza on Demand";
    let base_url: Url = format!("http://{}", emulator.address()).parse()?;
    let smtp = format!("smtp://{}", emulator.mailbox().address());
    let address: Url = skill_url.parse()?;
    Ok(DeliveryConfig {
        shop: SHOP.to_owned(),
        twilio: Some(TwilioAccount {
            sid: TwilioSid::account(TWILIO_ACCOUNT)?,
            credentials: TwilioCredentials::AuthToken(TWILIO_TOKEN.into()),
            base_url: Some(base_url),
        }),
        sender: Some(TwilioSender::from(TWILIO_FROM)?),
        reports: Some(ReportsConfig {
            address: address.join("twilio/status")?,
            auth_token: Some(TWILIO_TOKEN.into()),
            keys: Vec::new(),
        }),
        verify: Some(TwilioSid::verify_service(TWILIO_VERIFY_SERVICE)?),
        mail: Some(SmtpConfig {
            server: SmtpUrl::parse(&smtp)?,
            from: MailFrom::parse("Pizza on Demand <codes@pod.localtest.me>")?,
            connections: 2,
        }),
        words: Some(Words::new(SHOP, "pod.localtest.me")?),
        ..DeliveryConfig::none()
    })
}

/// The usual world around a skill of this menu's: its customers sign in to
/// link their accounts.
pub(crate) fn emulator(menu: &Menu, skill_url: Url) -> Result<EmulatorConfig, BoxError> {
    let sizes: Vec<_> = menu.sizes().iter().map(id_and_name).collect();
    let toppings: Vec<_> = menu.toppings().iter().map(id_and_name).collect();
    let model = pod_alexa::interaction_model("en-US", &sizes, &toppings)
        .ok_or("there is no interaction model for en-US")?;
    let model = InteractionModel::parse(&model.to_string())?;
    let config = EmulatorConfig::new(
        Arc::new(model),
        skill_url,
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
    );
    Ok(EmulatorConfig {
        devices: vec![
            DeviceSetup::signed_in("kitchen", "ada@example.com", ADA_PASSWORD),
            DeviceSetup::signed_in("office", "grace@example.com", GRACE_PASSWORD),
            DeviceSetup::unlinked("hallway"),
        ],
        ..config
    })
}

fn id_and_name(entry: &Entry) -> (&str, &str) {
    (entry.id(), entry.name())
}
