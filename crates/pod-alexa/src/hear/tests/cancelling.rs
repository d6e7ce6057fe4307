//! Cancelling: asked first, done on a yes.

use std::sync::Arc;

use expect_test::expect;
use pod_core::ports::{CloseError, Ports};
use pod_testkit::{Fakes, MockHistory, MockOrders, fixtures};

use super::talk::{Talk, fault};

#[tokio::test]
async fn an_order_is_cancelled_on_a_yes() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;
    talk.transcript.clear();

    talk.cancel().await;
    talk.yes().await;
    talk.right_code().await;

    expect![[r#"
        Zoë: cancel my order
        Pod: Shall I cancel your order: a large pizza with onions, 17 dollars?
        Zoë: yes
        Pod: I cancelled your order. Its code is worth nothing any more.
             [the session ends]
        Zoë: (the right code)
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(&talk.transcript);
    assert_eq!(talk.stages(), ["cancelled"]);
}

#[tokio::test]
async fn an_order_is_kept_on_a_no() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;

    talk.cancel().await;
    talk.no().await;

    assert_eq!(talk.said(), "All right. Nothing was changed.");
    assert_eq!(talk.stages(), ["awaiting_code"]);
}

#[tokio::test]
async fn a_yes_to_no_question_cancels_nothing() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;

    talk.yes().await;
    assert_eq!(talk.outcome, "not-understood");
    talk.no().await;

    assert_eq!(talk.outcome, "not-understood");
    assert_eq!(talk.stages(), ["awaiting_code"]);
}

#[tokio::test]
async fn what_is_confirmed_or_was_never_there_cannot_be_cancelled() {
    let mut talk = Talk::with_zoe();
    talk.cancel().await;
    talk.order_any().await;
    talk.right_code().await;
    talk.transcript.clear();

    talk.cancel().await;

    expect![[r#"
        Zoë: cancel my order
        Pod: You have no order that could be cancelled. A confirmed order is already being made.
             [the session ends]
    "#]]
    .assert_eq(&talk.transcript);
    assert_eq!(talk.stages(), ["confirmed"]);
}

#[tokio::test]
async fn an_order_that_ended_meanwhile_cannot_be_cancelled() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;
    talk.cancel().await;
    talk.fakes
        .pod()
        .cancel_order(&fixtures::zoe(), None)
        .await
        .unwrap();

    talk.yes().await;

    assert_eq!(talk.outcome, "nothing-to-cancel");
}

#[tokio::test]
async fn orders_that_cannot_be_looked_at_are_not_cancelled() {
    let fakes = Fakes::with_zoe();
    let mut history = MockHistory::new();
    history.expect_page().returning(|_, _| Err(fault()));
    let ports = Ports {
        history: Arc::new(history),
        ..fakes.ports()
    };
    let mut talk = Talk::on_ports(fakes, ports);

    talk.cancel().await;
    talk.ask_for_status().await;

    expect![[r#"
        Zoë: cancel my order
        Pod: I cannot look at your orders right now. Please try again in a minute.
             [the session ends]
        Zoë: what became of my order
        Pod: I cannot look at your orders right now. Please try again in a minute.
             [the session ends]
    "#]]
    .assert_eq(&talk.transcript);
}

#[tokio::test]
async fn a_cancelling_that_broke_is_to_be_asked_for_again() {
    let fakes = Fakes::with_zoe();
    Talk::on(fakes.clone()).order_any().await;
    let mut orders = MockOrders::new();
    orders
        .expect_close()
        .returning(|_, _, _, _| Err(CloseError::Fault(fault())));
    let ports = Ports {
        orders: Arc::new(orders),
        ..fakes.ports()
    };
    let mut talk = Talk::on_ports(fakes, ports);

    talk.cancel().await;
    talk.yes().await;

    expect![[r#"
        Zoë: cancel my order
        Pod: Shall I cancel your order: a large pizza with onions, 17 dollars?
        Zoë: yes
        Pod: I could not cancel your order right now. Please try again in a minute: say, Alexa, ask pizza on demand to cancel my order.
             [the session ends]
    "#]].assert_eq(&talk.transcript);
}
