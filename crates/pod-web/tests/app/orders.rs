//! The customer's orders: seen, confirmed, sent again, cancelled, cleared.

use std::time::Duration;

use http::StatusCode;
use pod_testkit::fixtures::{bjorn, wrong_code, zoe, zoe_email, zoe_phone};

use crate::stage::{Browser, Stage, form_of};

#[tokio::test]
async fn an_order_that_waits_is_shown_with_where_its_code_went() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let id = stage.order(&zoe()).await;

    let page = stage.get(&mut browser, "/orders").await;

    assert_eq!(page.status, StatusCode::OK);
    let masked = zoe_phone();
    let masked = masked.masked();
    for text in [
        &*id,
        masked.masked(),
        "3 attempts are left",
        "autocomplete=\"one-time-code\"",
        "<progress",
        "awaits its code",
    ] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert!(!page.text.contains(&stage.code()));
    assert!(!page.text.contains("5550142"));
}

#[tokio::test]
async fn the_code_confirms_from_the_page() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let id = stage.order(&zoe()).await;

    let form = format!("code={}", stage.code());
    let done = stage
        .post(&mut browser, &format!("/orders/{id}/confirm"), &form)
        .await;

    assert_eq!(done.location(), "/pod/app/orders?said=confirmed");
    let page = stage.get(&mut browser, "/orders?said=confirmed").await;
    assert!(page.text.contains("The order is confirmed."));
    assert!(page.text.contains("data-stage=\"confirmed\""));
    assert!(page.text.contains("No order waits for a code"));
}

#[tokio::test]
async fn a_wrong_code_says_what_is_left_and_nonsense_costs_nothing() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let id = stage.order(&zoe()).await;
    let path = format!("/orders/{id}/confirm");
    let right = stage.fakes.courier.last_code().unwrap();
    let wrong = format!("code={}", wrong_code(&right, 0).expose());

    let answer = stage.post(&mut browser, &path, "code=hello").await;
    assert_eq!(answer.location(), "/pod/app/orders?said=no-code");
    for said in ["wrong-code&n=2", "wrong-code&n=1", "refused", "no-order"] {
        let answer = stage.post(&mut browser, &path, &wrong).await;
        assert_eq!(answer.location(), format!("/pod/app/orders?said={said}"));
    }
    let page = stage.get(&mut browser, "/orders?said=wrong-code&n=1").await;
    assert!(
        page.text
            .contains("That is not the right code. One attempt is left.")
    );
    assert!(page.text.contains("role=\"alert\""));
}

#[tokio::test]
async fn a_code_is_sent_again_and_an_order_cancelled() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let id = stage.order(&zoe()).await;

    let early = stage
        .post(&mut browser, &format!("/orders/{id}/resend"), "")
        .await;
    assert_eq!(early.location(), "/pod/app/orders?said=too-soon&n=30");
    stage.fakes.clock.advance(Duration::from_secs(30));
    let sent = stage
        .post(&mut browser, &format!("/orders/{id}/resend"), "")
        .await;
    assert_eq!(sent.location(), "/pod/app/orders?said=sent");
    assert_eq!(stage.fakes.courier.deliveries().len(), 2);

    let done = stage
        .post(&mut browser, &format!("/orders/{id}/cancel"), "")
        .await;
    assert_eq!(done.location(), "/pod/app/orders?said=cancelled");
    let page = stage.get(&mut browser, "/orders").await;
    assert!(page.text.contains("data-stage=\"cancelled\""));
}

#[tokio::test]
async fn the_history_is_filtered_paged_and_cleared() {
    let stage = Stage::new();
    for _ in 0..25 {
        stage.fakes.clock.advance(Duration::from_hours(2));
        stage.order(&zoe()).await;
        let command =
            pod_testkit::fixtures::confirm_order(&zoe(), &stage.fakes.courier.last_code().unwrap());
        stage.fakes.pod().confirm_order(command).await.unwrap();
    }
    stage.order(&zoe()).await;
    let mut browser = stage.signed_in(&zoe()).await;

    let first = stage.get(&mut browser, "/orders?state=confirmed").await;
    assert_eq!(first.text.matches("data-stage=\"confirmed\"").count(), 20);
    let next = first
        .text
        .split("/pod/app/orders?state=confirmed")
        .nth(2)
        .unwrap();
    let next = next
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let second = stage
        .get(&mut browser, &format!("/orders?state=confirmed{next}"))
        .await;
    assert_eq!(second.text.matches("data-stage=\"confirmed\"").count(), 5);
    let other = stage.get(&mut browser, "/orders?state=refused").await;
    assert!(other.text.contains("There are no orders here yet."));

    let cleared = stage.post(&mut browser, "/orders/clear", "").await;
    assert_eq!(cleared.location(), "/pod/app/orders?said=cleared");
    let page = stage.get(&mut browser, "/orders").await;
    assert!(page.text.contains("There are no orders here yet."));
    assert!(page.text.contains("data-stage=\"awaiting_code\""));
}

