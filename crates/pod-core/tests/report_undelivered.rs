//! Hearing that a code did not arrive, and sending it another way.

use std::sync::Arc;

use async_trait::async_trait;
use pod_core::ports::{
    Begun, Claim, Courier, DeliverError, Delivery, Ports, Replies, Reply, ReplyKey,
};
use pod_core::{
    CodeSent, Contact, CustomerId, Fault, PlacedOrder, ReportUndelivered, ReportUndeliveredError,
    Reported, Stage, State,
};
use pod_testkit::fixtures::{
    at, deadline, email, language, phone, resend_code, wrong_code, zoe, zoe_email, zoe_phone,
};
use pod_testkit::{Fakes, MockCourier};

use crate::outages::{assert_lawful, every_outage};
use crate::stage::{
    SECOND, carried_by, kept, last_code, order_and_code, outage, place, resend, say, stages,
    undelivered, zoe_with,
};

fn reported(sent: &CodeSent) -> ReportUndelivered {
    ReportUndelivered {
        order: sent.order.id,
        sent_at: sent.challenge.sent_at,
        language: language(),
        deadline: deadline(),
    }
}

async fn report(fakes: &Fakes, sent: &CodeSent) -> Reported {
    fakes.clock.advance(SECOND);
    let outcome = fakes.pod().report_undelivered(reported(sent)).await;
    outcome.expect("it is heard")
}

fn elsewhere(outcome: Reported) -> CodeSent {
    match outcome {
        Reported::SentElsewhere(sent) => *sent,
        other => panic!("it was not sent elsewhere: {other:?}"),
    }
}

async fn placed(contacts: Vec<Contact>) -> (Fakes, CodeSent) {
    let fakes = zoe_with(contacts);
    let sent = place(&fakes, &zoe()).await.expect("sent");
    (fakes, sent)
}

fn delivered_to(fakes: &Fakes) -> Vec<Contact> {
    let deliveries = fakes.courier.deliveries();
    let contacts = deliveries.into_iter();
    contacts.map(|delivered| delivered.contact).collect()
}

#[tokio::test]
async fn a_code_that_did_not_arrive_goes_to_the_next_contact() {
    let (fakes, sent) = placed(vec![zoe_phone(), zoe_email()]).await;

    let again = elsewhere(report(&fakes, &sent).await);

    assert_eq!(again.challenge.sent_to, zoe_email().masked());
    assert_eq!(again.challenge.instead_of, Some(zoe_phone().masked()));
    assert_eq!(again.challenge.expires_at, at(302));
    assert_eq!(delivered_to(&fakes), [zoe_phone(), zoe_email()]);
    let [first, second] = fakes.courier.deliveries().try_into().expect("two");
    assert_eq!(first.code.expose(), second.code.expose());
    assert_eq!(second.language, language());
    let order = kept(&fakes, &sent.order);
    assert_eq!((order.sends, order.last_send_at), (2, at(2)));
    let state = State::AwaitingCode {
        challenge: again.challenge,
        attempts: 0,
    };
    assert_eq!(order.state, state);
    say(&fakes, &zoe(), &second.code).await.expect("confirmed");
}

#[tokio::test]
async fn whoever_listens_hears_that_the_code_went_elsewhere() {
    let (fakes, sent) = placed(vec![zoe_phone(), zoe_email()]).await;

    report(&fakes, &sent).await;

    let stages: Vec<_> = fakes.announcer.events().iter().map(|e| e.stage).collect();
    assert_eq!(stages, [Stage::AwaitingCode, Stage::AwaitingCode]);
}

#[tokio::test]
async fn the_attempts_counted_stay_counted() {
    let (fakes, sent) = placed(vec![zoe_phone(), zoe_email()]).await;
    for n in 0..2 {
        let wrong = wrong_code(&last_code(&fakes), n);
        say(&fakes, &zoe(), &wrong).await.expect_err("it is wrong");
    }

    let again = elsewhere(report(&fakes, &sent).await);

    assert_eq!(again.attempts_left, 1);
}

