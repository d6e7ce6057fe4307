//! Sending a code again, and why it may not be sent.

use std::sync::Arc;
use std::time::Duration;

use expect_test::expect;
use pod_core::ports::{ChallengeError, Ports};
use pod_testkit::{Fakes, MockChallenger, MockHistory, fixtures};

use super::talk::{Talk, fault};

/// Zoë has ordered, and nothing is written down yet.
async fn waiting() -> Talk {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;
    talk.transcript.clear();
    talk
}

#[tokio::test]
async fn the_same_code_is_sent_again() {
    let mut talk = waiting().await;
    talk.fakes.clock.advance(Duration::from_secs(30));

    talk.send_again().await;

    expect![[r#"
        Zoë: send the code again
        Pod: For a large pizza with onions, 17 dollars, I sent the code again, to your phone ending in 42. It is good for 5 minutes. Say: the code is, and then the digits one by one.
    "#]].assert_eq(&talk.transcript);
    assert_eq!(talk.listens_for(), Some("Code"));
    let codes = talk.fakes.courier.codes_to(&fixtures::zoe_phone());
    assert!(matches!(&codes[..], [first, second] if first.matches(second)));
}

#[tokio::test]
async fn a_code_is_not_sent_again_at_once() {
    let mut talk = waiting().await;
    talk.fakes.clock.advance(Duration::from_secs(11));

    talk.send_again().await;

    expect![[r#"
        Zoë: send the code again
        Pod: I have only just tried to send the code. If it does not arrive, ask me again in 19 seconds.
             [the session ends]
    "#]]
    .assert_eq(&talk.transcript);
    assert_eq!(talk.fakes.courier.deliveries().len(), 1);
}

#[tokio::test]
async fn a_code_is_not_sent_for_ever() {
    let mut talk = waiting().await;
    for _ in 0..2 {
        talk.fakes.clock.advance(Duration::from_mins(2));
        talk.send_again().await;
    }
    talk.fakes.clock.advance(Duration::from_mins(2));
    talk.transcript.clear();

    talk.send_again().await;

    expect![[r#"
        Zoë: send the code again
        Pod: I cannot send the code of this order again. Please place the order anew, and I will send you a new code.
             [the session ends]
    "#]].assert_eq(&talk.transcript);
    assert_eq!(talk.fakes.courier.deliveries().len(), 3);
}

#[tokio::test]
async fn the_code_of_an_old_order_is_not_sent() {
    let mut talk = Talk::with_zoe();
    talk.fakes.courier.lose(&fixtures::zoe_phone());
    talk.order_any().await;
    talk.fakes.courier.find(&fixtures::zoe_phone());
    talk.fakes.clock.advance(Duration::from_secs(571));

    talk.send_again().await;

    assert_eq!(talk.outcome, "no-more-sends");
    assert!(talk.fakes.courier.deliveries().is_empty());
}

#[tokio::test]
async fn a_code_that_could_not_be_sent_is_sent_when_asked_for() {
    let mut talk = Talk::with_zoe();
    talk.fakes.courier.lose(&fixtures::zoe_phone());
    talk.order_any().await;
    talk.fakes.courier.find(&fixtures::zoe_phone());
    talk.fakes.clock.advance(Duration::from_secs(30));

    talk.send_again().await;
    talk.right_code().await;

    assert_eq!(talk.stages(), ["confirmed"]);
}

#[tokio::test]
async fn a_contact_that_is_gone_has_to_be_replaced() {
    let mut talk = waiting().await;
    talk.fakes.clock.advance(Duration::from_secs(30));
    talk.fakes.customers.know(&fixtures::zoe(), vec![]);

    talk.send_again().await;

    assert_eq!(talk.outcome, "no-contact");
}

#[tokio::test]
async fn a_contact_that_cannot_be_reached_has_to_be_looked_after() {
    let mut talk = waiting().await;
    talk.fakes.clock.advance(Duration::from_secs(30));
    talk.fakes.courier.lose(&fixtures::zoe_phone());

    talk.send_again().await;

    expect![[r#"
        Zoë: send the code again
        Pod: I could not reach your phone or e-mail. Please check the contacts in your account, and then ask me again.
             [the session ends]
    "#]].assert_eq(&talk.transcript);
}

#[tokio::test]
async fn a_code_is_not_sent_again_beyond_the_customers_allowance() {
    let mut talk = Talk::with_zoe();
    for _ in 0..5 {
        talk.order_any().await;
        talk.fakes.clock.advance(Duration::from_secs(30));
    }
    talk.transcript.clear();

    talk.send_again().await;

    expect![[r#"
        Zoë: send the code again
        Pod: You have asked for too many codes. Please try again in 8 minutes.
             [the session ends]
    "#]]
    .assert_eq(&talk.transcript);
}

#[tokio::test]
async fn without_an_open_order_there_is_no_code_to_send() {
    let mut talk = Talk::with_zoe();

    talk.send_again().await;

    assert_eq!(talk.outcome, "nothing-pending");
}

#[tokio::test]
async fn whatever_breaks_it_is_to_be_asked_for_again() {
    let fakes = Fakes::with_zoe();
    Talk::on(fakes.clone()).order_any().await;
    fakes.clock.advance(Duration::from_secs(30));
    let mut looking = MockHistory::new();
    looking.expect_page().returning(|_, _| Err(fault()));
    let mut sending = MockChallenger::new();
    sending
        .expect_challenge()
        .returning(|_| Err(ChallengeError::Fault(fault())));
    let broken = [
        Ports {
            history: Arc::new(looking),
            ..fakes.ports()
        },
        Ports {
            challenger: Arc::new(sending),
            ..fakes.ports()
        },
    ];

    for ports in broken {
        let mut talk = Talk::on_ports(fakes.clone(), ports);
        talk.send_again().await;

        assert_eq!(talk.outcome, "cannot-send");
        assert_eq!(
            talk.said(),
            "I cannot send codes right now. Please ask me again in a few minutes: \
             say, Alexa, ask pizza on demand to send the code again."
        );
    }

    let mut talk = Talk::on(fakes);
    talk.right_code().await;
    assert_eq!(
        talk.outcome, "confirmed",
        "the code sent before is still good"
    );
}
