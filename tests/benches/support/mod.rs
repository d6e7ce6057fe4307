//! What the benchmarks share: a signed request, the keys behind it, a store,
//! and a pod.

#![expect(
    dead_code,
    reason = "each benchmark is a program of its own and uses a part of this"
)]

use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pod_core::ports::{
    Announcer, Clock, Courier, DeliverError, Delivery, Event, NoDirectory, Ports,
};
use pod_core::{
    Code, CodeDigits, CodeKeys, Contact, CustomerId, Deadline, EmailAddress, Item, Menu, Passcodes,
    Pod, Policy, Timestamp,
};
use pod_emulator::{Echo, Emulator, EmulatorConfig, InteractionModel, Keys, SignedRequest};
use pod_server::system::{OsEntropy, SystemClock};
use pod_store::{SqliteConfig, SqliteStore};
use secrecy::{ExposeSecret, SecretBox};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Root, intermediate, signer and tenant.
pub(crate) const KEYS: &str = include_str!("../../../crates/pod-emulator/tests/keys.pem");

/// The runtime of everything that needs one, as the program has it.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime")
});

/// The outside world, for as long as the program runs.
pub(crate) static WORLD: LazyLock<Emulator> = LazyLock::new(|| {
    let menu = Menu::default();
    let pairs = |entries: &[pod_core::Entry]| -> Vec<(String, String)> {
        let pair = |entry: &pod_core::Entry| (entry.id().to_owned(), entry.name().to_owned());
        entries.iter().map(pair).collect()
    };
    let (sizes, toppings) = (pairs(menu.sizes()), pairs(menu.toppings()));
    let borrowed = |pairs: &'static [(String, String)]| -> Vec<(&str, &str)> {
        pairs.iter().map(|(id, name)| (&**id, &**name)).collect()
    };
    let model =
        pod_alexa::interaction_model("en-US", &borrowed(sizes.leak()), &borrowed(toppings.leak()))
            .expect("a model");
    let model = InteractionModel::parse(&model.to_string()).expect("a model");
    let config = EmulatorConfig::new(
        Arc::new(model),
        "http://127.0.0.1:7100/pod/alexa".parse().expect("a URL"),
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
    );
    let config = EmulatorConfig {
        keys: Some(Keys::from_pem(KEYS).expect("keys")),
        ..config
    };
    RUNTIME.block_on(Emulator::start(config)).expect("a world")
});

/// What Ada says, signed.
pub(crate) fn signed(utterance: &str) -> SignedRequest {
    let mut echo: Echo = WORLD.echo("kitchen").expect("a kitchen");
    let envelope = echo.compose(utterance).expect("an envelope");
    WORLD
        .amazon()
        .sign(envelope.to_string())
        .expect("a signature")
}

/// Ada's access token.
pub(crate) fn token() -> String {
    let lifetime = jiff::SignedDuration::from_hours(1);
    let token = WORLD.tenant().issue_token("auth0|ada", "openid", lifetime);
    token.expect("a token").expose_secret().to_owned()
}

/// A moment that is far enough for everything.
pub(crate) fn deadline() -> Deadline {
    Deadline::at(Instant::now() + Duration::from_mins(1))
}

/// A pizza.
pub(crate) fn pizza() -> Item {
    let pizza = Menu::default().pizza("large", ["pepperoni", "onions"]);
    pizza.expect("a pizza on the menu").item()
}

/// A customer.
pub(crate) fn customer(number: u64) -> CustomerId {
    CustomerId::parse(&format!("auth0|bench-{number:09}")).expect("a name")
}

/// Where a customer's codes go.
pub(crate) fn contact(number: u64) -> Contact {
    let address = format!("bench-{number:09}@customers.example");
    Contact::Email(EmailAddress::parse(&address).expect("an address"))
}

/// The time.
pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

/// The keys that codes are derived with.
pub(crate) fn code_keys() -> CodeKeys {
    let secret: Box<[u8]> = Box::new([7; 32]);
    CodeKeys::new([("bench".to_owned(), SecretBox::new(secret))]).expect("a key")
}

/// A store in a file, and the folder that is removed with it.
pub(crate) fn store() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = SqliteConfig::file(folder.path().join("pod.db"));
    (SqliteStore::open(&config).expect("a store"), folder)
}

/// Keeps the last code, of one customer at a time.
#[derive(Default)]
pub(crate) struct Hand(Mutex<Option<Code>>);

impl Hand {
    /// Takes the code that came last.
    pub(crate) fn take(&self) -> Code {
        self.0.lock().expect("no panic").take().expect("a code")
    }
}

#[async_trait]
impl Courier for Hand {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        *self.0.lock().expect("no panic") = Some(delivery.code.clone());
        Ok(())
    }
}

/// Announces to nobody.
struct Nobody;

#[async_trait]
impl Announcer for Nobody {
    async fn announce(&self, _event: &Event) {}
}

/// A pod on a store.
pub(crate) fn pod(store: &SqliteStore, courier: Arc<dyn Courier>) -> Pod {
    let store = Arc::new(store.clone());
    let keys = code_keys();
    let pepper = keys.pepper();
    let ports = Ports {
        announcer: Arc::new(Nobody),
        attempts: store.clone(),
        challenger: Arc::new(Passcodes::new(keys, CodeDigits::default(), courier)),
        clock: Arc::new(SystemClock),
        contact_book: store.clone(),
        conversions: store.clone(),
        customers: Arc::new(NoDirectory),
        enrolment_challenger: None,
        enrolments: store.clone(),
        entropy: Arc::new(OsEntropy),
        history: store.clone(),
        links: store.clone(),
        orders: store.clone(),
        quotas: store.clone(),
        replies: store,
    };
    Pod::new(ports, Policy::default(), pepper)
}
