//! Where a code goes if it cannot go where it should.

use async_trait::async_trait;
use pod_core::ports::{Courier, DeliverError, Delivery};
use pod_core::{Channel, Contact, Country, Fault, PlaceOrderError, Policy, Stage};
use pod_testkit::fixtures::{bjorn, email, phone, place_order, zoe, zoe_email, zoe_phone};
use pod_testkit::{Fakes, MockCourier};

use crate::stage::{
    MINUTE, SECOND, carried_by, kept, last_code, outage, place, say, stages, undelivered,
    without_quotas, zoe_under, zoe_with,
};

/// Ports whose courier reaches e-mail addresses only, and fails so otherwise.
fn phones_fail(fakes: &Fakes, fails: fn() -> DeliverError) -> pod_core::Pod {
    let mut courier = MockCourier::new();
    courier.expect_deliver().returning(move |delivery| {
        if matches!(delivery.contact, Contact::Phone(_)) {
            Err(fails())
        } else {
            Ok(())
        }
    });
    fakes.pod_on(carried_by(fakes, courier))
}

#[tokio::test]
async fn a_phone_that_cannot_be_reached_is_followed_by_the_next_contact_and_named() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    fakes.courier.lose(&zoe_phone());

    let sent = place(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.challenge.sent_to, zoe_email().masked());
    assert_eq!(sent.challenge.instead_of, Some(zoe_phone().masked()));
    say(&fakes, &zoe(), &last_code(&fakes))
        .await
        .expect("confirmed");
}

#[tokio::test]
async fn a_courier_that_is_out_of_order_is_followed_by_the_next_contact() {
    for fails in [
        || outage().into(),
        || Fault::broken("sms", "a bad key").into(),
    ] {
        let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
        let pod = phones_fail(&fakes, fails);

        let sent = pod.place_order(place_order(&zoe())).await.expect("sent");

        assert_eq!(sent.challenge.sent_to, zoe_email().masked());
        assert_eq!(sent.challenge.instead_of, Some(zoe_phone().masked()));
    }
}

#[tokio::test]
async fn of_several_contacts_that_fail_the_fault_that_may_pass_is_told() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    let mut courier = MockCourier::new();
    let mut calls = 0;
    courier.expect_deliver().times(2).returning(move |_| {
        calls += 1;
        match calls {
            1 => Err(outage().into()),
            _ => Err(DeliverError::Undeliverable),
        }
    });
    let pod = fakes.pod_on(carried_by(&fakes, courier));

    let error = pod.place_order(place_order(&zoe())).await;

    let fault = matches!(&error, Err(PlaceOrderError::Fault(fault)) if fault.is_temporary());
    assert!(fault, "{error:?}");
    assert_eq!(stages(&fakes, &zoe()), [Stage::Undelivered]);
}

#[tokio::test]
async fn a_code_that_goes_where_it_should_goes_instead_of_nothing() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);

    let sent = place(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.challenge.instead_of, None);
}

#[tokio::test]
async fn without_the_fallback_no_code_goes_by_email() {
    let policy = Policy {
        email_fallback: false,
        ..Policy::default()
    };
    let fakes = Fakes {
        policy,
        ..zoe_with(vec![zoe_phone(), zoe_email()])
    };
    let order = undelivered(&fakes, &zoe()).await;
    assert_eq!(stages(&fakes, &zoe()), [Stage::Undelivered], "{order}");

    fakes.customers.know(&zoe(), vec![zoe_email()]);
    let error = place(&fakes, &zoe()).await.expect_err("no contact");

    assert!(matches!(error, PlaceOrderError::NoContact), "{error:?}");
    assert!(fakes.courier.deliveries().is_empty());
}

#[tokio::test]
async fn the_fallback_takes_from_the_quotas_of_both() {
    let policy = Policy {
        sends_per_customer: vec![pod_core::Window::new(1, MINUTE)],
        ..Policy::default()
    };
    let fakes = Fakes {
        policy,
        ..zoe_with(vec![zoe_phone(), zoe_email()])
    };
    fakes.courier.lose(&zoe_phone());

    let error = place(&fakes, &zoe()).await.expect_err("one is not two");

    let exhausted = matches!(error, PlaceOrderError::TooManySends { .. });
    assert!(exhausted, "{error:?}");
    assert!(fakes.courier.deliveries().is_empty());
}

#[tokio::test]
async fn a_contact_that_was_sent_enough_is_passed_over() {
    let policy = Policy {
        sends_per_destination: vec![pod_core::Window::new(1, MINUTE)],
        ..Policy::default()
    };
    let second = phone("+14155550143");
    let fakes = Fakes {
        policy,
        ..zoe_with(vec![zoe_phone(), second.clone(), zoe_email()])
    };
    fakes.customers.know(&bjorn(), vec![second]);
    place(&fakes, &bjorn()).await.expect("sent");
    fakes.courier.lose(&zoe_phone());

    let sent = place(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.challenge.sent_to, zoe_email().masked());
}

#[tokio::test]
async fn sending_to_another_contact_counts_as_a_sending() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    fakes.courier.lose(&zoe_phone());

    let sent = place(&fakes, &zoe()).await.expect("sent");

    assert_eq!(kept(&fakes, &sent.order).sends, 2);
}

