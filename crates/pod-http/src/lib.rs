//! The way out over HTTP, which the adapters share.
//!
//! A program makes one [`Http`] and hands it to each of them: the authorities
//! that it trusts are read once, and connections are kept in one place. What is
//! asked, and what an answer means, is the adapters' own.
//!
//! No request is made twice unless its adapter makes it twice, no redirect is
//! followed, every wait has an end, no answer is read beyond what its adapter
//! has a use for, and nothing that goes wrong tells the address, which may have
//! secrets in it.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

mod answer;
mod authorities;
mod client;
mod request;
mod server;

pub use http::{HeaderMap, Method, StatusCode};

pub use answer::{Answer, AskError};
pub use client::{Http, InvalidRoute, Route};
pub use request::Request;
pub use server::{InvalidServer, is_loopback, is_protected, server};
