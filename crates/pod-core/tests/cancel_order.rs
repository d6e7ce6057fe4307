//! Cancelling what is not confirmed yet.

use std::sync::Arc;

use pod_core::ports::{CloseError, Ports};
use pod_core::{CancelOrderError, OrderId, Stage, State};
use pod_testkit::fixtures::{at, bjorn, transfer, zoe, zoe_email};
use pod_testkit::{Fakes, MockHistory, MockOrders};

use crate::outages::{assert_lawful, every_outage};
use crate::stage::{MINUTE, kept, order_and_code, outage, place_item, say, stages, undelivered};

#[tokio::test]
async fn everything_open_is_cancelled_the_newest_first() {
    let fakes = Fakes::with_zoe();
    let (awaiting, code) = order_and_code(&fakes, &zoe()).await;
    let laid_down = undelivered(&fakes, &zoe()).await;

    let cancelled = fakes.pod().cancel_order(&zoe(), None).await;

    assert_eq!(cancelled.expect("they are open"), [laid_down, awaiting.id]);
    assert_eq!(
        kept(&fakes, &awaiting).state,
        State::Cancelled { at: at(2) }
    );
    assert_eq!(stages(&fakes, &zoe()), [Stage::Cancelled, Stage::Cancelled]);
    for order in [laid_down, awaiting.id] {
        assert_eq!(
            fakes.announcer.stages(order).last(),
            Some(&Stage::Cancelled)
        );
    }
    say(&fakes, &zoe(), &code).await.expect_err("it has ended");
}

#[tokio::test]
async fn only_the_order_that_is_named_is_cancelled() {
    let fakes = Fakes::with_zoe();
    let (awaiting, code) = order_and_code(&fakes, &zoe()).await;
    let laid_down = undelivered(&fakes, &zoe()).await;

    let cancelled = fakes.pod().cancel_order(&zoe(), Some(laid_down)).await;

    assert_eq!(cancelled.expect("it is open"), [laid_down]);
    let confirmation = say(&fakes, &zoe(), &code).await.expect("it stands");
    assert_eq!(confirmation.order(), &awaiting);
}

#[tokio::test]
async fn what_is_not_open_is_not_cancelled() {
    for case in NotOpen::ALL {
        let fakes = Fakes::with_zoe();
        fakes.customers.know(&bjorn(), vec![zoe_email()]);
        let named = case.arrange(&fakes).await;
        let before = (fakes.orders.all(&zoe()), fakes.orders.all(&bjorn()));

        for order in [None, named] {
            let error = fakes.pod().cancel_order(&zoe(), order).await;

            assert!(
                matches!(error, Err(CancelOrderError::NothingPending)),
                "{case:?}: {error:?}"
            );
            let after = (fakes.orders.all(&zoe()), fakes.orders.all(&bjorn()));
            assert_eq!(after, before, "{case:?}");
        }
    }
}

#[tokio::test]
async fn what_was_cancelled_before_a_fault_stays_cancelled() {
    let fakes = Fakes::with_zoe();
    let (_, code) = order_and_code(&fakes, &zoe()).await;
    let laid_down = undelivered(&fakes, &zoe()).await;
    let mut orders = MockOrders::new();
    orders
        .expect_close()
        .withf(move |_, order, _, _| *order == laid_down)
        .returning(|_, _, _, _| Ok(()));
    orders
        .expect_close()
        .returning(|_, _, _, _| Err(CloseError::Fault(outage())));
    let pod = fakes.pod_on(Ports {
        orders: Arc::new(orders),
        ..fakes.ports()
    });

    let error = pod.cancel_order(&zoe(), None).await;

    assert!(
        matches!(&error, Err(CancelOrderError::Fault(fault)) if fault.is_temporary()),
        "{error:?}"
    );
    assert_eq!(
        fakes.announcer.stages(laid_down),
        [Stage::Undelivered, Stage::Cancelled]
    );
    say(&fakes, &zoe(), &code).await.expect("it is still open");
}

#[tokio::test]
async fn without_knowing_what_is_open_nothing_is_cancelled() {
    let fakes = Fakes::with_zoe();
    let (_, code) = order_and_code(&fakes, &zoe()).await;
    let mut history = MockHistory::new();
    history.expect_page().returning(|_, _| Err(outage()));
    let mut orders = MockOrders::new();
    orders.expect_close().never();
    let pod = fakes.pod_on(Ports {
        history: Arc::new(history),
        orders: Arc::new(orders),
        ..fakes.ports()
    });

    let error = pod.cancel_order(&zoe(), None).await;

    assert!(
        matches!(&error, Err(CancelOrderError::Fault(fault)) if fault.is_temporary()),
        "{error:?}"
    );
    say(&fakes, &zoe(), &code).await.expect("it is still open");
}

#[tokio::test]
async fn whatever_breaks_while_cancelling_orders_are_lawful_and_can_be_cancelled_again() {
    for outage in every_outage() {
        let fakes = Fakes::with_zoe();
        place_item(&fakes, &zoe(), transfer()).await.expect("sent");
        undelivered(&fakes, &zoe()).await;
        let pod = fakes.pod_on(outage.ports(fakes.ports()));

        let outcome = outage.survive(pod.cancel_order(&zoe(), None)).await;

        if matches!(outcome, Some(Ok(_))) {
            let cancelled = [Stage::Cancelled, Stage::Cancelled];
            assert_eq!(stages(&fakes, &zoe()), cancelled, "{outage:?}");
        }
        let _ = fakes.pod().cancel_order(&zoe(), None).await;
        let open = fakes.orders.all(&zoe()).into_iter();
        let open = open.filter(|order| order.state.is_open());
        assert_eq!(open.count(), 0, "{outage:?}");
        assert_lawful(&fakes, &zoe(), &outage).await;
    }
}

/// What is not open, or not Zoë's.
#[derive(Debug, Clone, Copy)]
enum NotOpen {
    Nothing,
    Expired,
    Confirmed,
    Cancelled,
    SomebodyElses,
}

impl NotOpen {
    const ALL: [Self; 5] = [
        Self::Nothing,
        Self::Expired,
        Self::Confirmed,
        Self::Cancelled,
        Self::SomebodyElses,
    ];

    /// Brings it about; returns what Zoë names.
    async fn arrange(self, fakes: &Fakes) -> Option<OrderId> {
        let customer = match self {
            Self::Nothing => return None,
            Self::SomebodyElses => bjorn(),
            _ => zoe(),
        };
        let (order, code) = order_and_code(fakes, &customer).await;
        match self {
            Self::Expired => fakes.clock.advance(5 * MINUTE),
            Self::Confirmed => {
                say(fakes, &zoe(), &code).await.expect("the right code");
            }
            Self::Cancelled => {
                let cancelled = fakes.pod().cancel_order(&zoe(), None).await;
                cancelled.expect("it is open");
            }
            Self::Nothing | Self::SomebodyElses => {}
        }
        Some(order.id)
    }
}
