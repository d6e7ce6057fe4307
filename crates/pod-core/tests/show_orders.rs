//! Showing what has become of a customer's orders.

use std::sync::Arc;

use pod_core::ports::{Page, Ports};
use pod_core::{Fault, OrderId, Pod, Stage, State};
use pod_testkit::fixtures::{bjorn, order, zoe, zoe_email};
use pod_testkit::{Fakes, MockHistory};

use crate::stage::{MINUTE, TICK, kept, order_and_code, outage, place, say, undelivered};

#[tokio::test]
async fn without_orders_there_is_nothing_to_show() {
    let fakes = Fakes::with_zoe();
    let pod = fakes.pod();

    let status = pod.order_status(&zoe()).await;
    let one = pod.order(&zoe(), order(1, &zoe()).id).await;
    let all = pod.orders(&zoe(), None, None, 20).await;

    assert_eq!(status.expect("asked"), None);
    assert_eq!(one.expect("asked"), None);
    let (orders, more) = (vec![], false);
    assert_eq!(all.expect("asked"), Page { orders, more });
}

#[tokio::test]
async fn the_status_is_that_of_the_newest_order() {
    let fakes = Fakes::with_zoe();
    order_and_code(&fakes, &zoe()).await;
    let newest = undelivered(&fakes, &zoe()).await;

    let status = fakes.pod().order_status(&zoe()).await.expect("asked");

    let status = status.expect("there is one");
    assert_eq!(status.placed.id, newest);
    assert_eq!(status.state.stage(), Stage::Undelivered);
}

#[tokio::test]
async fn an_order_is_shown_as_it_was_kept() {
    let fakes = Fakes::with_zoe();
    let (order, code) = order_and_code(&fakes, &zoe()).await;
    say(&fakes, &zoe(), &code).await.expect("the right code");

    let shown = fakes.pod().order(&zoe(), order.id).await.expect("asked");

    assert_eq!(shown, Some(kept(&fakes, &order)));
}

#[tokio::test]
async fn an_order_past_its_time_is_shown_as_expired_although_nothing_was_kept() {
    let fakes = Fakes::with_zoe();
    let (order, _) = order_and_code(&fakes, &zoe()).await;
    let expired = order.placed_at + 5 * MINUTE;

    for (now, stage) in [
        (expired - TICK, Stage::AwaitingCode),
        (expired, Stage::Expired),
        (expired + MINUTE, Stage::Expired),
    ] {
        fakes.clock.set(now);

        let shown = shown_everywhere(&fakes.pod(), order.id).await;

        assert_eq!(shown, [stage; 4]);
    }
    let status = fakes.pod().order_status(&zoe()).await.expect("asked");
    let state = status.map(|order| order.state);
    assert_eq!(state, Some(State::Expired { at: expired }));
    assert_eq!(kept(&fakes, &order).state.stage(), Stage::AwaitingCode);
}

#[tokio::test]
async fn somebody_elses_orders_are_not_shown() {
    let fakes = Fakes::with_zoe();
    fakes.customers.know(&bjorn(), vec![zoe_email()]);
    let (order, _) = order_and_code(&fakes, &bjorn()).await;
    let pod = fakes.pod();

    let status = pod.order_status(&zoe()).await;
    let one = pod.order(&zoe(), order.id).await;
    let all = pod.orders(&zoe(), None, None, 20).await;

    assert_eq!(status.expect("asked"), None);
    assert_eq!(one.expect("asked"), None);
    assert_eq!(all.expect("asked").orders, []);
}

#[tokio::test]
async fn orders_are_shown_page_by_page_newest_first() {
    let fakes = Fakes::with_zoe();
    let mut placed = Vec::new();
    for _ in 0..3 {
        let sent = place(&fakes, &zoe()).await.expect("sent");
        placed.insert(0, sent.order.id);
    }
    let pod = fakes.pod();

    let first = pod.orders(&zoe(), None, None, 2).await.expect("asked");
    let rest = pod.orders(&zoe(), None, Some(placed[1]), 2).await;

    let rest = rest.expect("asked");
    assert_eq!((names(&first), first.more), (placed[..2].to_vec(), true));
    assert_eq!((names(&rest), rest.more), (placed[2..].to_vec(), false));
}

#[tokio::test]
async fn orders_of_one_stage_are_shown_alone() {
    let fakes = Fakes::with_zoe();
    let (confirmed, code) = order_and_code(&fakes, &zoe()).await;
    say(&fakes, &zoe(), &code).await.expect("the right code");
    let (expired, _) = order_and_code(&fakes, &zoe()).await;
    fakes.clock.advance(5 * MINUTE);
    let (awaiting, _) = order_and_code(&fakes, &zoe()).await;
    let laid_down = undelivered(&fakes, &zoe()).await;

    for (stage, expected) in [
        (Stage::Confirmed, vec![confirmed.id]),
        (Stage::Expired, vec![expired.id]),
        (Stage::AwaitingCode, vec![awaiting.id]),
        (Stage::Undelivered, vec![laid_down]),
        (Stage::Refused, vec![]),
    ] {
        let page = fakes.pod().orders(&zoe(), Some(stage), None, 20).await;

        assert_eq!(names(&page.expect("asked")), expected, "{stage:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_looked_up_is_a_fault() {
    let fakes = Fakes::with_zoe();
    let mut history = MockHistory::new();
    history.expect_find().returning(|_, _| Err(outage()));
    history
        .expect_page()
        .returning(|_, _| Err(Fault::broken("history", "a bad row")));
    let pod = fakes.pod_on(Ports {
        history: Arc::new(history),
        ..fakes.ports()
    });

    let status = pod.order_status(&zoe()).await.expect_err("broken");
    let one = pod.order(&zoe(), order(1, &zoe()).id).await;
    let all = pod
        .orders(&zoe(), None, None, 20)
        .await
        .expect_err("broken");

    assert!(!status.is_temporary());
    assert!(one.expect_err("out of order").is_temporary());
    assert!(!all.is_temporary());
}

/// Zoë's only order, as each way of showing it shows it.
async fn shown_everywhere(pod: &Pod, order: OrderId) -> [Stage; 4] {
    let status = pod.order_status(&zoe()).await.expect("asked");
    let one = pod.order(&zoe(), order).await.expect("asked");
    let mut all = pod.orders(&zoe(), None, None, 20).await.expect("asked");
    let listed = all.orders.pop();
    let stage = listed.as_ref().map(|order| order.state.stage());
    let mut same = pod.orders(&zoe(), stage, None, 20).await.expect("asked");
    [status, one, listed, same.orders.pop()].map(|order| order.expect("it is shown").state.stage())
}

fn names(page: &Page) -> Vec<OrderId> {
    page.orders.iter().map(|order| order.placed.id).collect()
}
