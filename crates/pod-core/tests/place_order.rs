//! Placing an order, and sending its code.

mod fallback;
mod quotas;

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use pod_core::ports::{Courier, DeliverError, Delivery, Ports};
use pod_core::{
    AttemptLimits, AttemptsPerOrder, Channel, CodeDigits, CodeLifetime, Country, Deadline, Fault,
    PlaceOrder, PlaceOrderError, Policy, Stage, State,
};
use pod_testkit::fixtures::{
    at, bjorn, language, pizza, place_order, transfer, zoe, zoe_email, zoe_phone,
};
use pod_testkit::{
    Fakes, MockChallenger, MockCourier, MockCustomers, MockEntropy, MockOrders, MockQuotas,
};

use crate::outages::{assert_lawful, every_outage};
use crate::stage::{
    DAY, MINUTE, SECOND, carried_by, kept, last_code, newest, order_and_code, place, place_item,
    say, stages, undelivered, zoe_under, zoe_with,
};

#[tokio::test]
async fn an_order_awaits_the_code_that_went_to_its_customers_preferred_contact() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);

    let sent = place(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.order.customer, zoe());
    assert_eq!(sent.order.item, pizza());
    assert_eq!(sent.order.placed_at, at(1));
    assert_eq!(sent.challenge.sent_to, zoe_phone().masked());
    assert_eq!(sent.challenge.sent_at, at(1));
    assert_eq!(sent.challenge.expires_at, at(301));
    assert_eq!(sent.attempts_left, 3);
    let kept = kept(&fakes, &sent.order);
    assert_eq!(kept.placed, sent.order);
    assert_eq!((kept.sends, kept.last_send_at), (1, at(1)));
    assert_eq!(
        kept.state,
        State::AwaitingCode {
            challenge: sent.challenge,
            attempts: 0
        }
    );
    assert_eq!(fakes.announcer.stages(sent.order.id), [Stage::AwaitingCode]);
}

#[tokio::test]
async fn the_message_names_what_is_being_approved() {
    let fakes = Fakes::with_zoe();

    place(&fakes, &zoe()).await.expect("sent");

    let deliveries = fakes.courier.deliveries();
    let [delivered] = deliveries.as_slice() else {
        panic!("{deliveries:?}");
    };
    assert_eq!(delivered.contact, zoe_phone());
    assert_eq!(delivered.item, pizza());
    assert_eq!(delivered.lifetime, 5 * MINUTE);
    assert_eq!(delivered.language, language());
    assert_eq!(delivered.code.digits(), 6);
}

#[tokio::test]
async fn what_is_answered_kept_and_announced_does_not_show_code_or_contact() {
    let fakes = Fakes::with_zoe();

    let sent = place(&fakes, &zoe()).await.expect("sent");

    let code = last_code(&fakes);
    let shown = format!(
        "{sent:?} {:?} {:?} {:?} {:?}",
        fakes.orders,
        fakes.announcer,
        fakes.quotas.keys(),
        sent.challenge.handle.as_str(),
    );
    assert!(!shown.contains(code.expose()), "{shown}");
    assert!(!shown.contains(zoe_phone().expose()), "{shown}");
}

#[tokio::test]
async fn a_code_has_as_many_digits_as_the_policy_says() {
    let more = (5..=8).map(|digits| CodeDigits::new(digits).expect("a number of digits"));
    for digits in more.chain([CodeDigits::four_as_in_2017()]) {
        let fakes = zoe_under(Policy {
            digits,
            ..Policy::default()
        });

        let (order, code) = order_and_code(&fakes, &zoe()).await;

        assert_eq!(code.digits(), digits.get());
        let confirmation = say(&fakes, &zoe(), &code).await.expect("the right code");
        assert_eq!(confirmation.order(), &order);
    }
}

#[tokio::test]
async fn a_code_lives_as_long_as_the_policy_says() {
    for lifetime in [MINUTE, 5 * MINUTE, 10 * MINUTE] {
        let fakes = zoe_under(Policy {
            lifetime: CodeLifetime::new(lifetime).expect("a lifetime"),
            ..Policy::default()
        });

        let sent = place(&fakes, &zoe()).await.expect("sent");

        let challenge = sent.challenge;
        assert_eq!(challenge.expires_at, challenge.sent_at + lifetime);
        assert_eq!(fakes.courier.deliveries()[0].lifetime, lifetime);
    }
}

