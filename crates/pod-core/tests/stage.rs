//! What the use cases begin with: orders that were placed, and their codes.

use std::sync::Arc;
use std::time::Duration;

use pod_core::ports::{Courier, Ports};
use pod_core::{
    Code, CodeSent, ConfirmOrderError, Confirmation, Contact, CustomerId, Fault, Item, Order,
    OrderId, Passcodes, PlaceOrder, PlaceOrderError, PlacedOrder, Policy, ResendCodeError, Stage,
};
use pod_testkit::{Fakes, fixtures};

pub(crate) const TICK: Duration = Duration::from_micros(1);
pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_mins(1);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// Fakes that know Zoë by these contacts.
pub(crate) fn zoe_with(contacts: Vec<Contact>) -> Fakes {
    let fakes = Fakes::new();
    fakes.customers.know(&fixtures::zoe(), contacts);
    fakes
}

/// Fakes that know Zoë, and pods that go by other rules.
pub(crate) fn zoe_under(policy: Policy) -> Fakes {
    Fakes {
        policy,
        ..Fakes::with_zoe()
    }
}

/// Any number of codes may be sent.
pub(crate) fn without_quotas() -> Policy {
    Policy {
        sends_per_customer: vec![],
        sends_per_destination: vec![],
        ..Policy::default()
    }
}

/// The fakes' ports, with another courier.
pub(crate) fn carried_by(fakes: &Fakes, courier: impl Courier + 'static) -> Ports {
    let keys = fakes.keys.clone();
    Ports {
        challenger: Arc::new(Passcodes::new(keys, fakes.policy.digits, Arc::new(courier))),
        ..fakes.ports()
    }
}

/// A fault that passes by itself.
pub(crate) fn outage() -> Fault {
    Fault::unavailable("a port", "out of order")
}

/// Has a customer order a pizza, a second after whatever was before.
pub(crate) async fn place(
    fakes: &Fakes,
    customer: &CustomerId,
) -> Result<CodeSent, PlaceOrderError> {
    place_item(fakes, customer, fixtures::pizza()).await
}

/// Has a customer order something, a second after whatever was before.
pub(crate) async fn place_item(
    fakes: &Fakes,
    customer: &CustomerId,
    item: Item,
) -> Result<CodeSent, PlaceOrderError> {
    fakes.clock.advance(SECOND);
    let command = PlaceOrder {
        item,
        ..fixtures::place_order(customer)
    };
    fakes.pod().place_order(command).await
}

/// An order of a customer that awaits its code, and the code.
pub(crate) async fn order_and_code(fakes: &Fakes, customer: &CustomerId) -> (PlacedOrder, Code) {
    let sent = place(fakes, customer).await.expect("the code was sent");
    (sent.order, last_code(fakes))
}

/// An order of a customer whose code could not be sent.
pub(crate) async fn undelivered(fakes: &Fakes, customer: &CustomerId) -> OrderId {
    fakes.courier.lose(&fixtures::zoe_phone());
    let error = place(fakes, customer).await.expect_err("nobody is reached");
    fakes.courier.find(&fixtures::zoe_phone());

    assert!(matches!(error, PlaceOrderError::Undeliverable), "{error:?}");
    newest(fakes, customer).placed.id
}

pub(crate) fn last_code(fakes: &Fakes) -> Code {
    fakes.courier.last_code().expect("a code was sent")
}

/// Has a customer say a code, for whichever order awaits it.
pub(crate) async fn say(
    fakes: &Fakes,
    customer: &CustomerId,
    code: &Code,
) -> Result<Confirmation, ConfirmOrderError> {
    let command = fixtures::confirm_order(customer, code);
    fakes.pod().confirm_order(command).await
}

/// Has a customer ask for the code of the newest open order again.
pub(crate) async fn resend(
    fakes: &Fakes,
    customer: &CustomerId,
) -> Result<CodeSent, ResendCodeError> {
    fakes
        .pod()
        .resend_code(fixtures::resend_code(customer))
        .await
}

/// Has a customer guess wrong so many times, over as many new orders as it
/// takes. The last guess may lock the customer.
pub(crate) async fn guess_wrong(fakes: &Fakes, customer: &CustomerId, times: u64) {
    let per_order = u64::from(fakes.policy.attempts.per_order.get());
    let mut right = None;
    for n in 0..times {
        if n % per_order == 0 {
            right = Some(order_and_code(fakes, customer).await.1);
        }
        let wrong = fixtures::wrong_code(right.as_ref().expect("an order"), n);
        let error = say(fakes, customer, &wrong).await.expect_err("it is wrong");
        let judged = match error {
            ConfirmOrderError::WrongCode { .. } | ConfirmOrderError::Refused => true,
            ConfirmOrderError::Locked { .. } => n + 1 == times,
            _ => false,
        };
        assert!(judged, "{error:?}");
    }
}

/// An order as it is kept.
pub(crate) fn kept(fakes: &Fakes, order: &PlacedOrder) -> Order {
    let mut all = fakes.orders.all(&order.customer).into_iter();
    all.find(|kept| kept.placed.id == order.id)
        .expect("the order is kept")
}

/// A customer's newest order as it is kept.
pub(crate) fn newest(fakes: &Fakes, customer: &CustomerId) -> Order {
    let mut all = fakes.orders.all(customer);
    all.pop().expect("an order is kept")
}

/// What is kept of a customer's orders, oldest first.
pub(crate) fn stages(fakes: &Fakes, customer: &CustomerId) -> Vec<Stage> {
    let all = fakes.orders.all(customer);
    all.iter().map(|order| order.state.stage()).collect()
}
