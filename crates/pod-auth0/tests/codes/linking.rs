//! The identity that a classic code needs is made and linked once, whoever
//! else is at it.

use std::sync::Arc;
use std::time::Duration;

use pod_auth0::PasswordlessMode;
use pod_core::CustomerId;
use pod_core::ports::ChallengeError;
use pod_testkit::fixtures::{bjorn, email, order, phone, zoe, zoe_email, zoe_phone};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use wiremock::ResponseTemplate;

use crate::auth0::{Auth0, send, user};
use crate::customers::contacts;

const CREATE: &str = "POST /api/v2/users";
const LINK: &str = "POST /api/v2/users/auth0|zoë-Ω'\"--/identities";
const START: &str = "POST /passwordless/start";

/// The identities of a customer beside the customer's own.
fn linked(auth0: &Auth0, customer: &CustomerId) -> Vec<Value> {
    let (_, user) = auth0.state().records.read(customer.as_str(), "identities");
    user["identities"].as_array().expect("some")[1..].to_vec()
}

fn is_undeliverable<T: std::fmt::Debug>(outcome: Result<T, ChallengeError>) -> bool {
    matches!(outcome.unwrap_err(), ChallengeError::Undeliverable)
}

#[tokio::test]
async fn an_identity_that_is_missing_is_made_and_linked_before_the_code_is_sent() {
    for (contact, body, provider) in [
        (
            zoe_phone(),
            json!({ "connection": "sms", "phone_number": "+14155550142", "phone_verified": true }),
            "sms",
        ),
        (
            email("zoe@example.com"),
            json!({ "connection": "email", "email": "zoe@example.com", "email_verified": true,
                "verify_email": false }),
            "email",
        ),
    ] {
        let auth0 = Auth0::start().await;
        auth0.know(&zoe(), std::slice::from_ref(&contact));

        auth0.send(&order(1, &zoe()), &contact).await.unwrap();

        let asked: Vec<_> = auth0.asked().into_iter().skip(2).collect();
        let [create, link, start] = &asked[..] else {
            panic!("three requests: {asked:?}")
        };
        assert_eq!((&*create.what, &create.json), (CREATE, &body));
        assert_eq!(link.what, LINK);
        let name = format!("{:024x}", 1);
        assert_eq!(link.json, json!({ "provider": provider, "user_id": name }));
        assert_eq!(start.what, START);
        assert_eq!(linked(&auth0, &zoe()).len(), 1);
    }
}

#[tokio::test]
async fn an_identity_that_is_there_is_left_as_it_is() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone()]);

    for n in 1..=3 {
        auth0.send(&order(n, &zoe()), &zoe_phone()).await.unwrap();
        auth0.clock.advance(Duration::from_mins(1));
    }

    assert_eq!(auth0.asked_for(CREATE).len(), 1);
    assert_eq!(auth0.asked_for(LINK).len(), 1);
    assert_eq!(auth0.asked_for(START).len(), 3);
}

#[tokio::test]
async fn a_customer_who_is_an_sms_user_needs_no_other() {
    let auth0 = Auth0::start().await;
    let mut user = user(&zoe());
    user["identities"] = json!([{ "connection": "sms", "provider": "sms", "user_id": "5a1" }]);
    user["phone_number"] = "+14155550142".into();
    user["phone_verified"] = true.into();
    auth0.state().records.put(user);

    auth0.send(&order(1, &zoe()), &zoe_phone()).await.unwrap();

    assert!(auth0.asked_for(CREATE).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_first_orders_at_once_come_one_identity_and_one_link() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone(), zoe_email()]);
    let mut calls = JoinSet::new();
    for n in 0..50 {
        let challenger = auth0.challenger.clone();
        calls.spawn(async move { send(&challenger, &order(n, &zoe()), &zoe_phone()).await });
    }

    for outcome in calls.join_all().await {
        outcome.unwrap();
    }

    assert_eq!(auth0.asked_for(CREATE).len(), 1);
    assert_eq!(auth0.asked_for(LINK).len(), 1);
    assert_eq!(auth0.asked_for(START).len(), 50);
    assert_eq!(linked(&auth0, &zoe()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_first_orders_at_ten_programs_come_one_identity_and_one_link() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone()]);
    let programs: Vec<_> = (0..10).map(|_| Arc::new(auth0.another().1)).collect();
    let mut calls = JoinSet::new();
    for n in 0..50 {
        let challenger = programs[n as usize % 10].clone();
        calls.spawn(async move { send(&challenger, &order(n, &zoe()), &zoe_phone()).await });
    }

    for outcome in calls.join_all().await {
        outcome.unwrap();
    }

    assert_eq!(linked(&auth0, &zoe()).len(), 1);
    assert_eq!(auth0.state().records.users.len(), 1);
}

