//! The customer's contacts: which one gets codes, adding another, removing
//! one.

use std::time::Duration;

use pod_core::ports::ContactBook as _;
use pod_core::{Contact, CustomerId};
use pod_testkit::fixtures::{bjorn, deadline, email, phone, wrong_code, zoe, zoe_email, zoe_phone};

use crate::stage::{Answer, Browser, Stage};

const COOKIE: &str = "__Host-pod-contact";

fn new_phone() -> Contact {
    phone("+14155550199")
}

/// Asks for a contact to be added.
async fn add(stage: &Stage, browser: &mut Browser, contact: &str) -> Answer {
    let contact = contact.replace('+', "%2B").replace('@', "%40");
    let form = format!("contact={contact}");
    stage.post(browser, "/profile/contacts", &form).await
}

async fn prove(stage: &Stage, browser: &mut Browser, code: &str, approval: &str) -> Answer {
    let form = format!("code={code}&approval={approval}");
    stage.post(browser, "/profile/contacts/prove", &form).await
}

fn code_to(stage: &Stage, contact: &Contact) -> String {
    let codes = stage.fakes.courier.codes_to(contact);
    codes.last().expect("a code").expose().to_owned()
}

async fn contacts(stage: &Stage, customer: &CustomerId) -> Vec<Contact> {
    let known = stage.fakes.pod().contacts(customer, deadline()).await;
    let known = known.expect("looked up").into_iter();
    known.map(|known| known.contact).collect()
}

async fn name(stage: &Stage, customer: &CustomerId, contact: &Contact) -> String {
    let known = stage.fakes.pod().contacts(customer, deadline()).await;
    let mut named = known.expect("looked up").into_iter();
    let named = named.find(|known| known.contact == *contact);
    named.expect("it is known").name
}

fn said(answer: &Answer) -> &str {
    let said = answer.location().strip_prefix("/pod/app/profile?said=");
    said.unwrap_or_else(|| panic!("{answer:?}"))
}

#[tokio::test]
async fn a_contact_is_added_by_the_code_there_and_one_from_a_known_contact() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;

    let sent = add(&stage, &mut browser, " +1 (415) 555-0199 ").await;
    assert_eq!(said(&sent), "contact-sent");
    let page = stage.get(
        &mut browser,
        sent.location().strip_prefix("/pod/app").unwrap(),
    );
    let page = page.await.text;
    for text in [
        "The code is on its way.",
        "Add …99",
        "sent to …99",
        "sent to …42",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("5550199"), "{page}");
    let item = &stage.fakes.courier.deliveries()[0].item;
    assert_eq!(item.summary(), "sending codes to a new phone ending in 99");

    let (code, approval) = (code_to(&stage, &new_phone()), code_to(&stage, &zoe_phone()));
    let added = prove(&stage, &mut browser, &code, &approval).await;

    assert_eq!(said(&added), "contact-added");
    assert!(!browser.cookies.contains_key(COOKIE));
    assert_eq!(
        contacts(&stage, &zoe()).await,
        [zoe_phone(), zoe_email(), new_phone()]
    );
    let again = prove(&stage, &mut browser, &code, &approval).await;
    assert_eq!(said(&again), "contact-over");
}

#[tokio::test]
async fn an_address_is_added_as_well_and_named_so_that_a_text_can_say_it() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&bjorn()).await;

    add(&stage, &mut browser, "björn@mail.example.com").await;

    let item = &stage.fakes.courier.deliveries()[0].item;
    assert_eq!(
        item.summary(),
        "sending codes to a new address, b...@...com"
    );
    let new = email("björn@mail.example.com");
    let code = code_to(&stage, &new);
    let approval = code_to(&stage, &pod_testkit::fixtures::bjorn_phone());
    let added = prove(&stage, &mut browser, &code, &approval).await;
    assert_eq!(said(&added), "contact-added");
    assert!(contacts(&stage, &bjorn()).await.contains(&new));
}

/// Whoever has got into the account adds a telephone of their own.
#[tokio::test]
async fn without_the_code_from_a_known_contact_nothing_is_added() {
    let stage = Stage::new();
    let mut thief = stage.signed_in(&zoe()).await;
    add(&stage, &mut thief, "+14155550199").await;
    let code = code_to(&stage, &new_phone());
    let right = stage.fakes.courier.codes_to(&zoe_phone());
    let [guessed, wrong] = [4, 5].map(|n| wrong_code(&right[0], n).expose().to_owned());

    for (approval, outcome) in [
        ("", "no-code"),
        (&*guessed, "wrong-code&n=2"),
        (&*code, "wrong-code&n=1"),
        (&*wrong, "contact-refused"),
        (right[0].expose(), "contact-over"),
    ] {
        let refused = prove(&stage, &mut thief, &code, approval).await;
        assert_eq!(said(&refused), outcome, "{approval}");
    }

    assert_eq!(contacts(&stage, &zoe()).await, [zoe_phone(), zoe_email()]);
}

