//! Orders on the page, as they come and go.

use std::time::Duration;

use crate::stage::{Demo, Driver};

/// The field for the code, and the button beside it.
const FIELD: &str = "input.code";
const CONFIRM: &str = "form[action$=confirm] button";

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn an_order_that_is_spoken_in_the_simulator_appears_by_itself_and_is_confirmed_on_the_page() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let browser = driver.browser().await;
    browser.be_ada(&demo).await;
    browser.reads("No order waits for a code").await;
    browser.reads("Live").await;
    // A page that is loaded again forgets this.
    browser.run("window.untouched = true").await;
    let orders = browser.client().window().await.unwrap();

    let simulator = browser.client().new_window(true).await.unwrap().handle;
    browser.client().switch_to_window(simulator).await.unwrap();
    let before = demo.newest().await;
    browser.open(&demo.simulator).await;
    browser
        .type_into(
            "#utterance",
            "alexa, ask pizza on demand to order a large pizza with onions",
        )
        .await;
    browser.click("#send").await;
    browser.reads("Say it back in time.").await;
    let code = demo.code_after(before).await;
    browser.reads(&code).await;

    browser.client().switch_to_window(orders).await.unwrap();
    browser.reads("awaits its code").await;
    browser.reads("3 attempts are left.").await;
    assert_eq!(browser.run("return window.untouched").await, true);

    browser.type_into(FIELD, &code).await;
    browser.click(CONFIRM).await;
    browser.reads("The order is confirmed.").await;
    browser.reads("No order waits for a code").await;
    browser.find(".badge[data-stage=confirmed]").await;
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_confirmation_that_is_spoken_changes_the_page_and_leaves_what_somebody_types() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser().await;
    ada.be_ada(&demo).await;
    demo.order("kitchen", "a small pizza").await;
    ada.reads("small pizza").await;
    ada.type_into(FIELD, "12").await;

    // A newer order, whose code is said to the Echo: the older one is over.
    let code = demo.order("kitchen", "a large pizza with onions").await;
    ada.reads("superseded").await;
    ada.type_into(FIELD, "7").await;
    demo.say("kitchen", "alexa, tell pizza on demand i lost my code")
        .await;
    let kept = "return document.querySelector('input.code').value";
    let kept = ada.run(kept).await;
    demo.say(
        "kitchen",
        &format!("alexa, tell pizza on demand the code is {code}"),
    )
    .await;

    ada.reads("No order waits for a code").await;
    ada.find(".badge[data-stage=confirmed]").await;
    assert_eq!(kept, "7");
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_wrong_code_costs_an_attempt_and_the_third_ends_the_order() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser().await;
    let code = demo.order("kitchen", "a large pizza with onions").await;
    let wrong = if code == "123456" { "654321" } else { "123456" };
    ada.be_ada(&demo).await;

    ada.type_into(FIELD, "12").await;
    ada.click(CONFIRM).await;
    ada.reads("That is not a code. It cost no attempt.").await;
    for left in ["2 attempts are left.", "One attempt is left."] {
        ada.type_into(FIELD, wrong).await;
        ada.click(CONFIRM).await;
        ada.reads(&format!("That is not the right code. {left}"))
            .await;
    }
    ada.type_into(FIELD, wrong).await;
    ada.click(CONFIRM).await;

    ada.reads("The attempts are used up, and the order has ended.")
        .await;
    ada.find(".badge[data-stage=refused]").await;
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn who_asks_for_the_code_again_too_early_is_told_how_long_to_wait() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser().await;
    demo.order("kitchen", "a large pizza with onions").await;
    ada.be_ada(&demo).await;

    ada.click("form[action$=resend] button").await;

    let text = ada.reads("The code was sent a moment ago. Wait").await;
    let (_, rest) = text.split_once("Wait ").unwrap();
    let seconds: u32 = rest.split(' ').next().unwrap().parse().unwrap();
    assert!((1..=30).contains(&seconds), "{text}");
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_customer_cancels_an_order_and_clears_what_has_ended() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser().await;
    demo.order("kitchen", "a large pizza with onions").await;
    ada.be_ada(&demo).await;

    ada.click("form[action$=cancel] button").await;
    ada.reads("The order is cancelled.").await;
    ada.find(".badge[data-stage=cancelled]").await;
    ada.click("form[action$=clear] button").await;

    ada.reads("There are no orders here yet.").await;
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn two_customers_at_once_see_their_own_orders_only() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let (ada, grace) = (driver.browser().await, driver.browser().await);
    ada.be_ada(&demo).await;
    grace.be_grace(&demo).await;
    ada.reads("Live").await;
    grace.reads("Live").await;

    demo.order("kitchen", "a large pizza with onions").await;
    demo.order("office", "a small pizza").await;

    let hers = ada.reads("large pizza with onions").await;
    let graces = grace.reads("small pizza").await;
    assert!(!hers.contains("small pizza"), "{hers}");
    assert!(!graces.contains("large pizza"), "{graces}");
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_page_that_was_cut_off_shows_what_it_missed() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser().await;
    ada.be_ada(&demo).await;
    ada.reads("Live").await;
    ada.run("window.untouched = true").await;

    ada.cut_off(true).await;
    ada.reads("You are offline. What you see may be old.").await;
    demo.order("kitchen", "a large pizza with onions").await;
    let old = ada.text().await;
    ada.cut_off(false).await;

    let text = ada.reads("large pizza with onions").await;
    assert!(!old.contains("large pizza"), "{old}");
    assert!(!text.contains("You are offline"), "{text}");
    ada.reads("Live").await;
    assert_eq!(ada.run("return window.untouched").await, true);
    // And it is told again, without having to look every few seconds.
    demo.order("kitchen", "a small pizza").await;
    ada.reads("small pizza").await;
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn messages_come_in_the_language_that_the_device_is_set_to() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let browser = driver.browser().await;
    browser.open(&demo.simulator).await;
    browser.reads("Or pick a sentence").await;

    browser
        .run(
            "const picker = document.querySelector('#language'); picker.value = 'de-DE'; \
             picker.dispatchEvent(new Event('change'))",
        )
        .await;
    browser
        .type_into(
            "#utterance",
            "alexa, ask pizza on demand to order a small pizza",
        )
        .await;
    browser.click("#send").await;

    browser.reads("bestätigt a small pizza").await;
}

/// Longer than a pod takes for any answer.
const SILENCE: Duration = Duration::from_secs(10);

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_phone_that_gets_no_message_for_ten_seconds_stays_in_reach() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let browser = driver.browser().await;
    browser.open(&demo.simulator).await;
    browser.find("#post[data-state=on]").await;
    browser
        .run(
            "const post = document.querySelector('#post'); window.lost = 0; \
             new MutationObserver(() => { if (post.dataset.state !== 'on') window.lost += 1; }) \
             .observe(post, { attributes: true })",
        )
        .await;

    tokio::time::sleep(SILENCE).await;

    assert_eq!(browser.run("return window.lost").await, 0);
    browser.find("#post[data-state=on]").await;
}
