//! The outside world, looked at from outside.

mod amazon;
mod auth0;
mod curl;
mod echo;
mod inbox;
mod mailbox;
mod session;
mod simulator;
mod support;
mod tenant;
mod twilio;
