//! Signing in and out, and what somebody else could make of it.

use std::time::Duration;

use http::StatusCode;
use pod_testkit::fixtures::{bjorn, zoe};

use crate::stage::{Browser, SESSION, Stage};

#[tokio::test]
async fn a_customer_signs_in_and_out() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    assert!(browser.cookies.contains_key(SESSION) && browser.pending().is_empty());
    assert_eq!(
        stage.get(&mut browser, "/orders").await.status,
        StatusCode::OK
    );

    let left = stage.post(&mut browser, "/sign-out", "").await;

    let elsewhere = pod_core::ports::BrowserUrl::new(left.location());
    let (customer, _) = stage.sign_in.leave(&elsewhere).expect("a sign-out");
    assert_eq!(customer, zoe());
    assert!(!browser.cookies.contains_key(SESSION));
    assert_eq!(
        stage.get(&mut browser, "/orders").await.location(),
        "/pod/app/sign-in"
    );
}

#[tokio::test]
async fn cookies_are_of_this_host_alone_and_not_for_scripts() {
    let stage = Stage::new();
    let mut browser = Browser::default();
    let begun = stage.get(&mut browser, "/sign-in").await;
    let back = stage.come_back(&mut browser, &zoe()).await;
    let finished = stage.get(&mut browser, &back).await;
    for answer in [begun, finished] {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.starts_with("__Host-"), "{cookie}");
            for attribute in ["; Path=/;", "; Secure;", "; HttpOnly;", "; SameSite=Lax"] {
                assert!(cookie.contains(attribute), "{cookie}");
            }
            assert!(!cookie.contains("Domain"), "{cookie}");
        }
    }
}

