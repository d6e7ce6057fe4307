//! Requests that are sent twice, and have one effect.

use http::{Method, StatusCode};
use pod_testkit::fixtures::zoe;

use crate::stage::{Answer, BJORN, LARGE, Stage, ZOE, request};

async fn named(stage: &Stage, token: &str, key: &str, path: &str, body: &str) -> Answer {
    let mut request = request(Method::POST, token, path, body);
    request
        .headers_mut()
        .insert("idempotency-key", key.parse().unwrap());
    stage.send(request).await
}

#[tokio::test]
async fn an_order_that_is_sent_twice_is_placed_once() {
    let stage = Stage::new();
    let first = named(&stage, ZOE, "a", "/orders", LARGE).await;

    let again = named(&stage, ZOE, "a", "/orders", LARGE).await;

    assert_eq!(
        (first.status, again.status),
        (StatusCode::CREATED, StatusCode::CREATED)
    );
    assert_eq!(again.text, first.text);
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert!(first.headers.get("idempotency-replayed").is_none());
    assert_eq!(stage.fakes.courier.deliveries().len(), 1);
}

#[tokio::test]
async fn of_simultaneous_orders_of_one_key_one_is_placed() {
    let stage = std::sync::Arc::new(Stage::new());
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let stage = stage.clone();
        sent.spawn(async move { named(&stage, ZOE, "a", "/orders", LARGE).await });
    }
    while let Some(answer) = sent.join_next().await {
        let answer = answer.unwrap();
        match answer.status {
            StatusCode::CREATED => {}
            _ => assert_eq!(answer.problem(), "request-in-progress"),
        }
    }
    assert_eq!(stage.fakes.courier.deliveries().len(), 1);
}

#[tokio::test]
async fn a_wrong_code_that_is_sent_twice_is_one_attempt() {
    let stage = Stage::new();
    stage.place(ZOE).await;
    for _ in 0..5 {
        let refused = named(&stage, ZOE, "a", "/authorize", &stage.wrong()).await;
        assert_eq!(refused.json()["attempts_left"], 2);
    }
    let refused = named(&stage, ZOE, "b", "/authorize", &stage.wrong()).await;
    assert_eq!(refused.json()["attempts_left"], 1);
}

#[tokio::test]
async fn a_key_is_for_one_request_of_one_caller() {
    let stage = Stage::new();
    named(&stage, ZOE, "a", "/orders", LARGE).await;

    let other = named(&stage, ZOE, "a", "/orders", r#"{"size":"small"}"#).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.problem(), "idempotency-key-reused");
    let other = named(&stage, ZOE, "a", "/authorize", &stage.code()).await;
    assert_eq!(other.problem(), "idempotency-key-reused");

    let his = named(&stage, BJORN, "a", "/orders", LARGE).await;
    assert_eq!(his.status, StatusCode::CREATED);
    assert!(his.headers.get("idempotency-replayed").is_none());
}

#[tokio::test]
async fn sending_again_and_cancelling_are_done_once_too() {
    let stage = Stage::new();
    let id = stage.place(ZOE).await;
    stage
        .fakes
        .clock
        .advance(std::time::Duration::from_secs(30));
    let path = format!("/orders/{id}/resend");
    for _ in 0..3 {
        let sent = named(&stage, ZOE, "a", &path, "").await;
        assert_eq!(sent.status, StatusCode::ACCEPTED);
    }
    assert_eq!(stage.fakes.courier.deliveries().len(), 2);

    for _ in 0..2 {
        let mut cancel = request(Method::DELETE, ZOE, &format!("/orders/{id}"), "");
        cancel
            .headers_mut()
            .insert("idempotency-key", "b".parse().unwrap());
        assert_eq!(stage.send(cancel).await.status, StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let stage = Stage::new();
    for key in ["", "a b", &"x".repeat(256)] {
        let answer = named(&stage, ZOE, key, "/orders", LARGE).await;
        assert_eq!(answer.problem(), "invalid-request", "{key}");
    }
    assert!(stage.fakes.courier.deliveries().is_empty());
}

#[tokio::test]
async fn a_caller_that_hangs_up_finds_the_answer_when_it_comes_again() {
    let stage = Stage::new();
    stage.fakes.courier.fall_silent();
    let mut order = request(Method::POST, ZOE, "/orders", LARGE);
    order
        .headers_mut()
        .insert("idempotency-key", "a".parse().unwrap());
    let hung_up = stage.send(order);
    // Polled once, and dropped where it waits.
    let waited = tokio::time::timeout(std::time::Duration::ZERO, hung_up).await;
    assert!(waited.is_err());
    stage.fakes.courier.speak_again();

    let again = async {
        loop {
            let again = named(&stage, ZOE, "a", "/orders", LARGE).await;
            if again.status != StatusCode::CONFLICT {
                return again;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let again = tokio::time::timeout(std::time::Duration::from_secs(5), again).await;

    assert_eq!(again.expect("an answer").status, StatusCode::CREATED);
    assert_eq!(stage.fakes.courier.deliveries().len(), 1);
}

#[tokio::test]
async fn a_key_that_reads_like_another_customers_is_not_that() {
    let stage = Stage::new();
    let dotted = |token: &str, customer: &str| stage.know(token, customer);
    dotted("one", "auth0|x.b");
    dotted("other", "auth0|x");

    let first = named(&stage, "one", "K", "/orders", LARGE).await;
    let second = named(&stage, "other", "b.K", "/orders", LARGE).await;

    assert_eq!(first.status, StatusCode::CREATED);
    assert!(second.headers.get("idempotency-replayed").is_none());
    assert_ne!(first.json()["id"], second.json()["id"]);
}

#[tokio::test]
async fn what_may_pass_is_told_to_be_tried_under_another_key() {
    let stage = Stage::new();
    let id = stage.place(ZOE).await;
    let path = format!("/orders/{id}/resend");

    let early = named(&stage, ZOE, "a", &path, "").await;
    let again = named(&stage, ZOE, "a", &path, "").await;

    assert_eq!(early.header("retry-after"), "30");
    let detail = early.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("another Idempotency-Key"), "{detail}");
    assert!(again.headers.get("retry-after").is_none());
}

#[tokio::test]
async fn an_answer_goes_with_its_customer_and_is_not_made_once_more() {
    let stage = Stage::new();
    let first = named(&stage, ZOE, "a", "/orders", LARGE).await;
    assert_eq!(first.status, StatusCode::CREATED);
    let his = named(&stage, BJORN, "a", "/orders", LARGE).await;

    let pod = stage.fakes.pod();
    pod.forget_customer(&zoe()).await.unwrap();

    let again = named(&stage, ZOE, "a", "/orders", LARGE).await;
    assert_eq!(again.problem(), "request-in-progress");
    assert_eq!(stage.fakes.courier.deliveries().len(), 2);
    let again = named(&stage, BJORN, "a", "/orders", LARGE).await;
    assert_eq!(again.text, his.text);
}