#[tokio::test]
async fn where_a_code_went_instead_is_said() {
    let stage = Stage::new();
    stage.fakes.courier.lose(&zoe_phone());
    let mut browser = stage.signed_in(&zoe()).await;
    stage.order(&zoe()).await;

    let page = stage.get(&mut browser, "/orders").await;

    let (phone, mail) = (zoe_phone().masked(), zoe_email().masked());
    assert!(
        page.text
            .contains(&format!("{} could not be reached", phone.masked()))
    );
    assert!(page.text.contains(mail.masked()));
}

#[tokio::test]
async fn somebody_elses_orders_are_neither_seen_nor_changed() {
    let stage = Stage::new();
    let id = stage.order(&zoe()).await;
    let code = stage.code();
    let mut his = stage.signed_in(&bjorn()).await;

    let page = stage.get(&mut his, "/orders").await;
    assert!(!page.text.contains(&id));
    for (action, form) in [
        ("confirm", format!("code={code}")),
        ("resend", String::new()),
        ("cancel", String::new()),
    ] {
        let answer = stage
            .post(&mut his, &format!("/orders/{id}/{action}"), &form)
            .await;
        assert_eq!(
            answer.location(),
            "/pod/app/orders?said=no-order",
            "{action}"
        );
    }
    let mut hers = stage.signed_in(&zoe()).await;
    let page = stage.get(&mut hers, "/orders").await;
    assert!(page.text.contains("3 attempts are left"));
}

#[tokio::test]
async fn a_script_whose_session_is_over_is_told_by_the_status() {
    let stage = Stage::new();
    for path in ["/orders/live", "/events"] {
        let answer = stage.get(&mut Browser::default(), path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let mut browser = stage.signed_in(&zoe()).await;
    let part = stage.get(&mut browser, "/orders/live").await;
    assert_eq!(part.status, StatusCode::OK);
    assert!(!part.text.contains("<html"));
}

#[tokio::test]
async fn what_a_page_is_told_to_say_is_one_of_its_own_sentences() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    for said in [
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "unlinked%22%3E",
        "nothing",
        "Confirmed",
    ] {
        let page = stage
            .get(&mut browser, &format!("/orders?said={said}"))
            .await;
        assert!(
            !page.text.contains("class=\"notice\" data-kind=\"error\""),
            "{said}"
        );
        assert!(!page.text.contains("alert(1)"), "{said}");
    }
}

#[tokio::test]
async fn pages_are_in_the_language_of_the_browser() {
    let stage = Stage::new();
    for (language, text) in [("de", "Anmelden"), ("ja", "ログイン"), ("sv", "Sign in")] {
        let request = http::Request::get("/pod/app/").header("accept-language", language);
        let request = request.body(axum::body::Body::empty()).unwrap();
        let page = stage.send(&mut Browser::default(), request).await;
        let tag = if language == "sv" { "en" } else { language };
        assert!(
            page.text.contains(&format!("<html lang=\"{tag}\"")),
            "{language}"
        );
        assert!(page.text.contains(text), "{language}: {}", page.text);
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_attempt() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let id = stage.order(&zoe()).await;
    let page = stage.get(&mut browser, "/orders").await;
    let once = page.text.split("name=\"once\" value=\"").nth(1).unwrap();
    let once = once.split('"').next().unwrap();
    let right = stage.fakes.courier.last_code().unwrap();
    let wrong = wrong_code(&right, 0);
    let path = format!("/orders/{id}/confirm");

    for _ in 0..3 {
        let form = format!("code={}&once={once}", wrong.expose());
        let answer = stage.post(&mut browser, &path, &form).await;
        assert_eq!(answer.location(), "/pod/app/orders?said=wrong-code&n=2");
    }
    for _ in 0..2 {
        let form = format!("code={}&once={once}x", right.expose());
        let answer = stage.post(&mut browser, &path, &form).await;
        assert_eq!(answer.location(), "/pod/app/orders?said=confirmed");
    }
}

#[tokio::test]
async fn a_code_that_is_sent_again_comes_in_the_language_of_the_browser() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let id = stage.order(&zoe()).await;
    stage.fakes.clock.advance(Duration::from_secs(30));
    let mut resend = form_of(&format!("/orders/{id}/resend"), "", "same-origin");
    let wanted = "de-DE, en;q=0.5".parse().unwrap();
    resend.headers_mut().insert("accept-language", wanted);

    stage.send(&mut browser, resend).await;

    let languages = stage.fakes.courier.deliveries();
    assert_eq!(languages[1].language.as_str(), "de");
}
