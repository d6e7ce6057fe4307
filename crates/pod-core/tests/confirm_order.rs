//! Confirming an order by its code.

mod guesses;
mod judging;

use std::sync::Arc;

use async_trait::async_trait;
use pod_core::ports::{ChallengeError, ChallengeRequest, Challenger, CheckError, Ports};
use pod_core::{
    Attempt, Code, CodeAccepted, CodeLifetime, ConfirmOrder, ConfirmOrderError, Deadline, Handle,
    OrderId, Pod, Policy, Stage, State,
};
use pod_testkit::fixtures::{at, bjorn, confirm_order, transfer, zoe, zoe_email};
use pod_testkit::{Fakes, MockAnnouncer, MockAttempts, MockChallenger};
use tokio::task::JoinSet;

use crate::outages::{assert_lawful, every_outage};
use crate::stage::{
    MINUTE, SECOND, TICK, kept, last_code, order_and_code, outage, place, place_item, say,
    undelivered, zoe_under,
};

#[tokio::test]
async fn the_right_code_confirms_the_order_it_was_sent_for() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    fakes.clock.advance(SECOND);

    let confirmation = say(&fakes, &zoe(), &code).await.expect("the right code");

    assert_eq!(confirmation.order(), &order);
    assert_eq!(confirmation.at(), at(2));
    assert_eq!(kept(&fakes, &order).state, State::Confirmed { at: at(2) });
    assert_eq!(
        fakes.announcer.stages(order.id),
        [Stage::AwaitingCode, Stage::Confirmed]
    );
    let standing = fakes.orders.standing(&zoe());
    assert_eq!((standing.failures.len(), standing.consecutive), (0, 0));
}

#[tokio::test]
async fn what_does_not_await_a_code_is_not_confirmed_and_nobody_judges() {
    for case in NotAwaiting::ALL {
        let fakes = Fakes::with_zoe();
        fakes.customers.know(&bjorn(), vec![zoe_email()]);
        let (order, code) = case.arrange(&fakes).await;
        let before = fakes.orders.all(&zoe());
        let command = ConfirmOrder {
            order,
            ..confirm_order(&zoe(), &code)
        };

        let error = unjudged(&fakes, command).await;

        assert!(
            matches!(error, ConfirmOrderError::NothingPending),
            "{case:?}: {error:?}"
        );
        assert_eq!(fakes.orders.all(&zoe()), before, "{case:?}");
        assert_eq!(fakes.orders.standing(&zoe()).consecutive, 0, "{case:?}");
    }
}

#[tokio::test]
async fn when_its_time_is_up_an_order_expires_and_nobody_judges() {
    for lifetime in [MINUTE, 5 * MINUTE, 10 * MINUTE] {
        let fakes = zoe_under(Policy {
            lifetime: CodeLifetime::new(lifetime).expect("a lifetime"),
            ..Policy::default()
        });
        let (order, code) = order_and_code(&fakes, &zoe()).await;
        fakes.clock.advance(lifetime);

        let error = unjudged(&fakes, confirm_order(&zoe(), &code)).await;

        assert!(matches!(error, ConfirmOrderError::Expired), "{error:?}");
        let at = order.placed_at + lifetime;
        assert_eq!(kept(&fakes, &order).state, State::Expired { at });
        assert_eq!(
            fakes.announcer.stages(order.id),
            [Stage::AwaitingCode, Stage::Expired]
        );
    }
}

#[tokio::test]
async fn until_the_last_moment_of_its_time_an_order_is_confirmed() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    fakes.clock.set(order.placed_at + 5 * MINUTE - TICK);

    let confirmation = say(&fakes, &zoe(), &code).await.expect("in time");

    assert_eq!(confirmation.order(), &order);
}

#[tokio::test]
async fn an_order_whose_time_is_up_while_its_code_is_judged_is_not_confirmed() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    fakes.clock.set(order.placed_at + 5 * MINUTE - TICK);
    let clock = fakes.clock.clone();
    let pod = judged_by(&fakes, move |attempt| {
        clock.advance(TICK);
        Ok(CodeAccepted::assertion(attempt))
    });

    let error = pod.confirm_order(confirm_order(&zoe(), &code)).await;

    assert!(
        matches!(error, Err(ConfirmOrderError::NothingPending)),
        "{error:?}"
    );
    let status = fakes.pod().order(&zoe(), order.id).await.expect("asked");
    let stage = status.map(|order| order.state.stage());
    assert_eq!(stage, Some(Stage::Expired));
}

