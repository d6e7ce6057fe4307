//! Auth0 as pod's identity provider: it says whose an access token is, and who
//! signs in.
//!
//! [`Auth0Authenticator`] verifies the tokens that an Auth0 tenant signs, by
//! the keys that the tenant publishes. [`Auth0SignIn`] signs customers in to
//! the web app, in their browsers. The time comes from the core's `Clock`,
//! so everything that depends on it can be tested.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

mod authenticator;
mod claims;
mod client;
mod domain;
mod exchange;
mod http;
mod id_token;
mod keys;
mod return_url;
mod sign_in;
mod token;

pub use authenticator::{
    Audience, Auth0Authenticator, AuthenticatorConfig, Hs256Key, InvalidAudience, InvalidHs256Key,
};
pub use client::{ClientId, ClientSecret, InvalidClientId, InvalidClientSecret};
pub use domain::{Auth0Domain, InvalidAuth0Domain};
pub use http::Proxy;
pub use return_url::{InvalidReturnUrl, ReturnUrl};
pub use sign_in::{Auth0SignIn, SignInConfig};

/// This adapter, as operators know it.
const AUTH0: &str = "auth0";
