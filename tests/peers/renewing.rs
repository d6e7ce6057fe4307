//! Access tokens of a linked account, renewed at oidc-provider as Amazon renews
//! them at Auth0: each refresh token is good once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::StatusCode;
use pod_core::ports::{AccessToken, AuthenticateError, Authenticator as _, Caller};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::browser::{Browser, post_form};
use crate::signing_in::{CALLBACK, approve, brought};
use crate::tokens::authenticator;
use crate::{deadline, peer};

const ADA: &str = "auth0|ada";
const CLIENT: [(&str, &str); 2] = [
    ("client_id", "alexa"),
    ("client_secret", "alexa-secret-that-everybody-may-know"),
];
const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";

async fn exchange(form: &[(&str, &str)]) -> (StatusCode, Value) {
    let form: Vec<_> = CLIENT.into_iter().chain(form.iter().copied()).collect();
    let url = format!("{}/oauth/token", peer("PEER_OIDC_PROVIDER"));
    post_form(&url, &form).await
}

async fn renew(refresh_token: &str) -> (StatusCode, Value) {
    exchange(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ])
    .await
}

async fn holder(granted: &Value, name: &str) -> Result<Caller, AuthenticateError> {
    let token = AccessToken::parse(granted[name].as_str().unwrap()).unwrap();
    let authenticator = authenticator(&peer("PEER_OIDC_PROVIDER"));
    authenticator.authenticate(&token, deadline()).await
}

#[tokio::test]
#[ignore = "needs oidc-provider: tests/peers/run"]
async fn a_linked_account_is_known_by_every_renewed_token_until_one_is_used_twice() {
    let mut url = Url::parse(&format!("{}/authorize", peer("PEER_OIDC_PROVIDER"))).unwrap();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", "alexa")
        .append_pair("redirect_uri", CALLBACK)
        .append_pair("scope", "openid offline_access order:pizza")
        .append_pair("prompt", "consent")
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    let back = approve(&mut Browser::default(), url.as_str(), ADA).await;
    let (status, linked) = exchange(&[
        ("grant_type", "authorization_code"),
        ("code", &brought(&back, "code").unwrap()),
        ("code_verifier", VERIFIER),
        ("redirect_uri", CALLBACK),
    ])
    .await;
    assert_eq!(status, StatusCode::OK, "{linked}");

    // These tokens say that they are `at+jwt` (RFC 9068), and name the client
    // as `client_id`: Auth0's do so in one of its two profiles.
    let caller = holder(&linked, "access_token").await.unwrap();
    assert_eq!(caller.customer.as_str(), ADA);
    assert!(caller.scopes.contain("order:pizza"));
    // An ID token is for the application, and lets nobody use the API.
    let misused = holder(&linked, "id_token").await;
    assert!(
        matches!(misused, Err(AuthenticateError::Rejected)),
        "{misused:?}"
    );

    let first = linked["refresh_token"].as_str().unwrap();
    let (status, renewed) = renew(first).await;
    assert_eq!(status, StatusCode::OK, "{renewed}");
    assert_ne!(renewed["refresh_token"], linked["refresh_token"]);
    let caller = holder(&renewed, "access_token").await.unwrap();
    assert_eq!(caller.customer.as_str(), ADA);

    // Whoever comes with a spent one has stolen it, or was stolen from: the
    // provider then takes back the others as well.
    let (status, stolen) = renew(first).await;
    assert_eq!(
        (status, &stolen["error"]),
        (StatusCode::BAD_REQUEST, &"invalid_grant".into())
    );
    let second = renewed["refresh_token"].as_str().unwrap();
    let (status, _) = renew(second).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