#[tokio::test]
async fn the_code_of_an_older_order_never_confirms_a_newer_one() {
    let fakes = Fakes::with_zoe();
    let (_, old_code) = order_and_code(&fakes, &zoe()).await;
    let (newer, code) = order_and_code(&fakes, &zoe()).await;

    let error = say(&fakes, &zoe(), &old_code).await;

    assert!(
        matches!(
            error,
            Err(ConfirmOrderError::WrongCode { attempts_left: 2 })
        ),
        "{error:?}"
    );
    assert_eq!(kept(&fakes, &newer).state.stage(), Stage::AwaitingCode);
    let confirmation = say(&fakes, &zoe(), &code).await.expect("the right code");
    assert_eq!(confirmation.order(), &newer);
}

#[tokio::test]
async fn a_confirmation_that_is_not_kept_is_a_fault() {
    let fakes = Fakes::with_zoe();
    let sent = place(&fakes, &zoe()).await.expect("sent");
    let attempt = Attempt::counted(sent.order.clone(), sent.challenge, 2, at(1));
    let mut attempts = MockAttempts::new();
    attempts
        .expect_begin()
        .return_once(|_, _, _, _, _| Ok(attempt));
    attempts
        .expect_confirm()
        .times(1)
        .returning(|_| Err(outage().into()));
    let pod = fakes.pod_on(Ports {
        attempts: Arc::new(attempts),
        ..fakes.ports()
    });

    let error = pod
        .confirm_order(confirm_order(&zoe(), &last_code(&fakes)))
        .await;

    assert!(
        matches!(&error, Err(ConfirmOrderError::Fault(fault)) if fault.is_temporary()),
        "{error:?}"
    );
    assert_eq!(
        fakes.announcer.stages(sent.order.id),
        [Stage::AwaitingCode],
        "nothing else is announced"
    );
}

#[tokio::test]
async fn a_confirmation_is_kept_before_it_is_announced() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    let (kept_orders, id) = (fakes.orders.clone(), order.id);
    let mut announcer = MockAnnouncer::new();
    announcer
        .expect_announce()
        .times(1)
        .withf(move |event| {
            let kept = kept_orders.all(&zoe()).remove(0);
            event.order == id
                && event.stage == Stage::Confirmed
                && event.stage == kept.state.stage()
        })
        .return_const(());
    let pod = fakes.pod_on(Ports {
        announcer: Arc::new(announcer),
        ..fakes.ports()
    });

    let confirmation = pod.confirm_order(confirm_order(&zoe(), &code)).await;

    assert!(confirmation.is_ok(), "{confirmation:?}");
}

#[tokio::test]
async fn an_announcer_that_fails_does_not_undo_the_confirmation() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    let mut announcer = MockAnnouncer::new();
    announcer
        .expect_announce()
        .returning(|_| panic!("the announcer of this test fails"));
    let pod = fakes.pod_on(Ports {
        announcer: Arc::new(announcer),
        ..fakes.ports()
    });

    let saying = tokio::spawn(async move {
        let command = confirm_order(&zoe(), &code);
        pod.confirm_order(command).await
    });

    saying.await.expect_err("the announcer took it along");
    assert_eq!(kept(&fakes, &order).state, State::Confirmed { at: at(1) });
}

#[tokio::test]
async fn an_order_cancelled_while_its_code_is_judged_stays_cancelled() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    let pod = fakes.pod_on(Ports {
        challenger: Arc::new(CancelledMeanwhile(fakes.clone())),
        ..fakes.ports()
    });

    let error = pod.confirm_order(confirm_order(&zoe(), &code)).await;

    assert!(
        matches!(error, Err(ConfirmOrderError::NothingPending)),
        "{error:?}"
    );
    assert_eq!(kept(&fakes, &order).state, State::Cancelled { at: at(1) });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_right_code_said_three_times_at_the_same_time_confirms_once() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    let pod = Arc::new(fakes.pod());

    let sayings: JoinSet<_> = (0..3)
        .map(|_| {
            let (pod, command) = (pod.clone(), confirm_order(&zoe(), &code));
            async move { pod.confirm_order(command).await }
        })
        .collect();
    let outcomes = sayings.join_all().await;

    let errors: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    assert!(
        matches!(
            errors[..],
            [
                ConfirmOrderError::NothingPending,
                ConfirmOrderError::NothingPending
            ]
        ),
        "{errors:?}"
    );
    assert_eq!(
        fakes.announcer.stages(order.id),
        [Stage::AwaitingCode, Stage::Confirmed]
    );
}

