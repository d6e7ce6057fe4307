//! Signing in and out, and whose session is whose.

use hyper::{Method, StatusCode};

use crate::stage::{Browser, Demo, Driver, exchange};

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_customer_signs_in_and_out_and_the_page_is_gone() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser().await;
    demo.order("kitchen", "a large pizza with onions").await;

    ada.be_ada(&demo).await;
    ada.reads("large pizza with onions").await;
    ada.click("header.top form button").await;
    ada.is_at("said=signed-out").await;
    ada.reads("You are signed out.").await;

    assert_eq!(ada.session().await, None);
    ada.client().back().await.unwrap();
    ada.client().refresh().await.unwrap();
    sees_nothing(&ada, &demo).await;
    // At the tenant as well: it asks for the password again.
    ada.find("[name=password]").await;
}

/// Whoever is not signed in is led to the tenant.
async fn sees_nothing(browser: &Browser, demo: &Demo) {
    browser.open(&format!("{}/orders", demo.app)).await;
    let text = browser.text().await;
    assert!(!text.contains("awaits its code"), "{text}");
    assert!(!browser.url().await.contains("/app/orders"), "{text}");
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn signing_out_everywhere_ends_the_session_of_another_browser() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let (here, there) = (driver.browser().await, driver.browser().await);
    demo.order("kitchen", "a large pizza with onions").await;
    here.be_ada(&demo).await;
    there.be_ada(&demo).await;
    there.reads("large pizza with onions").await;

    here.open(&format!("{}/profile", demo.app)).await;
    let sessions = here.find("section[aria-labelledby=sessions] ul").await;
    assert_eq!(sessions.text().await.unwrap().lines().count(), 3);
    here.click("form[action$=sign-out-everywhere] button").await;
    here.reads("You are signed out.").await;

    sees_nothing(&there, &demo).await;
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_stolen_cookie_is_worth_nothing_once_its_owner_signs_out() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let (ada, thief) = (driver.browser().await, driver.browser().await);
    demo.order("kitchen", "a large pizza with onions").await;
    ada.be_ada(&demo).await;
    let secret = ada.session().await.expect("a session");

    // It is as good as its owner's until then: that is what a cookie is.
    thief.open(&format!("{}/", demo.app)).await;
    thief.put_session(&demo, &secret).await;
    thief.open(&format!("{}/orders", demo.app)).await;
    thief.reads("large pizza with onions").await;

    ada.click("header.top form button").await;
    ada.reads("You are signed out.").await;

    thief.put_session(&demo, &secret).await;
    sees_nothing(&thief, &demo).await;
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_made_up_cookie_is_no_session() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let (ada, thief) = (driver.browser().await, driver.browser().await);
    ada.be_ada(&demo).await;
    let secret = ada.session().await.expect("a session");
    let one_letter_off = match secret.split_at(1) {
        ("A", rest) => format!("B{rest}"),
        (_, rest) => format!("A{rest}"),
    };

    for made_up in [&*one_letter_off, &"A".repeat(43), "", "1", &secret[1..]] {
        thief.open(&format!("{}/", demo.app)).await;
        thief.put_session(&demo, made_up).await;
        sees_nothing(&thief, &demo).await;
        let cookie = format!("__Host-pod-session={made_up}");
        let url = format!("{}/orders/live", demo.app);
        let answer = exchange(Method::GET, &url, &[("cookie", &cookie)], String::new()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{made_up}");
    }
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_session_that_was_planted_before_the_sign_in_is_not_the_one_after_it() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let (ada, thief) = (driver.browser().await, driver.browser().await);
    // The thief's own session, planted in Ada's browser.
    thief.be_grace(&demo).await;
    let planted = thief.session().await.expect("a session");
    ada.open(&format!("{}/", demo.app)).await;
    ada.put_session(&demo, &planted).await;

    ada.be_ada(&demo).await;
    let first = ada.session().await.expect("a session");
    ada.open(&format!("{}/sign-in", demo.app)).await;
    ada.is_at("/app/orders").await;
    let second = ada.session().await.expect("a session");

    assert_ne!(first, planted);
    assert_ne!(second, first);
    for old in [&planted, &first] {
        thief.put_session(&demo, old).await;
        sees_nothing(&thief, &demo).await;
    }
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn no_script_reads_the_cookie() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser().await;

    ada.be_ada(&demo).await;

    assert!(ada.session().await.is_some());
    assert_eq!(ada.run("return document.cookie").await, "");
}
