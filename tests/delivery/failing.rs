//! Suppliers that fail: what a code comes to, and how often it is tried.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pod_core::ports::{Courier, DeliverError, Ports};
use pod_core::{Contact, Deadline, Passcodes, PlaceOrderError, ResendCode, Stage};
use pod_emulator::TwilioTrouble;
use pod_testkit::Fakes;
use pod_testkit::fixtures::{
    confirm_order, deadline, email, place_order, resend_code, zoe, zoe_phone,
};

use tokio::time::timeout;

use crate::stage::{Suppliers, deliver, deliver_by};

fn mailbox() -> Contact {
    email("zoe@example.com")
}

/// Whether a message may be taken later, or must be repaired first; `None` for
/// a contact that cannot be reached.
fn is_temporary(error: &DeliverError) -> Option<bool> {
    match error {
        DeliverError::Undeliverable => None,
        DeliverError::Fault(fault) => Some(fault.is_temporary()),
    }
}

#[tokio::test]
async fn every_refusal_of_twilios_is_what_it_means() {
    let suppliers = Suppliers::start().await;
    let courier = suppliers.messages();
    let permanent = [21211, 21408, 21610, 21612, 21614, 30450];
    let transient = [20500, 20503, 21611];
    let configuration = [20003, 20404, 21212, 21606, 21608, 21617, 12345];
    let all = permanent
        .map(|code| (code, None))
        .into_iter()
        .chain(transient.map(|code| (code, Some(true))))
        .chain(configuration.map(|code| (code, Some(false))));

    for (code, temporary) in all {
        suppliers.0.twilio().trouble(1, TwilioTrouble::Refuse(code));

        let error = deliver(&courier, &zoe_phone()).await.expect_err("refused");

        assert_eq!(is_temporary(&error), temporary, "{code}: {error:?}");
        let told = format!("{error:?}");
        assert!(!told.contains("4155550142"), "{told}");
    }
    assert_eq!(suppliers.0.twilio().messages(), 0);
}

#[tokio::test]
async fn too_many_requests_at_once_are_tried_once_more_and_nothing_else_is() {
    let suppliers = Suppliers::start().await;
    let courier = suppliers.messages();
    let twilio = suppliers.0.twilio();

    twilio.trouble(1, TwilioTrouble::Refuse(20429));
    deliver(&courier, &zoe_phone()).await.expect("taken");
    assert_eq!(twilio.messages(), 1);

    twilio.trouble(2, TwilioTrouble::Refuse(20429));
    let error = deliver(&courier, &zoe_phone()).await.expect_err("refused");
    assert_eq!(is_temporary(&error), Some(true), "{error:?}");

    // It may have been done: another try could be another message.
    twilio.trouble(1, TwilioTrouble::Refuse(20500));
    deliver(&courier, &zoe_phone()).await.expect_err("refused");
    assert_eq!(twilio.messages(), 1);
    deliver(&courier, &zoe_phone()).await.expect("taken");
    assert_eq!(twilio.messages(), 2);
}

#[tokio::test]
async fn a_slow_supplier_leaves_time_for_another_contact_and_takes_all_of_it_for_the_last() {
    let suppliers = Suppliers::start().await;
    let twilio = suppliers.0.twilio();
    twilio.trouble(u32::MAX, TwilioTrouble::DelayMilliseconds(60_000));
    suppliers.0.mailbox().fall_silent();
    let (messages, smtp) = (suppliers.messages(), suppliers.smtp());
    let both: [(&dyn Courier, Contact); 2] = [(&messages, zoe_phone()), (&smtp, mailbox())];

    for (courier, contact) in both {
        for (others_left, at_least) in [(true, 500), (false, 0)] {
            let until = Instant::now() + Duration::from_secs(2);

            let error = deliver_by(courier, &contact, Deadline::at(until), others_left).await;

            assert_eq!(is_temporary(&error.expect_err("slow")), Some(true));
            let left = until.saturating_duration_since(Instant::now());
            assert!(left >= Duration::from_millis(at_least), "{left:?}");
            assert!(others_left || left < Duration::from_millis(100), "{left:?}");
        }
    }
}

#[tokio::test]
async fn a_mail_that_is_not_wanted_yet_is_tried_once_more() {
    let suppliers = Suppliers::start().await;
    let (courier, server) = (suppliers.smtp(), suppliers.0.mailbox());

    server.refuse("451 4.7.1 Try again later", 1);
    deliver(&courier, &mailbox()).await.expect("taken");
    assert_eq!(server.received(), 1);

    server.refuse("450 4.7.1 Try again later", 2);
    let error = deliver(&courier, &mailbox()).await.expect_err("refused");
    assert_eq!(is_temporary(&error), Some(true), "{error:?}");
    assert_eq!(server.received(), 1);
}

#[tokio::test]
async fn every_refusal_of_a_mail_server_is_what_it_means() {
    let suppliers = Suppliers::start().await;
    let (courier, server) = (suppliers.smtp(), suppliers.0.mailbox());
    for (reply, temporary) in [
        ("550 5.1.1 No such user zoe@example.com", None),
        ("553 5.1.3 No", None),
        ("552 5.2.2 Full", None),
        ("530 5.7.0 Authenticate first", Some(false)),
        ("503 5.5.1 Not now", Some(false)),
        ("554 5.7.1 Relay access denied", Some(false)),
        ("550 5.7.26 Unauthenticated sender", Some(false)),
    ] {
        server.refuse(reply, 1);

        let error = deliver(&courier, &mailbox()).await.expect_err("refused");

        assert_eq!(is_temporary(&error), temporary, "{reply}: {error:?}");
        let told = format!("{error:?}");
        assert!(!told.contains("zoe@example.com"), "{told}");
    }
    assert_eq!(server.received(), 0);
}

