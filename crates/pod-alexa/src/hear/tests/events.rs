//! Events: an account linked, the skill disabled.

use std::sync::Arc;

use pod_core::AccountId;
use pod_core::ports::{Links, Ports};
use pod_testkit::{Fakes, MockLinks, fixtures};
use serde_json::{Value, json};

use super::talk::{ACCOUNT, TOKEN, Talk, fault};

fn linked(body: &Value) -> Value {
    json!({"type": "AlexaSkillEvent.SkillAccountLinked", "body": body})
}

fn disabled() -> Value {
    let body = json!({"userInformationPersistenceStatus": "NOT_PERSISTED"});
    json!({"type": "AlexaSkillEvent.SkillDisabled", "body": body})
}

async fn tell(talk: &mut Talk, event: Value) -> &'static str {
    talk.hear("(an event)", event).await;
    assert_eq!(talk.answer, json!({"version": "1.0", "response": {}}));
    talk.outcome
}

fn account() -> AccountId {
    AccountId::parse(ACCOUNT).unwrap()
}

#[tokio::test]
async fn a_linked_account_is_remembered_by_the_events_own_token() {
    let mut talk = Talk::with_zoe();
    talk.token = None;

    let outcome = tell(&mut talk, linked(&json!({"accessToken": TOKEN}))).await;

    assert_eq!(outcome, "noted");
    let customer = talk.fakes.links.unlink(&account()).await.unwrap();
    assert_eq!(customer, Some(fixtures::zoe()));
}

#[tokio::test]
async fn without_a_good_token_nothing_is_linked() {
    let mut talk = Talk::with_zoe();
    talk.token = None;

    for body in [
        json!({}),
        json!(null),
        json!({"accessToken": null}),
        json!({"accessToken": "x"}),
    ] {
        assert_eq!(
            tell(&mut talk, linked(&body)).await,
            "unrecognised",
            "{body}"
        );
    }

    assert_eq!(talk.fakes.links.unlink(&account()).await.unwrap(), None);
}

#[tokio::test]
async fn when_the_skill_is_disabled_what_is_open_is_cancelled() {
    let mut talk = Talk::with_zoe();
    tell(&mut talk, linked(&json!({"accessToken": TOKEN}))).await;
    talk.order_any().await;
    talk.token = None;

    let outcome = tell(&mut talk, disabled()).await;

    assert_eq!(outcome, "noted");
    assert_eq!(talk.stages(), ["cancelled"]);
    assert_eq!(talk.fakes.links.unlink(&account()).await.unwrap(), None);
    talk.token = Some(TOKEN.to_owned());
    talk.right_code().await;
    assert_eq!(talk.outcome, "nothing-pending");
}

#[tokio::test]
async fn an_event_about_nobody_changes_nothing() {
    let mut talk = Talk::with_zoe();
    talk.order_any().await;

    assert_eq!(tell(&mut talk, disabled()).await, "noted");
    assert_eq!(tell(&mut talk, disabled()).await, "noted");

    assert_eq!(talk.stages(), ["awaiting_code"]);
}

#[tokio::test]
async fn events_without_a_use_change_nothing() {
    let fakes = Fakes::with_zoe();
    let links = Arc::new(MockLinks::new());
    let ports = Ports {
        links,
        ..fakes.ports()
    };
    let mut talk = Talk::on_ports(fakes, ports);

    for kind in [
        "SkillEnabled",
        "SkillPermissionAccepted",
        "SkillPermissionChanged",
        "NextYears",
    ] {
        let event = json!({"type": format!("AlexaSkillEvent.{kind}")});
        assert_eq!(tell(&mut talk, event).await, "silence", "{kind}");
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_noted_is_answered_all_the_same() {
    let fakes = Fakes::with_zoe();
    let mut links = MockLinks::new();
    links.expect_find().returning(|_| Err(fault()));
    let ports = Ports {
        links: Arc::new(links),
        ..fakes.ports()
    };
    let mut talk = Talk::on_ports(fakes, ports);

    let outcome = tell(&mut talk, linked(&json!({"accessToken": TOKEN}))).await;

    assert_eq!(outcome, "not-noted");
    assert_eq!(tell(&mut talk, disabled()).await, "not-noted");
}
