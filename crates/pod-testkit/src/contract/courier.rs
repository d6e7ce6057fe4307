//! What [`Courier`] promises.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use pod_core::ports::{Courier, DeliverError, Delivery};
use pod_core::{Code, Contact, Item, PlacedOrder};

use super::at_once;
use crate::fixtures::{deadline, language, order, pizza, transfer, zoe};

/// A courier together with a way to read what it carried: its far end.
pub trait CourierHarness: Send + Sync {
    /// The courier.
    fn courier(&self) -> Arc<dyn Courier>;

    /// A contact that it can reach.
    fn contact(&self) -> Contact;

    /// A contact that it cannot reach, now or later.
    fn unreachable_contact(&self) -> Contact;

    /// The messages that the far end has taken for a contact, the first first.
    fn messages_to(&self, contact: &Contact) -> impl Future<Output = Vec<String>> + Send;
}

/// Stamps one test for each promise of [`Courier`],
/// on the [`CourierHarness`] that an
/// expression makes.
#[macro_export]
macro_rules! courier_contract {
    ($harness:expr) => {
        $crate::__stamp_harness!(
            courier,
            $harness,
            [
                the_message_has_the_code_and_names_the_item,
                the_message_was_taken_when_it_returns,
                every_delivery_is_one_message,
                of_16_simultaneous_deliveries_each_is_taken,
                a_contact_that_cannot_be_reached_is_undeliverable,
            ]
        );
    };
}

fn code(raw: &str) -> Code {
    Code::parse(raw).expect("a code")
}

async fn deliver(
    courier: &Arc<dyn Courier>,
    contact: &Contact,
    code: &Code,
    item: &Item,
) -> Result<(), DeliverError> {
    let placed = order(1, &zoe());
    let order = PlacedOrder {
        item: item.clone(),
        ..placed
    };
    let delivery = Delivery {
        contact,
        code,
        order: &order,
        sent_at: order.placed_at,
        lifetime: Duration::from_secs(287),
        others_left: false,
        language: &language(),
        deadline: deadline(),
    };
    courier.deliver(&delivery).await
}

/// The message has the code and names the item.
pub async fn the_message_has_the_code_and_names_the_item(harness: impl CourierHarness) {
    let (courier, contact) = (harness.courier(), harness.contact());

    for (digits, item) in [("482913", pizza()), ("90071126", transfer())] {
        let taken = deliver(&courier, &contact, &code(digits), &item).await;
        taken.expect("taken");

        let messages = harness.messages_to(&contact).await;
        let message = messages.last().expect("a message");
        assert!(message.contains(digits), "{message:?} has no {digits}");
        let summary = item.summary();
        assert!(message.contains(summary), "{message:?} has no {summary:?}");
    }
}

/// When it returns, somebody has taken over responsibility for the message.
pub async fn the_message_was_taken_when_it_returns(harness: impl CourierHarness) {
    let (courier, contact) = (harness.courier(), harness.contact());
    assert_eq!(harness.messages_to(&contact).await.len(), 0);

    let taken = deliver(&courier, &contact, &code("482913"), &pizza()).await;

    taken.expect("taken");
    assert_eq!(harness.messages_to(&contact).await.len(), 1);
}

/// Every delivery is one message, though it carries the same code.
pub async fn every_delivery_is_one_message(harness: impl CourierHarness) {
    let (courier, contact) = (harness.courier(), harness.contact());

    for count in 1..=3 {
        let taken = deliver(&courier, &contact, &code("482913"), &pizza()).await;

        taken.expect("taken");
        assert_eq!(harness.messages_to(&contact).await.len(), count);
    }
}

/// Of any number of deliveries at the same time each is taken.
pub async fn of_16_simultaneous_deliveries_each_is_taken(harness: impl CourierHarness) {
    let contact = harness.contact();

    let outcomes = at_once(16, |i| {
        let (courier, contact) = (harness.courier(), contact.clone());
        let code = code(&format!("48{}", 2000 + i));
        async move { deliver(&courier, &contact, &code, &pizza()).await }
    })
    .await;

    for outcome in outcomes {
        outcome.expect("taken");
    }
    let messages = harness.messages_to(&contact).await;
    for i in 0..16 {
        let code = format!("48{}", 2000 + i);
        let having = messages.iter().filter(|message| message.contains(&code));
        assert_eq!(having.count(), 1);
    }
}

/// A contact that cannot be reached, now or later, is undeliverable, and it is
/// no fault.
pub async fn a_contact_that_cannot_be_reached_is_undeliverable(harness: impl CourierHarness) {
    let (courier, lost) = (harness.courier(), harness.unreachable_contact());

    let error = deliver(&courier, &lost, &code("482913"), &pizza())
        .await
        .expect_err("it cannot be reached");

    assert!(matches!(error, DeliverError::Undeliverable), "{error:?}");
    assert_eq!(harness.messages_to(&lost).await.len(), 0);
    let reached = deliver(&courier, &harness.contact(), &code("482913"), &pizza()).await;
    reached.expect("others can be reached");
}
