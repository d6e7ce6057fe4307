//! How the pages look: a picture of each is kept in `tests/artifacts`, for
//! somebody to look at.

use crate::stage::{Browser, Demo, Driver};

/// Whatever a page shows, it is no wider than the window.
const TOO_WIDE: &str =
    "return document.documentElement.scrollWidth - document.documentElement.clientWidth";

/// Keeps four pictures of the page that is open: as wide as a telephone and as
/// a desk, in a light and in a dark room.
async fn look(browser: &Browser, page: &str) {
    for width in [390, 1280] {
        for scheme in ["light", "dark"] {
            browser.look_like(width, scheme).await;
            let name = format!("{page}-{width}-{scheme}");
            browser.keep_picture(&name).await;
            assert_eq!(browser.run(TOO_WIDE).await, 0, "{name}");
        }
    }
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn every_page_of_the_app_fits_a_telephone_and_a_desk() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser().await;
    for (name, path) in [("home", "/"), ("privacy", "/privacy"), ("link", "/link")] {
        ada.open(&format!("{}{path}", demo.app)).await;
        look(&ada, name).await;
    }

    ada.be_ada(&demo).await;
    ada.reads("Live").await;
    look(&ada, "orders-empty").await;
    let code = demo.order("kitchen", "a large pizza with onions").await;
    ada.reads("awaits its code").await;
    look(&ada, "orders-pending").await;
    let wrong = if code == "123456" { "654321" } else { "123456" };
    ada.type_into("input.code", wrong).await;
    ada.click("form[action$=confirm] button").await;
    ada.reads("That is not the right code.").await;
    look(&ada, "orders-wrong-code").await;
    ada.type_into("input.code", &code).await;
    ada.click("form[action$=confirm] button").await;
    ada.reads("The order is confirmed.").await;
    demo.order("kitchen", "a small pizza").await;
    demo.order("kitchen", "a medium pizza with mushrooms").await;
    ada.reads("superseded").await;
    ada.click("form[action$=cancel] button").await;
    ada.reads("The order is cancelled.").await;
    look(&ada, "orders-history").await;
    ada.open(&format!("{}/profile", demo.app)).await;
    look(&ada, "profile").await;
    ada.run("document.querySelector('main details').open = true")
        .await;
    ada.type_into("#contact-new", "+1 415 555 0123").await;
    ada.click("form[action$='/profile/contacts'] button").await;
    ada.reads("The code is on its way.").await;
    look(&ada, "profile-adding").await;
    ada.open(&format!("{}/nowhere", demo.app)).await;
    look(&ada, "nowhere").await;
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn the_simulator_fits_a_telephone_and_a_desk() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let browser = driver.browser().await;
    browser.open(&demo.simulator).await;
    browser.reads("Or pick a sentence").await;
    browser.reads("Live").await;
    look(&browser, "simulator-before").await;
    browser.click("#ideas button").await;
    browser.reads("Say it back in time.").await;
    browser.find("#inbox li").await;
    look(&browser, "simulator-ordered").await;
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn the_simulator_shows_the_orders_of_whoever_signed_in() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let browser = driver.browser().await;
    browser.open(&demo.simulator).await;
    browser.reads("ada@example.com").await;
    browser.reads("Analytical-Engine-1843").await;
    let simulator = browser.client().window().await.unwrap();

    browser.click("#stranger a").await;
    let opened = browser.other_window(&simulator).await;
    browser.client().switch_to_window(opened).await.unwrap();
    browser
        .fill_in("ada@example.com", pod_emulator::ADA_PASSWORD)
        .await;
    browser.client().close_window().await.unwrap();
    browser.client().switch_to_window(simulator).await.unwrap();
    browser
        .run("window.dispatchEvent(new Event('focus'))")
        .await;
    browser.click("#ideas button").await;
    browser.reads("Say it back in time.").await;

    let frame = browser.find("#orders").await;
    frame.enter_frame().await.unwrap();
    browser.reads("awaits its code").await;
    browser.client().enter_parent_frame().await.unwrap();
    look(&browser, "simulator-signed-in").await;

    // Somebody signs out elsewhere: nothing of the orders stays.
    let other = browser.client().new_window(true).await.unwrap().handle;
    let simulator = browser.client().window().await.unwrap();
    browser.client().switch_to_window(other).await.unwrap();
    browser.open(&format!("{}/orders", demo.app)).await;
    browser.click("header.top form button").await;
    browser.reads("You are signed out.").await;
    browser.client().switch_to_window(simulator).await.unwrap();
    browser
        .run("window.dispatchEvent(new Event('focus'))")
        .await;
    browser.reads("Sign in as the owner").await;
    assert!(!browser.find("#orders").await.is_displayed().await.unwrap());
}
