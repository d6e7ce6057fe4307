//! What goes wrong: it is told, it is not repeated for long, and nobody waits.

use std::error::Error as _;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use pod_core::ports::Event;
use pod_core::{Fault, Stage};
use pod_pusher::{Lost, PusherConfig};
use pod_testkit::fixtures::{at, bjorn, order, zoe};
use wiremock::ResponseTemplate;

use crate::far_end::{Announcing, FarEnd, KEY, SECRET, config};

fn event(n: u32) -> Event {
    Event {
        customer: zoe(),
        order: order(n, &zoe()).id,
        stage: Stage::Confirmed,
        at: at(30),
    }
}

fn fault(lost: Lost) -> Fault {
    let Lost::Fault(fault) = lost else {
        panic!("{lost:?}")
    };
    assert_eq!(fault.adapter(), "Pusher");
    fault
}

/// Announces some events, and holds that this took no time.
async fn announce_at_once(announcing: &Announcing, events: u32) {
    let start = Instant::now();
    for n in 0..events {
        announcing.announce(&event(n)).await;
    }
    let took = start.elapsed();
    assert!(took < Duration::from_millis(500), "{took:?}");
}

/// A server that accepts connections and says nothing.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

#[tokio::test]
async fn nobody_waits_for_a_server_that_is_slow() {
    let (_listener, url) = silent();
    let mut announcing = Announcing::at(&url).post();

    announce_at_once(&announcing, 50).await;

    let start = Instant::now();
    let fault = fault(announcing.next_lost().await);
    assert!(fault.is_temporary());
    // What may have been taken is not posted again.
    let took = start.elapsed();
    assert!((2..5).contains(&took.as_secs()), "{took:?}");
}

