//! The document of the routes, against the routes.

use std::collections::BTreeSet;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stage::{Stage, ZOE, request, said};

async fn document(stage: &Stage) -> Value {
    let answer = stage.get("", "/openapi.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.json()
}

#[tokio::test]
async fn the_document_is_of_openapi_3_1_and_everybodys() {
    let document = document(&Stage::new()).await;

    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "/pod");
    let bearer = &document["components"]["securitySchemes"]["bearer"];
    assert_eq!(bearer["scheme"], "bearer");
}

#[tokio::test]
async fn the_document_has_the_routes_that_there_are_and_no_others() {
    let stage = Stage::new();
    let document = document(&stage).await;
    let mut documented = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            documented.insert((path.clone(), method.to_uppercase()));
        }
    }
    let paths: BTreeSet<_> = documented.iter().map(|(path, _)| path.clone()).collect();
    for path in &paths {
        let there = path.strip_prefix("/api").unwrap();
        let there = there.replace("{id}", "019aa204-4e5b-70c0-84bc-22e950ac4658");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let asked = Method::from_bytes(method.as_bytes()).unwrap();
            let status = stage.status(request(asked, ZOE, &there, "")).await;
            let exists = status != StatusCode::METHOD_NOT_ALLOWED;
            let is_documented = documented.contains(&(path.clone(), method.to_owned()));
            assert_eq!(exists, is_documented, "{method} {path}");
        }
    }
    assert_eq!(documented.len(), 8, "{documented:?}");
}

#[tokio::test]
async fn every_problem_is_documented_and_explained() {
    let stage = Stage::new();
    let text = document(&stage).await.to_string();
    for word in [
        "invalid-request",
        "unauthenticated",
        "code-required",
        "insufficient-scope",
        "no-order",
        "method-not-allowed",
        "request-timeout",
        "superseded",
        "request-in-progress",
        "code-expired",
        "too-large",
        "unsupported-media-type",
        "wrong-code",
        "undeliverable",
        "idempotency-key-reused",
        "locked",
        "too-many-sends",
        "too-many-requests",
        "supplier-unavailable",
    ] {
        assert!(text.contains(&format!("`{word}`")), "{word}");
        let answer = stage.get("", &format!("/problems/{word}")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.json()["type"], format!("/pod/api/problems/{word}"));
    }
    let answer = stage.get("", "/problems/of-nobody").await;
    assert_eq!(answer.problem(), "not-found");
}

#[tokio::test]
async fn every_operation_has_an_example_of_what_it_takes() {
    let document = document(&Stage::new()).await;
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in ["NewOrder", "Said", "Order", "Problem"] {
        let schema = schemas[name].to_string();
        assert!(
            schema.contains("\"examples\"") || schema.contains("\"example\""),
            "{name}"
        );
    }
    let answer = Stage::new().post(ZOE, "/orders", crate::stage::LARGE).await;
    let order = answer.json();
    let documented: BTreeSet<_> = schemas["Order"]["properties"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    let sent: BTreeSet<_> = order.as_object().unwrap().keys().collect();
    assert_eq!(sent, documented);
}

#[tokio::test]
async fn the_document_says_what_this_shop_takes() {
    let document = document(&Stage::new()).await;
    let schemas = &document["components"]["schemas"];

    let sizes = &schemas["NewOrder"]["properties"]["size"]["enum"];
    assert_eq!(sizes, &json!(["small", "medium", "large", "jumbo"]));
    let [list, text] = [0, 1].map(|place| &schemas["Toppings"]["oneOf"][place]);
    let toppings = list["items"]["enum"].as_array().unwrap();
    assert!(toppings.contains(&json!("extra-cheese")), "{toppings:?}");
    let written = text["pattern"].as_str().unwrap();
    assert!(written.contains("|extra-cheese|"), "{written}");
    let code = &schemas["Said"]["properties"]["code"]["pattern"];
    assert_eq!(code, "^[0-9]([ -]?[0-9]){5}$");
}

#[tokio::test]
async fn whatever_fits_the_document_is_taken() {
    let stage = Stage::new();
    for toppings in [
        json!([]),
        json!(["onions", "extra-cheese"]),
        json!(""),
        json!("onions"),
        json!("onions, extra-cheese,bacon and spinach"),
    ] {
        let order = json!({"size": "jumbo", "toppings": toppings}).to_string();
        let answer = stage.post(ZOE, "/orders", &order).await;
        let problem = (answer.status != StatusCode::CREATED).then(|| answer.problem());
        assert_ne!(problem.as_deref(), Some("invalid-request"), "{order}");
    }
    for code in ["482913", "4 8 2-9-1 3"] {
        let answer = stage.post(ZOE, "/authorize", &said(code)).await;
        let problem = (answer.status != StatusCode::OK).then(|| answer.problem());
        assert_ne!(problem.as_deref(), Some("invalid-request"), "{code}");
    }
}
