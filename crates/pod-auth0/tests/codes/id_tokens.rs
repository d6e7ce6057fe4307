//! The tenant's word that a code was right is an ID token of the customer: no
//! other token is believed.

use std::error::Error as _;

use jsonwebtoken::Algorithm;
use pod_core::ports::CheckError;
use pod_testkit::fixtures::bjorn;
use serde_json::{Value, json};

use crate::auth0::{Auth0, CLIENT, SECRET, good, sessions};
use crate::tenant::{encode, first, header, second, sign, sign_hs256, sign_rsa};

/// Holds that a right code is not accepted where the tenant answers with this
/// token, and gives what operators are told.
async fn told(mint: impl Fn(&Value) -> String + Send + Sync + Clone + 'static) -> String {
    let mut told = String::new();
    for mode in [sessions(), pod_auth0::PasswordlessMode::default()] {
        let auth0 = Auth0::start_with(mode, |_| {}).await;
        let (attempt, code) = auth0.sent().await;
        auth0.mint(mint.clone());
        match auth0.check(&attempt, &code).await {
            Err(CheckError::Fault(fault)) => {
                assert!(!fault.is_temporary());
                told = fault.source().expect("a source").to_string();
            }
            other => panic!("no fault: {other:?}"),
        }
    }
    told
}

async fn told_with(changes: Value) -> String {
    told(move |claims| {
        let mut claims = claims.clone();
        for (claim, value) in changes.as_object().expect("claims") {
            if value.is_null() {
                claims.as_object_mut().expect("claims").remove(claim);
            } else {
                claims[claim] = value.clone();
            }
        }
        good(&claims)
    })
    .await
}

#[tokio::test]
async fn another_customers_token_is_not_accepted() {
    for other in [
        bjorn().as_str(),
        "sms|5a1",
        "auth0|zoë-Ω'\"-- ",
        "AUTH0|zoë-Ω'\"--",
    ] {
        let told = told_with(json!({ "sub": other })).await;

        assert_eq!(told, "the tenant answered for another customer");
    }
}

#[tokio::test]
async fn an_unsigned_token_is_not_accepted() {
    for alg in ["none", "None", ""] {
        let told = told(move |claims| {
            let header = encode(&json!({ "alg": alg, "kid": "first" }));
            format!("{header}.{}.", encode(claims))
        });

        assert!(told.await.contains("not good"));
    }
}

#[tokio::test]
async fn neither_the_secret_nor_the_public_key_signs_a_token() {
    let modulus = first().jwk()["n"].as_str().expect("a modulus").to_owned();
    for secret in [SECRET.to_owned(), first().pem.to_owned(), modulus] {
        for alg in ["HS256", "RS256"] {
            let secret = secret.clone();
            let told = told(move |claims| {
                let header = json!({ "alg": alg, "typ": "JWT", "kid": "first" });
                sign_hs256(&header, claims, secret.as_bytes())
                    .expose()
                    .to_owned()
            });

            assert!(told.await.contains("not good"));
        }
    }
}

#[tokio::test]
async fn a_token_signed_by_somebody_else_or_otherwise_is_not_accepted() {
    let by_another = |claims: &Value| sign(&header("first"), claims, second()).expose().to_owned();
    let otherwise = |claims: &Value| {
        sign_rsa(Algorithm::PS256, claims, first())
            .expose()
            .to_owned()
    };

    assert!(told(by_another).await.contains("not good"));
    assert!(told(otherwise).await.contains("not good"));
    for raw in ["", "x", "a.b.c", "e30.e30."] {
        assert!(told(move |_| raw.to_owned()).await.contains("not good"));
    }
}

#[tokio::test]
async fn a_token_of_another_tenant_application_or_time_is_not_accepted() {
    for changes in [
        json!({ "iss": "https://evil.example/" }),
        json!({ "iss": null }),
        json!({ "aud": "another" }),
        json!({ "aud": ["another", CLIENT] }),
        json!({ "aud": CLIENT, "azp": "another" }),
        json!({ "aud": null }),
        json!({ "exp": 1_795_370_863 - 60 }),
        json!({ "exp": null }),
        json!({ "iat": 1_795_370_863 + 60 }),
        json!({ "iat": null }),
        json!({ "nbf": 1_795_370_863 + 60 }),
        json!({ "sub": null }),
    ] {
        let told = told_with(changes.clone()).await;

        assert!(told.contains("not good"), "{changes}: {told}");
    }
}
