//! Which contacts of a customer's are the customer's, and for how long that is
//! remembered.

use std::time::Duration;

use pod_auth0::PasswordlessMode;
use pod_core::ports::Customers as _;
use pod_core::{Contact, Fault};
use pod_testkit::fixtures::{bjorn, customer, deadline, email, phone, zoe, zoe_email, zoe_phone};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::auth0::{Auth0, user};

pub(crate) const ZOE: &str = "GET /api/v2/users/auth0|zoë-Ω'\"--";

pub(crate) async fn contacts(auth0: &Auth0) -> Result<Vec<Contact>, Fault> {
    auth0.customers.contacts(&zoe(), deadline()).await
}

/// A tenant that knows Zoë by some fields.
async fn known_by(fields: &Value) -> Auth0 {
    known_where(false, fields).await
}

async fn known_where(trust_user_metadata: bool, fields: &Value) -> Auth0 {
    let auth0 = Auth0::start_with(PasswordlessMode::default(), |config| {
        config.trust_user_metadata = trust_user_metadata;
    })
    .await;
    let mut user = user(&zoe());
    for (field, value) in fields.as_object().expect("fields") {
        if field == "identities" {
            let more = value.as_array().expect("identities").clone();
            user[field].as_array_mut().expect("own").extend(more);
        } else {
            user[field] = value.clone();
        }
    }
    auth0.state().records.put(user);
    auth0
}

fn sms_identity(number: &str, verified: &Value) -> Value {
    json!({
        "connection": "sms", "provider": "sms", "user_id": "5a1",
        "profileData": { "phone_number": number, "phone_verified": verified },
    })
}

#[tokio::test]
async fn a_customer_is_asked_for_by_name_and_with_nothing_that_has_no_use() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone()]);

    contacts(&auth0).await.unwrap();

    let asked = auth0.asked();
    let [token, user] = &asked[..] else {
        panic!("two requests: {asked:?}")
    };
    assert_eq!(token.what, "POST /oauth/token");
    assert_eq!(token.form["grant_type"], "client_credentials");
    let audience = format!("{}/api/v2/", auth0.server.uri());
    assert_eq!(token.form["audience"], audience);
    assert_eq!(user.what, ZOE);
    assert_eq!(user.headers["authorization"], "Bearer management-1");
    assert_eq!(
        user.query["fields"],
        "user_id,email,email_verified,phone_number,phone_verified,identities,app_metadata"
    );
}

#[tokio::test]
async fn telephones_come_before_addresses_and_nothing_comes_twice() {
    let auth0 = known_by(&json!({
        "phone_number": "+14155550142", "phone_verified": true,
        "email": "Zoë@Example.com", "email_verified": true,
        "app_metadata": { "phone_number": "+1 (415) 555-0143" },
        "identities": [
            sms_identity("+14155550142", &json!(true)),
            sms_identity("+14155550144", &json!(true)),
        ],
    }))
    .await;

    let known = contacts(&auth0).await.unwrap();

    let expected = [
        phone("+14155550142"),
        phone("+14155550143"),
        phone("+14155550144"),
        email("zoë@example.com"),
    ];
    assert_eq!(known, expected);
}

#[tokio::test]
async fn what_nobody_has_verified_is_no_contact() {
    for fields in [
        json!({ "phone_number": "+14155550199" }),
        json!({ "phone_number": "+14155550199", "phone_verified": false }),
        json!({ "phone_number": "+14155550199", "phone_verified": "true" }),
        json!({ "phone_number": "+14155550199", "email_verified": true }),
        json!({ "email": "zoe@example.com", "email_verified": null }),
        json!({ "email": "zoe@example.com", "phone_verified": true }),
        json!({ "identities": [sms_identity("+14155550199", &json!(false))] }),
        json!({ "identities": [sms_identity("+14155550199", &json!(null))] }),
        json!({ "identities": [{
            "connection": "shop", "provider": "oauth2", "user_id": "5a1",
            "profileData": { "phone_number": "+14155550199", "phone_verified": true },
        }] }),
        json!({ "phone_number": "0199", "phone_verified": true }),
        json!({ "phone_number": 14_155_550_199_u64, "phone_verified": true }),
        json!({ "app_metadata": { "phone_number": "my phone" } }),
        json!({ "app_metadata": "+14155550199", "user_metadata": [] }),
        json!({ "email": "not an address", "email_verified": true }),
    ] {
        let auth0 = known_by(&fields).await;

        assert_eq!(contacts(&auth0).await.unwrap(), [], "{fields}");
    }
}

