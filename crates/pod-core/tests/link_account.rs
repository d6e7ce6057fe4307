//! Linking an account at the assistant to a customer, and unlinking it.

use std::sync::Arc;

use pod_core::ports::{CloseError, Ports};
use pod_core::{AccountId, Stage};
use pod_testkit::fixtures::{bjorn, transfer, zoe, zoe_email};
use pod_testkit::{Fakes, MockHistory, MockLinks, MockOrders};

use crate::outages::{assert_lawful, every_outage};
use crate::stage::{order_and_code, outage, place, place_item, say, stages, undelivered};

#[tokio::test]
async fn unlinking_an_account_says_whose_it_was_and_cancels_what_is_open() {
    let fakes = Fakes::with_zoe();
    let pod = fakes.pod();
    pod.link_account(&account(1), &zoe()).await.expect("linked");
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    undelivered(&fakes, &zoe()).await;

    let owner = pod.unlink_account(&account(1)).await;

    assert_eq!(owner.expect("unlinked"), Some(zoe()));
    assert_eq!(stages(&fakes, &zoe()), [Stage::Cancelled, Stage::Cancelled]);
    assert_eq!(
        fakes.announcer.stages(order.id),
        [Stage::AwaitingCode, Stage::Cancelled]
    );
    say(&fakes, &zoe(), &code).await.expect_err("it has ended");
}

#[tokio::test]
async fn a_confirmed_order_outlives_the_account() {
    let fakes = Fakes::with_zoe();
    let pod = fakes.pod();
    pod.link_account(&account(1), &zoe()).await.expect("linked");
    let (_, code) = order_and_code(&fakes, &zoe()).await;
    say(&fakes, &zoe(), &code).await.expect("the right code");

    let owner = pod.unlink_account(&account(1)).await;

    assert_eq!(owner.expect("unlinked"), Some(zoe()));
    assert_eq!(stages(&fakes, &zoe()), [Stage::Confirmed]);
}

#[tokio::test]
async fn unlinking_one_account_leaves_the_customers_others_linked() {
    let fakes = Fakes::with_zoe();
    let pod = fakes.pod();
    for n in 1..=2 {
        pod.link_account(&account(n), &zoe()).await.expect("linked");
    }

    pod.unlink_account(&account(1)).await.expect("unlinked");

    let other = pod.unlink_account(&account(2)).await;
    assert_eq!(other.expect("unlinked"), Some(zoe()));
}

#[tokio::test]
async fn an_account_that_is_nobodys_cancels_nothing() {
    let fakes = Fakes::with_zoe();
    place(&fakes, &zoe()).await.expect("sent");
    let mut orders = MockOrders::new();
    orders.expect_close().never();
    let mut history = MockHistory::new();
    history.expect_page().never();
    let pod = fakes.pod_on(Ports {
        history: Arc::new(history),
        orders: Arc::new(orders),
        ..fakes.ports()
    });

    let owner = pod.unlink_account(&account(1)).await;

    assert_eq!(owner.expect("there was nothing to do"), None);
}

#[tokio::test]
async fn an_account_that_changed_hands_cancels_nothing_of_the_one_before() {
    let fakes = Fakes::with_zoe();
    fakes.customers.know(&bjorn(), vec![zoe_email()]);
    let pod = fakes.pod();
    pod.link_account(&account(1), &zoe()).await.expect("linked");
    pod.link_account(&account(1), &bjorn())
        .await
        .expect("linked");
    place(&fakes, &zoe()).await.expect("sent");
    place(&fakes, &bjorn()).await.expect("sent");

    let owner = pod.unlink_account(&account(1)).await;

    assert_eq!(owner.expect("unlinked"), Some(bjorn()));
    assert_eq!(stages(&fakes, &zoe()), [Stage::AwaitingCode]);
    assert_eq!(stages(&fakes, &bjorn()), [Stage::Cancelled]);
}

#[tokio::test]
async fn a_link_that_may_not_have_been_kept_is_a_fault() {
    let fakes = Fakes::with_zoe();
    let mut links = MockLinks::new();
    links.expect_find().returning(|_| Ok(None));
    links.expect_link().returning(|_, _| Err(outage()));
    let pod = fakes.pod_on(Ports {
        links: Arc::new(links),
        ..fakes.ports()
    });

    let fault = pod.link_account(&account(1), &zoe()).await;

    assert!(fault.expect_err("out of order").is_temporary());
}

#[tokio::test]
async fn an_account_that_cannot_be_looked_up_is_a_fault_and_cancels_nothing() {
    let fakes = Fakes::with_zoe();
    let (_, code) = order_and_code(&fakes, &zoe()).await;
    let mut links = MockLinks::new();
    links.expect_find().returning(|_| Err(outage()));
    let pod = fakes.pod_on(Ports {
        links: Arc::new(links),
        ..fakes.ports()
    });

    let fault = pod.unlink_account(&account(1)).await;

    assert!(fault.expect_err("out of order").is_temporary());
    say(&fakes, &zoe(), &code).await.expect("it stands");
}

#[tokio::test]
async fn an_order_that_may_still_be_open_is_a_fault() {
    let fakes = Fakes::with_zoe();
    let linked = fakes.pod().link_account(&account(1), &zoe()).await;
    linked.expect("linked");
    place(&fakes, &zoe()).await.expect("sent");
    let mut orders = MockOrders::new();
    orders
        .expect_close()
        .returning(|_, _, _, _| Err(CloseError::Fault(outage())));
    let pod = fakes.pod_on(Ports {
        orders: Arc::new(orders),
        ..fakes.ports()
    });

    let fault = pod.unlink_account(&account(1)).await;

    assert!(fault.expect_err("out of order").is_temporary());
    let again = fakes.pod().unlink_account(&account(1)).await;
    assert_eq!(again.expect("unlinked"), Some(zoe()));
    assert_eq!(stages(&fakes, &zoe()), [Stage::Cancelled]);
}

#[tokio::test]
async fn whatever_breaks_while_unlinking_orders_are_lawful() {
    for outage in every_outage() {
        let fakes = Fakes::with_zoe();
        let linked = fakes.pod().link_account(&account(1), &zoe()).await;
        linked.expect("linked");
        place_item(&fakes, &zoe(), transfer()).await.expect("sent");
        undelivered(&fakes, &zoe()).await;
        let pod = fakes.pod_on(outage.ports(fakes.ports()));

        let outcome = outage.survive(pod.unlink_account(&account(1))).await;

        if matches!(outcome, Some(Ok(_))) {
            let cancelled = [Stage::Cancelled, Stage::Cancelled];
            assert_eq!(stages(&fakes, &zoe()), cancelled, "{outage:?}");
        }
        assert_lawful(&fakes, &zoe(), &outage).await;
    }
}

/// One of the accounts at the assistant.
fn account(n: u32) -> AccountId {
    AccountId::parse(&format!("amzn1.ask.account.№{n}")).expect("an account's name")
}