#[tokio::test]
async fn connections_to_the_mail_server_are_used_again() {
    let suppliers = Suppliers::start().await;
    let courier = suppliers.smtp();

    for _ in 0..20 {
        deliver(&courier, &mailbox()).await.expect("taken");
    }

    assert_eq!(suppliers.0.mailbox().received(), 20);
    assert_eq!(suppliers.0.mailbox().connections(), 1);
}

#[tokio::test]
async fn no_more_connections_are_made_than_there_may_be() {
    let suppliers = Suppliers::start().await;
    let courier = Arc::new(suppliers.smtp());

    let mut sending = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let courier = courier.clone();
        sending.spawn(async move { deliver(&*courier, &mailbox()).await });
    }
    while let Some(sent) = sending.join_next().await {
        sent.expect("no panic").expect("taken");
    }

    assert_eq!(suppliers.0.mailbox().received(), 64);
    // As many as the courier was told, and what came free between two mails.
    let connections = suppliers.0.mailbox().connections();
    assert!(connections <= 8, "{connections}");
}

#[tokio::test]
async fn a_mail_server_that_falls_silent_holds_up_no_later_mail() {
    let suppliers = Suppliers::start().await;
    let (courier, server) = (Arc::new(suppliers.smtp()), suppliers.0.mailbox());
    deliver(&*courier, &mailbox()).await.expect("taken");

    server.fall_silent();
    let mut sending = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let courier = courier.clone();
        let soon = Deadline::at(Instant::now() + Duration::from_millis(1500));
        sending.spawn(async move { deliver_by(&*courier, &mailbox(), soon, false).await });
    }
    while let Some(sent) = sending.join_next().await {
        let error = sent.expect("no panic").expect_err("nobody answers");
        assert_eq!(is_temporary(&error), Some(true), "{error:?}");
    }
    assert_eq!(server.received(), 1);

    server.speak();
    for _ in 0..16 {
        deliver(&*courier, &mailbox()).await.expect("taken");
    }
    assert_eq!(server.received(), 17);
}

#[tokio::test]
async fn a_mail_that_is_given_up_in_the_middle_does_not_spoil_the_next() {
    let suppliers = Suppliers::start().await;
    let (courier, server) = (suppliers.smtp(), suppliers.0.mailbox());
    deliver(&courier, &mailbox()).await.expect("taken");

    for milliseconds in 0..40 {
        let _ = timeout(
            Duration::from_micros(250 * milliseconds),
            deliver(&courier, &mailbox()),
        )
        .await;
        deliver(&courier, &mailbox()).await.expect("taken");
    }

    assert!(server.received() >= 41, "{}", server.received());
}

#[tokio::test]
async fn a_mail_server_that_is_killed_loses_nothing_and_the_customer_is_told() {
    let suppliers = Suppliers::start().await;
    let server = suppliers.0.mailbox().clone();
    let fakes = Fakes::new();
    fakes.customers.know(&zoe(), vec![mailbox()]);
    let courier = Arc::new(suppliers.couriers());
    let passcodes = Passcodes::new(fakes.keys.clone(), fakes.policy.digits, courier);
    let pod = fakes.pod_on(Ports {
        challenger: Arc::new(passcodes),
        ..fakes.ports()
    });
    let first = pod.place_order(place_order(&zoe())).await.expect("sent");
    let code = suppliers.codes_to(&mailbox()).pop().expect("a code");

    server.kill();
    fakes.clock.advance(Duration::from_mins(1));
    let error = pod.place_order(place_order(&zoe())).await;
    let fault = matches!(&error, Err(PlaceOrderError::Fault(fault)) if fault.is_temporary());
    assert!(fault, "{error:?}");

    // The older order stands, and the newer one can be sent its code later.
    let stages: Vec<_> = fakes.orders.all(&zoe());
    let stages: Vec<_> = stages.iter().map(|order| order.state.stage()).collect();
    assert_eq!(stages, [Stage::AwaitingCode, Stage::Undelivered]);
    let confirmed = pod.confirm_order(confirm_order(&zoe(), &code)).await;
    assert_eq!(confirmed.expect("confirmed").order(), &first.order);

    server.revive().await.expect("the same address");
    fakes.clock.advance(Duration::from_mins(1));
    let again = ResendCode {
        deadline: deadline(),
        ..resend_code(&zoe())
    };
    pod.resend_code(again).await.expect("sent");
    let code = suppliers.codes_to(&mailbox()).pop().expect("a code");
    pod.confirm_order(confirm_order(&zoe(), &code))
        .await
        .expect("confirmed");
}

#[tokio::test]
async fn a_mail_server_that_dies_in_the_middle_of_a_mail_is_a_fault_that_passes() {
    let suppliers = Suppliers::start().await;
    let (courier, server) = (suppliers.smtp(), suppliers.0.mailbox().clone());
    deliver(&courier, &mailbox()).await.expect("taken");
    server.fall_silent();

    let killed = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.kill();
    });
    let error = deliver(&courier, &mailbox()).await.expect_err("killed");

    killed.await.expect("killed");
    assert_eq!(is_temporary(&error), Some(true), "{error:?}");
}
