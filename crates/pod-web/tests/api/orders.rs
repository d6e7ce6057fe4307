//! Orders through the API, from being placed to their end.

use std::time::Duration;

use http::{Method, StatusCode};
use pod_testkit::fixtures::{zoe_email, zoe_phone};
use serde_json::json;

use crate::stage::{BJORN, LARGE, Stage, ZOE, request, said};

#[tokio::test]
async fn an_order_is_placed_and_awaits_its_code() {
    let stage = Stage::new();

    let placed = stage.post(ZOE, "/orders", LARGE).await;

    assert_eq!(placed.status, StatusCode::CREATED);
    let order = placed.json();
    let id = order["id"].as_str().unwrap();
    assert_eq!(placed.header("location"), format!("/pod/api/orders/{id}"));
    assert_eq!(order["state"], "awaiting_code");
    assert_eq!(order["mode"], "phone");
    assert_eq!(order["summary"], "a large pizza with onions");
    assert_eq!(
        order["details"],
        json!({"size": "large", "toppings": ["onions"]})
    );
    let challenge = &order["challenge"];
    assert_eq!(challenge["channel"], "phone");
    assert_eq!(challenge["sent_to"], zoe_phone().masked().masked());
    assert_eq!(challenge["attempts_left"], 3);
    assert!(!placed.text.contains("5550142"));
    assert_eq!(stage.get(ZOE, &format!("/orders/{id}")).await.json(), order);
}

#[tokio::test]
async fn the_right_code_confirms_by_either_way() {
    let stage = Stage::new();
    for path in ["/authorize".to_owned(), String::new()] {
        let id = stage.place(ZOE).await;
        let path = if path.is_empty() {
            format!("/orders/{id}/confirm")
        } else {
            path
        };

        let confirmed = stage.post(ZOE, &path, &stage.code()).await;

        assert_eq!(confirmed.status, StatusCode::OK, "{confirmed:?}");
        let order = confirmed.json();
        assert_eq!(
            (&order["id"], &order["state"]),
            (&json!(id), &json!("confirmed"))
        );
        assert_eq!(order["challenge"], json!(null));
    }
}

#[tokio::test]
async fn a_wrong_code_costs_an_attempt_and_the_last_one_the_order() {
    let stage = Stage::new();
    let id = stage.place(ZOE).await;
    let path = format!("/orders/{id}/confirm");

    for left in [2, 1, 0] {
        let refused = stage.post(ZOE, &path, &stage.wrong()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.problem(), "wrong-code");
        assert_eq!(refused.json()["attempts_left"], left);
    }

    let late = stage.post(ZOE, &path, &stage.code()).await;
    assert_eq!(
        (late.status, &*late.problem()),
        (StatusCode::NOT_FOUND, "no-order")
    );
    let order = stage.get(ZOE, &format!("/orders/{id}")).await.json();
    assert_eq!(order["state"], "refused");
}

#[tokio::test]
async fn what_is_no_code_costs_no_attempt() {
    let stage = Stage::new();
    let id = stage.place(ZOE).await;
    let path = format!("/orders/{id}/confirm");

    for code in ["", "12", "1234567890", "let me in"] {
        let refused = stage.post(ZOE, &path, &said(code)).await;
        assert_eq!(refused.problem(), "invalid-request", "{code}");
    }

    let order = stage.get(ZOE, &format!("/orders/{id}")).await.json();
    assert_eq!(order["challenge"]["attempts_left"], 3);
}

#[tokio::test]
async fn without_the_code_the_token_is_not_enough() {
    let stage = Stage::new();
    let id = stage.place(ZOE).await;

    let refused = stage
        .post(ZOE, &format!("/orders/{id}/confirm"), "{}")
        .await;

    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.problem(), "code-required");
    let challenge = refused.header("www-authenticate");
    assert!(challenge.starts_with("Bearer "), "{challenge}");
    assert!(challenge.contains("error=\"insufficient_user_authentication\""));
}