#[tokio::test]
async fn attempts_stay_counted_where_no_contact_is_left() {
    let (fakes, sent) = placed(vec![zoe_phone()]).await;
    for n in 0..2 {
        let wrong = wrong_code(&last_code(&fakes), n);
        say(&fakes, &zoe(), &wrong).await.expect_err("it is wrong");
    }
    report(&fakes, &sent).await;
    fakes.clock.advance(30 * SECOND);

    let again = resend(&fakes, &zoe()).await.expect("sent");

    assert_eq!(again.attempts_left, 1);
}

#[tokio::test]
async fn an_order_with_no_contact_left_is_undelivered_and_can_be_sent_again() {
    let (fakes, sent) = placed(vec![zoe_phone()]).await;

    let outcome = report(&fakes, &sent).await;

    assert!(matches!(outcome, Reported::Undelivered), "{outcome:?}");
    assert_eq!(stages(&fakes, &zoe()), [Stage::Undelivered]);
    let last = fakes.announcer.events().pop().expect("an event");
    assert_eq!(last.stage, Stage::Undelivered);
    fakes.clock.advance(30 * SECOND);
    resend(&fakes, &zoe()).await.expect("sent again");
    say(&fakes, &zoe(), &last_code(&fakes))
        .await
        .expect("confirmed");
}

#[tokio::test]
async fn a_report_that_is_repeated_has_one_effect() {
    let (fakes, sent) = placed(vec![zoe_phone(), zoe_email(), email("zoe@other.example")]).await;
    elsewhere(report(&fakes, &sent).await);

    for _ in 0..3 {
        let outcome = report(&fakes, &sent).await;
        assert!(matches!(outcome, Reported::Stale), "{outcome:?}");
    }

    assert_eq!(delivered_to(&fakes).len(), 2);
}

#[tokio::test]
async fn of_simultaneous_reports_of_one_message_one_has_an_effect() {
    let (fakes, sent) = placed(vec![zoe_phone(), zoe_email()]).await;
    let pod = Arc::new(fakes.pod());

    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let (pod, report) = (pod.clone(), reported(&sent));
            tokio::spawn(async move { pod.report_undelivered(report).await })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic").expect("heard");
    }

    assert_eq!(delivered_to(&fakes), [zoe_phone(), zoe_email()]);
}

/// Carries a code only after its message was reported once more.
struct ReportedAgain(Fakes, ReportUndelivered);

#[async_trait]
impl Courier for ReportedAgain {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let outcome = self.0.pod().report_undelivered(self.1.clone()).await;
        assert!(matches!(outcome, Ok(Reported::Stale)), "{outcome:?}");
        self.0.courier.deliver(delivery).await
    }
}

#[tokio::test]
async fn a_report_that_is_repeated_while_the_code_is_sent_on_has_no_effect() {
    let (fakes, sent) = placed(vec![zoe_phone(), zoe_email()]).await;
    let courier = ReportedAgain(fakes.clone(), reported(&sent));
    let pod = fakes.pod_on(carried_by(&fakes, courier));

    let outcome = pod.report_undelivered(reported(&sent)).await;

    elsewhere(outcome.expect("it is heard"));
    assert_eq!(delivered_to(&fakes), [zoe_phone(), zoe_email()]);
}

#[tokio::test]
async fn a_report_of_a_message_that_another_one_followed_has_no_effect() {
    let (fakes, sent) = placed(vec![zoe_phone(), zoe_email()]).await;
    fakes.clock.advance(30 * SECOND);
    resend(&fakes, &zoe()).await.expect("sent again");

    let outcome = report(&fakes, &sent).await;

    assert!(matches!(outcome, Reported::Stale), "{outcome:?}");
    assert_eq!(delivered_to(&fakes), [zoe_phone(), zoe_phone()]);
}

#[tokio::test]
async fn a_report_of_an_order_that_has_ended_has_no_effect() {
    let (fakes, sent) = placed(vec![zoe_phone(), zoe_email()]).await;
    say(&fakes, &zoe(), &last_code(&fakes))
        .await
        .expect("confirmed");

    let outcome = report(&fakes, &sent).await;

    assert!(matches!(outcome, Reported::Stale), "{outcome:?}");
    assert_eq!(stages(&fakes, &zoe()), [Stage::Confirmed]);
}

