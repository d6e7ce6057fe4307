//! Auth0 as pod's identity provider: it says whose an access token is, who
//! signs in, where customers can be reached, and whether a code is right.
//!
//! [`Auth0Authenticator`] verifies the tokens that an Auth0 tenant signs, by
//! the keys that the tenant publishes. [`Auth0SignIn`] signs customers in to
//! the web app, in their browsers. [`Auth0Customers`] knows their contacts by
//! the Management API, and [`Auth0Passwordless`] challenges them by codes that
//! the tenant makes, sends and judges. The time comes from the core's `Clock`,
//! so everything that depends on it can be tested.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

mod authenticator;
mod check;
mod claims;
mod client;
mod connection;
mod customers;
mod directory;
mod domain;
mod error;
mod exchange;
mod flight;
mod id_token;
mod keys;
mod management;
mod passwordless;
mod profile;
mod return_url;
pub mod setup;
mod sign_in;
mod tenant;
mod token;

pub use authenticator::{
    Audience, Auth0Authenticator, AuthenticatorConfig, Hs256Key, InvalidAudience, InvalidHs256Key,
};
pub use check::Granted;
pub use client::{ClientId, ClientSecret, InvalidClientId, InvalidClientSecret};
pub use connection::{ConnectionName, InvalidConnectionName};
pub use customers::{Auth0Customers, CustomersConfig};
pub use domain::Auth0Domain;
pub use passwordless::{Auth0Passwordless, PasswordlessConfig, PasswordlessMode};
pub use return_url::{InvalidReturnUrl, ReturnUrl};
pub use sign_in::{Auth0SignIn, SignInConfig};

/// This adapter, as operators know it.
const AUTH0: &str = "auth0";
