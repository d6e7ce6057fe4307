//! How often, how soon and how late a code may be sent again.

use std::sync::Arc;

use pod_core::ports::{BeginSendError, Ports};
use pod_core::{CodeLifetime, Policy, ResendCodeError, SendLimits, Timestamp, Window};
use pod_testkit::fixtures::{at, resend_code, zoe};
use pod_testkit::{Fakes, MockOrders};

use super::unsent;
use crate::stage::{
    DAY, MINUTE, SECOND, TICK, kept, order_and_code, outage, place, resend, say, undelivered,
    without_quotas, zoe_under,
};

#[tokio::test]
async fn each_time_the_wait_grows_and_asking_too_soon_takes_nothing() {
    let fakes = zoe_under(Policy {
        lifetime: CodeLifetime::new(10 * MINUTE).expect("a lifetime"),
        sends: SendLimits {
            most: 5,
            ..SendLimits::default()
        },
        ..without_quotas()
    });
    let (order, _) = order_and_code(&fakes, &zoe()).await;

    let mut waits = Vec::new();
    for _ in 0..4 {
        let retry_at = too_soon(&fakes).await;
        let last_send_at = kept(&fakes, &order).last_send_at;
        waits.push(retry_at.duration_since(last_send_at).as_secs());
        fakes.clock.set(retry_at - TICK);
        assert_eq!(too_soon(&fakes).await, retry_at);
        fakes.clock.set(retry_at);
        resend(&fakes, &zoe()).await.expect("the wait is over");
    }

    assert_eq!(waits, [30, 60, 120, 120]);
    assert_eq!(fakes.courier.deliveries().len(), 5);
}

#[tokio::test]
async fn the_code_of_an_order_is_sent_three_times_at_most() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    for _ in 0..2 {
        fakes.clock.advance(MINUTE);
        resend(&fakes, &zoe()).await.expect("sent");
    }
    fakes.clock.advance(2 * MINUTE);

    let error = unsent(&fakes, resend_code(&zoe())).await;

    assert!(matches!(error, ResendCodeError::Exhausted), "{error:?}");
    assert_eq!(kept(&fakes, &order).sends, 3);
    say(&fakes, &zoe(), &code).await.expect("it is still good");
}

#[tokio::test]
async fn a_code_never_lives_longer_than_ten_minutes_after_its_order_was_placed() {
    let fakes = zoe_under(Policy {
        lifetime: CodeLifetime::new(10 * MINUTE).expect("a lifetime"),
        ..Policy::default()
    });
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    fakes.clock.set(order.placed_at + 570 * SECOND);

    let sent = resend(&fakes, &zoe()).await.expect("sent");

    assert_eq!(
        sent.challenge.expires_at,
        order.placed_at + CodeLifetime::LONGEST
    );
    let deliveries = fakes.courier.deliveries();
    assert_eq!(deliveries[1].lifetime, 30 * SECOND);
    fakes.clock.advance(30 * SECOND);
    say(&fakes, &zoe(), &code)
        .await
        .expect_err("it has expired");
}

#[tokio::test]
async fn a_code_that_would_expire_at_once_is_not_sent_again() {
    let fakes = zoe_under(Policy {
        lifetime: CodeLifetime::new(10 * MINUTE).expect("a lifetime"),
        ..Policy::default()
    });
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    fakes.clock.set(order.placed_at + 570 * SECOND + TICK);

    let error = unsent(&fakes, resend_code(&zoe())).await;

    assert!(matches!(error, ResendCodeError::TooLate), "{error:?}");
    say(&fakes, &zoe(), &code).await.expect("it is still good");
}

#[tokio::test]
async fn an_order_laid_down_ten_minutes_ago_is_too_old() {
    let fakes = Fakes::with_zoe();
    undelivered(&fakes, &zoe()).await;
    fakes.clock.advance(10 * MINUTE);

    let error = unsent(&fakes, resend_code(&zoe())).await;

    assert!(matches!(error, ResendCodeError::TooLate), "{error:?}");
}

#[tokio::test]
async fn with_an_allowance_used_up_no_sending_of_the_order_is_counted() {
    let fakes = zoe_under(Policy {
        sends_per_destination: vec![Window::new(1, DAY)],
        ..Policy::default()
    });
    let (order, _) = order_and_code(&fakes, &zoe()).await;
    fakes.clock.advance(MINUTE);

    let error = resend(&fakes, &zoe()).await;

    assert!(
        matches!(error, Err(ResendCodeError::TooManySends { retry_at }) if retry_at == order.placed_at + DAY),
        "{error:?}"
    );
    assert_eq!(kept(&fakes, &order).sends, 1);
}

#[tokio::test]
async fn what_the_store_decides_in_the_meantime_holds() {
    for decision in Decision::ALL {
        let fakes = Fakes::with_zoe();
        place(&fakes, &zoe()).await.expect("sent");
        fakes.clock.advance(MINUTE);
        let mut orders = MockOrders::new();
        orders
            .expect_begin_send()
            .times(1)
            .returning(move |_, _, _, _| Err(decision.error()));
        orders.expect_activate().never();
        let pod = fakes.pod_on(Ports {
            orders: Arc::new(orders),
            ..fakes.ports()
        });

        let error = pod.resend_code(resend_code(&zoe())).await;

        let error = error.expect_err("the store has decided");
        assert!(decision.is(&error), "{decision:?}: {error:?}");
        assert_eq!(fakes.courier.deliveries().len(), 1, "{decision:?}");
    }
}

/// When Zoë may ask again: she asked too soon, and nothing was taken for it.
async fn too_soon(fakes: &Fakes) -> Timestamp {
    match unsent(fakes, resend_code(&zoe())).await {
        ResendCodeError::TooSoon { retry_at } => retry_at,
        other => panic!("it is not too soon: {other:?}"),
    }
}

/// What a store may decide after it has been asked.
#[derive(Debug, Clone, Copy)]
enum Decision {
    NotOpen,
    TooSoon,
    Exhausted,
    Fault,
}

impl Decision {
    const ALL: [Self; 4] = [Self::NotOpen, Self::TooSoon, Self::Exhausted, Self::Fault];

    fn error(self) -> BeginSendError {
        match self {
            Self::NotOpen => BeginSendError::NotOpen,
            Self::TooSoon => BeginSendError::TooSoon { retry_at: at(91) },
            Self::Exhausted => BeginSendError::Exhausted,
            Self::Fault => outage().into(),
        }
    }

    fn is(self, error: &ResendCodeError) -> bool {
        match self {
            Self::NotOpen => matches!(error, ResendCodeError::NothingPending),
            Self::TooSoon => {
                matches!(error, ResendCodeError::TooSoon { retry_at } if *retry_at == at(91))
            }
            Self::Exhausted => matches!(error, ResendCodeError::Exhausted),
            Self::Fault => matches!(error, ResendCodeError::Fault(fault) if fault.is_temporary()),
        }
    }
}
