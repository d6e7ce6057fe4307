//! Guessing codes: attempts are few, and failures add up.

use std::sync::Arc;

use pod_core::ports::{CheckError, Ports};
use pod_core::{
    AttemptLimits, AttemptsPerOrder, ConfirmOrderError, Confirmation, Policy, Stage, State,
    Timestamp,
};
use pod_testkit::fixtures::{at, bjorn, confirm_order, wrong_code, zoe, zoe_email};
use pod_testkit::{Fakes, MockChallenger};
use tokio::task::JoinSet;

use super::{judged_by, unjudged};
use crate::outages::{assert_lawful, every_outage};
use crate::stage::{
    DAY, HOUR, guess_wrong, kept, newest, order_and_code, outage, say, without_quotas, zoe_under,
};

#[tokio::test]
async fn a_wrong_code_costs_an_attempt_and_leaves_the_right_one_good() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;

    for (n, left) in [(0, 2), (1, 1)] {
        let error = say(&fakes, &zoe(), &wrong_code(&code, n)).await;

        assert!(
            matches!(error, Err(ConfirmOrderError::WrongCode { attempts_left }) if attempts_left == left),
            "{error:?}"
        );
    }
    let confirmation = say(&fakes, &zoe(), &code).await.expect("the last attempt");

    assert_eq!(confirmation.order(), &order);
    assert_eq!(confirmation.attempt().left(), 0);
    assert_eq!(fakes.orders.standing(&zoe()).failures.len(), 2);
}

#[tokio::test]
async fn after_as_many_wrong_codes_as_the_policy_says_even_the_right_one_fails() {
    for attempts in 1..=5 {
        let per_order = AttemptsPerOrder::new(attempts).expect("a number of attempts");
        let fakes = zoe_under(Policy {
            attempts: AttemptLimits {
                per_order,
                ..AttemptLimits::default()
            },
            ..Policy::default()
        });
        let (order, code) = order_and_code(&fakes, &zoe()).await;

        let mut left = Vec::new();
        let last = loop {
            match say(&fakes, &zoe(), &wrong_code(&code, 7)).await {
                Err(ConfirmOrderError::WrongCode { attempts_left }) => left.push(attempts_left),
                last => break last,
            }
        };
        let right = say(&fakes, &zoe(), &code).await;

        assert_eq!(left, (1..attempts).rev().collect::<Vec<_>>());
        assert!(matches!(last, Err(ConfirmOrderError::Refused)), "{last:?}");
        assert!(
            matches!(right, Err(ConfirmOrderError::NothingPending)),
            "{right:?}"
        );
        assert_eq!(kept(&fakes, &order).state, State::Refused { at: at(1) });
        assert_eq!(
            fakes.announcer.stages(order.id),
            [Stage::AwaitingCode, Stage::Refused]
        );
    }
}

#[tokio::test]
async fn an_order_with_all_attempts_counted_is_refused_and_nobody_judges() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    for _ in 0..3 {
        let pod = judged_by(&fakes, |_| Err(outage().into()));
        let error = pod.confirm_order(confirm_order(&zoe(), &code)).await;
        error.expect_err("nobody judged it");
    }

    let error = unjudged(&fakes, confirm_order(&zoe(), &code)).await;

    assert!(matches!(error, ConfirmOrderError::Refused), "{error:?}");
    assert_eq!(kept(&fakes, &order).state, State::Refused { at: at(1) });
    assert_eq!(
        fakes.announcer.stages(order.id),
        [Stage::AwaitingCode, Stage::Refused]
    );
}

#[tokio::test]
async fn the_tenth_failure_in_a_day_locks_the_customer_whatever_the_orders() {
    let fakes = Fakes::with_zoe();
    guess_wrong(&fakes, &zoe(), 10).await;
    let locked_at = newest(&fakes, &zoe()).placed.placed_at;
    let (order, code) = order_and_code(&fakes, &zoe()).await;

    let error = unjudged(&fakes, confirm_order(&zoe(), &code)).await;

    assert_eq!(locked_until(&error), Some(locked_at + HOUR));
    assert_eq!(
        kept(&fakes, &order).state.stage(),
        Stage::AwaitingCode,
        "what is locked is the customer"
    );
}

#[tokio::test]
async fn the_failure_that_locks_says_so_and_still_ends_an_order_that_has_none_left() {
    let mut fakes = Fakes::with_zoe();
    fakes.policy.attempts.failures.most = 3;
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    for n in 0..2 {
        let error = say(&fakes, &zoe(), &wrong_code(&code, n)).await;
        assert!(
            matches!(error, Err(ConfirmOrderError::WrongCode { .. })),
            "{error:?}"
        );
    }

    let error = say(&fakes, &zoe(), &wrong_code(&code, 2)).await;

    let error = error.expect_err("it is wrong");
    assert_eq!(locked_until(&error), Some(at(1) + HOUR));
    assert_eq!(kept(&fakes, &order).state, State::Refused { at: at(1) });
}

#[tokio::test]
async fn another_customer_is_not_locked() {
    let fakes = Fakes::with_zoe();
    fakes.customers.know(&bjorn(), vec![zoe_email()]);
    guess_wrong(&fakes, &zoe(), 10).await;
    let (order, code) = order_and_code(&fakes, &bjorn()).await;

    let confirmation = say(&fakes, &bjorn(), &code).await.expect("the right code");

    assert_eq!(confirmation.order(), &order);
}

