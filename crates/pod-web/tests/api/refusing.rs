//! What the API does not do, and how it says so.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use pod_core::ports::AccessToken;

use crate::stage::{LARGE, SCOPE, Stage, ZOE, request};

const EVERYTHING: [(Method, &str); 8] = [
    (Method::POST, "/orders"),
    (Method::GET, "/orders"),
    (Method::GET, "/orders/019aa204-4e5b-70c0-84bc-22e950ac4658"),
    (
        Method::DELETE,
        "/orders/019aa204-4e5b-70c0-84bc-22e950ac4658",
    ),
    (
        Method::POST,
        "/orders/019aa204-4e5b-70c0-84bc-22e950ac4658/confirm",
    ),
    (
        Method::POST,
        "/orders/019aa204-4e5b-70c0-84bc-22e950ac4658/resend",
    ),
    (Method::POST, "/authorize"),
    (Method::GET, "/events"),
];

#[tokio::test]
async fn nothing_is_done_for_who_has_no_good_token() {
    let stage = Stage::new();
    let revoked = AccessToken::parse(ZOE).unwrap();
    for (method, path) in EVERYTHING {
        for (token, error) in [
            ("", None),
            ("no-such-token", Some("invalid_token")),
            ("töken", None),
            ("token-without-scope", Some("insufficient_scope")),
        ] {
            let answer = stage
                .send(request(method.clone(), token, path, LARGE))
                .await;

            let (status, problem) = match error {
                Some("insufficient_scope") => (StatusCode::FORBIDDEN, "insufficient-scope"),
                _ => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            };
            assert_eq!(answer.status, status, "{path} {token}");
            assert_eq!(answer.problem(), problem);
            let challenge = answer.header("www-authenticate");
            match error {
                None => assert_eq!(challenge, "Bearer realm=\"pod\""),
                Some(error) => assert!(challenge.contains(&format!("error=\"{error}\""))),
            }
        }
    }
    let answer = stage.get("token-without-scope", "/orders").await;
    assert!(answer.header("www-authenticate").contains(SCOPE));

    stage.fakes.authenticator.revoke(&revoked);
    let answer = stage.get(ZOE, "/orders").await;
    assert_eq!(answer.problem(), "unauthenticated");
    assert!(stage.fakes.courier.deliveries().is_empty());
}

#[tokio::test]
async fn a_token_is_taken_from_one_place_only() {
    let stage = Stage::new();
    for request in [
        Request::get(format!("/pod/api/orders?access_token={ZOE}")),
        Request::get("/pod/api/orders").header("authorization", format!("Basic {ZOE}")),
        Request::get("/pod/api/orders").header("authorization", ZOE),
        Request::get("/pod/api/orders").header("cookie", format!("token={ZOE}")),
    ] {
        let answer = stage.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.problem(), "unauthenticated");
    }
}

