//! ID tokens that are not good, and what a good one says.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use pod_core::ports::{Clock as _, FinishSignInError};
use pod_core::{CustomerId, Timestamp};
use pod_testkit::fixtures;
use rcgen::{KeyPair, PublicKeyData as _};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::provider::{CLIENT, Provider, SECRET, good};
use crate::tenant::{encode, first, header, second, set_of, sign, sign_hs256, sign_rsa};

/// Claims with some changed: what is set to `null` is left out.
fn changed(claims: &Value, changes: &Value) -> Value {
    let mut claims = claims.clone();
    for (claim, value) in changes.as_object().expect("claims") {
        if value.is_null() {
            claims.as_object_mut().expect("claims").remove(claim);
        } else {
            claims[claim] = value.clone();
        }
    }
    claims
}

/// Whether somebody signs in by an ID token that is made so.
async fn signs_in(
    provider: &Provider,
    mint: impl Fn(&Value) -> String + Send + Sync + 'static,
) -> bool {
    provider.mint(mint);
    match provider.sign_zoe_in().await {
        Ok(_) => true,
        Err(FinishSignInError::Rejected) => false,
        Err(other) => panic!("{other:?}"),
    }
}

async fn signs_in_with(provider: &Provider, changes: &Value) -> bool {
    let changes = changes.clone();
    signs_in(provider, move |claims| good(&changed(claims, &changes))).await
}

#[tokio::test]
async fn a_good_token_says_who_signed_in_and_when() {
    let provider = Provider::start().await;
    let now = provider.clock.now();

    let signed_in = provider.sign_zoe_in().await.unwrap();

    let second = |second| Timestamp::from_second(second).unwrap();
    assert_eq!(signed_in.customer, fixtures::zoe());
    assert_eq!(signed_in.finished_at, now);
    assert_eq!(signed_in.authenticated_at, second(now.as_second() - 180));
    assert_eq!(signed_in.expires_at, second(now.as_second() + 36_000));
}

#[tokio::test]
async fn a_tenant_has_to_say_that_the_customer_proved_it_a_short_while_ago() {
    let provider = Provider::start().await;
    let now = provider.clock.now().as_second();

    for (auth_time, is_good) in [
        (json!(now - 599), true),
        (json!(now - 601), false),
        (json!(now - 3_600), false),
        (json!(null), false),
    ] {
        let change = json!({ "auth_time": auth_time });
        provider.mint(move |claims| good(&changed(claims, &change)));
        let outcome = provider.sign_zoe_in().await;
        assert_eq!(outcome.is_ok(), is_good, "{auth_time}: {outcome:?}");
    }
}

#[tokio::test]
async fn the_issuer_is_compared_to_the_letter() {
    let provider = Provider::start().await;
    let issuer = provider.issuer();

    for wrong in [
        json!(null),
        json!(issuer.trim_end_matches('/')),
        json!(issuer.to_uppercase()),
        json!("https://evil.example/"),
        json!([issuer]),
    ] {
        assert!(!signs_in_with(&provider, &json!({ "iss": wrong })).await);
    }
}

#[tokio::test]
async fn the_token_is_for_this_application() {
    let provider = Provider::start().await;

    for right in [
        json!({ "aud": CLIENT }),
        json!({ "aud": [CLIENT] }),
        json!({ "aud": CLIENT, "azp": CLIENT }),
        json!({ "aud": ["another", CLIENT], "azp": CLIENT }),
    ] {
        assert!(signs_in_with(&provider, &right).await, "{right}");
    }
    for wrong in [
        json!({ "aud": null }),
        json!({ "aud": [] }),
        json!({ "aud": "another" }),
        json!({ "aud": "another", "azp": CLIENT }),
        json!({ "aud": CLIENT.to_lowercase() }),
        json!({ "aud": ["another", CLIENT] }),
        json!({ "aud": [CLIENT, CLIENT] }),
        json!({ "aud": ["another", CLIENT], "azp": "another" }),
        json!({ "aud": CLIENT, "azp": "another" }),
        json!({ "aud": CLIENT, "azp": 7 }),
        json!({ "aud": "https://pod.example/api", "azp": CLIENT, "scope": "openid" }),
    ] {
        assert!(!signs_in_with(&provider, &wrong).await, "{wrong}");
    }
}

#[tokio::test]
async fn the_nonce_is_this_sign_ins() {
    let provider = Provider::start().await;
    let other = std::sync::Mutex::new(None::<Value>);

    for wrong in [json!(null), json!(""), json!("x".repeat(43)), json!(7)] {
        assert!(!signs_in_with(&provider, &json!({ "nonce": wrong })).await);
    }
    // The first of two has its own, the second one has the first's.
    let nonce_of_the_first = move |claims: &Value| {
        let mut other = other.lock().unwrap();
        let nonce = other.get_or_insert_with(|| claims["nonce"].clone());
        good(&changed(claims, &json!({ "nonce": nonce })))
    };
    provider.mint(nonce_of_the_first);
    assert!(provider.sign_zoe_in().await.is_ok());
    assert!(matches!(
        provider.sign_zoe_in().await,
        Err(FinishSignInError::Rejected)
    ));
}

#[tokio::test]
async fn the_times_are_held_against_the_clock_with_thirty_seconds_of_grace() {
    let provider = Provider::start().await;
    // A whole second, as times in tokens are.
    let now = provider.clock.now().as_second();
    provider.clock.set(Timestamp::from_second(now).unwrap());

    for right in [
        json!({ "exp": now - 29 }),
        json!({ "iat": now + 30 }),
        json!({ "nbf": now + 30 }),
        json!({ "auth_time": now + 30 }),
        json!({ "iat": now - 3_600 }),
    ] {
        assert!(signs_in_with(&provider, &right).await, "{right}");
    }
    for wrong in [
        json!({ "exp": now - 30 }),
        json!({ "exp": null }),
        json!({ "exp": (now + 60).to_string() }),
        json!({ "iat": now + 31 }),
        json!({ "iat": null }),
        json!({ "nbf": now + 31 }),
        json!({ "auth_time": now + 31 }),
        json!({ "auth_time": "yesterday" }),
    ] {
        assert!(!signs_in_with(&provider, &wrong).await, "{wrong}");
    }
}