#[tokio::test]
async fn a_customer_whose_events_are_stuck_holds_up_few_others() {
    let far_end = FarEnd::start().await;
    let never = ResponseTemplate::new(200).set_delay(Duration::from_mins(1));
    far_end.answer(never, 1).await;
    let announcing = Announcing::at(&far_end.server.uri()).post();
    announcing.announce(&event(1)).await;
    let start = Instant::now();

    // One in eight takes the same lane.
    for n in 0..40 {
        let customer = pod_testkit::fixtures::customer(&format!("auth0|{n}"));
        announcing
            .announce(&Event {
                customer,
                ..event(n)
            })
            .await;
    }
    far_end.heard(|bodies| bodies.len() >= 20).await;

    assert!(start.elapsed() < Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_news_any_more_is_not_posted() {
    let (_listener, url) = silent();
    let announcing = Announcing::at(&url).post();

    // Ten time out, three seconds each; then the rest is too old.
    announce_at_once(&announcing, 50).await;
    let lost = announcing.finish().await;

    let late = lost.iter().filter(|lost| matches!(lost, Lost::Late));
    assert_eq!(lost.len(), 50);
    assert!((35..45).contains(&late.count()), "{lost:?}");
}

#[tokio::test]
async fn nobody_waits_where_the_connection_is_refused() {
    let (listener, url) = silent();
    drop(listener);
    let mut announcing = Announcing::at(&url).post();

    announce_at_once(&announcing, 50).await;

    let fault = fault(announcing.next_lost().await);
    assert!(fault.is_temporary());
    let cause = fault.source().unwrap().to_string();
    assert!(cause.contains("could not be reached"), "{cause}");
}

#[tokio::test]
async fn a_wrong_secret_is_something_to_repair_and_is_not_tried_again() {
    let far_end = FarEnd::start().await;
    let config = PusherConfig {
        secret: "another".into(),
        ..config(&far_end.server.uri())
    };
    let announcing = Announcing::of(&config);

    announcing.announce(&event(1)).await;
    let [lost] = announcing.finish().await.try_into().unwrap();

    let fault = fault(lost);
    assert!(!fault.is_temporary());
    let cause = fault.source().unwrap().to_string();
    assert!(cause.contains("PUSHER_SECRET"), "{cause}");
    assert_eq!(far_end.requests().await.len(), 1);
}

#[tokio::test]
async fn what_was_surely_not_taken_is_posted_once_more() {
    for status in [429, 503] {
        let far_end = FarEnd::start().await;
        far_end.answer(ResponseTemplate::new(status), 1).await;
        let announcing = Announcing::at(&far_end.server.uri());

        announcing.announce(&event(1)).await;

        assert!(announcing.finish().await.is_empty(), "{status}");
        assert_eq!(far_end.requests().await.len(), 2, "{status}");
        assert_eq!(far_end.heard(|bodies| bodies.len() == 1).await.len(), 1);
    }
}

#[tokio::test]
async fn nothing_is_posted_three_times() {
    let far_end = FarEnd::start().await;
    far_end.answer(ResponseTemplate::new(503), 9).await;
    let announcing = Announcing::at(&far_end.server.uri());

    announcing.announce(&event(1)).await;
    let [lost] = announcing.finish().await.try_into().unwrap();

    assert!(fault(lost).is_temporary());
    assert_eq!(far_end.requests().await.len(), 2);
}

#[tokio::test]
async fn other_answers_are_final() {
    for (status, is_temporary) in [
        (302, false),
        (400, false),
        (403, false),
        (404, false),
        (413, false),
        (500, true),
        (502, true),
    ] {
        let far_end = FarEnd::start().await;
        let elsewhere = ResponseTemplate::new(status).insert_header("location", "/apps/3/events");
        far_end.answer(elsewhere, 1).await;
        let announcing = Announcing::at(&far_end.server.uri());

        announcing.announce(&event(1)).await;
        let [lost] = announcing.finish().await.try_into().unwrap();

        assert_eq!(fault(lost).is_temporary(), is_temporary, "{status}");
        assert_eq!(far_end.requests().await.len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_refusal_that_only_its_body_tells_of_is_one() {
    for (body, tries, taken) in [
        (
            r#"{"error":"The secret authentication failed","code":401}"#,
            1,
            false,
        ),
        (r#"{"error":"Too many requests.","code":429}"#, 2, true),
        (r#"{"ok":true}"#, 1, true),
        (r#"{"code":401}"#, 1, true),
        (r#"{"error":"none","code":200}"#, 1, true),
        (r#"{"error":"none","code":70000}"#, 1, true),
        ("[", 1, true),
        ("", 1, true),
    ] {
        let far_end = FarEnd::start().await;
        let answer = ResponseTemplate::new(200).set_body_string(body);
        far_end.answer(answer, 1).await;
        let announcing = Announcing::at(&far_end.server.uri());

        announcing.announce(&event(1)).await;

        assert_eq!(announcing.finish().await.is_empty(), taken, "{body}");
        assert_eq!(far_end.requests().await.len(), tries, "{body}");
    }
}

#[tokio::test]
async fn a_server_that_asks_for_a_long_pause_is_not_waited_for() {
    let far_end = FarEnd::start().await;
    let later = ResponseTemplate::new(429).insert_header("retry-after", "3600");
    far_end.answer(later, 1).await;
    let announcing = Announcing::at(&far_end.server.uri());

    announcing.announce(&event(1)).await;
    let [lost] = announcing.finish().await.try_into().unwrap();

    assert!(fault(lost).is_temporary());
    assert_eq!(far_end.requests().await.len(), 1);
}

#[tokio::test]
async fn where_the_queue_is_full_nobody_waits_and_every_loss_is_told() {
    let far_end = FarEnd::start().await;
    let mut announcing = Announcing::at(&far_end.server.uri());

    announce_at_once(&announcing, 300).await;
    let lost = announcing.lost();
    let others = Event {
        customer: bjorn(),
        ..event(1)
    };
    announcing.announce(&others).await;

    assert_eq!(lost.len(), 300 - 256);
    assert!(lost.iter().all(|lost| matches!(lost, Lost::Full)));
    assert!(announcing.finish().await.is_empty());
    assert_eq!(far_end.requests().await.len(), 256 + 1);
}

#[tokio::test(start_paused = true)]
async fn the_end_waits_five_seconds_and_tells_what_was_lost() {
    let (_listener, url) = silent();
    let mut announcing = Announcing::at(&url);
    announce_at_once(&announcing, 50).await;

    let start = tokio::time::Instant::now();
    let lost = announcing.end().await;

    // One timed out after three seconds, and the next was given up.
    let took = start.elapsed();
    assert!((5..6).contains(&took.as_secs()), "{took:?}");
    let stopped = lost.iter().filter(|lost| matches!(lost, Lost::Stopped));
    assert_eq!((lost.len(), stopped.count()), (50, 49));
}

#[tokio::test]
async fn what_is_announced_after_the_end_is_told_as_lost() {
    let mut announcing = Announcing::at("http://127.0.0.1:9");
    announcing.stop();

    announcing.announce(&event(1)).await;

    assert!(matches!(announcing.lost()[..], [Lost::Stopped]));
}

#[tokio::test]
async fn a_loss_tells_neither_the_key_nor_a_signature_nor_the_customer() {
    let (listener, url) = silent();
    drop(listener);
    let mut announcing = Announcing::at(&url).post();

    announcing.announce(&event(1)).await;
    let lost = format!("{:?}", announcing.next_lost().await);

    for secret in [KEY, SECRET, "auth_signature", zoe().as_str()] {
        assert!(!lost.contains(secret), "{lost}");
    }
}
