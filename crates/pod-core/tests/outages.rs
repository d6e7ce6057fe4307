//! Outages at every call of a port, and what must hold whatever they strike.

use std::sync::Arc;

use pod_core::ports::Event;
use pod_core::{
    Code, ConfirmOrder, ConfirmOrderError, CustomerId, Item, Order, OrderId, Stage, State,
};
use pod_testkit::{Blow, Fakes, Outage, fixtures};

/// One outage after the other: at each call that the use case makes, before
/// and after its effect, as a fault and as a crash. The last of each kind
/// strikes nothing.
pub(crate) fn every_outage() -> impl Iterator<Item = Arc<Outage>> {
    Outages {
        blows: Blow::ALL.to_vec(),
        calls: 0,
        last: None,
    }
}

struct Outages {
    blows: Vec<Blow>,
    calls: usize,
    last: Option<Arc<Outage>>,
}

impl Iterator for Outages {
    type Item = Arc<Outage>;

    fn next(&mut self) -> Option<Arc<Outage>> {
        if let Some(last) = &self.last {
            if last.struck() {
                self.calls += 1;
            } else {
                assert!(self.calls > 0, "the use case was not run on the outage");
                self.calls = 0;
                self.blows.pop();
            }
        }
        let outage = Outage::at(self.calls, *self.blows.last()?);
        self.last = Some(outage.clone());
        Some(outage)
    }
}

/// Asserts that whatever happened left a customer's orders lawful: one at most
/// awaits its code, what was announced to be confirmed is, and each code that
/// arrived confirms the order it was sent for, if that awaits it, once, and no
/// other order. Each order must be for an item of its own.
pub(crate) async fn assert_lawful(fakes: &Fakes, customer: &CustomerId, hint: &Arc<Outage>) {
    let orders = fakes.orders.all(customer);
    let awaiting = orders
        .iter()
        .rposition(|order| order.state.stage() == Stage::AwaitingCode);
    if let Some(awaiting) = awaiting {
        let older_are_open = orders[..awaiting].iter().any(|order| order.state.is_open());
        assert!(!older_are_open, "{hint:?}: {orders:?}");
    }
    for Event { order, .. } in fakes
        .announcer
        .events()
        .iter()
        .filter(|event| event.stage == Stage::Confirmed)
    {
        let confirmed = orders
            .iter()
            .any(|kept| kept.placed.id == *order && kept.state.stage() == Stage::Confirmed);
        assert!(confirmed, "{hint:?}: {orders:?}");
    }

    for order in &orders {
        let Some(code) = code_for(fakes, &order.placed.item) else {
            assert!(
                order.state.stage() != Stage::AwaitingCode,
                "{hint:?}: it awaits a code that was not sent: {order:?}"
            );
            continue;
        };
        for other in &orders {
            if other.placed.id != order.placed.id && attempts_left(fakes, other) > 1 {
                let error = say(fakes, other.placed.id, customer, &code).await;
                assert!(
                    matches!(error, Err(ConfirmOrderError::WrongCode { .. })),
                    "{hint:?}: the code of {order:?} for {other:?} is {error:?}"
                );
            }
        }
        let expected = usize::from(attempts_left(fakes, order) > 0);

        let first = say(fakes, order.placed.id, customer, &code).await;
        let second = say(fakes, order.placed.id, customer, &code).await;

        let confirmations = [first, second].into_iter().filter_map(Result::ok);
        assert_eq!(confirmations.count(), expected, "{hint:?}: {order:?}");
    }

    for (before, after) in orders.iter().zip(fakes.orders.all(customer)) {
        assert_eq!(before.placed, after.placed, "{hint:?}");
        if !before.state.is_open() {
            assert_eq!(before.state, after.state, "{hint:?}");
        }
    }
}

/// The code that arrived for an item.
fn code_for(fakes: &Fakes, item: &Item) -> Option<Code> {
    let deliveries = fakes.courier.deliveries();
    let delivered = deliveries.iter().rfind(|delivered| delivered.item == *item);
    delivered.map(|delivered| delivered.code.clone())
}

fn attempts_left(fakes: &Fakes, order: &Order) -> u32 {
    let kept = fakes.orders.all(&order.placed.customer);
    let kept = kept.iter().find(|kept| kept.placed.id == order.placed.id);
    match kept.map(|kept| &kept.state) {
        Some(State::AwaitingCode { attempts, .. }) => {
            fakes.policy.attempts.per_order.get() - attempts
        }
        _ => 0,
    }
}

async fn say(
    fakes: &Fakes,
    order: OrderId,
    customer: &CustomerId,
    code: &Code,
) -> Result<pod_core::Confirmation, ConfirmOrderError> {
    let command = ConfirmOrder {
        order: Some(order),
        ..fixtures::confirm_order(customer, code)
    };
    fakes.pod().confirm_order(command).await
}
