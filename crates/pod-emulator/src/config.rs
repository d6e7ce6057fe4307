//! What the outside world is to look like.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pod_core::ports::{Clock, Entropy};
use url::Url;

use crate::auth0::TenantSetup;
use crate::echo::InteractionModel;
use crate::keys::Keys;

/// Everything that [`Emulator::start`](crate::Emulator::start) needs.
///
/// It is a plain struct, so that a caller names what matters and leaves the
/// rest: `EmulatorConfig { listen, ..EmulatorConfig::new(model, skill_url, clock, entropy) }`.
#[derive(Clone)]
pub struct EmulatorConfig {
    /// Where the tenant, the devices and the inbox answer: on this machine,
    /// port 0 for any free one.
    pub listen: SocketAddr,
    /// Where the proxy to the certificate host answers: on this machine, port
    /// 0 for any free one.
    pub proxy_listen: SocketAddr,
    /// Where the mail server answers: on this machine, port 0 for any free
    /// one.
    pub mail_listen: SocketAddr,
    /// How long after each step Twilio reports what became of a message.
    pub callback_delay: Duration,
    /// The skill's id.
    pub skill_id: String,
    /// Where the skill answers.
    pub skill_url: Url,
    /// What the skill understands.
    pub model: Arc<InteractionModel>,
    /// The API that access tokens are for.
    pub api_id: String,
    /// The scope of linked accounts.
    pub scope: String,
    /// The devices; the first one hears who names none.
    pub devices: Vec<DeviceSetup>,
    /// The name of the shop, for messages.
    pub shop: String,
    /// The host of the shop's pages, for the last line of messages.
    pub host: String,
    /// What the tenant starts with.
    pub tenant: TenantSetup,
    /// Whether the tenant calls itself `https://localhost:PORT/`: then TLS is
    /// spoken at [`EmulatorConfig::listen`], beside HTTP in the clear, with a
    /// certificate of the authority whose root goes to
    /// [`EmulatorConfig::roots`].
    pub tls: bool,
    /// The private keys; none to have new ones made.
    pub keys: Option<Keys>,
    /// A directory to write the root certificate to, for programs outside.
    pub roots: Option<PathBuf>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// One device and its customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceSetup {
    /// The name of the device.
    pub name: String,
    /// The language it is set to.
    pub locale: String,
    /// The account that is linked, if one is.
    pub account: DeviceAccount,
}

/// Whose account a device is linked to, and how it came to be.
#[derive(Clone, PartialEq, Eq)]
pub enum DeviceAccount {
    /// No account is linked.
    NotLinked,
    /// The account with this subject, for the asking: nobody signs in.
    Linked(String),
    /// The account of whoever signs in so at the tenant when the world
    /// starts, as customers do in the Alexa app.
    SignedIn {
        /// The e-mail address.
        login: String,
        /// The password.
        password: String,
    },
}

/// Without the password.
impl fmt::Debug for DeviceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotLinked => "NotLinked",
            Self::Linked(_) => "Linked",
            Self::SignedIn { .. } => "SignedIn",
        })
    }
}

impl DeviceSetup {
    /// Sets a device up in American English, its customer's account linked.
    #[must_use]
    pub fn linked(name: &str, subject: &str) -> Self {
        Self {
            name: name.to_owned(),
            locale: "en-US".to_owned(),
            account: DeviceAccount::Linked(subject.to_owned()),
        }
    }

    /// Sets a device up in American English, its customer signing in at the
    /// tenant to link an account.
    #[must_use]
    pub fn signed_in(name: &str, login: &str, password: &str) -> Self {
        Self {
            name: name.to_owned(),
            locale: "en-US".to_owned(),
            account: DeviceAccount::SignedIn {
                login: login.to_owned(),
                password: password.to_owned(),
            },
        }
    }

    /// Sets a device up in American English, with no account.
    #[must_use]
    pub fn unlinked(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            locale: "en-US".to_owned(),
            account: DeviceAccount::NotLinked,
        }
    }
}

impl EmulatorConfig {
    /// Describes a house with three devices: Ada's kitchen, Grace's office,
    /// and a hallway whose owner has linked nothing. Ports are free ones.
    #[must_use]
    pub fn new(
        model: Arc<InteractionModel>,
        skill_url: Url,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            listen: anywhere,
            proxy_listen: anywhere,
            mail_listen: anywhere,
            callback_delay: Duration::from_millis(50),
            skill_id: "amzn1.ask.skill.5a1b7f0e-3c52-4d0e-9f4a-6d2b8c9e7a31".to_owned(),
            skill_url,
            model,
            api_id: "https://pod.localtest.me".to_owned(),
            scope: "openid offline_access order:pizza".to_owned(),
            devices: vec![
                DeviceSetup::linked("kitchen", "auth0|ada"),
                DeviceSetup::linked("office", "auth0|grace"),
                DeviceSetup::unlinked("hallway"),
            ],
            shop: "Pizza on demand".to_owned(),
            host: "pod.localtest.me".to_owned(),
            tenant: TenantSetup::default(),
            tls: false,
            keys: None,
            roots: None,
            clock,
            entropy,
        }
    }
}
