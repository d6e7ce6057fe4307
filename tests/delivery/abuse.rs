//! Ten thousand orders for the sake of the messages: how many are sent is
//! counted where they arrive.

use std::sync::Arc;
use std::time::Duration;

use pod_core::ports::Ports;
use pod_core::{Contact, Passcodes, PhoneNumber, PlaceOrderError, Pod};
use pod_store::{SqliteConfig, SqliteStore};
use pod_testkit::Fakes;
use pod_testkit::fixtures::{customer, phone, place_order};

use crate::stage::Suppliers;

const ORDERS: u32 = 10_000;

/// A pod on a real store that texts by the emulated Twilio, on a clock that
/// stands still.
struct Shop {
    suppliers: Suppliers,
    fakes: Fakes,
    pod: Pod,
}

impl Shop {
    async fn open() -> Self {
        let suppliers = Suppliers::start().await;
        let fakes = Fakes::new();
        let store = SqliteStore::open(&SqliteConfig::in_memory()).expect("it opens");
        let store = Arc::new(store);
        let courier = Arc::new(suppliers.couriers());
        let passcodes = Passcodes::new(fakes.keys.clone(), fakes.policy.digits, courier);
        let ports = Ports {
            attempts: store.clone(),
            challenger: Arc::new(passcodes),
            conversions: store.clone(),
            history: store.clone(),
            orders: store.clone(),
            quotas: store.clone(),
            replies: store,
            ..fakes.ports()
        };
        let pod = fakes.pod_on(ports);
        Self {
            suppliers,
            fakes,
            pod,
        }
    }

    /// Has somebody order by the telephone, a second later; whether a code was
    /// sent.
    async fn order(&self, name: &str, contact: &Contact) -> bool {
        let customer = customer(name);
        self.fakes.customers.know(&customer, vec![contact.clone()]);
        self.fakes.clock.advance(Duration::from_secs(1));
        match self.pod.place_order(place_order(&customer)).await {
            Ok(_) => true,
            Err(PlaceOrderError::TooManySends { .. } | PlaceOrderError::Paused { .. }) => false,
            Err(error) => panic!("{error:?}"),
        }
    }

    fn sent(&self) -> usize {
        self.suppliers.0.twilio().messages()
    }
}

/// So many of any ten thousand seconds a window allows.
fn allowed(limit: usize, seconds: u32) -> usize {
    limit * (ORDERS.div_ceil(seconds)) as usize
}

#[tokio::test]
async fn ten_thousand_orders_of_one_account_send_what_its_quota_allows() {
    let shop = Shop::open().await;

    for n in 0..ORDERS {
        // A telephone of its own for each order: only the account is one.
        let contact = phone(&format!("+141555{n:05}"));
        shop.order("auth0|mallory", &contact).await;
    }

    let allowed = allowed(10, 3600);
    assert!(shop.sent() <= allowed, "{} > {allowed}", shop.sent());
    assert!(shop.sent() >= 10, "{}", shop.sent());
}

#[tokio::test]
async fn ten_thousand_orders_for_one_phone_send_what_its_quota_allows() {
    let shop = Shop::open().await;
    let victim = phone("+14155550142");

    for n in 0..ORDERS {
        shop.order(&format!("auth0|{n}"), &victim).await;
    }

    // Ten an hour are the least of its quotas over three hours.
    let number = PhoneNumber::parse(victim.expose()).expect("a number");
    let sent = shop.suppliers.0.twilio().messages_to(&number);
    let allowed = allowed(10, 3600).min(20);
    assert!(sent <= allowed, "{sent} > {allowed}");
    assert!(sent >= 10, "{sent}");
}

#[tokio::test]
async fn ten_thousand_orders_for_one_country_send_what_is_never_used_for_a_quarter_of_an_hour() {
    let shop = Shop::open().await;

    for n in 0..ORDERS {
        let contact = phone(&format!("+467017{n:05}"));
        shop.order(&format!("auth0|{n}"), &contact).await;
    }

    // Codes are given five minutes to be used, and counted by five minutes.
    let allowed = 15 * 60;
    assert!(shop.sent() <= allowed, "{} > {allowed}", shop.sent());
    assert!(shop.sent() >= 50, "{}", shop.sent());
    let elsewhere = phone("+4915112345678");
    assert!(shop.order("auth0|ada", &elsewhere).await);
}