/// Whoever finds a browser that was left open, or has stolen its session a
/// while ago, cannot send codes elsewhere.
#[tokio::test]
async fn contacts_are_changed_only_a_short_while_after_signing_in() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let mail = name(&stage, &zoe(), &zoe_email()).await;
    stage.fakes.clock.advance(Duration::from_mins(15));

    let page = stage.get(&mut browser, "/profile").await.text;
    assert!(page.contains("You signed in a while ago."), "{page}");
    assert!(!page.contains("/profile/contacts"), "{page}");
    let sent = add(&stage, &mut browser, "+14155550199").await;
    assert_eq!(said(&sent), "sign-in-again");
    for change in ["prefer", "remove"] {
        let path = format!("/profile/contacts/{mail}/{change}");
        let changed = stage.post(&mut browser, &path, "").await;
        assert_eq!(said(&changed), "sign-in-again");
    }

    assert!(stage.fakes.courier.deliveries().is_empty());
    assert_eq!(contacts(&stage, &zoe()).await, [zoe_phone(), zoe_email()]);
    let mut again = stage.signed_in(&zoe()).await;
    let sent = add(&stage, &mut again, "+14155550199").await;
    assert_eq!(said(&sent), "contact-sent");
}

#[tokio::test]
async fn a_contact_is_proved_only_in_the_session_that_began_it() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    add(&stage, &mut browser, "+14155550199").await;
    let kept = browser.cookies[COOKIE].clone();
    let (code, approval) = (code_to(&stage, &new_phone()), code_to(&stage, &zoe_phone()));

    // Another browser of hers, somebody else with her cookie, a changed one.
    let mut other = stage.signed_in(&zoe()).await;
    let outcome = prove(&stage, &mut other, &code, &approval).await;
    assert_eq!(said(&outcome), "contact-over");
    for (customer, cookie) in [
        (bjorn(), kept.clone()),
        (zoe(), kept.clone()),
        (zoe(), format!("A{}", &kept[1..])),
    ] {
        let mut other = stage.signed_in(&customer).await;
        other.cookies.insert(COOKIE.to_owned(), cookie);
        let outcome = prove(&stage, &mut other, &code, &approval).await;
        assert_eq!(said(&outcome), "contact-over");
    }

    let outcome = prove(&stage, &mut browser, &code, &approval).await;
    assert_eq!(said(&outcome), "contact-added");
}

