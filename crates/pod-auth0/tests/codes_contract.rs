//! Auth0's directory of customers and its codes keep the contract.

use std::sync::Arc;
use std::time::Duration;

use pod_auth0::PasswordlessMode;
use pod_core::ports::{Challenger, Customers};
use pod_core::{Code, Contact, CustomerId};
use pod_testkit::contract::{ChallengerHarness, CustomersHarness, FarEnd};
use pod_testkit::fixtures::{bjorn, bjorn_phone, deadline, phone, zoe, zoe_phone};

use crate::auth0::{Auth0, sessions};

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

pod_testkit::customers_contract!(Auth0::start());
pod_testkit::customers_far_end_contract!(Auth0::start());

mod by_session {
    use super::*;

    pod_testkit::challenger_contract!(Codes::sent_by(sessions()));
    pod_testkit::challenger_far_end_contract!(Codes::sent_by(sessions()));
}

mod classic {
    use super::*;

    pod_testkit::challenger_contract!(Codes::classic());
    pod_testkit::challenger_far_end_contract!(Codes::classic());
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

    /// Telephones come first.
    fn preferred(&self, contacts: Vec<Contact>) -> Vec<Contact> {
        let (mut phones, emails): (Vec<_>, Vec<_>) = contacts
            .into_iter()
            .partition(|contact| matches!(contact, Contact::Phone(_)));
        phones.extend(emails);
        phones
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
        let mut bjorn = crate::auth0::user(&bjorn());
        bjorn["phone_number"] = bjorn_phone().expose().into();
        bjorn["phone_verified"] = true.into();
        let lost = codes.unreachable_contact().expose().to_owned();
        let mut state = codes.0.state();
        state.records.put(zoe);
        state.records.put(bjorn);
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

    /// By classic codes one telephone is one customer's.
    fn contact_of(&self, customer: &CustomerId) -> Contact {
        if *customer == bjorn() {
            bjorn_phone()
        } else {
            self.contact()
        }
    }

    fn unreachable_contact(&self) -> Contact {
        phone("+14155550166")
    }

    async fn codes_to(&self, contact: &Contact) -> Vec<Code> {
        self.0.codes_to(contact)
    }
}