#[tokio::test]
async fn an_order_begins_with_as_many_attempts_as_the_policy_says() {
    for attempts in 1..=5 {
        let per_order = AttemptsPerOrder::new(attempts).expect("a number of attempts");
        let fakes = zoe_under(Policy {
            attempts: AttemptLimits {
                per_order,
                ..AttemptLimits::default()
            },
            ..Policy::default()
        });

        let sent = place(&fakes, &zoe()).await.expect("sent");

        assert_eq!(sent.attempts_left, attempts);
    }
}

#[tokio::test]
async fn two_orders_of_the_same_thing_have_codes_of_their_own() {
    let fakes = Fakes::with_zoe();

    let (first, first_code) = order_and_code(&fakes, &zoe()).await;
    let (second, second_code) = order_and_code(&fakes, &zoe()).await;

    assert_eq!(first.item, second.item);
    assert_ne!(first.seed, second.seed);
    assert!(!first_code.matches(&second_code));
}

#[tokio::test]
async fn an_order_whose_code_was_sent_takes_the_place_of_older_ones() {
    let fakes = Fakes::with_zoe();
    let (awaiting, _) = order_and_code(&fakes, &zoe()).await;
    let laid_down = undelivered(&fakes, &zoe()).await;

    let sent = place(&fakes, &zoe()).await.expect("sent");

    assert_eq!(
        stages(&fakes, &zoe()),
        [Stage::Superseded, Stage::Superseded, Stage::AwaitingCode]
    );
    let at = sent.challenge.sent_at;
    assert_eq!(kept(&fakes, &awaiting).state, State::Superseded { at });
    for older in [awaiting.id, laid_down] {
        assert_eq!(
            fakes.announcer.stages(older).last(),
            Some(&Stage::Superseded)
        );
    }
}

#[tokio::test]
async fn another_customers_order_stands() {
    let fakes = Fakes::with_zoe();
    fakes.customers.know(&bjorn(), vec![zoe_email()]);
    let (order, code) = order_and_code(&fakes, &bjorn()).await;

    place(&fakes, &zoe()).await.expect("sent");

    let confirmation = say(&fakes, &bjorn(), &code).await.expect("it stands");
    assert_eq!(confirmation.order(), &order);
}

#[tokio::test]
async fn without_a_contact_nothing_is_taken_kept_or_sent() {
    let fakes = zoe_with(vec![]);
    let ports = ports_that_are_not_called(&fakes);

    let error = fakes.pod_on(ports).place_order(place_order(&zoe())).await;

    assert!(
        matches!(error, Err(PlaceOrderError::NoContact)),
        "{error:?}"
    );
    assert_eq!(stages(&fakes, &zoe()), []);
}

#[tokio::test]
async fn a_telephone_abroad_gets_no_code() {
    let fakes = Fakes {
        policy: swedish_telephones_only(),
        ..zoe_with(vec![zoe_phone()])
    };
    let ports = ports_that_are_not_called(&fakes);

    let error = fakes.pod_on(ports).place_order(place_order(&zoe())).await;

    assert!(
        matches!(error, Err(PlaceOrderError::NoContact)),
        "{error:?}"
    );
}

#[tokio::test]
async fn in_place_of_a_telephone_abroad_the_next_contact_gets_the_code() {
    let fakes = Fakes {
        policy: swedish_telephones_only(),
        ..zoe_with(vec![zoe_phone(), zoe_email()])
    };

    let sent = place(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.challenge.sent_to.channel(), Channel::Email);
    assert_eq!(fakes.courier.codes_to(&zoe_phone()).len(), 0);
    assert_eq!(fakes.courier.codes_to(&zoe_email()).len(), 1);
}

#[tokio::test]
async fn a_contact_out_of_reach_makes_way_for_the_next() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    fakes.courier.lose(&zoe_phone());

    let sent = place(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.challenge.sent_to, zoe_email().masked());
    let code = last_code(&fakes);
    say(&fakes, &zoe(), &code).await.expect("the right code");
}

