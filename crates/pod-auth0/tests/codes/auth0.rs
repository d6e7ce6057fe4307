//! A tenant on loopback that looks customers up, and makes, sends and judges
//! codes. It writes down what it was asked, and can be told to fail.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use pod_auth0::{
    Auth0Customers, Auth0Domain, Auth0Passwordless, ClientId, ClientSecret, ConnectionName,
    CustomersConfig, PasswordlessConfig, PasswordlessMode,
};
use pod_core::ports::{ChallengeError, ChallengeRequest, Challenger as _, CheckError, Clock as _};
use pod_core::{Attempt, Challenge, Code, CodeAccepted, Contact, CustomerId, PlacedOrder};
use pod_http::{Http, Route};
use pod_testkit::{FakeClock, FakeEntropy, fixtures};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use crate::far_end::{Asked, State};
use crate::tenant::{first, header, set_of, sign};

pub(crate) const CLIENT: &str = "bAck0oZ3aLq7Yw";
pub(crate) const SECRET: &str = "hush-hush/7+a%&=?";
pub(crate) const DATABASE: &str = "POD-DB";

pub(crate) struct Auth0 {
    pub(crate) server: MockServer,
    state: Arc<Mutex<State>>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) customers: Arc<Auth0Customers>,
    pub(crate) challenger: Arc<Auth0Passwordless>,
}

/// The ID token that the tenant issues unless a test says otherwise.
pub(crate) fn good(claims: &Value) -> String {
    sign(&header("first"), claims, first()).expose().to_owned()
}

pub(crate) fn config(domain: &str) -> CustomersConfig {
    CustomersConfig {
        domain: Auth0Domain::parse(domain).expect("a domain"),
        client: ClientId::parse(CLIENT).expect("a client id"),
        secret: ClientSecret::parse(SECRET.into()).expect("a secret"),
        keep: CustomersConfig::KEEP,
        trust_user_metadata: false,
    }
}

pub(crate) fn http() -> Http {
    Http::new(&Route::default()).expect("a way out")
}

pub(crate) fn passwordless(
    customers: &Auth0Customers,
    mode: PasswordlessMode,
) -> Auth0Passwordless {
    let config = PasswordlessConfig {
        client: ClientId::parse(CLIENT).expect("a client id"),
        secret: ClientSecret::parse(SECRET.into()).expect("a secret"),
        mode,
    };
    Auth0Passwordless::new(config, customers, Arc::new(FakeEntropy::default()))
}

pub(crate) fn sessions() -> PasswordlessMode {
    PasswordlessMode::OtpChallenge {
        database: ConnectionName::parse(DATABASE).expect("a name"),
    }
}

/// A customer of the database connection, as the tenant keeps one.
pub(crate) fn user(customer: &CustomerId) -> Value {
    let name = customer.as_str();
    let own = name.split_once('|').map_or(name, |(_, own)| own);
    json!({
        "user_id": name,
        "identities": [{ "connection": DATABASE, "provider": "auth0", "user_id": own }],
    })
}

impl Auth0 {
    /// A tenant that sends codes by passwordless connections.
    pub(crate) async fn start() -> Self {
        Self::start_with(PasswordlessMode::default(), |_| {}).await
    }

    pub(crate) async fn start_with(
        mode: PasswordlessMode,
        change: impl FnOnce(&mut CustomersConfig),
    ) -> Self {
        let server = MockServer::start().await;
        let state = Arc::<Mutex<State>>::default();
        let clock = Arc::<FakeClock>::default();
        let (shared, time, issuer) = (state.clone(), clock.clone(), server.uri());
        Mock::given(matchers::any())
            .respond_with(move |request: &Request| {
                let now = time.now().as_second();
                lock(&shared).respond(request, &format!("{issuer}/"), now)
            })
            .mount(&server)
            .await;
        let mut config = config(&server.uri());
        change(&mut config);
        let customers = Auth0Customers::new(config, http(), clock.clone());
        Self {
            challenger: Arc::new(passwordless(&customers, mode)),
            customers: Arc::new(customers),
            server,
            state,
            clock,
        }
    }

