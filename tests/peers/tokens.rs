//! Access tokens of oauth2-mock-server, which signs whatever it is asked to.
//!
//! Auth0 would never issue most of them, which is the point. What it has and
//! this server lacks: a `sub` in the tokens of machines, `azp`, and a second
//! name in `aud`.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::StatusCode;
use jiff::SignedDuration;
use pod_auth0::{Audience, Auth0Authenticator, Auth0Domain, AuthenticatorConfig};
use pod_core::ports::{AccessToken, AuthenticateError, Authenticator as _, Caller, Clock as _};
use pod_server::system::SystemClock;
use serde_json::{Value, json};

use crate::browser::post_form;
use crate::{API, deadline, http, peer};

const ADA: &str = "auth0|ada";

/// The server, and pod's own end.
struct Tenant {
    url: String,
    authenticator: Auth0Authenticator,
}

/// Verifies the access tokens of a peer, for the API.
pub(crate) fn authenticator(url: &str) -> Auth0Authenticator {
    let config = AuthenticatorConfig {
        domain: Auth0Domain::parse(url).unwrap(),
        audience: Audience::parse(API).unwrap(),
        clients: Vec::new(),
        hs256_key: None,
    };
    Auth0Authenticator::new(config, http(), Arc::new(SystemClock))
}

impl Tenant {
    /// A tenant of the test's own, with one key.
    async fn start() -> Self {
        let reception = format!("{}/", peer("PEER_OAUTH2_MOCK_SERVER"));
        let (_, made) = post_form(&reception, &[]).await;
        let url = made["url"].as_str().unwrap();
        Self {
            url: url.trim_end_matches('/').to_owned(),
            authenticator: authenticator(url),
        }
    }

    /// A token of Ada's for the API, with these members of its header and its
    /// claims changed. Of several keys, the server takes turns.
    async fn token(&self, header: &Value, claims: &Value) -> String {
        let mut all = json!({"sub": ADA, "aud": API});
        let changed = claims.as_object().unwrap().clone();
        all.as_object_mut().unwrap().extend(changed);
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "order:pizza"),
            ("header", &header.to_string()),
            ("claims", &all.to_string()),
        ];
        let (status, granted) = post_form(&format!("{}/oauth/token", self.url), &form).await;
        assert_eq!(status, StatusCode::OK, "{granted}");
        granted["access_token"].as_str().unwrap().to_owned()
    }

    async fn good_token(&self) -> String {
        self.token(&json!({}), &json!({})).await
    }

    /// Publishes one key more, and gives its id.
    async fn add_key(&self, algorithm: &str) -> String {
        let (status, key) = post_form(&format!("{}/keys?alg={algorithm}", self.url), &[]).await;
        assert_eq!(status, StatusCode::OK, "{algorithm}");
        key["kid"].as_str().unwrap().to_owned()
    }

    async fn holder(&self, token: &str) -> Result<Caller, AuthenticateError> {
        let token = AccessToken::parse(token).unwrap();
        self.authenticator.authenticate(&token, deadline()).await
    }

    async fn is_rejected(&self, token: &str) -> bool {
        matches!(self.holder(token).await, Err(AuthenticateError::Rejected))
    }
}

/// A part of a token.
fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

#[tokio::test]
#[ignore = "needs oauth2-mock-server: tests/peers/run"]
async fn a_claim_that_is_wrong_or_missing_makes_a_token_worthless() {
    let tenant = Tenant::start().await;
    let now = SystemClock.now();
    let at = |seconds| (now + SignedDuration::from_secs(seconds)).as_second();

    let caller = tenant.holder(&tenant.good_token().await).await.unwrap();
    assert_eq!(caller.customer.as_str(), ADA);
    assert!(caller.scopes.contain("order:pizza"));
    for harmless in [
        json!({"aud": ["https://elsewhere.example", API]}),
        json!({"exp": at(-20)}),
        json!({"nbf": null, "iat": null}),
    ] {
        let token = tenant.token(&json!({}), &harmless).await;
        assert!(tenant.holder(&token).await.is_ok(), "{harmless}");
    }

    for wrong in [
        json!({"iss": "https://elsewhere.example/"}),
        json!({"iss": tenant.url}),
        json!({"iss": null}),
        json!({"aud": "https://elsewhere.example/api"}),
        json!({"aud": [format!("{API}/"), "https://elsewhere.example"]}),
        json!({"aud": null}),
        json!({"exp": at(-31)}),
        json!({"exp": null}),
        json!({"exp": "tomorrow"}),
        json!({"nbf": at(300)}),
        json!({"iat": at(300)}),
        json!({"sub": null}),
        json!({"sub": ""}),
    ] {
        let token = tenant.token(&json!({}), &wrong).await;
        assert!(tenant.is_rejected(&token).await, "{wrong}");
    }
    for wrong in [
        json!({"kid": null}),
        json!({"kid": "another"}),
        json!({"typ": "dpop+jwt"}),
    ] {
        let token = tenant.token(&wrong, &json!({})).await;
        assert!(tenant.is_rejected(&token).await, "{wrong}");
    }
}