#[tokio::test]
async fn each_sign_in_has_a_session_of_its_own_and_ends_the_one_before() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let mut thief = browser.clone();
    let planted = browser.cookies[SESSION].clone();

    let back = stage.come_back(&mut browser, &zoe()).await;
    stage.get(&mut browser, &back).await;

    assert_ne!(browser.cookies[SESSION], planted);
    let refused = stage.get(&mut thief, "/orders").await;
    assert_eq!(refused.location(), "/pod/app/?said=session-over");
    assert_eq!(
        stage.get(&mut browser, "/orders").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_session_that_was_made_up_is_none() {
    let stage = Stage::new();
    let real = stage.signed_in(&zoe()).await.cookies[SESSION].clone();
    let mut other = real.clone();
    let last = other.pop().unwrap();
    other.push(if last == 'A' { 'E' } else { 'A' });
    for made_up in ["", "x", &other, &"A".repeat(43), &real[1..]] {
        let mut browser = Browser::default();
        browser
            .cookies
            .insert(SESSION.to_owned(), made_up.to_owned());
        for path in ["/orders", "/profile", "/profile/data.json"] {
            let answer = stage.get(&mut browser, path).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{made_up}");
        }
    }
}

#[tokio::test]
async fn signing_out_ends_a_stolen_session_as_well() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let mut thief = browser.clone();
    assert_eq!(
        stage.get(&mut thief, "/orders").await.status,
        StatusCode::OK
    );

    stage.post(&mut browser, "/sign-out", "").await;

    let refused = stage.get(&mut thief, "/orders").await;
    assert_eq!(refused.location(), "/pod/app/?said=session-over");
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_and_nobody_elses() {
    let stage = Stage::new();
    let mut here = stage.signed_in(&zoe()).await;
    let mut there = stage.signed_in(&zoe()).await;
    let mut his = stage.signed_in(&bjorn()).await;

    stage
        .post(&mut here, "/profile/sign-out-everywhere", "")
        .await;

    for browser in [&mut here, &mut there] {
        assert_eq!(
            stage.get(browser, "/orders").await.status,
            StatusCode::SEE_OTHER
        );
    }
    assert_eq!(stage.get(&mut his, "/orders").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_in_the_end_anyway() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    for _ in 0..12 {
        stage.fakes.clock.advance(Duration::from_mins(59));
        assert_eq!(
            stage.get(&mut browser, "/orders").await.status,
            StatusCode::OK
        );
    }
    stage.fakes.clock.advance(Duration::from_mins(12));
    assert_eq!(
        stage.get(&mut browser, "/orders").await.status,
        StatusCode::SEE_OTHER
    );

    let mut browser = stage.signed_in(&zoe()).await;
    stage.fakes.clock.advance(Duration::from_hours(1));
    let over = stage.get(&mut browser, "/orders").await;
    assert_eq!(over.location(), "/pod/app/?said=session-over");
    assert!(!browser.cookies.contains_key(SESSION));
}

#[tokio::test]
async fn a_sign_in_is_finished_by_the_browser_that_began_it() {
    let stage = Stage::new();
    let mut mallory = Browser::default();
    let back = stage.come_back(&mut mallory, &bjorn()).await;

    // Zoe is lured to where Mallory was sent back to.
    let mut zoes = Browser::default();
    let refused = stage.get(&mut zoes, &back).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(!zoes.cookies.contains_key(SESSION));

    // She has begun one of her own: it is not that one.
    stage.get(&mut zoes, "/sign-in").await;
    let refused = stage.get(&mut zoes, &back).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(!zoes.cookies.contains_key(SESSION));
}

#[tokio::test]
async fn a_sign_in_is_finished_once_and_in_time() {
    let stage = Stage::new();
    let mut browser = Browser::default();
    let back = stage.come_back(&mut browser, &zoe()).await;
    let mut copy = browser.clone();
    stage.get(&mut browser, &back).await;
    let again = stage.get(&mut copy, &back).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);

    let mut slow = Browser::default();
    let back = stage.come_back(&mut slow, &zoe()).await;
    stage.fakes.clock.advance(Duration::from_mins(10));
    let late = stage.get(&mut slow, &back).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
    assert!(!slow.cookies.contains_key(SESSION));
}

#[tokio::test]
async fn a_sign_in_that_was_refused_or_is_nonsense_signs_nobody_in() {
    let stage = Stage::new();
    for back in [
        "/oidc/callback",
        "/oidc/callback?state=x",
        "/oidc/callback?state=x&code=y",
        "/oidc/callback?state=x&error=access_denied",
        "/oidc/callback?state=x&code=y&error=z",
    ] {
        let mut browser = Browser::default();
        stage.get(&mut browser, "/sign-in").await;
        let refused = stage.get(&mut browser, back).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{back}");
        assert!(!browser.cookies.contains_key(SESSION));
        assert!(refused.text.contains("You were not signed in"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_does_not_answer_is_told() {
    let stage = Stage::new();
    let mut browser = Browser::default();
    let back = stage.come_back(&mut browser, &zoe()).await;
    stage.sign_in.fall_silent();

    let answer = stage.get(&mut browser, &back).await;

    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!browser.cookies.contains_key(SESSION));
}

#[tokio::test]
async fn what_a_browser_keeps_tells_nothing() {
    let stage = Stage::new();
    let mut browser = Browser::default();
    let begun = stage.get(&mut browser, "/sign-in").await;
    let state = begun.location().split("state=").nth(1).unwrap();
    let state = state.split('&').next().unwrap();
    let [(name, value)] = browser.pending()[..] else {
        panic!("{:?}", browser.pending());
    };
    assert!(!name.contains(state) && !value.contains(state));
    assert!(!value.contains('.'));
}

#[tokio::test]
async fn a_page_that_only_listens_does_not_keep_a_session_alive() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    for _ in 0..6 {
        stage.fakes.clock.advance(Duration::from_mins(9));
        let part = stage.get(&mut browser, "/orders/live").await;
        assert_eq!(part.status, StatusCode::OK);
    }
    stage.fakes.clock.advance(Duration::from_mins(6));
    let part = stage.get(&mut browser, "/orders/live").await;
    assert_eq!(part.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn somebody_elses_callback_leaves_a_sign_in_under_way() {
    let stage = Stage::new();
    let mut browser = Browser::default();
    let back = stage.come_back(&mut browser, &zoe()).await;

    let refused = stage
        .get(&mut browser, "/oidc/callback?state=x&code=y")
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);

    assert_eq!(
        stage.get(&mut browser, &back).await.location(),
        "/pod/app/orders"
    );
}

#[tokio::test]
async fn of_two_tabs_that_sign_in_at_once_each_comes_back() {
    let stage = Stage::new();
    let mut browser = Browser::default();
    let older = stage.come_back(&mut browser, &zoe()).await;
    let newer = stage.come_back(&mut browser, &zoe()).await;
    assert_eq!(browser.pending().len(), 2);

    for back in [&older, &newer] {
        let finished = stage.get(&mut browser, back).await;
        assert_eq!(finished.location(), "/pod/app/orders");
    }

    assert!(browser.pending().is_empty());
    for back in [older, newer] {
        let again = stage.get(&mut browser, &back).await;
        assert_eq!(again.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn of_many_sign_ins_of_a_browser_the_newest_four_are_kept() {
    let stage = Stage::new();
    let mut browser = Browser::default();
    let nonsense = "__Host-pod-pending-1".to_owned();
    browser.cookies.insert(nonsense, "x".to_owned());
    let mut backs = Vec::new();
    for _ in 0..6 {
        stage.fakes.clock.advance(Duration::from_secs(1));
        backs.push(stage.come_back(&mut browser, &zoe()).await);
        assert!(browser.pending().len() <= 4);
    }

    for back in &backs[..2] {
        let refused = stage.get(&mut browser, back).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    }
    for back in &backs[2..] {
        let finished = stage.get(&mut browser, back).await;
        assert_eq!(finished.location(), "/pod/app/orders");
    }
}

/// A page of a neighbour's could begin very many, until a browser sends more
/// than is read.
#[tokio::test]
async fn of_many_sign_ins_at_once_a_browser_keeps_no_more_than_four() {
    let stage = Stage::new();
    let mut browser = Browser::default();
    for _ in 0..60 {
        // None of them knows of another.
        let mut alone = Browser::default();
        stage.get(&mut alone, "/sign-in").await;
        browser.cookies.extend(alone.cookies);
    }

    assert_eq!(browser.pending().len(), 4);
    let back = stage.come_back(&mut browser, &zoe()).await;
    let finished = stage.get(&mut browser, &back).await;
    assert_eq!(finished.location(), "/pod/app/orders");
}
