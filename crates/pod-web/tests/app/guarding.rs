//! What every page has, and what pages of others cannot do.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode};
use pod_testkit::fixtures::zoe;
use tokio::time::timeout;

use crate::stage::{Answer, Browser, Stage, form_of};

const WRITES: [&str; 6] = [
    "/sign-out",
    "/orders/clear",
    "/profile/sign-out-everywhere",
    "/profile/unlink",
    "/profile/erase",
    "/orders/019aa204-4e5b-70c0-84bc-22e950ac4658/cancel",
];

#[tokio::test]
async fn a_form_of_another_page_has_no_effect() {
    let stage = Stage::new();
    let id = stage.order(&zoe()).await;
    let mut browser = stage.signed_in(&zoe()).await;
    for path in WRITES
        .iter()
        .map(|path| path.replace("019aa204-4e5b-70c0-84bc-22e950ac4658", &id))
    {
        for site in ["cross-site", "same-site"] {
            let answer = stage.send(&mut browser, form_of(&path, "", site)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {site}");
        }
        // A browser that says only where the page is from.
        let request = Request::post(format!("/pod/app{path}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("host", "pod.example.com")
            .header("origin", "https://evil.example");
        let answer = stage
            .send(&mut browser, request.body(Body::empty()).unwrap())
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.text.contains("This came from another page"));
    }
    let page = stage.get(&mut browser, "/orders").await;
    assert!(page.text.contains("awaits its code"));
}

#[tokio::test]
async fn nothing_is_written_by_looking() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    for path in WRITES {
        let answer = stage.get(&mut browser, path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
    assert_eq!(
        stage.get(&mut browser, "/orders").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn every_page_keeps_others_out() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    for path in [
        "/",
        "/orders",
        "/orders/live",
        "/profile",
        "/privacy",
        "/link",
        "/nowhere",
        "/assets/app.js",
    ] {
        let page = stage.get(&mut browser, path).await;
        let policy = page.header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self' https://tenant.example",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert!(
            page.header("strict-transport-security")
                .contains("max-age=")
        );
        assert!(page.header("permissions-policy").contains("camera=()"));
        if !path.starts_with("/assets") {
            assert_eq!(page.header("cache-control"), "no-store", "{path}");
        }
    }
}

#[tokio::test]
async fn pages_have_no_script_and_no_style_within_and_nothing_of_others() {
    let stage = Stage::new();
    stage.order(&zoe()).await;
    let mut browser = stage.signed_in(&zoe()).await;
    for path in ["/", "/orders", "/profile", "/privacy", "/link"] {
        let page = stage.get(&mut browser, path).await;
        for foreign in [
            "http://",
            "https://",
            "src=\"//",
            "style=",
            "<style",
            "onclick",
            "javascript:",
        ] {
            assert!(!page.text.contains(foreign), "{path}: {foreign}");
        }
        assert_eq!(page.text.matches("<script").count(), 1, "{path}");
        assert!(
            page.text
                .contains("<script src=\"/pod/app/assets/app.js\" defer></script>")
        );
    }
}

#[tokio::test]
async fn what_was_ordered_is_shown_and_nothing_in_it_is_markup() {
    let stage = Stage::new();
    let item = pod_core::Item::new(
        "pizza",
        "<img src=x onerror=alert(1)> & \"onions\"",
        None,
        "",
    );
    let command = pod_core::PlaceOrder {
        item: item.unwrap(),
        ..pod_testkit::fixtures::place_order(&zoe())
    };
    stage.fakes.pod().place_order(command).await.unwrap();
    let mut browser = stage.signed_in(&zoe()).await;

    let page = stage.get(&mut browser, "/orders").await;

    assert!(!page.text.contains("<img src=x"), "{}", page.text);
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused() {
    let stage = Stage::new();
    let id = stage.order(&zoe()).await;
    let mut browser = stage.signed_in(&zoe()).await;
    let form = format!("code={}", "1".repeat(5000));

    let answer = stage
        .post(&mut browser, &format!("/orders/{id}/confirm"), &form)
        .await;

    is_an_error_page(&answer, 413, "a large form");
}

#[tokio::test]
async fn whoever_is_not_signed_in_sees_nobodys_pages() {
    let stage = Stage::new();
    for path in ["/orders", "/profile", "/profile/data.json"] {
        let answer = stage.get(&mut Browser::default(), path).await;
        assert_eq!(answer.location(), "/pod/app/sign-in", "{path}");
    }
    for path in WRITES {
        let answer = stage.post(&mut Browser::default(), path, "").await;
        assert_eq!(answer.location(), "/pod/app/?said=session-over", "{path}");
    }
}

#[tokio::test]
async fn a_script_without_a_session_is_told_by_the_status() {
    let stage = Stage::new();
    let asked = "socket_id=1.2&channel_name=private-x";
    let nobody = &mut Browser::default();
    for answer in [
        stage.get(nobody, "/orders/live").await,
        stage.get(nobody, "/events").await,
        stage.post(nobody, "/push", asked).await,
    ] {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(!answer.headers.contains_key("location"));
    }
}

#[tokio::test]
async fn a_form_of_the_apps_own_is_taken_behind_a_proxy_that_changes_the_host() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let request = Request::post("/pod/app/orders/clear")
        .header("host", "internal:7100")
        .header("origin", "https://pod.example.com");
    let answer = stage
        .send(&mut browser, request.body(Body::empty()).unwrap())
        .await;
    assert_eq!(answer.location(), "/pod/app/orders?said=cleared");
}

#[tokio::test]
async fn who_writes_too_often_is_refused() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    for _ in 0..60 {
        stage.post(&mut browser, "/orders/clear", "").await;
    }
    let refused = stage.post(&mut browser, "/orders/clear", "").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        stage.get(&mut browser, "/orders").await.status,
        StatusCode::OK
    );
}

#[tokio::test(start_paused = true)]
async fn a_form_that_never_comes_is_not_waited_for() {
    let stage = Stage::new();
    let id = stage.order(&zoe()).await;
    let mut browser = stage.signed_in(&zoe()).await;
    let nothing = futures_util::stream::pending::<Result<&[u8], std::io::Error>>();
    let mut stalled = form_of(&format!("/orders/{id}/confirm"), "", "same-origin");
    *stalled.body_mut() = Body::from_stream(nothing);
    let began = tokio::time::Instant::now();

    let answer = stage.send(&mut browser, stalled).await;

    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
    assert!(began.elapsed().as_secs() <= 2);
}

#[tokio::test]
async fn a_browser_that_hangs_up_leaves_no_order_without_its_code() {
    let stage = Stage::new();
    let id = stage.order(&zoe()).await;
    let mut browser = stage.signed_in(&zoe()).await;
    stage.fakes.clock.advance(Duration::from_secs(30));
    stage.fakes.courier.fall_silent();
    let resend = format!("/orders/{id}/resend");
    let hung_up = stage.post(&mut browser, &resend, "");
    // Polled once, and dropped where it waits.
    assert!(timeout(Duration::ZERO, hung_up).await.is_err());
    stage.fakes.courier.speak_again();

    let sent = async {
        while stage.fakes.courier.deliveries().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    let sent = timeout(Duration::from_secs(5), sent).await;

    assert!(sent.is_ok());
}

#[tokio::test]
async fn a_browser_is_not_told_to_reach_every_localhost_by_https() {
    for origin in ["https://localhost:7102", "http://127.0.0.1:7100"] {
        let stage = Stage::with(|config| origin.clone_into(&mut config.origin));
        let page = stage.get(&mut Browser::default(), "/").await;
        let told = page.headers.contains_key("strict-transport-security");
        assert!(!told, "{origin}");
    }
}

#[tokio::test]
async fn whatever_cannot_be_read_is_answered_by_a_page() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    for (method, path, status) in [
        ("GET", "/nowhere", 404),
        ("GET", "/nowhere/%ff", 404),
        ("POST", "/nowhere", 404),
        ("BREW", "/nowhere", 404),
        ("BREW", "/", 405),
        ("POST", "", 405),
        ("PUT", "/orders", 405),
        ("GET", "/orders/clear", 405),
        ("POST", "/assets/pod.css", 405),
        ("GET", "/?n=x", 400),
        ("GET", "/orders?n=-1", 400),
        ("GET", "/orders?said=sent&said=sent", 400),
        ("GET", "/oidc/callback?code=1&code=2", 400),
        ("POST", "/orders/%ff/confirm", 400),
        ("POST", "/orders/%ff/resend", 400),
        ("POST", "/orders/%ff/cancel", 400),
        ("POST", "/orders/x/confirm?code=1", 415),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(format!("/pod/app{path}"))
            .header("sec-fetch-site", "same-origin");
        let request = request.body(Body::empty()).unwrap();
        let answer = stage.send(&mut browser, request).await;
        is_an_error_page(&answer, status, &format!("{method} {path}"));
        if status == 405 {
            assert!(!answer.header("allow").is_empty(), "{method} {path}");
        }
    }
    for form in ["code=1&code=2", "code=%ff&once=1&once=2"] {
        let answer = stage.post(&mut browser, "/orders/x/confirm", form).await;
        is_an_error_page(&answer, 422, form);
    }
}

fn is_an_error_page(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}");
    let kind = answer.header("content-type");
    assert!(kind.starts_with("text/html"), "{what}: {kind}");
    assert!(answer.text.contains("That did not work"), "{what}");
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{what}");
}
