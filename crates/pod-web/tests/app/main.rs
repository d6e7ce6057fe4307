//! The web app, on fakes.

mod contacts;
mod guarding;
mod listening;
mod orders;
mod profile;
mod pushing;
mod signing_in;
mod stage;
