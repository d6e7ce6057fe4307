//! The customer's profile: contacts, sessions, the skill, the data.

use std::time::Duration;

use pod_core::AccountId;
use pod_core::ports::Links as _;
use pod_testkit::fixtures::{bjorn, zoe, zoe_email, zoe_phone};
use serde_json::Value;

use crate::stage::Stage;

#[tokio::test]
async fn contacts_are_shown_masked_and_which_one_gets_codes() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;

    let page = stage.get(&mut browser, "/profile").await;

    let (phone, mail) = (zoe_phone(), zoe_email());
    for masked in [phone.masked(), mail.masked()] {
        assert!(page.text.contains(masked.masked()));
    }
    assert!(!page.text.contains("5550142") && !page.text.contains(mail.expose()));
    assert_eq!(page.text.matches("gets codes").count(), 1);
    assert_eq!(page.text.matches("this browser").count(), 1);
}

#[tokio::test]
async fn the_data_is_all_that_is_kept_of_the_customer_and_nobody_elses() {
    let stage = Stage::new();
    let mine = stage.order(&zoe()).await;
    let his = stage.order(&bjorn()).await;
    let mut browser = stage.signed_in(&zoe()).await;

    let data = stage.get(&mut browser, "/profile/data.json").await;

    assert!(data.header("content-disposition").starts_with("attachment"));
    let json: Value = serde_json::from_str(&data.text).unwrap();
    assert_eq!(json["customer"], zoe().as_str());
    assert_eq!(json["orders"][0]["id"], *mine);
    assert_eq!(json["orders"].as_array().unwrap().len(), 1);
    assert_eq!(json["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(json["contacts"].as_array().unwrap().len(), 2);
    for secret in [&*his, "5550142", zoe_email().expose(), &stage.code()] {
        assert!(!data.text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn erasing_leaves_nothing_and_nobody_elses_less() {
    let stage = Stage::new();
    stage.order(&zoe()).await;
    stage.order(&bjorn()).await;
    let mut browser = stage.signed_in(&zoe()).await;
    let mut other = stage.signed_in(&zoe()).await;

    stage.post(&mut browser, "/profile/erase", "").await;

    assert!(stage.fakes.orders.all(&zoe()).is_empty());
    assert_eq!(stage.fakes.orders.all(&bjorn()).len(), 1);
    let after = stage.get(&mut other, "/orders").await;
    assert_eq!(after.location(), "/pod/app/?said=session-over");
}

#[tokio::test]
async fn unlinking_forgets_the_accounts_and_cancels_what_waits() {
    let stage = Stage::new();
    let account = AccountId::parse("amzn1.ask.account.A").unwrap();
    stage.fakes.links.link(&account, &zoe()).await.unwrap();
    stage.order(&zoe()).await;
    let mut browser = stage.signed_in(&zoe()).await;

    let done = stage.post(&mut browser, "/profile/unlink", "").await;

    assert_eq!(done.location(), "/pod/app/profile?said=unlinked");
    assert_eq!(stage.fakes.links.find(&account).await.unwrap(), None);
    let orders = stage.fakes.orders.all(&zoe());
    assert_eq!(orders[0].state.stage(), pod_core::Stage::Cancelled);
}

#[tokio::test]
async fn the_data_has_more_orders_than_a_page() {
    let stage = Stage::new();
    for n in 0..101 {
        stage.fakes.clock.advance(Duration::from_hours(n + 1));
        stage.order(&zoe()).await;
    }
    let mut browser = stage.signed_in(&zoe()).await;

    let data = stage.get(&mut browser, "/profile/data.json").await;

    let json: Value = serde_json::from_str(&data.text).unwrap();
    assert_eq!(json["orders"].as_array().unwrap().len(), 101);
}
