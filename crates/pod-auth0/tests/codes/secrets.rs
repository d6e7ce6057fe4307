//! No error and nothing that is printed shows a secret, a contact or a code.

use std::error::Error;
use std::fmt::Write as _;

use pod_auth0::PasswordlessConfig;
use pod_core::ports::{ChallengeError, CheckError, Customers as _};
use pod_testkit::fixtures::{deadline, order, zoe, zoe_phone};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::auth0::{Auth0, CLIENT, SECRET, config, sessions};

/// An error and all that caused it, in both ways.
fn shown(error: &dyn Error) -> String {
    let mut shown = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(shown, " {error} {error:?}").expect("a string");
        cause = error.source();
    }
    shown
}

#[tokio::test]
async fn no_failure_shows_a_secret() {
    let unhelpful = json!({
        "error": "+14155550142",
        "error_description": format!("{SECRET} and +14155550142 (Code: 4155550142)"),
        "message": "auth0|zoë management-1",
        "id_token": "e30.e30.secret", "access_token": "secret one", "auth_session": 7,
    });
    for mode in [sessions(), pod_auth0::PasswordlessMode::default()] {
        for status in [200, 201, 302, 400, 401, 403, 404, 409, 418, 429, 500] {
            for what in [
                "POST /oauth/token",
                "GET /api/v2/users/auth0|zoë-Ω'\"--",
                "POST /api/v2/users",
                "POST /api/v2/users/auth0|zoë-Ω'\"--/identities",
                "POST /passwordless/start",
                "POST /otp/challenge",
                "GET /.well-known/jwks.json",
            ] {
                let auth0 = Auth0::start_with(mode.clone(), |_| {}).await;
                let (attempt, code) = auth0.sent().await;
                auth0.customers.forget(&zoe()).await.unwrap();
                auth0.answer(
                    what,
                    ResponseTemplate::new(status).set_body_json(&unhelpful),
                );

                let mut told = format!("{:?} {:?}", auth0.customers, auth0.challenger);
                if let Err(fault) = auth0.customers.contacts(&zoe(), deadline()).await {
                    told += &shown(&fault);
                }
                match auth0.send(&order(2, &zoe()), &zoe_phone()).await {
                    Err(ChallengeError::Fault(fault)) => told += &shown(&fault),
                    Err(error) => told += &shown(&error),
                    Ok(challenge) => write!(told, "{challenge:?}").unwrap(),
                }
                match auth0.check(&attempt, &code).await {
                    Err(CheckError::Fault(fault)) => told += &shown(&fault),
                    other => write!(told, "{other:?}").unwrap(),
                }

                let codes = auth0.codes_to(&zoe_phone());
                let codes = codes.iter().map(pod_core::Code::expose);
                for secret in codes.chain([
                    SECRET,
                    "4155550142",
                    "secret",
                    "management-1",
                    "session-",
                    "e30",
                    "zo",
                ]) {
                    // The place is named, the customer is not.
                    let told = told.replace("with its secret", "");
                    assert!(!told.contains(secret), "{what} {status} {secret}: {told}");
                }
            }
        }
    }
}

#[test]
fn no_configuration_shows_its_secret() {
    let customers = config("tenant.eu.auth0.com");
    let passwordless = PasswordlessConfig {
        client: customers.client.clone(),
        secret: customers.secret.clone(),
        mode: sessions(),
    };

    let shown = format!("{customers:?} {passwordless:?}");

    assert!(shown.contains(CLIENT));
    assert!(!shown.contains("hush"), "{shown}");
}