#[tokio::test]
async fn a_report_that_is_faster_than_the_suppliers_answer_comes_too_early() {
    let fakes = zoe_with(vec![zoe_phone()]);
    let order = PlacedOrder {
        placed_at: at(0),
        ..pod_testkit::fixtures::order(1, &zoe())
    };
    fakes
        .ports()
        .orders
        .place(&order, &[], None)
        .await
        .expect("placed");
    let report = ReportUndelivered {
        order: order.id,
        sent_at: at(0),
        language: language(),
        deadline: deadline(),
    };

    let outcome = fakes.pod().report_undelivered(report).await;

    let early = matches!(outcome, Err(ReportUndeliveredError::TooEarly));
    assert!(early, "{outcome:?}");
}

/// A courier whose every message is reported before it has been answered for.
struct ReportedAtOnce(Fakes);

#[async_trait]
impl Courier for ReportedAtOnce {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let report = ReportUndelivered {
            order: delivery.order.id,
            sent_at: delivery.sent_at,
            language: language(),
            deadline: deadline(),
        };
        let outcome = self.0.pod().report_undelivered(report).await;
        let early = matches!(outcome, Err(ReportUndeliveredError::TooEarly));
        assert!(early, "{outcome:?}");
        self.0.courier.deliver(delivery).await
    }
}

#[tokio::test]
async fn a_report_that_is_faster_than_any_later_answer_comes_too_early_as_well() {
    let (fakes, sent) = placed(vec![zoe_phone(), zoe_email()]).await;
    let pod = fakes.pod_on(carried_by(&fakes, ReportedAtOnce(fakes.clone())));

    fakes.clock.advance(30 * SECOND);
    let again = pod.resend_code(resend_code(&zoe())).await;
    let again = again.expect("sent again");
    fakes.clock.advance(SECOND);
    let outcome = pod.report_undelivered(reported(&again)).await;
    let by_mail = elsewhere(outcome.expect("it is heard"));

    assert_eq!(by_mail.order, sent.order);
    let all = [zoe_phone(), zoe_phone(), zoe_email()];
    assert_eq!(delivered_to(&fakes), all);
}

#[tokio::test]
async fn a_report_that_is_faster_than_the_answer_for_an_undelivered_order_comes_too_early() {
    let fakes = zoe_with(vec![zoe_phone()]);
    undelivered(&fakes, &zoe()).await;
    fakes.clock.advance(30 * SECOND);
    let pod = fakes.pod_on(carried_by(&fakes, ReportedAtOnce(fakes.clone())));

    pod.resend_code(resend_code(&zoe())).await.expect("sent");
}

/// The replies of a pod whose customer asks for the code again just as a
/// report is claimed.
struct AskedMeanwhile(Fakes);

#[async_trait]
impl Replies for AskedMeanwhile {
    async fn begin(&self, claim: &Claim) -> Result<Begun, Fault> {
        self.0.clock.advance(30 * SECOND);
        resend(&self.0, &zoe()).await.expect("sent again");
        self.0.ports().replies.begin(claim).await
    }

    async fn finish(
        &self,
        key: &ReplyKey,
        customer: Option<&CustomerId>,
        reply: &Reply,
    ) -> Result<(), Fault> {
        self.0.ports().replies.finish(key, customer, reply).await
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.0.ports().replies.forget(customer).await
    }
}

#[tokio::test]
async fn a_report_does_not_send_on_what_was_sent_again_while_it_was_read() {
    let (fakes, sent) = placed(vec![zoe_phone(), zoe_email()]).await;
    let pod = fakes.pod_on(Ports {
        replies: Arc::new(AskedMeanwhile(fakes.clone())),
        ..fakes.ports()
    });

    let outcome = pod.report_undelivered(reported(&sent)).await;

    assert!(matches!(outcome, Ok(Reported::Stale)), "{outcome:?}");
    assert_eq!(delivered_to(&fakes), [zoe_phone(), zoe_phone()]);
    assert_eq!(stages(&fakes, &zoe()), [Stage::AwaitingCode]);
}

#[tokio::test]
async fn of_contacts_that_look_alike_none_is_tried_after_another() {
    let alike = phone("+14155559942");
    assert_eq!(alike.masked(), zoe_phone().masked());
    let (fakes, sent) = placed(vec![zoe_phone(), alike, zoe_email()]).await;

    elsewhere(report(&fakes, &sent).await);

    assert_eq!(delivered_to(&fakes), [zoe_phone(), zoe_email()]);
}

