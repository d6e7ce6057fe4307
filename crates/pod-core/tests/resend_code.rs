//! Sending the code of an open order again.

mod limits;

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use pod_core::ports::{Courier, DeliverError, Delivery, Orders, Ports};
use pod_core::{CodeKeys, Deadline, OrderId, ResendCode, ResendCodeError, Stage, State, Window};
use pod_testkit::fixtures::{
    at, bjorn, code_keys, key, language, order, phone, resend_code, transfer, wrong_code, zoe,
    zoe_email, zoe_phone,
};
use pod_testkit::{Fakes, MockCourier, MockOrders, MockQuotas};

use crate::outages::{assert_lawful, every_outage};
use crate::stage::{
    DAY, MINUTE, TICK, carried_by, kept, last_code, order_and_code, outage, place, place_item,
    resend, say, stages, undelivered, zoe_with,
};

#[tokio::test]
async fn the_same_code_is_sent_again_and_lives_anew() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    fakes.clock.advance(MINUTE);

    let sent = resend(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.order, order);
    assert_eq!(sent.challenge.sent_at, at(61));
    assert_eq!(sent.challenge.expires_at, at(361));
    let kept = kept(&fakes, &order);
    assert_eq!((kept.sends, kept.last_send_at), (2, at(61)));
    let deliveries = fakes.courier.deliveries();
    let again = deliveries.last().expect("a delivery");
    assert!(again.code.matches(&code));
    assert_eq!(again.contact, zoe_phone());
    assert_eq!(again.item, order.item);
    assert_eq!(again.language, language());
    fakes.clock.set(sent.challenge.expires_at - TICK);
    say(&fakes, &zoe(), &code).await.expect("it lives anew");
}

#[tokio::test]
async fn attempts_counted_stay_counted() {
    let fakes = Fakes::with_zoe();
    let (_, code) = order_and_code(&fakes, &zoe()).await;
    for n in 0..2 {
        let wrong = wrong_code(&code, n);
        say(&fakes, &zoe(), &wrong).await.expect_err("it is wrong");
    }
    fakes.clock.advance(MINUTE);

    let sent = resend(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.attempts_left, 1);
    let wrong = wrong_code(&code, 2);
    say(&fakes, &zoe(), &wrong).await.expect_err("it is wrong");
    say(&fakes, &zoe(), &code).await.expect_err("the fourth");
}

#[tokio::test]
async fn an_order_that_could_not_be_sent_comes_to_await_its_code() {
    let fakes = Fakes::with_zoe();
    let (older, _) = order_and_code(&fakes, &zoe()).await;
    let laid_down = undelivered(&fakes, &zoe()).await;
    fakes.clock.advance(MINUTE);

    let sent = resend(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.order.id, laid_down);
    assert_eq!(sent.attempts_left, 3);
    assert_eq!(
        stages(&fakes, &zoe()),
        [Stage::Superseded, Stage::AwaitingCode]
    );
    assert_eq!(
        fakes.announcer.stages(laid_down),
        [Stage::Undelivered, Stage::AwaitingCode]
    );
    assert_eq!(
        fakes.announcer.stages(older.id),
        [Stage::AwaitingCode, Stage::Superseded]
    );
    let code = last_code(&fakes);
    let confirmation = say(&fakes, &zoe(), &code).await.expect("the right code");
    assert_eq!(confirmation.order().id, laid_down);
}

#[tokio::test]
async fn the_order_that_is_named_is_the_one_whose_code_is_sent() {
    let fakes = Fakes::with_zoe();
    let (older, code) = order_and_code(&fakes, &zoe()).await;
    undelivered(&fakes, &zoe()).await;
    fakes.clock.advance(MINUTE);
    let command = ResendCode {
        order: Some(older.id),
        ..resend_code(&zoe())
    };

    let sent = fakes.pod().resend_code(command).await.expect("sent");

    assert_eq!(sent.order, older);
    assert!(last_code(&fakes).matches(&code));
    assert_eq!(
        stages(&fakes, &zoe()),
        [Stage::AwaitingCode, Stage::Undelivered]
    );
}

#[tokio::test]
async fn what_is_not_open_is_not_sent_again() {
    for case in NotOpen::ALL {
        let fakes = Fakes::with_zoe();
        fakes.customers.know(&bjorn(), vec![zoe_email()]);
        let named = case.arrange(&fakes).await;
        let before = fakes.orders.all(&zoe());

        for order in [None, named] {
            let command = ResendCode {
                order,
                ..resend_code(&zoe())
            };
            let error = unsent(&fakes, command).await;

            assert!(
                matches!(error, ResendCodeError::NothingPending),
                "{case:?}: {error:?}"
            );
            assert_eq!(fakes.orders.all(&zoe()), before, "{case:?}");
        }
    }
}

