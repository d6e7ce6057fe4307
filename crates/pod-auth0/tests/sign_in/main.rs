//! The sign-in against a tenant on loopback.

mod beginning;
mod exchanging;
mod id_tokens;
mod leaving;
mod provider;
#[expect(dead_code, reason = "access tokens need more of it")]
#[path = "../authenticator/tenant.rs"]
mod tenant;