#[tokio::test]
async fn a_token_that_expired_on_the_way_is_rejected() {
    let provider = Provider::start().await;
    let clock = provider.clock.clone();

    let outcome = signs_in(&provider, move |claims| {
        clock.advance(Duration::from_hours(11));
        good(claims)
    });

    assert!(!outcome.await);
}

#[tokio::test]
async fn a_subject_is_a_customers_name_or_the_token_is_rejected() {
    let provider = Provider::start().await;

    for sub in ["__proto__", "auth0|5a1", "Robert'); DROP TABLE orders;--"] {
        provider.mint(move |claims| good(&changed(claims, &json!({ "sub": sub }))));

        let signed_in = provider.sign_zoe_in().await.unwrap();

        assert_eq!(signed_in.customer, CustomerId::parse(sub).unwrap());
    }
    for wrong in [json!(null), json!(""), json!("a\u{0}b"), json!(7)] {
        assert!(!signs_in_with(&provider, &json!({ "sub": wrong })).await);
    }
}

#[tokio::test]
async fn an_unsigned_token_is_rejected() {
    let provider = Provider::start().await;

    for alg in ["none", "None", "NONE", ""] {
        for signature in ["", "AAAA"] {
            let unsigned = move |claims: &Value| {
                let header = encode(&json!({ "alg": alg, "kid": "first" }));
                format!("{header}.{}.{signature}", encode(claims))
            };

            assert!(!signs_in(&provider, unsigned).await, "{alg:?}");
        }
    }
}

#[tokio::test]
async fn neither_the_applications_secret_nor_the_public_key_signs_a_token() {
    let provider = Provider::start().await;
    let pair = KeyPair::from_pem(first().pem).unwrap();
    let modulus = first().jwk()["n"].as_str().unwrap().to_owned();

    for secret in [
        SECRET.as_bytes().to_vec(),
        pair.public_key_pem().into_bytes(),
        pair.public_key_pem().replace("\r\n", "\n").into_bytes(),
        pair.subject_public_key_info(),
        URL_SAFE_NO_PAD.decode(&modulus).unwrap(),
        modulus.into_bytes(),
    ] {
        for alg in ["HS256", "RS256"] {
            let secret = secret.clone();
            let by_secret = move |claims: &Value| {
                let header = json!({ "alg": alg, "typ": "JWT", "kid": "first" });
                sign_hs256(&header, claims, &secret).expose().to_owned()
            };

            assert!(!signs_in(&provider, by_secret).await, "{alg}");
        }
    }
}

#[tokio::test]
async fn a_token_signed_otherwise_or_by_somebody_else_is_rejected() {
    let provider = Provider::start().await;

    assert!(
        !signs_in(&provider, |claims| {
            sign(&header("first"), claims, second()).expose().to_owned()
        })
        .await
    );
    for algorithm in [Algorithm::RS512, Algorithm::PS256] {
        let otherwise =
            move |claims: &Value| sign_rsa(algorithm, claims, first()).expose().to_owned();

        assert!(!signs_in(&provider, otherwise).await, "{algorithm:?}");
    }
    for header in [
        json!({ "alg": "RS256", "typ": "JWT" }),
        json!({ "alg": "RS256", "typ": "JWT", "kid": "unknown" }),
        json!({ "alg": "RS256", "typ": "at+jwt", "kid": "first" }),
        json!({ "alg": "RS256", "typ": "logout+jwt", "kid": "first" }),
        json!({ "alg": "RS256", "kid": "first", "crit": ["exp"] }),
    ] {
        let told = header.clone();
        let odd = move |claims: &Value| sign(&header, claims, first()).expose().to_owned();

        assert!(!signs_in(&provider, odd).await, "{told}");
    }
    assert!(signs_in(&provider, good).await);
}

#[tokio::test]
async fn what_is_no_token_is_rejected() {
    let provider = Provider::start().await;

    for raw in ["x", ".", "..", "a.b.c", "null", "e30.e30.", "e30.e30.AAAA"] {
        assert!(!signs_in(&provider, move |_| raw.to_owned()).await, "{raw}");
    }
}

#[tokio::test]
async fn a_key_that_the_tenant_has_changed_to_is_fetched() {
    let provider = Provider::start().await;
    provider.sign_zoe_in().await.unwrap();
    provider.publish(set_of(&[second().jwk(), first().jwk()]));

    let by_the_second = |claims: &Value| {
        sign(&header("second"), claims, second())
            .expose()
            .to_owned()
    };

    assert!(signs_in(&provider, by_the_second).await);
}

#[tokio::test]
async fn an_outage_of_the_keys_is_a_fault_and_no_rejection() {
    let provider = Provider::start().await;
    provider.sign_zoe_in().await.unwrap();
    provider.publish(ResponseTemplate::new(503));
    provider.mint(|claims| {
        sign(&header("second"), claims, second())
            .expose()
            .to_owned()
    });

    let outcome = provider.sign_zoe_in().await;

    assert!(
        matches!(&outcome, Err(FinishSignInError::Fault(fault)) if fault.is_temporary()),
        "{outcome:?}"
    );
    provider.mint(good);
    assert!(provider.sign_zoe_in().await.is_ok());
}