#[tokio::test]
async fn a_code_is_good_for_its_time() {
    let stage = Stage::new();
    let id = stage.place(ZOE).await;
    let code = stage.code();
    stage.fakes.clock.advance(Duration::from_mins(5));

    let late = stage
        .post(ZOE, &format!("/orders/{id}/confirm"), &code)
        .await;

    assert_eq!(
        (late.status, &*late.problem()),
        (StatusCode::GONE, "code-expired")
    );
}

#[tokio::test]
async fn too_many_wrong_codes_lock_and_say_how_long() {
    let stage = Stage::new();
    for n in 0..10 {
        if n % 3 == 0 {
            stage.place(ZOE).await;
        }
        stage.post(ZOE, "/authorize", &stage.wrong()).await;
    }

    let refused = stage.post(ZOE, "/authorize", &stage.code()).await;

    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.problem(), "locked");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=3600).contains(&wait), "{wait}");
}

#[tokio::test]
async fn a_code_is_sent_again_after_a_while() {
    let stage = Stage::new();
    let id = stage.place(ZOE).await;
    let path = format!("/orders/{id}/resend");

    let early = stage.post(ZOE, &path, "").await;
    assert_eq!(early.problem(), "too-many-sends");
    assert_eq!(early.header("retry-after"), "30");

    stage.fakes.clock.advance(Duration::from_secs(30));
    let sent = stage.post(ZOE, &path, "").await;
    assert_eq!(sent.status, StatusCode::ACCEPTED);
    assert_eq!(sent.json()["state"], "awaiting_code");
    assert_eq!(stage.fakes.courier.deliveries().len(), 2);
}

