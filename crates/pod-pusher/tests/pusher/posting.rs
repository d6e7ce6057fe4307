//! What is posted, and when.

use pod_core::Stage;
use pod_core::ports::Event;
use pod_pusher::Lost;
use pod_testkit::fixtures::{at, bjorn, order, zoe};
use serde_json::{Value, json};

use crate::far_end::{Announcing, FarEnd, channels};

fn event(stage: Stage) -> Event {
    Event {
        customer: zoe(),
        order: order(1, &zoe()).id,
        stage,
        at: at(30),
    }
}

#[tokio::test]
async fn an_event_tells_of_the_order_and_nothing_of_the_customer() {
    let far_end = FarEnd::start().await;
    let announcing = Announcing::at(&far_end.server.uri());

    announcing.announce(&event(Stage::AwaitingCode)).await;
    assert!(announcing.finish().await.is_empty());

    let [request] = far_end.requests().await.try_into().unwrap();
    assert_eq!(request.headers["content-type"], "application/json");
    let post: Value = serde_json::from_slice(&request.body).unwrap();
    let data = json!({
        "order": order(1, &zoe()).id.to_string(),
        "stage": "awaiting_code",
        "at": at(30).to_string(),
    });
    assert_eq!(post["name"], "order.awaiting_code");
    assert_eq!(post["channels"], json!([channels().channel(&zoe())]));
    let posted: Value = serde_json::from_str(post["data"].as_str().unwrap()).unwrap();
    assert_eq!(posted, data);
    assert_eq!(post.as_object().unwrap().len(), 3);
    let text = String::from_utf8(request.body).unwrap();
    assert!(!text.contains(zoe().as_str()));
}

#[tokio::test]
async fn a_post_is_signed_for_the_time_at_which_it_is_made() {
    let far_end = FarEnd::start().await;
    let announcing = Announcing::at(&far_end.server.uri());
    announcing.announce(&event(Stage::Placed)).await;
    announcing.clock.set(at(7200));

    assert!(announcing.finish().await.is_empty());

    let [request] = far_end.requests().await.try_into().unwrap();
    let time = format!("auth_timestamp={}&", at(7200).as_second());
    assert!(request.url.query().unwrap().contains(&time));
}

#[tokio::test]
async fn what_waits_is_posted_after_the_announcer_is_gone() {
    let far_end = FarEnd::start().await;
    let announcing = Announcing::at(&far_end.server.uri()).post();
    for customer in [zoe(), bjorn()] {
        for stage in Stage::ALL {
            let event = Event {
                customer: customer.clone(),
                ..event(stage)
            };
            announcing.announce(&event).await;
        }
    }

    assert!(announcing.finish().await.is_empty());

    assert_eq!(far_end.requests().await.len(), 2 * Stage::ALL.len());
}

#[tokio::test]
async fn what_waits_at_the_end_is_posted_and_nothing_new_is_taken() {
    let far_end = FarEnd::start().await;
    let mut announcing = Announcing::at(&far_end.server.uri());
    for customer in [zoe(), bjorn()] {
        for stage in Stage::ALL {
            let event = Event {
                customer: customer.clone(),
                ..event(stage)
            };
            announcing.announce(&event).await;
        }
    }

    // The announcer is still there: it is the end that ends it.
    assert!(announcing.end().await.is_empty());
    announcing.announce(&event(Stage::Placed)).await;

    assert_eq!(far_end.requests().await.len(), 2 * Stage::ALL.len());
    assert!(matches!(announcing.lost()[..], [Lost::Stopped]));
}
