//! A request is carried out once, however often it comes.

use std::sync::Arc;

use pod_core::ports::{Claim, Customers, Ports, Repeat, Reply};
use pod_core::{
    BeginRequestError, ConfirmOrder, ConfirmOrderError, Fault, PlaceOrder, PlaceOrderError, Stage,
};
use pod_testkit::fixtures::{claim, confirm_order, place_order, zoe};
use pod_testkit::{Fakes, MockCustomers, MockEntropy, MockOrders};

use crate::stage::{last_code, stages};

fn order(claim: Claim) -> PlaceOrder {
    PlaceOrder {
        claim: Some(claim),
        ..place_order(&zoe())
    }
}

#[tokio::test]
async fn a_repeated_order_is_placed_and_sent_once() {
    let fakes = Fakes::with_zoe();
    let first = fakes.pod().place_order(order(claim("one", 1))).await;
    first.expect("sent");

    for (contents, expected) in [(1, Repeat::Unfinished), (2, Repeat::OtherRequest)] {
        let again = order(claim("one", contents));
        let again = fakes.pod().place_order(again).await;
        let again = again.expect_err("it is repeated");
        assert!(
            matches!(
                &again,
                PlaceOrderError::NotBegun(BeginRequestError::Repeated(repeat)) if *repeat == expected
            ),
            "{again:?}"
        );
    }

    assert_eq!(stages(&fakes, &zoe()), [Stage::AwaitingCode]);
    assert_eq!(fakes.courier.deliveries().len(), 1);
}

#[tokio::test]
async fn a_repeated_code_is_one_attempt() {
    let fakes = Fakes::with_zoe();
    let sent = fakes.pod().place_order(place_order(&zoe())).await;
    sent.expect("sent");
    let wrong = pod_core::Code::parse(if last_code(&fakes).expose() == "123456" {
        "654321"
    } else {
        "123456"
    });
    let say = ConfirmOrder {
        claim: Some(claim("one", 1)),
        ..confirm_order(&zoe(), &wrong.expect("a code"))
    };
    let first = fakes.pod().confirm_order(say.clone()).await;
    assert!(matches!(
        first,
        Err(ConfirmOrderError::WrongCode { attempts_left: 2 })
    ));

    for _ in 0..5 {
        let again = fakes.pod().confirm_order(say.clone()).await;
        assert!(
            matches!(
                again,
                Err(ConfirmOrderError::NotBegun(BeginRequestError::Repeated(
                    Repeat::Unfinished
                )))
            ),
            "{again:?}"
        );
    }

    let right = confirm_order(&zoe(), &last_code(&fakes));
    fakes
        .pod()
        .confirm_order(right)
        .await
        .expect("two were left");
}

#[tokio::test]
async fn a_request_has_been_begun_whatever_kept_its_order_from_being_placed() {
    let fakes = Fakes::with_zoe();
    let mut unknown = MockCustomers::new();
    unknown.expect_contacts().returning(|_, _| Ok(Vec::new()));
    let mut away = MockCustomers::new();
    away.expect_contacts()
        .returning(|_, _| Err(Fault::unavailable("customers", "away")));
    let mut entropy = MockEntropy::new();
    entropy
        .expect_fill()
        .returning(|_| Err(Fault::broken("entropy", "none")));
    let without = |customers| Ports {
        customers,
        ..fakes.ports()
    };
    let troubles = [
        without(Arc::new(unknown) as Arc<dyn Customers>),
        without(Arc::new(away)),
        Ports {
            entropy: Arc::new(entropy),
            ..fakes.ports()
        },
    ];

    for (n, ports) in (0..).zip(troubles) {
        let claim = claim("one", n);
        let pod = fakes.pod_on(Ports {
            replies: Arc::new(pod_testkit::InMemoryReplies::default()),
            ..ports
        });
        let placed = pod.place_order(order(claim.clone())).await;
        assert!(
            !matches!(placed, Ok(_) | Err(PlaceOrderError::NotBegun(_))),
            "{placed:?}"
        );

        let again = pod.begin_request(&claim).await;
        assert!(
            matches!(again, Err(BeginRequestError::Repeated(Repeat::Unfinished))),
            "{again:?}"
        );
    }
}

#[tokio::test]
async fn an_order_that_may_not_have_been_kept_is_not_known_to_have_begun() {
    let fakes = Fakes::with_zoe();
    let mut orders = MockOrders::new();
    orders
        .expect_place()
        .times(1)
        .returning(|_, _, _| Err(Fault::unavailable("orders", "away").into()));
    let pod = fakes.pod_on(Ports {
        orders: Arc::new(orders),
        ..fakes.ports()
    });

    let placed = pod.place_order(order(claim("one", 1))).await;

    assert!(
        matches!(
            placed,
            Err(PlaceOrderError::NotBegun(BeginRequestError::Fault(_)))
        ),
        "{placed:?}"
    );
    assert_eq!(fakes.courier.deliveries().len(), 0);
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer() {
    let (pod, claim) = (Fakes::with_zoe().pod(), claim("one", 1));
    pod.begin_request(&claim).await.expect("it is the first");
    for answer in [b"first", b"later"] {
        let reply = Reply::new(*answer);
        let kept = pod.finish_request(&claim.key, None, &reply).await;
        kept.expect("kept");
    }

    let again = pod.begin_request(&claim).await;

    let first = Reply::new(*b"first");
    assert!(
        matches!(&again, Err(BeginRequestError::Repeated(Repeat::Answered(reply))) if *reply == first),
        "{again:?}"
    );
}