#[tokio::test]
async fn a_lock_ends_by_itself_and_each_further_one_lasts_twice_as_long() {
    let fakes = zoe_under(without_quotas());
    guess_wrong(&fakes, &zoe(), 9).await;

    let mut lasted = Vec::new();
    for _ in 0..4 {
        guess_wrong(&fakes, &zoe(), 1).await;
        let (_, code) = order_and_code(&fakes, &zoe()).await;
        let locked_at = last_failure(&fakes);
        let error = unjudged(&fakes, confirm_order(&zoe(), &code)).await;
        let until = locked_until(&error).expect("it ends");
        lasted.push(until.duration_since(locked_at).as_hours());
        fakes.clock.set(until);
    }
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    let confirmation = say(&fakes, &zoe(), &code).await.expect("the lock is over");

    assert_eq!(lasted, [1, 2, 4, 8]);
    assert_eq!(confirmation.order(), &order);
}

#[tokio::test]
async fn a_hundred_failures_in_a_row_lock_until_somebody_unlocks() {
    let fakes = zoe_under(without_quotas());
    for _ in 0..11 {
        guess_wrong(&fakes, &zoe(), 9).await;
        fakes.clock.advance(DAY);
    }
    let (_, code) = order_and_code(&fakes, &zoe()).await;
    let before = say(&fakes, &zoe(), &wrong_code(&code, 0)).await;

    let error = unjudged(&fakes, confirm_order(&zoe(), &code)).await;

    assert_eq!(
        locked_until(&before.expect_err("the hundredth is wrong")),
        None
    );
    assert_eq!(locked_until(&error), None);
    fakes.clock.advance(365 * DAY);
    let (_, code) = order_and_code(&fakes, &zoe()).await;
    let error = unjudged(&fakes, confirm_order(&zoe(), &code)).await;
    assert_eq!(locked_until(&error), None);
}

#[tokio::test]
async fn the_right_code_ends_the_row_of_failures() {
    let fakes = zoe_under(without_quotas());
    for _ in 0..11 {
        guess_wrong(&fakes, &zoe(), 9).await;
        fakes.clock.advance(DAY);
    }
    let (_, code) = order_and_code(&fakes, &zoe()).await;

    say(&fakes, &zoe(), &code)
        .await
        .expect("the hundredth attempt");
    guess_wrong(&fakes, &zoe(), 1).await;

    assert_eq!(fakes.orders.standing(&zoe()).consecutive, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_wrong_guesses_at_the_same_time_exactly_three_are_judged() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    let mut challenger = MockChallenger::new();
    challenger
        .expect_check()
        .times(3)
        .returning(|_, _, _| Err(CheckError::Refused));
    let pod = Arc::new(fakes.pod_on(Ports {
        challenger: Arc::new(challenger),
        ..fakes.ports()
    }));

    let guesses: JoinSet<_> = (0..1000)
        .map(|n| {
            let (pod, wrong) = (pod.clone(), wrong_code(&code, n));
            async move { pod.confirm_order(confirm_order(&zoe(), &wrong)).await }
        })
        .collect();
    let outcomes = guesses.join_all().await;

    let mut left: Vec<u32> = outcomes.iter().filter_map(attempts_left).collect();
    left.sort_unstable();
    assert_eq!(left, [1, 2]);
    assert!(outcomes.iter().all(Result::is_err));
    assert_eq!(kept(&fakes, &order).state, State::Refused { at: at(1) });
    assert_eq!(fakes.orders.standing(&zoe()).consecutive, 3);
    assert_eq!(
        fakes.announcer.stages(order.id),
        [Stage::AwaitingCode, Stage::Refused]
    );
    say(&fakes, &zoe(), &code).await.expect_err("it has ended");
}

#[tokio::test]
async fn whatever_breaks_at_the_last_wrong_guess_there_is_no_fourth() {
    for outage in every_outage() {
        let fakes = Fakes::with_zoe();
        let (order, code) = order_and_code(&fakes, &zoe()).await;
        let wrong = wrong_code(&code, 0);
        for _ in 0..2 {
            say(&fakes, &zoe(), &wrong).await.expect_err("it is wrong");
        }
        let pod = fakes.pod_on(outage.ports(fakes.ports()));

        let outcome = outage
            .survive(pod.confirm_order(confirm_order(&zoe(), &wrong)))
            .await;

        let counted = fakes.orders.standing(&zoe()).consecutive;
        let state = kept(&fakes, &order).state;
        assert!(!matches!(outcome, Some(Ok(_))), "{outage:?}");
        assert!(
            match state {
                State::AwaitingCode { attempts, .. } => attempts == counted,
                State::Refused { .. } => counted == 3,
                _ => false,
            },
            "{outage:?}: {state:?} after {counted}"
        );
        assert_lawful(&fakes, &zoe(), &outage).await;
    }
}

fn attempts_left(outcome: &Result<Confirmation, ConfirmOrderError>) -> Option<u32> {
    match outcome {
        Err(ConfirmOrderError::WrongCode { attempts_left }) => Some(*attempts_left),
        _ => None,
    }
}

fn locked_until(error: &ConfirmOrderError) -> Option<Timestamp> {
    match error {
        ConfirmOrderError::Locked { until } => *until,
        other => panic!("the customer is not locked: {other:?}"),
    }
}

fn last_failure(fakes: &Fakes) -> Timestamp {
    let standing = fakes.orders.standing(&zoe());
    *standing.failures.last().expect("a failure")
}