#[tokio::test]
async fn a_code_that_is_not_sent_again_is_still_good() {
    for trouble in Trouble::ALL {
        let fakes = Fakes::with_zoe();
        let (order, code) = order_and_code(&fakes, &zoe()).await;
        fakes.clock.advance(MINUTE);

        let error = trouble.befall(&fakes).await;

        assert!(trouble.is(&error), "{trouble:?}: {error:?}");
        assert_eq!(fakes.courier.deliveries().len(), 1, "{trouble:?}");
        let confirmation = say(&fakes, &zoe(), &code).await.expect("still good");
        assert_eq!(confirmation.order(), &order, "{trouble:?}");
    }
}

#[tokio::test]
async fn the_contact_that_the_code_reached_before_is_preferred() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    fakes.courier.lose(&zoe_phone());
    place(&fakes, &zoe()).await.expect("sent");
    fakes.courier.find(&zoe_phone());
    fakes.clock.advance(MINUTE);

    let sent = resend(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.challenge.sent_to, zoe_email().masked());
    assert_eq!(fakes.courier.codes_to(&zoe_phone()).len(), 0);
}

#[tokio::test]
async fn after_the_contact_that_the_code_reached_before_the_others_keep_their_order() {
    let second = phone("+14155550199");
    let mut fakes = zoe_with(vec![zoe_phone(), second.clone(), zoe_email()]);
    fakes.policy.sends.most = 9;
    fakes.courier.lose(&zoe_phone());
    fakes.courier.lose(&second);
    place(&fakes, &zoe()).await.expect("sent");
    fakes.courier.find(&zoe_phone());
    fakes.courier.find(&second);
    fakes.courier.lose(&zoe_email());
    fakes.clock.advance(2 * MINUTE);

    let sent = resend(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.challenge.sent_to, zoe_phone().masked());
}

#[tokio::test]
async fn the_code_stays_the_same_although_a_new_key_was_put_first() {
    let fakes = Fakes {
        keys: CodeKeys::new([key("old", 0x3C)]).expect("a key"),
        ..Fakes::with_zoe()
    };
    let (_, code) = order_and_code(&fakes, &zoe()).await;
    fakes.clock.advance(MINUTE);
    let rotated = Fakes {
        keys: code_keys(),
        ..fakes
    };

    resend(&rotated, &zoe()).await.expect("sent");

    assert!(last_code(&rotated).matches(&code));
    say(&rotated, &zoe(), &code).await.expect("the right code");
}

#[tokio::test]
async fn a_code_whose_key_is_gone_is_replaced_by_one_that_confirms() {
    let fakes = Fakes::with_zoe();
    let (order, old_code) = order_and_code(&fakes, &zoe()).await;
    fakes.clock.advance(MINUTE);
    let rotated = Fakes {
        keys: CodeKeys::new([key("newest", 0x11)]).expect("a key"),
        ..fakes
    };

    resend(&rotated, &zoe()).await.expect("sent");

    let code = last_code(&rotated);
    assert!(!code.matches(&old_code));
    let confirmation = say(&rotated, &zoe(), &code).await.expect("the right code");
    assert_eq!(confirmation.order(), &order);
}

#[tokio::test]
async fn an_order_confirmed_while_its_code_is_sent_again_stays_confirmed() {
    let fakes = Fakes::with_zoe();
    let (order, _) = order_and_code(&fakes, &zoe()).await;
    fakes.clock.advance(MINUTE);
    let pod = fakes.pod_on(carried_by(&fakes, ConfirmedMeanwhile(fakes.clone())));

    let error = pod.resend_code(resend_code(&zoe())).await;

    assert!(
        matches!(error, Err(ResendCodeError::NothingPending)),
        "{error:?}"
    );
    assert_eq!(kept(&fakes, &order).state, State::Confirmed { at: at(61) });
}

#[tokio::test]
async fn the_deadline_is_handed_to_the_courier() {
    let fakes = Fakes::with_zoe();
    place(&fakes, &zoe()).await.expect("sent");
    fakes.clock.advance(MINUTE);
    let command = resend_code(&zoe());
    let deadline = command.deadline;
    let mut courier = MockCourier::new();
    courier
        .expect_deliver()
        .times(1)
        .withf(move |delivery| delivery.deadline == deadline)
        .returning(|_| Ok(()));

    let sent = fakes
        .pod_on(carried_by(&fakes, courier))
        .resend_code(command)
        .await;

    assert!(sent.is_ok(), "{sent:?}");
}

#[tokio::test]
async fn whatever_breaks_while_sending_again_some_order_stands_and_all_are_lawful() {
    for outage in every_outage() {
        let fakes = Fakes::with_zoe();
        place_item(&fakes, &zoe(), transfer()).await.expect("sent");
        undelivered(&fakes, &zoe()).await;
        fakes.clock.advance(MINUTE);
        let pod = fakes.pod_on(outage.ports(fakes.ports()));

        let outcome = outage.survive(pod.resend_code(resend_code(&zoe()))).await;

        let stages = stages(&fakes, &zoe());
        assert!(stages.contains(&Stage::AwaitingCode), "{outage:?}");
        if matches!(outcome, Some(Ok(_))) {
            assert_eq!(stages[1], Stage::AwaitingCode, "{outage:?}");
        }
        assert_lawful(&fakes, &zoe(), &outage).await;
    }
}