#[tokio::test]
async fn the_contact_that_gets_codes_is_chosen_and_one_that_was_added_removed() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    add(&stage, &mut browser, "+14155550199").await;
    let (code, approval) = (code_to(&stage, &new_phone()), code_to(&stage, &zoe_phone()));
    prove(&stage, &mut browser, &code, &approval).await;
    let added = name(&stage, &zoe(), &new_phone()).await;

    let path = format!("/profile/contacts/{added}/prefer");
    let preferred = stage.post(&mut browser, &path, "").await;
    assert_eq!(said(&preferred), "contact-preferred");
    stage.order(&zoe()).await;
    let last = stage.fakes.courier.deliveries().pop().expect("a code");
    assert_eq!(last.contact, new_phone());

    let path = format!("/profile/contacts/{added}/remove");
    let removed = stage.post(&mut browser, &path, "").await;
    assert_eq!(said(&removed), "contact-removed");
    assert_eq!(contacts(&stage, &zoe()).await, [zoe_phone(), zoe_email()]);
    for (path, outcome) in [
        (path, "contact-not-known"),
        (
            format!(
                "/profile/contacts/{}/remove",
                name(&stage, &zoe(), &zoe_phone()).await
            ),
            "contact-not-removable",
        ),
        (
            format!(
                "/profile/contacts/{}/prefer",
                name(&stage, &bjorn(), &pod_testkit::fixtures::bjorn_phone()).await
            ),
            "contact-not-known",
        ),
    ] {
        let refused = stage.post(&mut browser, &path, "").await;
        assert_eq!(said(&refused), outcome, "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_added_is_told() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let lost = phone("+14155550100");
    stage.fakes.courier.lose(&lost);

    for (contact, outcome) in [
        ("", "no-contact"),
        ("415 555 0199", "no-contact"),
        ("zoe@", "no-contact"),
        ("+1 415 555 0142", "contact-known"),
        ("+8816 315 55555", "contact-not-permitted"),
        ("+1 415 555 0100", "contact-undeliverable"),
    ] {
        let refused = add(&stage, &mut browser, contact).await;
        assert_eq!(said(&refused), outcome, "{contact}");
        let path = refused.location().strip_prefix("/pod/app").expect("ours");
        let page = stage.get(&mut browser, path).await.text;
        assert!(page.contains("data-kind=\"error\""), "{outcome}: {page}");
    }
    stage.fakes.courier.lose(&zoe_phone());
    stage.fakes.courier.lose(&zoe_email());
    let refused = add(&stage, &mut browser, "+14155550199").await;
    assert_eq!(said(&refused), "contact-not-approvable");
    for _ in 0..2 {
        add(&stage, &mut browser, "+14155550199").await;
    }
    let refused = add(&stage, &mut browser, "+14155550199").await;
    assert_eq!(said(&refused), "contact-too-soon&n=60");
    for _ in 0..4 {
        stage.fakes.clock.advance(Duration::from_hours(1));
        browser = stage.signed_in(&zoe()).await;
        add(&stage, &mut browser, "+14155550199").await;
    }
    let refused = add(&stage, &mut browser, "+14155550199").await;
    assert_eq!(said(&refused), "contact-much-too-soon&n=20");
}

#[tokio::test]
async fn a_customer_without_contacts_adds_the_first_by_its_own_code() {
    let stage = Stage::new();
    let nobody = pod_testkit::fixtures::customer("auth0|new");
    let mut browser = stage.signed_in(&nobody).await;
    let page = stage.get(&mut browser, "/profile").await.text;
    assert!(page.contains("<details open>"), "{page}");

    add(&stage, &mut browser, "+14155550199").await;
    let page = stage.get(&mut browser, "/profile").await.text;
    assert!(!page.contains("name=\"approval\""), "{page}");
    let code = code_to(&stage, &new_phone());
    let mistyped = prove(&stage, &mut browser, "soon", "").await;
    assert_eq!(said(&mistyped), "no-code");
    let added = prove(&stage, &mut browser, &code, "").await;

    assert_eq!(said(&added), "contact-added");
    assert_eq!(contacts(&stage, &nobody).await, [new_phone()]);
}

#[tokio::test]
async fn another_page_changes_no_contacts() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let mail = name(&stage, &zoe(), &zoe_email()).await;

    for (path, form) in [
        ("/profile/contacts".to_owned(), "contact=%2B14155550199"),
        ("/profile/contacts/prove".to_owned(), "code=123456"),
        (format!("/profile/contacts/{mail}/prefer"), ""),
        (format!("/profile/contacts/{mail}/remove"), ""),
    ] {
        let request = crate::stage::form_of(&path, form, "cross-site");
        let refused = stage.send(&mut browser, request).await;
        assert_eq!(refused.status, http::StatusCode::FORBIDDEN, "{path}");
    }

    assert!(stage.fakes.courier.deliveries().is_empty());
    let entries = stage.fakes.contact_book.entries(&zoe()).await;
    assert_eq!(
        entries.expect("looked up"),
        pod_core::ports::ContactEntries::default()
    );
}

/// What somebody adds is named in a message of the shop's to somebody else.
#[tokio::test]
async fn an_address_carries_no_words_into_the_message() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;

    for (address, named) in [
        ("a@x.call-1-415-555-0100-now-or-lose-it", "a...@..."),
        ("b@x.call-0100", "b...@..."),
        ("ë@mail.example", "...@...example"),
        ("q@x.verylongtoplevel", "q...@..."),
    ] {
        add(&stage, &mut browser, address).await;
        let last = stage.fakes.courier.deliveries().pop().expect("a code");
        let summary = format!("sending codes to a new address, {named}");
        assert_eq!(last.item.summary(), summary);
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_has_one_effect_and_one_answer() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let add = "contact=%2B14155550199&once=AAAAAAAAAAAAAAAAAAAAAA";

    for _ in 0..2 {
        let sent = stage.post(&mut browser, "/profile/contacts", add).await;
        assert_eq!(said(&sent), "contact-sent");
        assert!(browser.cookies.contains_key(COOKIE));
    }
    assert_eq!(stage.fakes.courier.deliveries().len(), 2);
    let (code, approval) = (code_to(&stage, &new_phone()), code_to(&stage, &zoe_phone()));
    let prove = format!("code={code}&approval={approval}&once=BBBBBBBBBBBBBBBBBBBBBB");
    let mut twice = browser.clone();
    for browser in [&mut browser, &mut twice] {
        let added = stage.post(browser, "/profile/contacts/prove", &prove).await;
        assert_eq!(said(&added), "contact-added");
    }
    assert_eq!(contacts(&stage, &zoe()).await.len(), 3);
}

