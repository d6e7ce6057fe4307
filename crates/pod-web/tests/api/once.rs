//! Requests that are sent twice, and have one effect.

use http::{Method, StatusCode};

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
