//! Where codes go, as a customer changes it.

use crate::stage::{Browser, Demo, Driver};

/// The telephone that is added.
const NEW: &str = "+1 415 555 0123";

/// Has a code sent to a contact, and one to a contact known before: first that
/// one, then the new one's.
async fn send_codes(demo: &Demo, ada: &Browser) -> (String, String) {
    ada.open(&format!("{}/profile", demo.app)).await;
    let before = demo.newest().await;
    ada.run("document.querySelector('main details').open = true")
        .await;
    ada.type_into("#contact-new", NEW).await;
    ada.click("form[action$='/profile/contacts'] button").await;
    ada.reads("The code is on its way.").await;
    let approval = demo.code_after(before).await;
    (approval, demo.code_after(before + 1).await)
}

async fn prove(ada: &Browser, code: &str, approval: &str) {
    ada.type_into("#contact-code", code).await;
    ada.type_into("#contact-approval", approval).await;
    ada.click("form[action$=prove] button").await;
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_telephone_that_is_added_and_preferred_gets_the_next_code() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser().await;
    ada.be_ada(&demo).await;
    let (approval, code) = send_codes(&demo, &ada).await;

    // One of the two does not do, and neither does the wrong way round.
    prove(&ada, &approval, &code).await;
    ada.reads("That is not the right code. 2 attempts are left.")
        .await;
    prove(&ada, &code, &approval).await;
    ada.reads("Codes can be sent there from now on.").await;
    ada.reads("…23").await;

    ada.click("main li:last-child form[action$=prefer] button")
        .await;
    ada.reads("Codes go there first from now on.").await;
    let said = demo
        .say(
            "kitchen",
            "alexa, ask pizza on demand to order a small pizza",
        )
        .await;
    assert!(said.contains("ending in 2 3"), "{said}");

    ada.click("form[action$=remove] button").await;
    ada.reads("The contact is removed.").await;
    let page = ada.run("return document.body.innerText").await;
    assert!(!page.to_string().contains("…23"), "{page}");
}

#[tokio::test]
#[ignore = "needs Chromium: tests/run"]
async fn a_code_for_a_contact_said_to_alexa_confirms_nothing() {
    let (demo, driver) = (Demo::start(), Driver::start());
    let ada = driver.browser().await;
    ada.be_ada(&demo).await;
    let (approval, code) = send_codes(&demo, &ada).await;
    demo.order("kitchen", "a small pizza").await;

    for code in [approval, code] {
        let said = demo
            .say(
                "kitchen",
                &format!("alexa, tell pizza on demand the code is {code}"),
            )
            .await;
        assert!(said.contains("not the right code"), "{said}");
    }
}
