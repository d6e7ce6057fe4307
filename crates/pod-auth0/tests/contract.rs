//! Auth0's access tokens keep the contract, by either algorithm, and so does
//! signing in.

use std::sync::Arc;
use std::time::Duration;

use pod_auth0::Auth0Authenticator;
use pod_core::CustomerId;
use pod_core::ports::{AccessToken, Authenticator, BrowserUrl, Callback, SignIn};
use pod_testkit::contract::{AuthenticatorHarness, FarEnd, Flaw, SignInHarness};
use serde_json::{Value, json};

use crate::provider::{Provider, good};
use crate::tenant::{Tenant, first, header, second, set_of, sign, sign_hs256};

#[expect(dead_code, reason = "the attacks next door need more of it")]
#[path = "authenticator/tenant.rs"]
mod tenant;

#[expect(dead_code, reason = "the attacks next door need more of it")]
#[path = "sign_in/provider.rs"]
mod provider;

const SECRET: &str = "the secret of an API, 32 bytes or more";

mod rs256 {
    use super::*;

    pod_testkit::authenticator_contract!(Harness::rs256());
    pod_testkit::authenticator_far_end_contract!(Harness::rs256());
}

mod hs256 {
    use super::*;

    pod_testkit::authenticator_contract!(Harness::hs256());
    pod_testkit::authenticator_far_end_contract!(Harness::hs256());
}

pod_testkit::sign_in_contract!(Provider::start());
pod_testkit::sign_in_far_end_contract!(Provider::start());

struct Harness {
    tenant: Tenant,
    authenticator: Arc<Auth0Authenticator>,
    /// Signs claims as the tenant does, and as somebody else would.
    sign: fn(&Value) -> AccessToken,
    forge: fn(&Value) -> AccessToken,
}

impl Harness {
    async fn rs256() -> Self {
        let tenant = Tenant::start().await;
        Self {
            authenticator: tenant.authenticator(),
            tenant,
            sign: |claims| sign(&header("first"), claims, first()),
            forge: |claims| sign(&header("first"), claims, second()),
        }
    }

    async fn hs256() -> Self {
        let tenant = Tenant::start().await;
        Self {
            authenticator: tenant.authenticator_with(SECRET),
            tenant,
            sign: |claims| sign_with(SECRET, claims),
            forge: |claims| sign_with(&SECRET.to_uppercase(), claims),
        }
    }

    fn claims(&self, customer: &CustomerId) -> Value {
        let mut claims = self.tenant.claims();
        claims["sub"] = customer.as_str().into();
        claims
    }
}

impl FarEnd for Harness {
    async fn fall_silent(&self) {
        let silence = Duration::from_mins(1);
        self.tenant
            .answer(set_of(&[first().jwk()]).set_delay(silence));
    }
}

impl AuthenticatorHarness for Harness {
    fn authenticator(&self) -> Arc<dyn Authenticator> {
        self.authenticator.clone()
    }

    async fn token(&self, customer: &CustomerId, scopes: &str) -> AccessToken {
        let mut claims = self.claims(customer);
        claims["scope"] = scopes.into();
        (self.sign)(&claims)
    }

    async fn expired_token(&self, customer: &CustomerId) -> AccessToken {
        let mut claims = self.claims(customer);
        claims["exp"] = claims["iat"].clone();
        (self.sign)(&claims)
    }

    async fn forged_token(&self, customer: &CustomerId) -> AccessToken {
        (self.forge)(&self.claims(customer))
    }

    async fn token_for_somebody_else(&self, customer: &CustomerId) -> AccessToken {
        let mut claims = self.claims(customer);
        claims["aud"] = "https://somebody-else.example/api".into();
        (self.sign)(&claims)
    }
}

fn sign_with(secret: &str, claims: &Value) -> AccessToken {
    sign_hs256(
        &json!({ "alg": "HS256", "typ": "JWT" }),
        claims,
        secret.as_bytes(),
    )
}

impl FarEnd for Provider {
    async fn fall_silent(&self) {
        self.delay(Duration::from_mins(1));
    }
}

impl SignInHarness for Provider {
    fn sign_in(&self) -> Arc<dyn SignIn> {
        self.sign_in.clone()
    }

    async fn approve(&self, url: &BrowserUrl, customer: &CustomerId) -> Callback {
        self.approve(url, customer)
    }

    async fn approve_with(&self, flaw: Flaw, url: &BrowserUrl, customer: &CustomerId) -> Callback {
        self.mint(move |claims| {
            let mut claims = claims.clone();
            match flaw {
                Flaw::Forged => return sign(&header("first"), &claims, second()).expose().into(),
                Flaw::Expired => claims["exp"] = claims["auth_time"].clone(),
                Flaw::LongAgo => {
                    let now = claims["iat"].as_i64().expect("a time");
                    claims["auth_time"] = (now - 3_600).into();
                }
                Flaw::ForAnotherClient => claims["aud"] = "another".into(),
                Flaw::OfAnotherSignIn => claims["nonce"] = "x".repeat(43).into(),
            }
            good(&claims)
        });
        self.approve(url, customer)
    }

    async fn refuse(&self, url: &BrowserUrl) -> Callback {
        self.refuse(url, "access_denied")
    }

    async fn leave(&self, url: &BrowserUrl) -> Option<(CustomerId, String)> {
        self.leave(url)
    }
}