#[tokio::test]
async fn whatever_breaks_while_confirming_the_order_is_confirmed_at_most_once() {
    for outage in every_outage() {
        let fakes = Fakes::with_zoe();
        place_item(&fakes, &zoe(), transfer()).await.expect("sent");
        let (order, code) = order_and_code(&fakes, &zoe()).await;
        let pod = fakes.pod_on(outage.ports(fakes.ports()));

        let outcome = outage
            .survive(pod.confirm_order(confirm_order(&zoe(), &code)))
            .await;

        let state = kept(&fakes, &order).state;
        if matches!(outcome, Some(Ok(_))) {
            assert_eq!(state.stage(), Stage::Confirmed, "{outage:?}");
        }
        assert!(
            matches!(
                state,
                State::Confirmed { .. }
                    | State::AwaitingCode {
                        attempts: 0..=1,
                        ..
                    }
            ),
            "{outage:?}: {state:?}"
        );
        assert_lawful(&fakes, &zoe(), &outage).await;
    }
}

/// What does not await a code, although there may be one.
#[derive(Debug, Clone, Copy)]
enum NotAwaiting {
    Nothing,
    Undelivered,
    Cancelled,
    Superseded,
    Confirmed,
    SomebodyElses,
}

impl NotAwaiting {
    const ALL: [Self; 6] = [
        Self::Nothing,
        Self::Undelivered,
        Self::Cancelled,
        Self::Superseded,
        Self::Confirmed,
        Self::SomebodyElses,
    ];

    /// Brings it about; returns what Zoë names, and the code she says.
    async fn arrange(self, fakes: &Fakes) -> (Option<OrderId>, Code) {
        let some_code = Code::parse("482913").expect("a code");
        match self {
            Self::Nothing => (None, some_code),
            Self::Undelivered => {
                undelivered(fakes, &zoe()).await;
                (None, some_code)
            }
            Self::Cancelled => {
                let (_, code) = order_and_code(fakes, &zoe()).await;
                let cancelled = fakes.pod().cancel_order(&zoe(), None).await;
                cancelled.expect("it is open");
                (None, code)
            }
            Self::Superseded => {
                let (order, code) = order_and_code(fakes, &zoe()).await;
                place(fakes, &zoe()).await.expect("sent");
                (Some(order.id), code)
            }
            Self::Confirmed => {
                let (order, code) = order_and_code(fakes, &zoe()).await;
                say(fakes, &zoe(), &code).await.expect("the right code");
                (Some(order.id), code)
            }
            Self::SomebodyElses => {
                let (order, code) = order_and_code(fakes, &bjorn()).await;
                (Some(order.id), code)
            }
        }
    }
}

/// Cancels what Zoë has open before it judges her code.
struct CancelledMeanwhile(Fakes);

#[async_trait]
impl Challenger for CancelledMeanwhile {
    async fn challenge(&self, request: &ChallengeRequest<'_>) -> Result<Handle, ChallengeError> {
        self.0.passcodes().challenge(request).await
    }

    async fn check(
        &self,
        attempt: &Attempt,
        code: &Code,
        deadline: Deadline,
    ) -> Result<CodeAccepted, CheckError> {
        let cancelled = self.0.pod().cancel_order(&zoe(), None).await;
        cancelled.expect("it is open");
        self.0.passcodes().check(attempt, code, deadline).await
    }
}

/// Confirms nothing, without the code's being judged.
async fn unjudged(fakes: &Fakes, command: ConfirmOrder) -> ConfirmOrderError {
    let mut challenger = MockChallenger::new();
    challenger.expect_check().never();
    let pod = fakes.pod_on(Ports {
        challenger: Arc::new(challenger),
        ..fakes.ports()
    });
    pod.confirm_order(command).await.expect_err("not judged")
}

/// A pod whose codes are judged so.
fn judged_by(
    fakes: &Fakes,
    judge: impl Fn(&Attempt) -> Result<CodeAccepted, CheckError> + Send + 'static,
) -> Pod {
    let mut challenger = MockChallenger::new();
    challenger
        .expect_check()
        .times(1)
        .returning(move |attempt, _, _| judge(attempt));
    fakes.pod_on(Ports {
        challenger: Arc::new(challenger),
        ..fakes.ports()
    })
}
