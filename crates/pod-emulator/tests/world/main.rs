//! The outside world, looked at from outside.

mod amazon;
mod auth0;
mod curl;
mod echo;
mod inbox;
mod session;
mod support;
mod tenant;