#[tokio::test]
async fn with_every_contact_out_of_reach_the_order_is_laid_down() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    fakes.courier.lose(&zoe_phone());
    fakes.courier.lose(&zoe_email());

    let error = place(&fakes, &zoe()).await;

    assert!(
        matches!(error, Err(PlaceOrderError::Undeliverable)),
        "{error:?}"
    );
    let order = newest(&fakes, &zoe());
    assert_eq!(
        order.state,
        State::Undelivered {
            at: at(1),
            attempts: 0
        }
    );
    assert_eq!(
        fakes.announcer.stages(order.placed.id),
        [Stage::Undelivered]
    );
}

#[tokio::test]
async fn an_order_whose_code_cannot_be_sent_leaves_the_older_one_standing() {
    for trouble in Trouble::ALL {
        let fakes = Fakes::with_zoe();
        let (older, code) = order_and_code(&fakes, &zoe()).await;

        let error = trouble.befall(&fakes).await;

        assert!(trouble.is(&error), "{trouble:?}: {error:?}");
        assert_eq!(kept(&fakes, &older).state.stage(), Stage::AwaitingCode);
        let confirmation = say(&fakes, &zoe(), &code).await.expect("it stands");
        assert_eq!(confirmation.order(), &older, "{trouble:?}");
    }
}

#[tokio::test]
async fn an_order_that_is_overtaken_while_its_code_is_sent_does_not_await_it() {
    let fakes = Fakes::with_zoe();
    let pod = fakes.pod_on(carried_by(&fakes, Overtaken(fakes.clone())));

    let error = pod.place_order(place_order(&zoe())).await;

    assert!(
        matches!(error, Err(PlaceOrderError::Superseded)),
        "{error:?}"
    );
    assert_eq!(
        stages(&fakes, &zoe()),
        [Stage::Superseded, Stage::AwaitingCode]
    );
    let overtaken = fakes.orders.all(&zoe()).remove(0);
    assert_eq!(
        fakes.announcer.stages(overtaken.placed.id),
        [Stage::Superseded]
    );
}

#[tokio::test]
async fn an_order_that_is_cancelled_while_its_code_is_sent_stays_cancelled() {
    let fakes = Fakes::with_zoe();
    let pod = fakes.pod_on(carried_by(&fakes, Cancelled(fakes.clone())));

    let error = pod.place_order(place_order(&zoe())).await;

    assert!(
        matches!(error, Err(PlaceOrderError::Superseded)),
        "{error:?}"
    );
    assert_eq!(stages(&fakes, &zoe()), [Stage::Cancelled]);
    let code = last_code(&fakes);
    say(&fakes, &zoe(), &code).await.expect_err("it has ended");
}

#[tokio::test]
async fn a_fault_says_whether_trying_again_may_help() {
    let fakes = Fakes::with_zoe();
    let mut entropy = MockEntropy::new();
    entropy
        .expect_fill()
        .returning(|_| Err(Fault::broken("entropy", "no randomness")));
    let ports = Ports {
        entropy: Arc::new(entropy),
        ..fakes.ports()
    };

    let error = fakes.pod_on(ports).place_order(place_order(&zoe())).await;

    assert!(
        matches!(&error, Err(PlaceOrderError::Fault(fault)) if !fault.is_temporary()),
        "{error:?}"
    );
    assert_eq!(stages(&fakes, &zoe()), []);
    assert_eq!(fakes.courier.deliveries().len(), 0);
}

#[tokio::test]
async fn the_deadline_is_handed_to_everyone_who_is_waited_for() {
    let fakes = Fakes::with_zoe();
    let command = place_order(&zoe());
    let deadline = command.deadline;
    let mut customers = MockCustomers::new();
    customers
        .expect_contacts()
        .times(1)
        .withf(move |_, until| *until == deadline)
        .returning(|_, _| Ok(vec![zoe_phone()]));
    let mut courier = MockCourier::new();
    courier
        .expect_deliver()
        .times(1)
        .withf(move |delivery| delivery.deadline == deadline)
        .returning(|_| Ok(()));
    let ports = Ports {
        customers: Arc::new(customers),
        ..carried_by(&fakes, courier)
    };

    let sent = fakes.pod_on(ports).place_order(command).await;

    assert!(sent.is_ok(), "{sent:?}");
}

