//! Who judges a code, and what he goes by.

use std::sync::Arc;

use pod_core::ports::Ports;
use pod_core::{
    Attempt, CodeAccepted, CodeKeys, ConfirmOrderError, Item, Money, PlacedOrder, Stage, State,
};
use pod_testkit::fixtures::{at, challenge, code_keys, confirm_order, key, order, pizza, zoe};
use pod_testkit::{Fakes, MockAttempts, MockChallenger};

use super::judged_by;
use crate::stage::{kept, last_code, order_and_code, outage, place, say};

#[tokio::test]
async fn an_order_that_was_changed_does_not_go_by_its_old_code() {
    for item in changed_pizzas() {
        let fakes = Fakes::with_zoe();
        let sent = place(&fakes, &zoe()).await.expect("sent");
        let changed = PlacedOrder { item, ..sent.order };
        let attempt = Attempt::counted(changed, sent.challenge, 2, at(1));
        let mut attempts = MockAttempts::new();
        attempts
            .expect_begin()
            .return_once(|_, _, _, _, _| Ok(attempt));
        attempts.expect_confirm().never();
        let pod = fakes.pod_on(Ports {
            attempts: Arc::new(attempts),
            ..fakes.ports()
        });

        let error = pod
            .confirm_order(confirm_order(&zoe(), &last_code(&fakes)))
            .await;

        assert!(
            matches!(
                error,
                Err(ConfirmOrderError::WrongCode { attempts_left: 2 })
            ),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_code_sent_under_an_older_key_confirms() {
    let fakes = Fakes {
        keys: CodeKeys::new([key("old", 0x3C)]).expect("a key"),
        ..Fakes::with_zoe()
    };
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    let rotated = Fakes {
        keys: code_keys(),
        ..fakes
    };

    let confirmation = say(&rotated, &zoe(), &code).await.expect("the right code");

    assert_eq!(confirmation.order(), &order);
}

#[tokio::test]
async fn a_code_whose_key_is_gone_is_a_fault_that_somebody_has_to_mend() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    let rotated = Fakes {
        keys: CodeKeys::new([key("newest", 0x11)]).expect("a key"),
        ..fakes.clone()
    };

    let error = say(&rotated, &zoe(), &code).await;

    assert!(
        matches!(&error, Err(ConfirmOrderError::Fault(fault)) if !fault.is_temporary()),
        "{error:?}"
    );
    let confirmation = say(&fakes, &zoe(), &code).await.expect("the key is back");
    assert_eq!(confirmation.order(), &order);
}

#[tokio::test]
async fn a_judge_out_of_order_costs_an_attempt_and_nothing_else() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    let pod = judged_by(&fakes, |_| Err(outage().into()));

    let error = pod.confirm_order(confirm_order(&zoe(), &code)).await;

    assert!(
        matches!(&error, Err(ConfirmOrderError::Fault(fault)) if fault.is_temporary()),
        "{error:?}"
    );
    assert!(
        matches!(
            kept(&fakes, &order).state,
            State::AwaitingCode { attempts: 1, .. }
        ),
        "it still awaits its code"
    );
    say(&fakes, &zoe(), &code).await.expect("the right code");
}

#[tokio::test]
async fn a_proof_for_another_order_confirms_nothing() {
    let fakes = Fakes::with_zoe();
    let (placed, code) = order_and_code(&fakes, &zoe()).await;
    let other = order(9, &zoe());
    let other = Attempt::counted(other.clone(), challenge(&other), 2, at(1));
    let pod = judged_by(&fakes, move |_| Ok(CodeAccepted::assertion(&other)));

    let error = pod.confirm_order(confirm_order(&zoe(), &code)).await;

    assert!(
        matches!(&error, Err(ConfirmOrderError::Fault(fault)) if !fault.is_temporary() && fault.adapter() == "challenger"),
        "{error:?}"
    );
    assert_eq!(kept(&fakes, &placed).state.stage(), Stage::AwaitingCode);
}

#[tokio::test]
async fn the_judge_is_told_the_deadline() {
    let fakes = Fakes::with_zoe();
    let (_, code) = order_and_code(&fakes, &zoe()).await;
    let command = confirm_order(&zoe(), &code);
    let deadline = command.deadline;
    let mut challenger = MockChallenger::new();
    challenger
        .expect_check()
        .times(1)
        .withf(move |_, _, until| *until == deadline)
        .returning(|attempt, _, _| Ok(CodeAccepted::assertion(attempt)));
    let pod = fakes.pod_on(Ports {
        challenger: Arc::new(challenger),
        ..fakes.ports()
    });

    let confirmation = pod.confirm_order(command).await;

    assert!(confirmation.is_ok(), "{confirmation:?}");
}

/// The pizza that is ordered, each time with one part changed.
fn changed_pizzas() -> [Item; 4] {
    let pizza = pizza();
    let dearer = pizza
        .amount()
        .map(|was| Money::new(was.minor() + 1, was.currency()));
    [
        Item::new("pasta", pizza.summary(), pizza.amount(), pizza.details()),
        Item::new("pizza", "a large pizza", pizza.amount(), pizza.details()),
        Item::new("pizza", pizza.summary(), dearer, pizza.details()),
        Item::new("pizza", pizza.summary(), pizza.amount(), "{}"),
    ]
    .map(|item| item.expect("an item"))
}
