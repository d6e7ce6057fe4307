//! The fakes keep the contract.

use std::sync::Arc;

use pod_core::ports::{
    AccessToken, Announcer, Authenticator, BrowserUrl, Callback, Caller, Challenger, Conversions,
    Courier, Customers, Event, Scopes, SignIn,
};
use pod_core::{Code, Contact, CustomerId};
use pod_testkit::contract::{
    AnnouncerHarness, AuthenticatorHarness, ChallengerHarness, CourierHarness, CustomersHarness,
    Enrolling, FarEnd, Flaw, SignInHarness, Store,
};
use pod_testkit::fixtures::{phone, zoe_phone};
use pod_testkit::{
    Delivered, FakeClock, FakeEntropy, Fakes, InMemoryConversions, InMemoryLinks, InMemoryOrders,
    InMemoryQuotas, InMemoryReplies, InMemorySessions, InMemorySignIn,
};

pod_testkit::orders_contract!(async { Store::of(Arc::new(InMemoryOrders::default())) });
pod_testkit::attempts_contract!(async { Store::of(Arc::new(InMemoryOrders::default())) });
pod_testkit::history_contract!(async { Store::of(Arc::new(InMemoryOrders::default())) });
pod_testkit::conversions_contract!(async {
    Arc::new(InMemoryConversions::default()) as Arc<dyn Conversions>
});
pod_testkit::quotas_contract!(async { Arc::new(InMemoryQuotas::default()) });
pod_testkit::replies_contract!(async { Arc::new(InMemoryReplies::default()) });
pod_testkit::links_contract!(async { Arc::new(InMemoryLinks::default()) });
pod_testkit::sessions_contract!(async {
    Arc::new(InMemorySessions::default()) as Arc<dyn pod_core::ports::Sessions>
});
pod_testkit::contact_book_contract!(async { enrolling() });
pod_testkit::enrolments_contract!(async { enrolling() });
pod_testkit::clock_contract!(async { Arc::new(FakeClock::default()) });
pod_testkit::entropy_contract!(async { Arc::new(FakeEntropy::default()) });
pod_testkit::announcer_contract!(async { Harness::new() });
pod_testkit::authenticator_contract!(async { Harness::new() });
pod_testkit::authenticator_far_end_contract!(async { Harness::new() });
pod_testkit::challenger_contract!(async { Harness::new() });
pod_testkit::challenger_far_end_contract!(async { Harness::new() });
pod_testkit::courier_contract!(async { Harness::new() });
pod_testkit::courier_far_end_contract!(async { Harness::new() });
pod_testkit::customers_contract!(async { Harness::new() });
pod_testkit::customers_far_end_contract!(async { Harness::new() });
pod_testkit::sign_in_contract!(async { SigningIn::default() });
pod_testkit::sign_in_far_end_contract!(async { SigningIn::default() });

fn enrolling() -> Enrolling {
    let fakes = Fakes::new();
    Enrolling {
        book: fakes.contact_book.clone(),
        enrolments: fakes.contact_book.clone(),
        orders: fakes.orders.clone(),
        attempts: fakes.orders,
    }
}

/// The fakes, with their own far ends.
struct Harness(Fakes);

impl Harness {
    fn new() -> Self {
        let fakes = Fakes::new();
        fakes.courier.lose(&lost());
        Self(fakes)
    }

    fn token_of(&self, raw: &str, customer: &CustomerId, scopes: &str) -> AccessToken {
        let token = AccessToken::parse(raw).unwrap();
        let caller = Caller {
            customer: customer.clone(),
            scopes: Scopes::parse(scopes),
        };
        self.0.authenticator.know(&token, caller);
        token
    }
}

/// The fake that signs in, with its own far end.
#[derive(Default)]
struct SigningIn(Arc<InMemorySignIn>);

fn lost() -> Contact {
    phone("+14155550100")
}

impl FarEnd for Harness {
    async fn fall_silent(&self) {
        self.0.authenticator.fall_silent();
        self.0.courier.fall_silent();
        self.0.customers.fall_silent();
    }
}

impl AnnouncerHarness for Harness {
    fn announcer(&self) -> Arc<dyn Announcer> {
        self.0.announcer.clone()
    }

    async fn heard(&self, customer: &CustomerId, count: usize) -> Vec<Event> {
        let mut events = self.0.announcer.events();
        events.retain(|event| event.customer == *customer);
        events.truncate(count);
        events
    }
}

impl AuthenticatorHarness for Harness {
    fn authenticator(&self) -> Arc<dyn Authenticator> {
        self.0.authenticator.clone()
    }

    async fn token(&self, customer: &CustomerId, scopes: &str) -> AccessToken {
        let raw = format!("token-{:?}", customer.as_str().as_bytes());
        self.token_of(&raw.replace(' ', ""), customer, scopes)
    }

    async fn expired_token(&self, customer: &CustomerId) -> AccessToken {
        let token = self.token_of("expired", customer, "order:pizza");
        self.0.authenticator.revoke(&token);
        token
    }

    async fn forged_token(&self, _customer: &CustomerId) -> AccessToken {
        AccessToken::parse("forged").unwrap()
    }

    async fn token_for_somebody_else(&self, customer: &CustomerId) -> AccessToken {
        let elsewhere = Self::new();
        elsewhere.token_of("for-somebody-else", customer, "order:pizza")
    }
}

impl ChallengerHarness for Harness {
    fn challenger(&self) -> Arc<dyn Challenger> {
        self.0.passcodes()
    }

    fn contact(&self) -> Contact {
        zoe_phone()
    }

    fn unreachable_contact(&self) -> Contact {
        lost()
    }

    async fn codes_to(&self, contact: &Contact) -> Vec<Code> {
        self.0.courier.codes_to(contact)
    }
}

impl CourierHarness for Harness {
    fn courier(&self) -> Arc<dyn Courier> {
        self.0.courier.clone()
    }

    fn contact(&self) -> Contact {
        zoe_phone()
    }

    fn unreachable_contact(&self) -> Contact {
        lost()
    }

    async fn messages_to(&self, contact: &Contact) -> Vec<String> {
        let mut deliveries = self.0.courier.deliveries();
        deliveries.retain(|delivered| delivered.contact == *contact);
        deliveries.iter().map(Delivered::message).collect()
    }
}

impl CustomersHarness for Harness {
    fn customers(&self) -> Arc<dyn Customers> {
        self.0.customers.clone()
    }

    async fn know(&self, customer: &CustomerId, contacts: Vec<Contact>) {
        self.0.customers.know(customer, contacts);
    }

    async fn claim(&self, customer: &CustomerId, contact: Contact) {
        self.0.customers.claim(customer, contact);
    }

    async fn keeps(&self, customer: &CustomerId) -> bool {
        self.0.customers.knows(customer)
    }
}

impl FarEnd for SigningIn {
    async fn fall_silent(&self) {
        self.0.fall_silent();
    }
}

impl SignInHarness for SigningIn {
    fn sign_in(&self) -> Arc<dyn SignIn> {
        self.0.clone()
    }

    async fn approve(&self, url: &BrowserUrl, customer: &CustomerId) -> Callback {
        self.0.approve(url, customer)
    }

    async fn approve_with(&self, _flaw: Flaw, url: &BrowserUrl, _who: &CustomerId) -> Callback {
        self.0.deceive(url)
    }

    async fn refuse(&self, url: &BrowserUrl) -> Callback {
        InMemorySignIn::refuse(url)
    }

    async fn leave(&self, url: &BrowserUrl) -> Option<(CustomerId, String)> {
        self.0.leave(url)
    }
}
