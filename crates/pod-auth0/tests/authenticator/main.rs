//! The authenticator against a tenant on loopback.

mod claims;
mod fetching;
mod forgeries;
mod keys;
mod tenant;
