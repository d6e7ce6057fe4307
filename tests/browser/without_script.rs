//! A browser in which no page may run a script.

use crate::stage::{Demo, Driver, Kind};

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn without_a_script_a_customer_signs_in_and_confirms() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser_of(Kind::WithoutScript).await;
    let code = demo.order("kitchen", "a large pizza with onions").await;
    ada.be_ada(&demo).await;

    // No script of the page has run: nothing there says whether it is live.
    let text = ada.reads("awaits its code").await;
    assert!(!text.contains("Live"), "{text}");
    ada.reads("UTC").await;

    ada.type_into("input.code", &code).await;
    ada.click("form[action$=confirm] button").await;

    ada.reads("The order is confirmed.").await;
    ada.find(".badge[data-stage=confirmed]").await;
    ada.click("header.top form button").await;
    ada.reads("You are signed out.").await;
}