#[tokio::test]
async fn whatever_breaks_while_placing_some_order_stands_and_all_are_lawful() {
    for outage in every_outage() {
        let fakes = Fakes::with_zoe();
        place_item(&fakes, &zoe(), transfer()).await.expect("sent");
        fakes.clock.advance(SECOND);
        let pod = fakes.pod_on(outage.ports(fakes.ports()));

        let outcome = outage.survive(pod.place_order(place_order(&zoe()))).await;

        let stages = stages(&fakes, &zoe());
        assert!(stages.contains(&Stage::AwaitingCode), "{outage:?}");
        if let Some(Ok(sent)) = outcome {
            let stage = kept(&fakes, &sent.order).state.stage();
            assert_eq!(stage, Stage::AwaitingCode, "{outage:?}");
        }
        assert_lawful(&fakes, &zoe(), &outage).await;
    }
}

/// Ports of which none after the contacts may be called.
fn ports_that_are_not_called(fakes: &Fakes) -> Ports {
    let mut quotas = MockQuotas::new();
    quotas.expect_take().never();
    let mut orders = MockOrders::new();
    orders.expect_place().never();
    let mut challenger = MockChallenger::new();
    challenger.expect_challenge().never();
    Ports {
        challenger: Arc::new(challenger),
        orders: Arc::new(orders),
        quotas: Arc::new(quotas),
        ..fakes.ports()
    }
}

fn swedish_telephones_only() -> Policy {
    Policy {
        sms_countries: Some(vec![Country::parse("SE").expect("a country")]),
        ..Policy::default()
    }
}

/// What can keep a code from being sent.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    NoContact,
    Undeliverable,
    TooManySends,
    Silence,
}

impl Trouble {
    const ALL: [Self; 4] = [
        Self::NoContact,
        Self::Undeliverable,
        Self::TooManySends,
        Self::Silence,
    ];

    /// Has Zoë place an order that it befalls.
    async fn befall(self, fakes: &Fakes) -> PlaceOrderError {
        let mut policy = Policy::default();
        match self {
            Self::NoContact => fakes.customers.know(&zoe(), vec![]),
            Self::Undeliverable => fakes.courier.lose(&zoe_phone()),
            Self::TooManySends => policy.sends_per_customer = vec![pod_core::Window::new(1, DAY)],
            Self::Silence => fakes.courier.fall_silent(),
        }
        fakes.clock.advance(SECOND);
        let command = PlaceOrder {
            deadline: Deadline::at(Instant::now()),
            ..place_order(&zoe())
        };
        let fakes = Fakes {
            policy,
            ..fakes.clone()
        };
        fakes.pod().place_order(command).await.expect_err("trouble")
    }

    fn is(self, error: &PlaceOrderError) -> bool {
        match error {
            PlaceOrderError::NoContact => matches!(self, Self::NoContact),
            PlaceOrderError::Undeliverable => matches!(self, Self::Undeliverable),
            PlaceOrderError::TooManySends { .. } => matches!(self, Self::TooManySends),
            PlaceOrderError::Fault(fault) => matches!(self, Self::Silence) && fault.is_temporary(),
            PlaceOrderError::Superseded
            | PlaceOrderError::Paused { .. }
            | PlaceOrderError::NotBegun(_) => false,
        }
    }
}

/// Carries a code only after Zoë has placed another order.
struct Overtaken(Fakes);

#[async_trait]
impl Courier for Overtaken {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        place(&self.0, &zoe()).await.expect("sent");
        self.0.courier.deliver(delivery).await
    }
}

/// Carries a code only after Zoë has cancelled what is open.
struct Cancelled(Fakes);

#[async_trait]
impl Courier for Cancelled {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let cancelled = self.0.pod().cancel_order(&zoe(), None).await;
        cancelled.expect("it is open");
        self.0.courier.deliver(delivery).await
    }
}
