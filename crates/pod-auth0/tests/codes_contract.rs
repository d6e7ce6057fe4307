//! Auth0's directory of customers and its codes keep the contract.
//!
//! Two promises are tested in words of their own here. A tenant's contacts
//! come telephones first, so they cannot be known in the order in which the
//! contract gives them. And by classic codes one telephone is one customer's,
//! so two customers cannot share the one that the contract sends their codes
//! to.

use std::sync::Arc;
use std::time::Duration;

use pod_auth0::PasswordlessMode;
use pod_core::ports::{Challenger, CheckError, Customers};
use pod_core::{Code, Contact, CustomerId};
use pod_testkit::contract::{ChallengerHarness, CustomersHarness, FarEnd};
use pod_testkit::fixtures::{
    bjorn, bjorn_phone, deadline, order, phone, zoe, zoe_email, zoe_phone,
};

use crate::auth0::{Auth0, attempt, sessions};

#[expect(dead_code, reason = "the tests next door need more of it")]
#[path = "codes/auth0.rs"]
mod auth0;
#[path = "codes/far_end.rs"]
mod far_end;
#[path = "codes/records.rs"]
mod records;
#[expect(dead_code, reason = "access tokens need more of it")]
#[path = "authenticator/tenant.rs"]
mod tenant;

pod_testkit::customers_far_end_contract!(Auth0::start());

mod by_session {
    use super::*;

    pod_testkit::challenger_contract!(Codes::sent_by(sessions()));
    pod_testkit::challenger_far_end_contract!(Codes::sent_by(sessions()));
}

mod classic {
    use super::*;

    pod_testkit::challenger_far_end_contract!(Codes::classic());
}

/// Stamps the promises of a port that are kept as the contract has them.
macro_rules! kept {
    ($port:ident, $harness:expr, [$($promise:ident),+ $(,)?]) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $promise() {
            pod_testkit::contract::$port::$promise($harness.await).await;
        }
    )+};
}

kept!(
    customers,
    Auth0::start(),
    [
        a_customer_who_is_unknown_has_no_contacts,
        a_contact_that_only_the_customer_vouches_for_is_not_among_them,
        the_latest_contacts_hold,
        unusual_customers_are_known_apart,
        of_64_simultaneous_questions_each_has_its_answer,
        what_is_forgotten_is_not_kept,
        forgetting_leaves_everybody_else,
    ]
);

kept!(
    challenger,
    Codes::classic(),
    [
        the_code_has_arrived_when_it_returns,
        the_right_code_of_this_very_order_is_accepted,
        any_other_code_is_refused,
        a_wrong_code_does_not_spoil_the_right_one,
        sent_again_it_is_a_code_that_confirms_the_order,
        the_handle_does_not_hold_the_code,
        a_contact_that_cannot_be_reached_is_undeliverable,
    ]
);

#[tokio::test]
async fn contacts_come_telephones_first() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_email(), zoe_phone()]);
    auth0.know(&bjorn(), &[bjorn_phone()]);

    for (customer, expected) in [
        (zoe(), vec![zoe_phone(), zoe_email()]),
        (bjorn(), vec![bjorn_phone()]),
    ] {
        let contacts = auth0.customers.contacts(&customer, deadline()).await;
        assert_eq!(contacts.unwrap(), expected);
    }
}

/// `another_orders_code_is_refused`, each customer with a telephone.
#[tokio::test]
async fn another_orders_classic_code_is_refused() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone()]);
    auth0.know(&bjorn(), &[bjorn_phone()]);
    let mut sent = Vec::new();
    for (order, contact) in [
        (order(1, &zoe()), zoe_phone()),
        (order(2, &zoe()), zoe_phone()),
        (order(3, &bjorn()), bjorn_phone()),
    ] {
        let challenge = auth0.send(&order, &contact).await.unwrap();
        let code = auth0.codes_to(&contact).pop().unwrap();
        sent.push((attempt(&order, &challenge), code));
    }
    let [(_, older), (newer, newer_code), (his, his_code)] = &sent[..] else {
        panic!("three codes")
    };

    for (attempt, code) in [
        (newer, older),
        (newer, his_code),
        (his, older),
        (his, newer_code),
    ] {
        let outcome = auth0.check(attempt, code).await;
        assert!(matches!(outcome, Err(CheckError::Refused)), "{outcome:?}");
    }
}

impl FarEnd for Auth0 {
    async fn fall_silent(&self) {
        self.delay(Duration::from_mins(1));
    }
}

impl CustomersHarness for Auth0 {
    fn customers(&self) -> Arc<dyn Customers> {
        self.customers.clone()
    }

    async fn know(&self, customer: &CustomerId, contacts: Vec<Contact>) {
        self.know(customer, &contacts);
        // What was read before is not used any more.
        self.clock.advance(Duration::from_mins(1));
    }

    async fn claim(&self, customer: &CustomerId, contact: Contact) {
        let mut state = self.state();
        let mut users = state.records.users.iter_mut();
        let user = users.find(|user| user["user_id"] == customer.as_str());
        let user = user.expect("a known customer");
        user["user_metadata"] = serde_json::json!({ "phone_number": contact.expose() });
        user["phone_number"] = contact.expose().into();
        user["phone_verified"] = false.into();
        self.clock.advance(Duration::from_mins(1));
    }

    async fn keeps(&self, customer: &CustomerId) -> bool {
        let before = self.asked().len();
        let contacts = self.customers.contacts(customer, deadline()).await;
        contacts.expect("looked up");
        self.asked().len() == before
    }
}

/// A tenant with customers to send codes to.
struct Codes(Auth0);

impl Codes {
    async fn classic() -> Self {
        Self::sent_by(PasswordlessMode::default()).await
    }

    async fn sent_by(mode: PasswordlessMode) -> Self {
        let auth0 = Auth0::start_with(mode, |_| {}).await;
        let codes = Self(auth0);
        let mut zoe = crate::auth0::user(&zoe());
        zoe["phone_number"] = codes.contact().expose().into();
        zoe["phone_verified"] = true.into();
        zoe["app_metadata"] =
            serde_json::json!({ "phone_number": codes.unreachable_contact().expose() });
        let lost = codes.unreachable_contact().expose().to_owned();
        let mut state = codes.0.state();
        state.records.put(zoe);
        state.records.unreachable.insert(lost);
        drop(state);
        codes
    }
}

impl FarEnd for Codes {
    async fn fall_silent(&self) {
        self.0.fall_silent().await;
    }
}

impl ChallengerHarness for Codes {
    fn challenger(&self) -> Arc<dyn Challenger> {
        self.0.challenger.clone()
    }

    fn contact(&self) -> Contact {
        zoe_phone()
    }

    fn unreachable_contact(&self) -> Contact {
        phone("+14155550166")
    }

    async fn codes_to(&self, contact: &Contact) -> Vec<Code> {
        self.0.codes_to(contact)
    }
}