#[tokio::test]
async fn a_contact_between_two_that_look_alike_is_tried() {
    let alike = email("zora@other.example");
    assert_eq!(alike.masked(), zoe_email().masked());
    let (fakes, sent) = placed(vec![zoe_email(), zoe_phone(), alike]).await;

    elsewhere(report(&fakes, &sent).await);

    assert_eq!(delivered_to(&fakes), [zoe_email(), zoe_phone()]);
}

#[tokio::test]
async fn contacts_that_were_tried_before_are_not_tried_again() {
    let second = phone("+14155550143");
    let (fakes, sent) = placed(vec![zoe_phone(), second.clone(), zoe_email()]).await;
    let at_second = elsewhere(report(&fakes, &sent).await);

    let at_email = elsewhere(report(&fakes, &at_second).await);

    assert_eq!(at_email.challenge.instead_of, Some(second.masked()));
    assert_eq!(delivered_to(&fakes), [zoe_phone(), second, zoe_email()]);
}

#[tokio::test]
async fn an_order_is_sent_on_no_more_often_than_the_limits_allow() {
    let contacts: Vec<Contact> = (0..5).map(|n| phone(&format!("+1415555014{n}"))).collect();
    let (fakes, mut sent) = placed(contacts).await;
    for _ in 0..2 {
        sent = elsewhere(report(&fakes, &sent).await);
    }

    let outcome = report(&fakes, &sent).await;

    assert!(matches!(outcome, Reported::Undelivered), "{outcome:?}");
    assert_eq!(delivered_to(&fakes).len(), 3);
}

#[tokio::test]
async fn sending_on_takes_from_the_quotas() {
    let (mut fakes, sent) = placed(vec![zoe_phone(), zoe_email()]).await;
    fakes.policy.sends_per_customer = vec![pod_core::Window::new(1, 3600 * SECOND)];

    let outcome = report(&fakes, &sent).await;

    assert!(matches!(outcome, Reported::Undelivered), "{outcome:?}");
    assert_eq!(delivered_to(&fakes), [zoe_phone()]);
}

#[tokio::test]
async fn without_the_fallback_a_lost_code_does_not_go_by_email() {
    let (mut fakes, sent) = placed(vec![zoe_phone(), zoe_email()]).await;
    fakes.policy.email_fallback = false;

    let outcome = report(&fakes, &sent).await;

    assert!(matches!(outcome, Reported::Undelivered), "{outcome:?}");
    assert_eq!(delivered_to(&fakes), [zoe_phone()]);
}

#[tokio::test]
async fn a_courier_that_breaks_meanwhile_leaves_the_order_undelivered() {
    let (fakes, sent) = placed(vec![zoe_phone(), zoe_email()]).await;
    let mut courier = MockCourier::new();
    courier.expect_deliver().returning(|_| Err(outage().into()));
    let pod = fakes.pod_on(carried_by(&fakes, courier));

    let outcome = pod.report_undelivered(reported(&sent)).await;

    assert!(matches!(outcome, Ok(Reported::Undelivered)), "{outcome:?}");
    assert_eq!(stages(&fakes, &zoe()), [Stage::Undelivered]);
}

#[tokio::test]
async fn whatever_breaks_meanwhile_the_orders_are_lawful() {
    for outage in every_outage() {
        let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
        let (order, _) = order_and_code(&fakes, &zoe()).await;
        let kept = kept(&fakes, &order);
        let State::AwaitingCode { challenge, .. } = kept.state else {
            panic!("it awaits its code");
        };
        let report = ReportUndelivered {
            order: order.id,
            sent_at: challenge.sent_at,
            language: language(),
            deadline: deadline(),
        };
        let ports: Ports = outage.ports(fakes.ports());
        let pod = fakes.pod_on(ports);

        let _ = outage.survive(pod.report_undelivered(report)).await;

        assert!(delivered_to(&fakes).len() <= 2);
        assert_lawful(&fakes, &zoe(), &outage).await;
    }
}

#[tokio::test]
async fn codes_that_did_not_arrive_do_not_pause_a_country() {
    let mut fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    fakes.policy.conversions.minimum = 1;
    let sent = place(&fakes, &zoe()).await.expect("sent");
    elsewhere(report(&fakes, &sent).await);
    fakes.clock.advance(900 * SECOND);

    let sent = place(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.challenge.sent_to, zoe_phone().masked());
}
