//! Twilio Verify: whose code is whose, and for how much.

use std::time::Duration;

use pod_core::ports::{ChallengeError, ChallengeRequest, Challenger, CheckError};
use pod_core::{Attempt, Challenge, Code, Contact, Item, PlacedOrder};
use pod_delivery::TwilioVerify;
use pod_emulator::TwilioTrouble;
use pod_testkit::fixtures::{at, challenge, deadline, language, order, zoe, zoe_phone};

use crate::stage::Suppliers;

async fn start(
    verify: &TwilioVerify,
    order: &PlacedOrder,
    previous: Option<&Challenge>,
) -> Result<Challenge, ChallengeError> {
    let contact: Contact = zoe_phone();
    let request = ChallengeRequest {
        order,
        contact: &contact,
        previous,
        sent_at: order.placed_at,
        others_left: false,
        lifetime: Duration::from_mins(5),
        language: &language(),
        deadline: deadline(),
    };
    let handle = verify.challenge(&request).await?;
    Ok(Challenge {
        handle,
        ..challenge(order)
    })
}

async fn check(
    verify: &TwilioVerify,
    order: &PlacedOrder,
    sent: &Challenge,
    code: &Code,
) -> Result<(), CheckError> {
    let attempt = Attempt::counted(order.clone(), sent.clone(), 2, at(30));
    let checked = verify.check(&attempt, code, deadline()).await;
    checked.map(|proof| drop(attempt.confirm(proof, at(31))))
}

/// Another order of the same customer, for as much money.
fn for_as_much(n: u32, first: &PlacedOrder) -> PlacedOrder {
    let item = Item::new("pizza", "another pizza", first.item.amount(), "");
    PlacedOrder {
        item: item.expect("an item"),
        ..order(n, &zoe())
    }
}

#[tokio::test]
async fn a_newer_order_for_as_much_gets_a_code_of_its_own() {
    let suppliers = Suppliers::start().await;
    let verify = suppliers.verify();
    let first = order(1, &zoe());
    let second = for_as_much(2, &first);
    let sent = start(&verify, &first, None).await.expect("sent");
    let old = suppliers.codes_to(&zoe_phone()).pop().expect("a code");

    let again = start(&verify, &second, None).await.expect("sent");

    let new = suppliers.codes_to(&zoe_phone()).pop().expect("a code");
    assert_ne!(old.expose(), new.expose());
    let refused = check(&verify, &second, &again, &old).await;
    assert!(matches!(refused, Err(CheckError::Refused)), "{refused:?}");
    let refused = check(&verify, &first, &sent, &old).await;
    assert!(matches!(refused, Err(CheckError::Refused)), "{refused:?}");
    check(&verify, &second, &again, &new).await.expect("right");
}

#[tokio::test]
async fn a_code_that_went_out_once_more_for_another_order_confirms_neither() {
    let suppliers = Suppliers::start().await;
    let verify = suppliers.verify();
    let first = order(1, &zoe());
    let second = for_as_much(2, &first);
    let sent = start(&verify, &first, None).await.expect("sent");
    suppliers.0.twilio().refuse_changes();

    start(&verify, &second, None)
        .await
        .expect_err("the older one cannot be cancelled");

    // The message named the second order's payment, and had the first's code.
    let codes = suppliers.codes_to(&zoe_phone());
    assert_eq!(codes[0].expose(), codes[1].expose());
    let attempt = Attempt::counted(first, sent, 2, at(30)).overtaken();
    let refused = verify.check(&attempt, &codes[1], deadline()).await;
    assert!(matches!(refused, Err(CheckError::Refused)), "{refused:?}");
}

#[tokio::test]
async fn sent_again_for_the_same_order_it_is_the_same_code() {
    let suppliers = Suppliers::start().await;
    let verify = suppliers.verify();
    let order = order(1, &zoe());
    let sent = start(&verify, &order, None).await.expect("sent");

    let again = start(&verify, &order, Some(&sent)).await.expect("sent");

    let codes = suppliers.codes_to(&zoe_phone());
    assert_eq!(codes.len(), 2);
    assert_eq!(codes[0].expose(), codes[1].expose());
    check(&verify, &order, &again, &codes[0])
        .await
        .expect("right");
}

#[tokio::test]
async fn a_code_for_another_amount_confirms_nothing() {
    let suppliers = Suppliers::start().await;
    let verify = suppliers.verify();
    let (cheap, dear) = (order(1, &zoe()), order(2, &zoe()));
    let sent = start(&verify, &cheap, None).await.expect("sent");
    let code = suppliers.codes_to(&zoe_phone()).pop().expect("a code");

    // The same challenge, with the amount changed under it.
    let refused = check(&verify, &dear, &sent, &code).await;

    assert!(matches!(refused, Err(CheckError::Refused)), "{refused:?}");
    check(&verify, &cheap, &sent, &code).await.expect("right");
}

#[tokio::test]
async fn a_code_is_right_once() {
    let suppliers = Suppliers::start().await;
    let verify = suppliers.verify();
    let order = order(1, &zoe());
    let sent = start(&verify, &order, None).await.expect("sent");
    let code = suppliers.codes_to(&zoe_phone()).pop().expect("a code");
    check(&verify, &order, &sent, &code).await.expect("right");

    let again = check(&verify, &order, &sent, &code).await;

    assert!(matches!(again, Err(CheckError::Refused)), "{again:?}");
}

#[tokio::test]
async fn verifys_own_limits_are_no_right_codes() {
    let suppliers = Suppliers::start().await;
    let verify = suppliers.verify();
    let order = order(1, &zoe());
    let mut sent = start(&verify, &order, None).await.expect("sent");
    for _ in 0..4 {
        sent = start(&verify, &order, Some(&sent)).await.expect("sent");
    }

    // Five sends in ten minutes, and five checks of one code.
    let error = start(&verify, &order, Some(&sent)).await;
    let limited = matches!(&error, Err(ChallengeError::Fault(fault)) if fault.is_temporary());
    assert!(limited, "{error:?}");
    let right = suppliers.codes_to(&zoe_phone()).pop().expect("a code");
    let wrong = pod_testkit::fixtures::wrong_code(&right, 0);
    for _ in 0..6 {
        let refused = check(&verify, &order, &sent, &wrong).await;
        assert!(matches!(refused, Err(CheckError::Refused)), "{refused:?}");
    }
    let refused = check(&verify, &order, &sent, &right).await;
    assert!(matches!(refused, Err(CheckError::Refused)), "{refused:?}");
}

#[tokio::test]
async fn every_refusal_of_verifys_is_what_it_means() {
    let suppliers = Suppliers::start().await;
    let verify = suppliers.verify();
    for (code, temporary) in [
        (60200, None),
        (60205, None),
        (60220, None),
        (60238, None),
        (60410, None),
        (60605, None),
        (60212, Some(true)),
        (60203, Some(true)),
        (20503, Some(true)),
        (60206, Some(false)),
        (60223, Some(false)),
        (20003, Some(false)),
    ] {
        suppliers.0.twilio().trouble(1, TwilioTrouble::Refuse(code));

        let error = start(&verify, &order(1, &zoe()), None).await;

        let found = match error.expect_err("refused") {
            ChallengeError::Undeliverable => None,
            ChallengeError::Fault(fault) => Some(fault.is_temporary()),
        };
        assert_eq!(found, temporary, "{code}");
    }
}
