//! A code whose time is up. The shortest time that a code can have is a
//! minute, and the demo goes by this machine's clock: the test waits for it.

use std::time::{Duration, Instant};

use crate::stage::{Browser, Demo, Driver, Kind, PATIENCE, PAUSE};

/// The field for the code, and the button beside it.
const FIELD: &str = "input.code";
const CONFIRM: &str = "form[action$=confirm] button";

/// How long a code is good for here.
const LIFETIME: Duration = Duration::from_mins(1);

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_code_that_expires_ends_its_order_on_the_page_after_a_minute_and_is_refused() {
    let seconds = LIFETIME.as_secs().to_string();
    let demo = Demo::start_with(&[("POD_CODE_TTL", &seconds)]);
    let driver = Driver::start();
    let ada = driver.browser().await;
    ada.be_ada(&demo).await;
    ada.reads("Live").await;
    // A page that is loaded again forgets this.
    ada.run("window.untouched = true").await;
    let code = demo.order("kitchen", "a large pizza with onions").await;
    ada.reads("3 attempts are left.").await;
    // A page that does not move shows the form for as long as it is there.
    let old = driver.browser_of(Kind::WithoutScript).await;
    old.be_ada(&demo).await;
    old.type_into(FIELD, &code).await;

    let left = counted_down(&ada).await;

    let (first, last) = (left[0], left[left.len() - 1]);
    let whole = f64::from(u32::try_from(LIFETIME.as_secs()).unwrap());
    assert!(first <= whole && last < 2.0, "from {first} to {last}");
    assert!(left.is_sorted_by(|one, next| one >= next), "{left:?}");
    ada.reads("No order waits for a code").await;
    ada.find(".badge[data-stage=expired]").await;
    assert_eq!(ada.run("return window.untouched").await, true);

    old.click(CONFIRM).await;
    old.reads("The time for the code is up, and the order has ended.")
        .await;
    old.find(".badge[data-stage=expired]").await;

    let code = demo.order("kitchen", "a small pizza").await;
    ada.type_into(FIELD, &code).await;
    ada.click(CONFIRM).await;
    ada.reads("The order is confirmed.").await;
    ada.find(".badge[data-stage=confirmed]").await;
    ada.find(".badge[data-stage=expired]").await;
}

/// What the page counts down to the end: the seconds that it showed were left,
/// until it shows none any more.
async fn counted_down(browser: &Browser) -> Vec<f64> {
    const LEFT: &str = "return document.querySelector('progress')?.value ?? null";
    let begun = Instant::now();
    let mut left = Vec::new();
    while let Some(seconds) = browser.run(LEFT).await.as_f64() {
        assert!(begun.elapsed() < LIFETIME + PATIENCE, "it stays: {left:?}");
        left.push(seconds);
        tokio::time::sleep(PAUSE).await;
    }
    left
}
