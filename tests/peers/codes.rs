//! Codes by @simulacrum/auth0-simulator: what pod sends to have one sent and
//! judged is what others expect at an Auth0 tenant.
//!
//! The simulator sends nothing, so any code is the right one to it, and it
//! knows people by e-mail address only: that a wrong code is refused, and that
//! a text message confirms an order, cannot be seen here.

use std::sync::Arc;
use std::time::Duration;

use pod_auth0::{
    Auth0Customers, Auth0Domain, Auth0Passwordless, ClientId, ClientSecret, CustomersConfig,
    PasswordlessConfig, PasswordlessMode,
};
use pod_core::ports::{
    ChallengeError, ChallengeRequest, Challenger as _, CheckError, Clock as _, Customers as _,
};
use pod_core::{Attempt, Challenge, Code, Contact, Handle, PlacedOrder};
use pod_server::system::{OsEntropy, SystemClock};
use pod_testkit::fixtures;

use crate::{deadline, http, peer};

const CLIENT: &str = "backend";
const ADA: &str = "auth0|ada";

struct Tenant {
    customers: Auth0Customers,
    challenger: Auth0Passwordless,
}

impl Tenant {
    fn new() -> Self {
        let client = ClientId::parse(CLIENT).unwrap();
        let secret = ClientSecret::parse("backend-secret-that-everybody-may-know".into()).unwrap();
        let config = CustomersConfig {
            domain: Auth0Domain::parse(&peer("PEER_AUTH0_SIMULATOR")).unwrap(),
            client: client.clone(),
            secret: secret.clone(),
            keep: CustomersConfig::KEEP,
            trust_user_metadata: false,
        };
        let customers = Auth0Customers::new(config, http(), Arc::new(SystemClock));
        let config = PasswordlessConfig {
            client,
            secret,
            mode: PasswordlessMode::default(),
        };
        let challenger = Auth0Passwordless::new(config, &customers, Arc::new(OsEntropy));
        Self {
            customers,
            challenger,
        }
    }

    async fn send(&self, order: &PlacedOrder, to: &Contact) -> Result<Handle, ChallengeError> {
        let request = ChallengeRequest {
            order,
            contact: to,
            previous: None,
            sent_at: order.placed_at,
            others_left: false,
            lifetime: Duration::from_mins(5),
            language: &fixtures::language(),
            deadline: deadline(),
        };
        self.challenger.challenge(&request).await
    }
}

fn attempt(order: &PlacedOrder, to: &Contact, handle: Handle) -> Attempt {
    let now = SystemClock.now();
    let challenge = Challenge {
        handle,
        sent_to: to.masked(),
        instead_of: None,
        sent_at: now,
        expires_at: now + Duration::from_mins(5),
    };
    Attempt::counted(order.clone(), challenge, 1, now)
}

#[tokio::test]
#[ignore = "needs auth0-simulator: tests/peers/run"]
async fn a_code_by_mail_is_asked_for_and_judged_in_words_that_others_understand() {
    let tenant = Tenant::new();
    let (order, email) = (
        fixtures::order(1, &fixtures::customer(ADA)),
        fixtures::email("ada@example.com"),
    );

    let known = tenant.customers.contacts(&order.customer, deadline()).await;
    let handle = tenant.send(&order, &email).await.unwrap();
    let attempt = attempt(&order, &email, handle);
    let code = Code::parse("482913").unwrap();
    let accepted = tenant.challenger.check(&attempt, &code, deadline()).await;

    assert!(known.unwrap().contains(&email));
    let confirmed = attempt
        .clone()
        .confirm(accepted.unwrap(), attempt.begun_at());
    assert!(confirmed.is_ok());
}

#[tokio::test]
#[ignore = "needs auth0-simulator: tests/peers/run"]
async fn a_code_by_text_message_is_asked_for_in_words_that_others_understand() {
    let tenant = Tenant::new();
    let (order, phone) = (
        fixtures::order(1, &fixtures::customer(ADA)),
        fixtures::phone("+14155550142"),
    );

    let handle = tenant.send(&order, &phone).await.unwrap();
    let attempt = attempt(&order, &phone, handle);
    let code = Code::parse("482913").unwrap();
    let outcome = tenant.challenger.check(&attempt, &code, deadline()).await;

    // It looks for an e-mail address like the number, and answers in a word
    // that is not Auth0's: whatever is not understood accepts nothing.
    assert!(matches!(outcome, Err(CheckError::Fault(_))), "{outcome:?}");
}

#[tokio::test]
#[ignore = "needs auth0-simulator: tests/peers/run"]
async fn a_token_of_somebody_elses_confirms_nothing() {
    let tenant = Tenant::new();
    let email = fixtures::email("ada@example.com");
    let hers = fixtures::order(1, &fixtures::customer(ADA));
    let his = fixtures::order(2, &fixtures::customer("auth0|mallory"));
    let handle = tenant.send(&hers, &email).await.unwrap();

    // Nobody sends him a code to her address, and a handle of hers is not one
    // of his.
    let sent = tenant.send(&his, &email).await;
    let stolen = attempt(&his, &email, handle);
    let code = Code::parse("482913").unwrap();
    let outcome = tenant.challenger.check(&stolen, &code, deadline()).await;

    assert!(
        matches!(sent, Err(ChallengeError::Undeliverable)),
        "{sent:?}"
    );
    assert!(matches!(outcome, Err(CheckError::Refused)), "{outcome:?}");
}