#[tokio::test]
async fn where_waiting_does_not_help_nobody_is_told_to_wait() {
    let stage = Stage::new();
    let id = stage.place(ZOE).await;
    let path = format!("/orders/{id}/resend");
    for pause in [30, 60] {
        stage.fakes.clock.advance(Duration::from_secs(pause));
        let sent = stage.post(ZOE, &path, "").await;
        assert_eq!(sent.status, StatusCode::ACCEPTED, "{sent:?}");
    }

    stage.fakes.clock.advance(Duration::from_mins(2));
    let exhausted = stage.post(ZOE, &path, "").await;

    assert_eq!(exhausted.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(exhausted.problem(), "too-many-sends");
    assert!(!exhausted.headers.contains_key("retry-after"));
    assert!(exhausted.text.contains("order again"), "{exhausted:?}");
    // The document says that it may be missing, and what that means.
    let document = stage.get("", "/openapi.json").await.json();
    let resend = &document["paths"]["/api/orders/{id}/resend"]["post"];
    let header = &resend["responses"]["429"]["headers"]["Retry-After"];
    assert_eq!(header["schema"]["type"], "integer", "{resend}");
    assert_eq!(header["required"], serde_json::Value::Null);
    let told = header["description"].as_str().unwrap();
    assert!(told.contains("Where it is missing"), "{told}");
}

#[tokio::test]
async fn a_cancelled_order_is_confirmed_by_nothing() {
    let stage = Stage::new();
    let id = stage.place(ZOE).await;
    let path = format!("/orders/{id}");

    let cancelled = stage.delete(ZOE, &path).await;

    assert_eq!(cancelled.status, StatusCode::NO_CONTENT);
    let refused = stage.post(ZOE, "/authorize", &stage.code()).await;
    assert_eq!(refused.problem(), "no-order");
    assert_eq!(stage.delete(ZOE, &path).await.problem(), "no-order");
    assert_eq!(stage.get(ZOE, &path).await.json()["state"], "cancelled");
}

#[tokio::test]
async fn where_the_code_went_instead_is_told() {
    let stage = Stage::new();
    stage.fakes.courier.lose(&zoe_phone());

    let placed = stage.post(ZOE, "/orders", LARGE).await.json();

    assert_eq!(placed["mode"], "email");
    let challenge = &placed["challenge"];
    assert_eq!(challenge["sent_to"], zoe_email().masked().masked());
    assert_eq!(challenge["instead_of"], zoe_phone().masked().masked());
}

#[tokio::test]
async fn an_order_whose_code_cannot_be_sent_is_told_and_kept() {
    let stage = Stage::known_by(vec![zoe_phone()], |_| {});
    stage.fakes.courier.lose(&zoe_phone());

    let refused = stage.post(ZOE, "/orders", LARGE).await;

    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.problem(), "undeliverable");
    let listed = stage.get(ZOE, "/orders?state=undelivered").await.json();
    assert_eq!(listed["orders"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_supplier_that_does_not_answer_is_told_with_a_wait() {
    let stage = Stage::known_by(vec![zoe_phone()], |_| {});
    stage.fakes.courier.fall_silent();

    let refused = stage.post(ZOE, "/orders", LARGE).await;

    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.problem(), "supplier-unavailable");
    refused.header("retry-after");
}

#[tokio::test]
async fn orders_are_listed_page_by_page_and_by_state() {
    let stage = Stage::with(|config| config.requests_per_minute = 1000);
    let mut placed = Vec::new();
    for _ in 0..5 {
        stage.fakes.clock.advance(Duration::from_mins(10));
        placed.push(stage.place(ZOE).await);
    }
    placed.reverse();

    let mut listed = Vec::new();
    let mut path = "/orders?limit=2".to_owned();
    loop {
        let answer = stage.get(ZOE, &path).await;
        let page = answer.json();
        for order in page["orders"].as_array().unwrap() {
            listed.push(order["id"].as_str().unwrap().to_owned());
        }
        let Some(next) = page["next"].as_str() else {
            assert!(answer.headers.get("link").is_none());
            break;
        };
        let link = answer.header("link");
        assert!(
            link.contains(next) && link.ends_with("rel=\"next\""),
            "{link}"
        );
        path = format!("/orders?limit=2&cursor={next}");
    }

    assert_eq!(listed, placed);
    let waiting = stage.get(ZOE, "/orders?state=awaiting_code").await.json();
    let waiting = waiting["orders"].as_array().unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0]["id"], placed[0]);
}

#[tokio::test]
async fn somebody_elses_order_is_no_order() {
    let stage = Stage::new();
    let id = stage.place(ZOE).await;
    let code = stage.code();

    for answer in [
        stage.get(BJORN, &format!("/orders/{id}")).await,
        stage
            .post(BJORN, &format!("/orders/{id}/confirm"), &code)
            .await,
        stage.post(BJORN, &format!("/orders/{id}/resend"), "").await,
        stage.delete(BJORN, &format!("/orders/{id}")).await,
        stage.post(BJORN, "/authorize", &code).await,
        stage
            .get(BJORN, "/orders/019aa204-4e5b-70c0-84bc-22e950ac4658")
            .await,
        stage.get(BJORN, "/orders/17").await,
    ] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.problem(), "no-order");
    }
    let listed = stage.get(BJORN, "/orders").await.json();
    assert_eq!(listed, json!({"orders": [], "next": null}));
    let confirmed = stage.post(ZOE, "/authorize", &code).await;
    assert_eq!(confirmed.status, StatusCode::OK);
}

#[tokio::test]
async fn messages_are_in_the_language_that_the_caller_wants() {
    let stage = Stage::new();
    let mut order = request(Method::POST, ZOE, "/orders", LARGE);
    let wanted = "*, fr;q=0, en;q=0.8, de-DE;q=0.9".parse().unwrap();
    order.headers_mut().insert("accept-language", wanted);

    stage.send(order).await;

    let delivered = stage.fakes.courier.deliveries();
    assert_eq!(delivered[0].language.as_str(), "de-DE");
}
