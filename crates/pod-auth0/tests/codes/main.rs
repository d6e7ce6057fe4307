//! Customers and their codes, against a tenant on loopback.

mod auth0;
mod challenging;
mod checking;
mod customers;
mod far_end;
mod id_tokens;
mod linking;
mod management;
mod records;
mod secrets;
mod slowness;
#[expect(dead_code, reason = "access tokens need more of it")]
#[path = "../authenticator/tenant.rs"]
mod tenant;
