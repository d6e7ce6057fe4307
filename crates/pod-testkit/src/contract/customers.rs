//! What [`Customers`] promises.

use std::future::Future;
use std::sync::Arc;

use pod_core::ports::Customers;
use pod_core::{Contact, CustomerId};

use super::at_once;
use crate::fixtures::{
    bjorn, bjorn_phone, customer, deadline, phone, unusual_texts, zoe, zoe_email, zoe_phone,
};

/// An adapter together with a way to let it know customers.
pub trait CustomersHarness: Send + Sync {
    /// The adapter.
    fn customers(&self) -> Arc<dyn Customers>;

    /// Lets it know a customer by these verified contacts, the preferred one
    /// first, in place of those it knew.
    fn know(
        &self,
        customer: &CustomerId,
        contacts: Vec<Contact>,
    ) -> impl Future<Output = ()> + Send;

    /// The order in which it gives these contacts, which came with the
    /// preferred one first: another one where it has a preference of its own.
    fn preferred(&self, contacts: Vec<Contact>) -> Vec<Contact> {
        contacts
    }

    /// Has a known customer claim a contact, preferred to all others, that
    /// nobody has verified. Where such contacts cannot be kept, this does
    /// nothing.
    fn claim(&self, customer: &CustomerId, contact: Contact) -> impl Future<Output = ()> + Send;

    /// Whether anything of the customer is kept by the adapter itself, and not
    /// at its far end.
    fn keeps(&self, customer: &CustomerId) -> impl Future<Output = bool> + Send;
}

/// Stamps one test for each promise of
/// [`Customers`], on the
/// [`CustomersHarness`] that an expression
/// makes.
#[macro_export]
macro_rules! customers_contract {
    ($harness:expr) => {
        $crate::__stamp_harness!(
            customers,
            $harness,
            [
                contacts_come_in_order_of_preference,
                a_customer_who_is_unknown_has_no_contacts,
                a_contact_that_only_the_customer_vouches_for_is_not_among_them,
                the_latest_contacts_hold,
                unusual_customers_are_known_apart,
                of_64_simultaneous_questions_each_has_its_answer,
                what_is_forgotten_is_not_kept,
                forgetting_leaves_everybody_else,
            ]
        );
    };
}

async fn contacts(harness: &impl CustomersHarness, customer: &CustomerId) -> Vec<Contact> {
    let contacts = harness.customers().contacts(customer, deadline()).await;
    contacts.expect("looked up")
}

/// A customer's verified contacts come whole, the preferred one first.
pub async fn contacts_come_in_order_of_preference(harness: impl CustomersHarness) {
    let hers = vec![zoe_email(), zoe_phone()];
    harness.know(&zoe(), hers.clone()).await;
    let his = vec![bjorn_phone()];
    harness.know(&bjorn(), his.clone()).await;

    assert_eq!(contacts(&harness, &zoe()).await, harness.preferred(hers));
    assert_eq!(contacts(&harness, &bjorn()).await, his);
}

/// A customer who is unknown, or has no contact, has none.
pub async fn a_customer_who_is_unknown_has_no_contacts(harness: impl CustomersHarness) {
    harness.know(&zoe(), Vec::new()).await;

    assert_eq!(contacts(&harness, &zoe()).await, []);
    assert_eq!(contacts(&harness, &bjorn()).await, []);
}

/// A contact that only the customer vouches for is not among them.
pub async fn a_contact_that_only_the_customer_vouches_for_is_not_among_them(
    harness: impl CustomersHarness,
) {
    harness.know(&zoe(), vec![zoe_email()]).await;

    harness.claim(&zoe(), phone("+14155550199")).await;

    assert_eq!(contacts(&harness, &zoe()).await, [zoe_email()]);
}

/// Contacts that have changed are known as they are now.
pub async fn the_latest_contacts_hold(harness: impl CustomersHarness) {
    harness.know(&zoe(), vec![zoe_phone()]).await;
    assert_eq!(contacts(&harness, &zoe()).await, [zoe_phone()]);

    harness.know(&zoe(), vec![zoe_email()]).await;

    assert_eq!(contacts(&harness, &zoe()).await, [zoe_email()]);
}

/// Whatever text a customer's name is, it is nobody else's.
pub async fn unusual_customers_are_known_apart(harness: impl CustomersHarness) {
    let contact = |i: usize| phone(&format!("+1415555{:04}", 100 + i));
    let names = unusual_texts();
    for (i, name) in names.iter().enumerate() {
        harness.know(&customer(name), vec![contact(i)]).await;
    }

    for (i, name) in names.iter().enumerate() {
        let known = contacts(&harness, &customer(name)).await;
        assert_eq!(known, [contact(i)], "{name:?}");
    }
}

/// Of any number of questions at the same time each has its own answer.
pub async fn of_64_simultaneous_questions_each_has_its_answer(harness: impl CustomersHarness) {
    harness.know(&zoe(), vec![zoe_phone(), zoe_email()]).await;
    harness.know(&bjorn(), vec![bjorn_phone()]).await;

    let answers = at_once(64, |i| {
        let customers = harness.customers();
        let customer = [zoe(), bjorn()][i % 2].clone();
        async move { customers.contacts(&customer, deadline()).await }
    })
    .await;

    for (i, answer) in answers.into_iter().enumerate() {
        let expected = [vec![zoe_phone(), zoe_email()], vec![bjorn_phone()]];
        assert_eq!(answer.expect("looked up"), expected[i % 2]);
    }
}

/// What is kept here of a customer is not kept any more once it is forgotten,
/// and can be forgotten again.
pub async fn what_is_forgotten_is_not_kept(harness: impl CustomersHarness) {
    harness.know(&zoe(), vec![zoe_phone(), zoe_email()]).await;
    contacts(&harness, &zoe()).await;

    for _ in 0..2 {
        let forgotten = harness.customers().forget(&zoe()).await;
        forgotten.expect("forgotten");

        assert!(!harness.keeps(&zoe()).await);
    }
}

/// Forgetting one customer, known or not, leaves everybody else.
pub async fn forgetting_leaves_everybody_else(harness: impl CustomersHarness) {
    harness.know(&zoe(), vec![zoe_phone()]).await;
    harness.know(&bjorn(), vec![bjorn_phone()]).await;

    for gone in [zoe(), customer("nobody"), customer("%")] {
        let forgotten = harness.customers().forget(&gone).await;
        forgotten.expect("forgotten");
    }

    assert_eq!(contacts(&harness, &bjorn()).await, [bjorn_phone()]);
}