#[tokio::test]
async fn whatever_breaks_while_sending_again_the_code_sent_before_is_still_good() {
    for outage in every_outage() {
        let fakes = Fakes::with_zoe();
        let (order, code) = order_and_code(&fakes, &zoe()).await;
        fakes.clock.advance(MINUTE);
        let pod = fakes.pod_on(outage.ports(fakes.ports()));

        let _ = outage.survive(pod.resend_code(resend_code(&zoe()))).await;

        let confirmation = say(&fakes, &zoe(), &code).await;
        let confirmed = confirmation.map(|confirmation| confirmation.order().clone());
        assert!(
            matches!(&confirmed, Ok(confirmed) if *confirmed == order),
            "{outage:?}: {confirmed:?}"
        );
    }
}

#[tokio::test]
async fn an_order_that_a_crash_left_unsent_is_sent_its_code() {
    let fakes = Fakes::with_zoe();
    let order = order(0, &zoe());
    fakes.orders.place(&order, &[], None).await.expect("kept");
    fakes.clock.advance(MINUTE);

    let sent = resend(&fakes, &zoe()).await.expect("sent");

    assert_eq!(sent.order, order);
    assert_eq!(stages(&fakes, &zoe()), [Stage::AwaitingCode]);
    let code = last_code(&fakes);
    let confirmation = say(&fakes, &zoe(), &code).await.expect("the right code");
    assert_eq!(confirmation.order(), &order);
}

/// Sends nothing, takes nothing from the quotas, and counts no sending.
async fn unsent(fakes: &Fakes, command: ResendCode) -> ResendCodeError {
    let mut quotas = MockQuotas::new();
    quotas.expect_take().never();
    let mut orders = MockOrders::new();
    orders.expect_begin_send().never();
    let mut courier = MockCourier::new();
    courier.expect_deliver().never();
    let pod = fakes.pod_on(Ports {
        orders: Arc::new(orders),
        quotas: Arc::new(quotas),
        ..carried_by(fakes, courier)
    });
    pod.resend_code(command).await.expect_err("not sent")
}

/// What is not open, or not Zoë's.
#[derive(Debug, Clone, Copy)]
enum NotOpen {
    Nothing,
    Expired,
    Superseded,
    Confirmed,
    Cancelled,
    SomebodyElses,
}

impl NotOpen {
    const ALL: [Self; 6] = [
        Self::Nothing,
        Self::Expired,
        Self::Superseded,
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
            Self::Expired => fakes.clock.advance(4 * MINUTE),
            Self::Superseded => {
                let (_, newer) = order_and_code(fakes, &zoe()).await;
                say(fakes, &zoe(), &newer).await.expect("the right code");
            }
            Self::Confirmed => {
                say(fakes, &zoe(), &code).await.expect("the right code");
            }
            Self::Cancelled => {
                let cancelled = fakes.pod().cancel_order(&zoe(), None).await;
                cancelled.expect("it is open");
            }
            Self::Nothing | Self::SomebodyElses => {}
        }
        fakes.clock.advance(MINUTE);
        Some(order.id)
    }
}

/// What can keep a code from being sent again.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    NoContact,
    Undeliverable,
    TooManySends,
    Silence,
    Broken,
}

impl Trouble {
    const ALL: [Self; 5] = [
        Self::NoContact,
        Self::Undeliverable,
        Self::TooManySends,
        Self::Silence,
        Self::Broken,
    ];

    /// Has Zoë ask for a code, and befalls that.
    async fn befall(self, fakes: &Fakes) -> ResendCodeError {
        let mut fakes = fakes.clone();
        let mut courier = MockCourier::new();
        courier.expect_deliver().returning(|_| Err(outage().into()));
        match self {
            Self::NoContact => fakes.customers.know(&zoe(), vec![]),
            Self::Undeliverable => fakes.courier.lose(&zoe_phone()),
            Self::TooManySends => fakes.policy.sends_per_customer = vec![Window::new(1, DAY)],
            Self::Silence => fakes.customers.fall_silent(),
            Self::Broken => {}
        }
        let command = ResendCode {
            deadline: Deadline::at(Instant::now()),
            ..resend_code(&zoe())
        };
        let pod = match self {
            Self::Broken => fakes.pod_on(carried_by(&fakes, courier)),
            _ => fakes.pod(),
        };
        pod.resend_code(command).await.expect_err("trouble")
    }

    fn is(self, error: &ResendCodeError) -> bool {
        match error {
            ResendCodeError::NoContact => matches!(self, Self::NoContact),
            ResendCodeError::Undeliverable => matches!(self, Self::Undeliverable),
            ResendCodeError::TooManySends { .. } => matches!(self, Self::TooManySends),
            ResendCodeError::Fault(fault) => {
                matches!(self, Self::Silence | Self::Broken) && fault.is_temporary()
            }
            _ => false,
        }
    }
}

/// Carries a code only after Zoë has said it.
struct ConfirmedMeanwhile(Fakes);

#[async_trait]
impl Courier for ConfirmedMeanwhile {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let confirmed = say(&self.0, &zoe(), delivery.code).await;
        confirmed.expect("the right code");
        self.0.courier.deliver(delivery).await
    }
}