#[tokio::test]
async fn an_identity_that_somebody_left_unlinked_is_linked() {
    for contact in [zoe_phone(), email("zoe@example.com")] {
        let auth0 = Auth0::start().await;
        auth0.know(&zoe(), std::slice::from_ref(&contact));
        auth0.answer_once(LINK, ResponseTemplate::new(503));
        let failed = auth0.send(&order(1, &zoe()), &contact).await.unwrap_err();
        assert!(matches!(failed, ChallengeError::Fault(fault) if fault.is_temporary()));
        assert!(auth0.asked_for(START).is_empty());

        auth0.send(&order(2, &zoe()), &contact).await.unwrap();

        assert_eq!(linked(&auth0, &zoe()).len(), 1);
        assert_eq!(auth0.state().records.users.len(), 1);
    }
}

#[tokio::test]
async fn an_identity_that_another_program_linked_meanwhile_is_fine() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone()]);
    // This one has read the profile before the other one links.
    contacts(&auth0).await.unwrap();
    let (_, other) = auth0.another();
    send(&other, &order(1, &zoe()), &zoe_phone()).await.unwrap();

    auth0.send(&order(2, &zoe()), &zoe_phone()).await.unwrap();

    assert_eq!(auth0.asked_for(CREATE).len(), 2);
    assert_eq!(linked(&auth0, &zoe()).len(), 1);
}

#[tokio::test]
async fn a_link_that_was_made_and_not_acknowledged_is_found() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone()]);
    for status in [409, 404] {
        auth0.do_but_answer(LINK, ResponseTemplate::new(status));

        auth0.send(&order(1, &zoe()), &zoe_phone()).await.unwrap();

        assert_eq!(linked(&auth0, &zoe()).len(), 1);
        auth0.know(&zoe(), &[zoe_phone()]);
        auth0.clock.advance(Duration::from_mins(1));
    }
}

#[tokio::test]
async fn a_telephone_that_another_customer_signs_in_with_gets_no_code() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone()]);
    auth0.send(&order(1, &zoe()), &zoe_phone()).await.unwrap();
    auth0.know(&bjorn(), &[zoe_phone()]);

    let outcome = auth0.send(&order(2, &bjorn()), &zoe_phone()).await;

    assert!(is_undeliverable(outcome));
    assert_eq!(auth0.asked_for(START).len(), 1);
    assert!(linked(&auth0, &bjorn()).is_empty());
}

#[tokio::test]
async fn an_account_that_has_grown_is_not_taken_over() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone()]);
    let mut grown = user(&bjorn());
    grown["phone_number"] = "+14155550142".into();
    grown["identities"] = json!([
        { "connection": "sms", "provider": "sms", "user_id": "5a1" },
        { "connection": "shop", "provider": "oauth2", "user_id": "7", "profileData": {} },
    ]);
    auth0.state().records.put(grown);

    let outcome = auth0.send(&order(1, &zoe()), &zoe_phone()).await;

    assert!(is_undeliverable(outcome));
    assert!(auth0.asked_for(LINK).is_empty());
}

#[tokio::test]
async fn a_contact_that_is_not_the_customers_gets_no_code() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone()]);

    let others = auth0.send(&order(1, &zoe()), &phone("+14155550199")).await;
    let nobodys = auth0.send(&order(1, &bjorn()), &zoe_phone()).await;

    assert!(is_undeliverable(others) && is_undeliverable(nobodys));
    assert!(auth0.asked_for(CREATE).is_empty());
    assert!(auth0.asked_for(START).is_empty());
}

#[tokio::test]
async fn a_number_that_only_the_customer_vouches_for_is_not_called_verified() {
    let auth0 = Auth0::start_with(PasswordlessMode::default(), |config| {
        config.trust_user_metadata = true;
    })
    .await;
    let mut user = user(&zoe());
    user["user_metadata"] = json!({ "phone_number": "+14155550199" });
    auth0.state().records.put(user);

    auth0
        .send(&order(1, &zoe()), &phone("+14155550199"))
        .await
        .unwrap();

    assert_eq!(auth0.asked_for(CREATE)[0].json["phone_verified"], false);
}

#[tokio::test]
async fn claiming_a_number_does_not_take_over_the_account_that_has_it() {
    let auth0 = Auth0::start_with(PasswordlessMode::default(), |config| {
        config.trust_user_metadata = true;
    })
    .await;
    let mut claiming = user(&zoe());
    claiming["user_metadata"] = json!({ "phone_number": "+14155550199" });
    let mut victim = user(&bjorn());
    victim["phone_number"] = "+14155550199".into();
    victim["phone_verified"] = true.into();
    victim["identities"] = json!([{ "connection": "sms", "provider": "sms", "user_id": "5a1" }]);
    for user in [claiming, victim] {
        auth0.state().records.put(user);
    }

    let outcome = auth0.send(&order(1, &zoe()), &phone("+14155550199")).await;

    assert!(is_undeliverable(outcome));
    assert!(auth0.asked_for(LINK).is_empty());
    assert!(auth0.asked_for(START).is_empty());
}