#[tokio::test]
#[ignore = "needs oauth2-mock-server: tests/peers/run"]
async fn what_is_forged_out_of_a_good_token_is_worthless() {
    let tenant = Tenant::start().await;
    let good = tenant.good_token().await;
    assert!(tenant.holder(&good).await.is_ok());

    let parts: Vec<&str> = good.split('.').collect();
    let mut claims = part(&good, 1);
    claims["sub"] = "auth0|grace".into();
    let kid = &part(&good, 0)["kid"];
    let unsigned = encode(&json!({"alg": "none", "typ": "JWT"}));
    let unsigned_by_a_key = encode(&json!({"alg": "none", "typ": "JWT", "kid": kid}));
    for forged in [
        format!("{}.{}.{}", parts[0], encode(&claims), parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{unsigned}.{}.", parts[1]),
        format!("{unsigned}.{}.{}", parts[1], parts[2]),
        format!("{unsigned_by_a_key}.{}.", parts[1]),
    ] {
        assert!(tenant.is_rejected(&forged).await, "{forged}");
    }
}

#[tokio::test]
#[ignore = "needs oauth2-mock-server: tests/peers/run"]
async fn a_new_key_is_picked_up_at_once_and_the_one_before_stays_good() {
    let tenant = Tenant::start().await;
    let old = tenant.good_token().await;
    assert!(tenant.holder(&old).await.is_ok());

    let new_key = tenant.add_key("RS256").await;
    let turns = [tenant.good_token().await, tenant.good_token().await];

    let new = turns.iter().find(|token| part(token, 0)["kid"] == *new_key);
    let holder = tenant.holder(new.unwrap()).await.unwrap();
    assert_eq!(holder.customer.as_str(), ADA);
    assert!(tenant.holder(&old).await.is_ok());
}

#[tokio::test]
#[ignore = "needs oauth2-mock-server: tests/peers/run"]
async fn no_key_signs_in_the_name_of_another() {
    let tenant = Tenant::start().await;
    let header = json!({"kid": tenant.add_key("RS256").await});

    // Both claim to be by the new key, and one of them is.
    let mut accepted = 0;
    for _ in 0..2 {
        let token = tenant.token(&header, &json!({})).await;
        accepted += usize::from(tenant.holder(&token).await.is_ok());
    }

    assert_eq!(accepted, 1);
}

#[tokio::test]
#[ignore = "needs oauth2-mock-server: tests/peers/run"]
async fn published_keys_of_other_algorithms_sign_nothing_that_counts() {
    let tenant = Tenant::start().await;
    let others = ["ES256", "EdDSA", "PS256", "RS384", "RS512"];
    for algorithm in others {
        tenant.add_key(algorithm).await;
    }

    let mut accepted = Vec::new();
    let mut rejected = Vec::new();
    for _ in 0..=others.len() {
        let token = tenant.good_token().await;
        let algorithm = part(&token, 0)["alg"].as_str().unwrap().to_owned();
        match tenant.holder(&token).await {
            Ok(_) => accepted.push(algorithm),
            Err(AuthenticateError::Rejected) => rejected.push(algorithm),
            Err(AuthenticateError::Fault(fault)) => panic!("{algorithm}: {fault}"),
        }
    }

    rejected.sort();
    assert_eq!(accepted, ["RS256"]);
    assert_eq!(rejected, others);
}
