//! The configuration: read from the environment and a file, every problem
//! named at once, typed when it comes out.

mod api;
mod app;
mod code_keys;
mod delivery;
mod identity;
mod menu;
mod outbound;
mod problem;
mod reader;
mod setting;
mod setup;
mod source;
mod tls;
mod values;

#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use pod_alexa::verify::SkillIds;
use pod_core::{CodeDigits, CodeKeys, CodeLifetime, Country, Menu, Policy};
use pod_pusher::PusherConfig;
use tokio_rustls::rustls::ServerConfig;
use tracing_subscriber::filter::{LevelFilter, Targets};

pub use api::ApiAccess;
pub use app::AppSettings;
pub use code_keys::{InvalidKeyList, fresh as fresh_code_key, parse as parse_code_keys};
pub use delivery::{DeliveryConfig, ReportsConfig};
pub use identity::{BackEnd, IdentityConfig, Scope};
pub use outbound::{Outbound, ProxyAddress};
pub use problem::{ConfigError, Problem};
use reader::{Reader, read_file, read_secret_file};
pub use setting::{SETTINGS, Setting, table};
pub use setup::{SETUP_SETTINGS, SetupSettings};
pub use source::Source;
pub use values::{BasePath, ChallengerKind, Database};

/// Everything that `serve` needs to know.
#[derive(Clone)]
pub struct Config {
    /// Where the skill answers.
    pub listen: SocketAddr,
    /// Where health and metrics answer.
    pub admin_listen: SocketAddr,
    /// What every path begins with.
    pub base_path: BasePath,
    /// How to serve HTTPS; `None` for plain HTTP.
    pub tls: Option<Arc<ServerConfig>>,
    /// Where orders are kept.
    pub database: Database,
    /// Which requests are the skill's.
    pub alexa: AlexaConfig,
    /// How codes are made.
    pub codes: CodesConfig,
    /// The countries codes are texted to; `None` for all.
    pub sms_countries: Option<Vec<Country>>,
    /// How codes reach customers.
    pub delivery: DeliveryConfig,
    /// What the shop sells.
    pub menu: Menu,
    /// Whose access tokens are good.
    pub identity: IdentityConfig,
    /// Who may call the API.
    pub api: ApiAccess,
    /// The web app, if there is one.
    pub app: Option<AppSettings>,
    /// Where orders are announced outside, if anywhere.
    pub pusher: Option<PusherConfig>,
    /// What is logged.
    pub log: Targets,
}

/// Which requests are the skill's.
#[derive(Clone)]
pub struct AlexaConfig {
    /// The skills that are answered for.
    pub skill_ids: SkillIds,
    /// The authorities that sign Amazon's certificates, as PEM; `None` for
    /// the public ones.
    pub trust_anchors: Option<Vec<u8>>,
}

/// How codes are made.
#[derive(Clone)]
pub struct CodesConfig {
    /// Who makes and judges them.
    pub challenger: ChallengerKind,
    /// The keys they are derived with.
    pub keys: CodeKeys,
    /// How many digits they have.
    pub digits: CodeDigits,
    /// How long they can be used.
    pub lifetime: CodeLifetime,
}

impl Config {
    /// Reads every setting.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with everything that is wrong.
    pub fn read(source: &Source<'_>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(source);

        let listen = address(&mut reader, "POD_LISTEN", 7100);
        let admin_listen = address(&mut reader, "POD_ADMIN_LISTEN", 7101);
        let base_path = reader.or_default("POD_BASE_PATH", BasePath::default(), BasePath::parse);
        let tls = tls(&mut reader);
        let database = database(&mut reader);
        let skill_ids = reader.required(
            "POD_ALEXA_SKILL_ID",
            "copy the skill's id from the Alexa developer console",
            SkillIds::parse,
        );
        let trust_anchors = reader.optional("POD_ALEXA_TRUST_ANCHORS", |path| {
            let pem = read_file(path)?;
            tls::certificates(&pem).map_err(|_| format!("{path} has no PEM certificate in it"))?;
            Ok::<_, String>(pem)
        });
        let challenger = reader.or_default(
            "POD_CHALLENGER",
            ChallengerKind::default(),
            ChallengerKind::parse,
        );
        let codes = codes(&mut reader, challenger);
        let sms_countries = reader.optional("POD_SMS_COUNTRIES", values::countries);
        let menu = reader.or_default("POD_MENU", Menu::default(), |path| {
            let text = read_file(path)?;
            let text = String::from_utf8(text).map_err(|_| format!("{path} is not UTF-8 text"))?;
            menu::parse(&text).map_err(|error| format!("{path}: {error}"))
        });
        let identity = identity::read(&mut reader, challenger);
        let delivery = delivery::read(&mut reader, challenger, &base_path);
        let api = api::read(&mut reader);
        let app = app::read(&mut reader);
        let pusher = app::pusher(&mut reader);
        let log = log(&mut reader);
        Outbound::judge(&mut reader);

        reader.into_problems()?;
        let (Some(skill_ids), Some(codes), Some(identity)) = (skill_ids, codes, identity) else {
            // Whatever is missing was told as a problem.
            return Err(ConfigError(Vec::new()));
        };
        Ok(Self {
            listen,
            admin_listen,
            base_path,
            tls,
            database,
            alexa: AlexaConfig {
                skill_ids,
                trust_anchors,
            },
            codes,
            sms_countries,
            delivery,
            menu,
            identity,
            api,
            app,
            pusher,
            log,
        })
    }