#[tokio::test]
async fn no_more_contacts_are_tried_than_codes_may_be_sent() {
    let numbers = (0..5).map(|n| phone(&format!("+1415555014{n}")));
    let fakes = zoe_with(numbers.collect());
    let mut courier = MockCourier::new();
    let fails = |_: &Delivery<'_>| Err(DeliverError::Undeliverable);
    courier.expect_deliver().times(3).returning(fails);
    let pod = fakes.pod_on(carried_by(&fakes, courier));

    let error = pod.place_order(place_order(&zoe())).await;

    let undeliverable = matches!(error, Err(PlaceOrderError::Undeliverable));
    assert!(undeliverable, "{error:?}");
}

/// A courier that reaches no telephone, and while it tries, the customer
/// orders something else.
struct Meanwhile(Fakes);

#[async_trait]
impl Courier for Meanwhile {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        assert_eq!(delivery.contact.channel(), Channel::Phone);
        place(&self.0, &delivery.order.customer)
            .await
            .expect("sent");
        Err(DeliverError::Undeliverable)
    }
}

#[tokio::test]
async fn an_order_that_another_took_the_place_of_is_not_sent_to_further_contacts() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    let pod = fakes.pod_on(carried_by(&fakes, Meanwhile(fakes.clone())));

    let error = pod.place_order(place_order(&zoe())).await;

    let superseded = matches!(error, Err(PlaceOrderError::Superseded));
    assert!(superseded, "{error:?}");
    let stages = stages(&fakes, &zoe());
    assert_eq!(stages, [Stage::Superseded, Stage::AwaitingCode]);
    assert_eq!(fakes.courier.deliveries().len(), 1);
}

#[tokio::test]
async fn all_contacts_but_the_last_leave_time_for_the_next() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    let mut courier = MockCourier::new();
    courier.expect_deliver().times(2).returning(|delivery| {
        let is_phone = delivery.contact.channel() == Channel::Phone;
        assert_eq!(delivery.others_left, is_phone);
        Err(DeliverError::Undeliverable)
    });
    let pod = fakes.pod_on(carried_by(&fakes, courier));

    let _ = pod.place_order(place_order(&zoe())).await;
}

/// Orders of as many customers as it takes, by the same country, of which
/// every `nth` is confirmed.
async fn traffic(fakes: &Fakes, orders: usize, nth: usize) {
    for n in 0..orders {
        let customer = pod_testkit::fixtures::customer(&format!("auth0|{n}"));
        let contact = phone(&format!("+1415556{n:04}"));
        fakes.customers.know(&customer, vec![contact]);
        place(fakes, &customer).await.expect("sent");
        if n % nth == 0 {
            say(fakes, &customer, &last_code(fakes))
                .await
                .expect("confirmed");
        }
    }
}

#[tokio::test]
async fn a_country_whose_codes_are_not_used_is_sent_none_for_a_while() {
    let fakes = zoe_under(without_quotas());
    traffic(&fakes, 100, 2).await;
    fakes.clock.advance(15 * MINUTE);

    let error = place(&fakes, &zoe()).await.expect_err("it is paused");

    let PlaceOrderError::Paused { retry_at } = error else {
        panic!("{error:?}");
    };
    assert_eq!(fakes.courier.deliveries().len(), 100);
    assert_eq!(stages(&fakes, &zoe()), [Stage::Undelivered]);
    let swedish = phone("+46701740605");
    fakes.customers.know(&zoe(), vec![swedish]);
    place(&fakes, &zoe()).await.expect("another country is not");

    fakes.customers.know(&zoe(), vec![zoe_phone()]);
    fakes.clock.set(retry_at);
    place(&fakes, &zoe()).await.expect("it is over");
}

#[tokio::test]
async fn a_country_whose_codes_are_used_is_not_paused() {
    let fakes = zoe_under(without_quotas());
    traffic(&fakes, 100, 1).await;
    fakes.clock.advance(15 * MINUTE);

    place(&fakes, &zoe()).await.expect("sent");
}

#[tokio::test]
async fn a_code_for_a_country_that_is_paused_goes_by_email() {
    let fakes = zoe_under(without_quotas());
    traffic(&fakes, 60, 60).await;
    fakes.clock.advance(15 * MINUTE);
    fakes.customers.know(&zoe(), vec![zoe_phone(), zoe_email()]);

    let sent = place(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.challenge.sent_to, zoe_email().masked());
    assert_eq!(sent.challenge.instead_of, Some(zoe_phone().masked()));
}

#[tokio::test]
async fn codes_that_are_sent_again_count_once() {
    let mut policy = without_quotas();
    policy.conversions.minimum = 2;
    let fakes = zoe_under(policy);
    place(&fakes, &zoe()).await.expect("sent");
    for wait in [30, 60] {
        fakes.clock.advance(wait * SECOND);
        crate::stage::resend(&fakes, &zoe()).await.expect("sent");
    }
    fakes.clock.advance(15 * MINUTE);

    // Three messages, and one code of which nobody knows yet what to think.
    place(&fakes, &zoe()).await.expect("sent");
}

#[tokio::test]
async fn emails_are_nobodys_country() {
    let mut policy = without_quotas();
    policy.conversions.minimum = 1;
    policy.sms_countries = Some(vec![Country::parse("SE").expect("a country")]);
    let fakes = Fakes {
        policy,
        ..zoe_with(vec![email("zoe@example.com")])
    };
    for _ in 0..5 {
        place(&fakes, &zoe()).await.expect("sent");
        fakes.clock.advance(15 * MINUTE);
    }
}