/// Another browser, or somebody else, has begun anew.
#[tokio::test]
async fn a_page_asks_for_the_codes_of_its_own_contact_only() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let mut other = stage.signed_in(&zoe()).await;
    add(&stage, &mut browser, "+14155550199").await;
    let page = stage.get(&mut browser, "/profile").await.text;
    assert!(page.contains("contact-code"), "{page}");

    add(&stage, &mut other, "+14155550188").await;

    let page = stage.get(&mut browser, "/profile").await.text;
    assert!(!page.contains("contact-code"), "{page}");
}

#[tokio::test]
async fn a_form_that_says_something_else_the_second_time_has_no_effect() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let once = "once=AAAAAAAAAAAAAAAAAAAAAA";

    for (number, outcome) in [("0199", "contact-sent"), ("0188", "unavailable")] {
        let form = format!("contact=%2B1415555{number}&{once}");
        let sent = stage.post(&mut browser, "/profile/contacts", &form).await;
        assert_eq!(said(&sent), outcome);
    }
    let (code, approval) = (code_to(&stage, &new_phone()), code_to(&stage, &zoe_phone()));
    let wrong = wrong_code(&stage.fakes.courier.codes_to(&new_phone())[0], 4);
    let once = "once=BBBBBBBBBBBBBBBBBBBBBB";
    for (code, outcome) in [(wrong.expose(), "wrong-code&n=2"), (&code, "unavailable")] {
        let form = format!("code={code}&approval={approval}&{once}");
        let path = "/profile/contacts/prove";
        let judged = stage.post(&mut browser, path, &form).await;
        assert_eq!(said(&judged), outcome);
    }

    assert_eq!(contacts(&stage, &zoe()).await.len(), 2);
    let added = prove(&stage, &mut browser, &code, &approval).await;
    assert_eq!(said(&added), "contact-added");
}

#[tokio::test]
async fn forms_of_two_customers_are_never_the_same_one() {
    let stage = Stage::new();
    let form = "contact=%2B14155550199&once=AAAAAAAAAAAAAAAAAAAAAA";

    for customer in [zoe(), bjorn()] {
        let mut browser = stage.signed_in(&customer).await;
        let sent = stage.post(&mut browser, "/profile/contacts", form).await;
        assert_eq!(said(&sent), "contact-sent");
    }

    assert_eq!(stage.fakes.courier.codes_to(&new_phone()).len(), 2);
}

#[tokio::test]
async fn what_cannot_be_added_leaves_what_was_begun_under_way() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    add(&stage, &mut browser, "+14155550199").await;

    let refused = add(&stage, &mut browser, "+881631555555").await;
    assert_eq!(said(&refused), "contact-not-permitted");

    let (code, approval) = (code_to(&stage, &new_phone()), code_to(&stage, &zoe_phone()));
    let added = prove(&stage, &mut browser, &code, &approval).await;
    assert_eq!(said(&added), "contact-added");
}

#[tokio::test]
async fn a_browser_keeps_no_contact_whose_codes_have_come_too_late() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    add(&stage, &mut browser, "+14155550199").await;
    let (code, approval) = (code_to(&stage, &new_phone()), code_to(&stage, &zoe_phone()));
    stage.fakes.clock.advance(Duration::from_mins(5));

    let late = prove(&stage, &mut browser, &code, &approval).await;

    assert_eq!(said(&late), "contact-over");
    assert!(!browser.cookies.contains_key(COOKIE));
}

/// Whoever has stolen the cookies has all that the browser has.
#[tokio::test]
async fn what_a_browser_has_is_not_enough_to_read_the_contact() {
    let [ours, other] = [7, 8].map(|n| Stage::with(|config| config.secret = vec![n; 32].into()));
    let mut browser = ours.signed_in(&zoe()).await;
    let mut copy = other.signed_in(&zoe()).await;
    assert_eq!(
        browser.cookies, copy.cookies,
        "chance is the same in a test"
    );
    add(&ours, &mut browser, "+14155550199").await;
    add(&other, &mut copy, "+14155550199").await;
    let (code, approval) = (code_to(&other, &new_phone()), code_to(&other, &zoe_phone()));

    let mut elsewhere = browser.clone();
    let outcome = prove(&other, &mut elsewhere, &code, &approval).await;
    assert_eq!(said(&outcome), "contact-over");

    let outcome = prove(&other, &mut copy, &code, &approval).await;
    assert_eq!(said(&outcome), "contact-added");
}
