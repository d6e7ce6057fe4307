//! The web app and the simulator in a real browser, against the built program.
//! They need Chromium and its driver: `tests/run` installs both.

mod contacts;
mod expiring;
mod forging;
mod looking;
mod ordering;
mod signing;
mod stage;
mod without_script;