    /// Another program that does the same.
    pub(crate) fn another(&self) -> (Auth0Customers, Auth0Passwordless) {
        let customers = Auth0Customers::new(config(&self.server.uri()), http(), self.clock.clone());
        let challenger = passwordless(&customers, PasswordlessMode::default());
        (customers, challenger)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Lets the tenant know a customer by verified contacts.
    pub(crate) fn know(&self, customer: &CustomerId, contacts: &[Contact]) {
        let mut user = user(customer);
        for contact in contacts {
            let (field, verified) = match contact {
                Contact::Phone(_) => ("phone_number", "phone_verified"),
                Contact::Email(_) => ("email", "email_verified"),
            };
            user[field] = contact.expose().into();
            user[verified] = true.into();
        }
        self.state().records.put(user);
    }

    /// Everything it was asked, keys left out.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let mut asked = self.state().asked.clone();
        asked.retain(|asked| asked.what != "GET /.well-known/jwks.json");
        asked
    }

    /// What of `what` it was asked.
    pub(crate) fn asked_for(&self, what: &str) -> Vec<Asked> {
        let mut asked = self.asked();
        asked.retain(|asked| asked.what == what);
        asked
    }

    /// Answers the next such request so.
    pub(crate) fn answer_once(&self, what: &str, answer: ResponseTemplate) {
        self.state().once.push((what.to_owned(), answer));
    }

    /// Answers such requests so from now on.
    pub(crate) fn answer(&self, what: &str, answer: ResponseTemplate) {
        self.state().always.insert(what.to_owned(), answer);
    }

    /// Does what such requests ask, and answers so from now on.
    pub(crate) fn do_but_answer(&self, what: &str, answer: ResponseTemplate) {
        self.state().done_but.insert(what.to_owned(), answer);
    }

    /// Answers all requests as it should again.
    pub(crate) fn recover(&self) {
        let mut state = self.state();
        state.always.clear();
        state.done_but.clear();
    }

    /// Takes no token any more that it issued.
    pub(crate) fn revoke_tokens(&self) {
        let mut state = self.state();
        state.revoked = state.tokens;
    }

    pub(crate) fn delay(&self, delay: Duration) {
        self.state().delay = delay;
    }

    /// Makes ID tokens so from now on.
    pub(crate) fn mint(&self, mint: impl Fn(&Value) -> String + Send + Sync + 'static) {
        self.state().mint = Arc::new(mint);
    }

    pub(crate) fn codes_to(&self, contact: &Contact) -> Vec<Code> {
        let state = self.state();
        let inbox = state.records.inbox.iter();
        inbox
            .filter(|(to, _)| to == contact.expose())
            .map(|(_, code)| Code::parse(code).expect("a code"))
            .collect()
    }

    /// Has an order's code sent.
    pub(crate) async fn send(
        &self,
        order: &PlacedOrder,
        contact: &Contact,
    ) -> Result<Challenge, ChallengeError> {
        send(&self.challenger, order, contact).await
    }

    /// Has Zoë's first order's code sent to her telephone.
    pub(crate) async fn sent(&self) -> (Attempt, Code) {
        let (order, phone) = (fixtures::order(1, &fixtures::zoe()), fixtures::zoe_phone());
        self.know(&order.customer, std::slice::from_ref(&phone));
        let challenge = self.send(&order, &phone).await.expect("sent");
        let code = self.codes_to(&phone).pop().expect("a code");
        (attempt(&order, &challenge), code)
    }

    pub(crate) async fn check(
        &self,
        attempt: &Attempt,
        code: &Code,
    ) -> Result<CodeAccepted, CheckError> {
        let deadline = fixtures::deadline();
        self.challenger.check(attempt, code, deadline).await
    }
}

pub(crate) fn attempt(order: &PlacedOrder, challenge: &Challenge) -> Attempt {
    let now = challenge.sent_at + Duration::from_secs(7);
    Attempt::counted(order.clone(), challenge.clone(), 2, now)
}

pub(crate) async fn send(
    challenger: &Auth0Passwordless,
    order: &PlacedOrder,
    contact: &Contact,
) -> Result<Challenge, ChallengeError> {
    let request = ChallengeRequest {
        order,
        contact,
        previous: None,
        sent_at: order.placed_at,
        lifetime: Duration::from_secs(287),
        others_left: false,
        language: &fixtures::language(),
        deadline: fixtures::deadline(),
    };
    let handle = challenger.challenge(&request).await?;
    Ok(Challenge {
        handle,
        sent_to: contact.masked(),
        ..fixtures::challenge(order)
    })
}

/// The answer with the tenant's keys.
pub(crate) fn keys() -> ResponseTemplate {
    set_of(&[first().jwk()])
}

/// An answer that the tenant was asked too often, until some second.
pub(crate) fn limited(reset: i64) -> ResponseTemplate {
    ResponseTemplate::new(429)
        .insert_header("x-ratelimit-reset", reset.to_string().as_str())
        .set_body_json(json!({ "error": "too_many_requests", "message": "Global limit" }))
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("the tenant")
}
