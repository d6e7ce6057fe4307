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
use pod_auth0::{Audience, Auth0Authenticator, Auth0Domain, AuthenticatorConfig, Proxy};
use pod_core::CustomerId;
use pod_core::ports::{AccessToken, AuthenticateError, Authenticator as _, Clock as _};
use pod_server::system::SystemClock;
use serde_json::{Value, json};

use crate::browser::post_form;
use crate::{API, deadline, peer};

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
        proxy: Proxy::Direct,
    };
    Auth0Authenticator::new(config, Arc::new(SystemClock)).unwrap()
}

impl Tenant {
    fn new() -> Self {
        let url = peer("PEER_OAUTH2_MOCK_SERVER");
        Self {
            authenticator: authenticator(&url),
            url,
        }
    }

    /// A token of Ada's for the API, with these members of its header and its
    /// claims changed.
    async fn token(&self, header: &Value, claims: &Value) -> String {
        let mut all = json!({"sub": ADA, "aud": API});
        all.as_object_mut()
            .unwrap()
            .extend(claims.as_object().unwrap().clone());
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

    async fn add_key(&self, algorithm: &str) {
        let (status, _) = post_form(&format!("{}/keys?alg={algorithm}", self.url), &[]).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }

    async fn holder(&self, token: &str) -> Result<CustomerId, AuthenticateError> {
        let token = AccessToken::parse(token).unwrap();
        let caller = self.authenticator.authenticate(&token, deadline()).await?;
        Ok(caller.customer)
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

// One test, since the keys are one server's: each step adds some.
#[tokio::test]
#[ignore = "needs oauth2-mock-server: tests/peers/run"]
async fn only_a_good_token_by_a_published_rs256_key_is_accepted_through_rotations() {
    let tenant = Tenant::new();
    let nothing = json!({});
    let now = SystemClock.now();
    let at = |seconds| (now + SignedDuration::from_secs(seconds)).as_second();

    let good = tenant.token(&nothing, &nothing).await;
    assert_eq!(tenant.holder(&good).await.unwrap().as_str(), ADA);
    let first = part(&good, 0)["kid"].clone();

    // The same tenant, and something wrong each time.
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
        let token = tenant.token(&nothing, &wrong).await;
        assert!(tenant.is_rejected(&token).await, "{wrong}");
    }
    for wrong in [
        json!({"kid": null}),
        json!({"kid": "another"}),
        json!({"typ": "dpop+jwt"}),
    ] {
        let token = tenant.token(&wrong, &nothing).await;
        assert!(tenant.is_rejected(&token).await, "{wrong}");
    }

    // Forged out of a good one.
    let parts: Vec<&str> = good.split('.').collect();
    let mut claims = part(&good, 1);
    claims["sub"] = "auth0|grace".into();
    let unsigned = encode(&json!({"alg": "none", "typ": "JWT"}));
    let unsigned_with_key = encode(&json!({"alg": "none", "typ": "JWT", "kid": first}));
    for forged in [
        format!("{}.{}.{}", parts[0], encode(&claims), parts[2]),
        format!("{unsigned}.{}.", parts[1]),
        format!("{unsigned_with_key}.{}.", parts[1]),
        format!("{unsigned}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
    ] {
        assert!(tenant.is_rejected(&forged).await, "{forged}");
    }

    // A new key is picked up at once, and the one before stays good. With two
    // keys the server takes turns.
    let tenant = Tenant::new();
    assert!(tenant.holder(&good).await.is_ok());
    tenant.add_key("RS256").await;
    let turns = [
        tenant.token(&nothing, &nothing).await,
        tenant.token(&nothing, &nothing).await,
    ];
    let rotated = turns.iter().find(|token| part(token, 0)["kid"] != first);
    assert_eq!(tenant.holder(rotated.unwrap()).await.unwrap().as_str(), ADA);
    assert!(tenant.holder(&good).await.is_ok());

    // By the one key, in the name of the other.
    let header = json!({"kid": part(rotated.unwrap(), 0)["kid"]});
    let both = [
        tenant.token(&header, &nothing).await,
        tenant.token(&header, &nothing).await,
    ];
    let mut rejected = 0;
    for token in &both {
        rejected += usize::from(tenant.is_rejected(token).await);
    }
    assert_eq!(rejected, 1);

    // Published keys of other algorithms sign nothing that counts.
    for algorithm in ["PS256", "ES256", "RS512", "EdDSA"] {
        tenant.add_key(algorithm).await;
    }
    let fresh = Tenant::new();
    let mut seen = Vec::new();
    for _ in 0..6 {
        let token = tenant.token(&nothing, &nothing).await;
        let algorithm = part(&token, 0)["alg"].as_str().unwrap().to_owned();
        let accepted = fresh.holder(&token).await.is_ok();
        assert_eq!(accepted, algorithm == "RS256", "{algorithm}");
        seen.push(algorithm);
    }
    seen.sort();
    assert_eq!(seen, ["ES256", "EdDSA", "PS256", "RS256", "RS256", "RS512"]);
}