#[tokio::test]
async fn a_number_that_the_customer_edited_counts_only_where_that_is_configured() {
    let edited = json!({
        "user_metadata": { "phone_number": "+14155550199", "phone_verified": true },
        "app_metadata": { "phone_number": "+14155550142" },
    });

    let auth0 = known_by(&edited).await;
    assert_eq!(contacts(&auth0).await.unwrap(), [zoe_phone()]);
    assert!(!auth0.asked_for(ZOE)[0].query["fields"].contains("user_metadata"));

    let trusting = known_where(true, &edited).await;
    let known = contacts(&trusting).await.unwrap();
    assert_eq!(known, [zoe_phone(), phone("+14155550199")]);
}

#[tokio::test]
async fn nobody_gets_the_contacts_of_a_customer_with_a_similar_name() {
    let auth0 = Auth0::start().await;
    auth0.know(&bjorn(), &[zoe_phone()]);
    for place in [".", "..", "auth0|%", "*", "auth0"] {
        let found = auth0.customers.contacts(&customer(place), deadline()).await;
        assert_eq!(found.unwrap(), [], "{place}");
    }

    let hers = json!({ "user_id": bjorn().as_str(), "identities": [],
        "phone_number": "+14155550142", "phone_verified": true });
    auth0.answer(ZOE, ResponseTemplate::new(200).set_body_json(hers));

    let fault = contacts(&auth0).await.unwrap_err();
    assert!(!fault.is_temporary());
}

#[tokio::test]
async fn a_profile_is_used_for_half_a_minute() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone()]);
    contacts(&auth0).await.unwrap();
    auth0.know(&zoe(), &[zoe_email()]);

    auth0.clock.advance(Duration::from_millis(29_999));
    assert_eq!(contacts(&auth0).await.unwrap(), [zoe_phone()]);
    assert_eq!(auth0.asked_for(ZOE).len(), 1);

    auth0.clock.advance(Duration::from_millis(1));
    assert_eq!(contacts(&auth0).await.unwrap(), [zoe_email()]);
    assert_eq!(auth0.asked_for(ZOE).len(), 2);
}

#[tokio::test]
async fn a_profile_can_be_read_for_each_question() {
    let auth0 = Auth0::start_with(PasswordlessMode::default(), |config| {
        config.keep = Duration::ZERO;
    })
    .await;
    auth0.know(&zoe(), &[zoe_phone()]);

    for _ in 0..3 {
        contacts(&auth0).await.unwrap();
    }

    assert_eq!(auth0.asked_for(ZOE).len(), 3);
    assert_eq!(auth0.asked_for("POST /oauth/token").len(), 1);
}

#[tokio::test]
async fn a_profile_that_was_forgotten_while_it_was_read_is_not_kept() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone()]);
    contacts(&auth0).await.unwrap();
    auth0.customers.forget(&zoe()).await.unwrap();
    auth0.delay(Duration::from_millis(100));

    let (read, ()) = tokio::join!(contacts(&auth0), async {
        while auth0.asked_for(ZOE).len() < 2 {
            tokio::task::yield_now().await;
        }
        auth0.customers.forget(&zoe()).await.unwrap();
    });

    read.unwrap();
    contacts(&auth0).await.unwrap();
    assert_eq!(auth0.asked_for(ZOE).len(), 3);
}
