//! The built program, run as its users run it: its words, its exit codes, and
//! what it leaves behind.
#![cfg(unix)]

mod checking;
mod codes_of_auth0;
mod configuring;
mod conversing;
mod delivering;
mod emulating;
mod helping;
mod keeping;
mod refusing;
mod setting_up;
mod stage;
mod stopping;