#[tokio::test]
async fn a_body_that_is_not_right_is_named_and_has_no_effect() {
    let stage = Stage::new();
    for (body, problem) in [
        ("", "unsupported-media-type"),
        ("{", "invalid-request"),
        ("[]", "invalid-request"),
        ("{}", "invalid-request"),
        (r#"{"size":"enormous"}"#, "invalid-request"),
        (
            r#"{"size":"large","toppings":["gravel"]}"#,
            "invalid-request",
        ),
        (r#"{"size":"large","toppings":7}"#, "invalid-request"),
        (r#"{"size":"large","price":0}"#, "invalid-request"),
    ] {
        let answer = stage.post(ZOE, "/orders", body).await;
        assert_eq!(answer.problem(), problem, "{body}");
        assert!(answer.status.is_client_error());
    }
    let told = stage.post(ZOE, "/orders", r#"{"size":"enormous"}"#).await;
    let detail = told.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("Large"), "{detail}");
    assert!(stage.fakes.courier.deliveries().is_empty());
}

#[tokio::test]
async fn what_is_said_is_not_repeated() {
    let stage = Stage::new();
    stage.place(ZOE).await;

    let answer = stage.post(ZOE, "/authorize", r#"{"code": 482913}"#).await;

    assert_eq!(answer.problem(), "invalid-request");
    assert!(!answer.text.contains("482913"), "{answer:?}");
}

#[tokio::test]
async fn a_body_that_is_too_large_or_never_comes_is_not_read() {
    let stage = Stage::new();
    let large = format!(r#"{{"size":"large","toppings":"{}"}}"#, " ".repeat(17_000));
    let answer = stage.post(ZOE, "/orders", &large).await;
    assert_eq!(
        (answer.status, &*answer.problem()),
        (StatusCode::PAYLOAD_TOO_LARGE, "too-large")
    );

    tokio::time::pause();
    let nothing = futures_util::stream::pending::<Result<&[u8], std::io::Error>>();
    let mut stalled = request(Method::POST, ZOE, "/orders", "x");
    *stalled.body_mut() = Body::from_stream(nothing);
    let answer = stage.send(stalled).await;
    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
    assert_eq!(answer.problem(), "request-timeout");
}

#[tokio::test]
async fn the_query_has_what_it_may_have() {
    let stage = Stage::new();
    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "state=lost",
        "cursor=17",
        "page=2",
    ] {
        let answer = stage.get(ZOE, &format!("/orders?{query}")).await;
        assert_eq!(answer.problem(), "invalid-request", "{query}");
    }
}

#[tokio::test]
async fn there_is_nothing_elsewhere() {
    let stage = Stage::new();
    let answer = stage.get(ZOE, "/elsewhere").await;
    assert_eq!(
        (answer.status, &*answer.problem()),
        (StatusCode::NOT_FOUND, "not-found")
    );

    let answer = stage.send(request(Method::PUT, ZOE, "/orders", "")).await;
    assert_eq!(answer.problem(), "method-not-allowed");
    let allowed = answer.header("allow");
    assert!(
        allowed.contains("POST") && allowed.contains("GET"),
        "{allowed}"
    );
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let stage = Stage::with(|config| config.requests_per_minute = 2);
    for left in [1, 0] {
        let answer = stage.get(ZOE, "/orders").await;
        let told = answer.header("ratelimit");
        assert!(
            told.starts_with(&format!("\"minute\";r={left};t=")),
            "{told}"
        );
    }

    let answer = stage.get(ZOE, "/orders").await;

    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.problem(), "too-many-requests");
    answer.header("retry-after");
    assert_eq!(answer.header("ratelimit-policy"), "\"minute\";q=2;w=60");
    let others = stage.get(crate::stage::BJORN, "/orders").await;
    assert_eq!(others.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_of_other_origins_may_not_call_unless_they_are_known() {
    let preflight = |origin: &str| {
        let request = Request::options("/pod/api/orders")
            .header("origin", origin)
            .header("access-control-request-method", "POST");
        request.body(Body::empty()).unwrap()
    };
    let closed = Stage::new();
    let answer = closed.send(preflight("https://shop.example")).await;
    assert!(!answer.status.is_success());
    assert!(answer.headers.get("access-control-allow-origin").is_none());

    let open = Stage::with(|config| config.origins = vec!["https://shop.example".to_owned()]);
    let answer = open.send(preflight("https://shop.example")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://shop.example"
    );
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("authorization")
    );
    assert!(
        answer
            .headers
            .get("access-control-allow-credentials")
            .is_none()
    );
    for other in [
        "https://evil.example",
        "null",
        "https://shop.example.evil.example",
    ] {
        let answer = open.send(preflight(other)).await;
        assert!(
            answer.headers.get("access-control-allow-origin").is_none(),
            "{other}"
        );
    }
}

#[tokio::test]
async fn every_answer_is_for_one_caller_and_for_no_browser_to_show() {
    let stage = Stage::new();
    for answer in [
        stage.get(ZOE, "/orders").await,
        stage.get("", "/orders").await,
        stage.post(ZOE, "/orders", LARGE).await,
    ] {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{policy}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_comes_is_not_waited_for() {
    let stage = Stage::new();
    let nothing = futures_util::stream::pending::<Result<&[u8], std::io::Error>>();
    let mut stalled = request(Method::POST, ZOE, "/orders", LARGE);
    *stalled.body_mut() = Body::from_stream(nothing);
    let began = tokio::time::Instant::now();

    let answer = stage.send(stalled).await;

    assert_eq!(answer.problem(), "request-timeout");
    assert!(began.elapsed().as_secs() <= 2);
}

#[tokio::test]
async fn whatever_cannot_be_read_is_a_problem() {
    let stage = Stage::new();
    let long = format!("/orders/{}", "a".repeat(5000));
    for (method, path, status, problem) in [
        ("GET", "", 404, "not-found"),
        ("GET", "/", 404, "not-found"),
        ("GET", "//", 404, "not-found"),
        ("GET", "/nowhere/%ff", 404, "not-found"),
        ("POST", "/nowhere", 404, "not-found"),
        ("BREW", "/nowhere", 404, "not-found"),
        ("GET", "/problems/nowhere", 404, "not-found"),
        ("GET", "/problems/%ff", 400, "invalid-request"),
        ("BREW", "/orders", 405, "method-not-allowed"),
        ("PUT", "/orders/x", 405, "method-not-allowed"),
        ("POST", "/openapi.json", 405, "method-not-allowed"),
        ("POST", "/problems/locked", 405, "method-not-allowed"),
        ("GET", "/orders/%zz", 404, "no-order"),
        ("GET", &long, 404, "no-order"),
        ("GET", "/orders/%ff", 400, "invalid-request"),
        ("DELETE", "/orders/%ff", 400, "invalid-request"),
        ("POST", "/orders/%ff/confirm", 400, "invalid-request"),
        ("POST", "/orders/%ff/resend", 400, "invalid-request"),
        ("GET", "/orders?limit=x", 400, "invalid-request"),
        ("GET", "/orders?limit=1&limit=1", 400, "invalid-request"),
        ("GET", "/orders?state=%ff", 400, "invalid-request"),
        ("GET", "/orders?cursor=%zz", 400, "invalid-request"),
        ("GET", "/orders?%ff=%ff", 400, "invalid-request"),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = stage.send(request(method.clone(), ZOE, path, "")).await;

        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.problem(), problem, "{method} {path}");
        if status == 405 {
            assert!(!answer.header("allow").is_empty(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_text_is_a_problem() {
    let stage = Stage::new();
    for path in ["/orders", "/authorize"] {
        let mut binary = request(Method::POST, ZOE, path, LARGE);
        *binary.body_mut() = Body::from(&b"{\"code\":\"\xff\"}"[..]);
        let answer = stage.send(binary).await;
        assert_eq!(answer.problem(), "invalid-request", "{path}");
    }
}