    /// Whether codes go to numbers that customers can edit.
    #[must_use]
    pub fn trusts_user_metadata(&self) -> bool {
        let back_end = self.identity.back_end.as_ref();
        back_end.is_some_and(|back_end| back_end.trust_user_metadata)
    }

    /// Whether codes may go by text message.
    #[must_use]
    pub fn sends_texts(&self) -> bool {
        match self.codes.challenger {
            ChallengerKind::Passcodes => self.delivery.carries_texts(),
            ChallengerKind::Auth0 | ChallengerKind::TwilioVerify => true,
        }
    }

    /// The rules that orders go by.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            digits: self.codes.digits,
            lifetime: self.codes.lifetime,
            sms_countries: self.sms_countries.clone(),
            conversions: self.delivery.conversions.clone(),
            email_fallback: self.delivery.email_fallback,
            ..Policy::default()
        }
    }
}

/// What the commands need to know that only look after the database.
#[derive(Clone)]
pub struct StoreConfig {
    /// Where orders are kept.
    pub database: Database,
    /// Whether `serve` looks contacts up elsewhere.
    pub contacts_are_elsewhere: bool,
    /// What is logged.
    pub log: Targets,
}

impl StoreConfig {
    /// Reads the settings of the database and the log; of the others only the
    /// names.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with everything that is wrong with these.
    pub fn read(source: &Source<'_>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(source);
        let database = database(&mut reader);
        let contacts_are_elsewhere = reader.has("APP_CLIENT_ID");
        let log = log(&mut reader);

        reader.into_problems()?;
        Ok(Self {
            database,
            contacts_are_elsewhere,
            log,
        })
    }
}

/// What can be set of the programs that bring a world of their own.
#[derive(Clone)]
pub struct DemoConfig {
    /// How long a code can be used.
    pub lifetime: CodeLifetime,
    /// What is logged; without a word on it, what is as bad as a warning.
    pub log: Targets,
}

impl DemoConfig {
    /// Reads these settings and nothing else: the rest of them is the world's.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with everything that is wrong with these.
    pub fn read(source: &Source<'_>) -> Result<Self, ConfigError> {
        let mut reader = Reader::of_few(source);
        let lifetime = lifetime(&mut reader);
        let warnings = Targets::new().with_default(LevelFilter::WARN);
        let log = reader.or_default("POD_LOG", warnings, values::log);

        reader.into_problems()?;
        Ok(Self { lifetime, log })
    }
}

fn address(reader: &mut Reader<'_>, name: &str, port: u16) -> SocketAddr {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    reader.or_default(name, default, |raw| {
        raw.parse()
            .map_err(|_| format!("write an address and a port, such as 127.0.0.1:{port}"))
    })
}

fn database(reader: &mut Reader<'_>) -> Database {
    reader.or_default("POD_DATABASE_URL", Database::default(), Database::parse)
}

fn log(reader: &mut Reader<'_>) -> Targets {
    let default = Targets::new().with_default(LevelFilter::INFO);
    reader.or_default("POD_LOG", default, values::log)
}

fn tls(reader: &mut Reader<'_>) -> Option<Arc<ServerConfig>> {
    let chain = reader.optional("POD_TLS_CERT", |path| {
        let pem = read_file(path)?;
        tls::certificates(&pem).map_err(|error| format!("{path}: {error}"))
    });
    let key = reader.optional("POD_TLS_KEY", |path| {
        let pem = read_secret_file(path)?;
        tls::key(&pem).map_err(|error| error.to_string())
    });
    match (reader.has("POD_TLS_CERT"), reader.has("POD_TLS_KEY")) {
        (true, false) => reader.say(
            "POD_TLS_KEY",
            "is not set, but POD_TLS_CERT is: set both or neither",
        ),
        (false, true) => reader.say(
            "POD_TLS_CERT",
            "is not set, but POD_TLS_KEY is: set both or neither",
        ),
        _ => {}
    }
    match tls::server(chain?, key?) {
        Ok(server) => Some(server),
        Err(error) => {
            reader.say("POD_TLS_KEY", format_args!("is wrong: {error}"));
            None
        }
    }
}

fn codes(reader: &mut Reader<'_>, challenger: ChallengerKind) -> Option<CodesConfig> {
    let keys = reader.required_secret(
        "POD_CODE_KEYS",
        "`pod-server code-key` makes one",
        code_keys::parse,
    );
    let digits = reader.or_default("POD_CODE_DIGITS", CodeDigits::default(), values::digits);
    let lifetime = lifetime(reader);
    Some(CodesConfig {
        challenger,
        keys: keys?,
        digits,
        lifetime,
    })
}

fn lifetime(reader: &mut Reader<'_>) -> CodeLifetime {
    reader.or_default("POD_CODE_TTL", CodeLifetime::default(), values::lifetime)
}
