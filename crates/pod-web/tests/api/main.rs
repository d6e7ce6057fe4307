//! The JSON API, on fakes.

mod document;
mod listening;
mod once;
mod orders;
mod refusing;
mod stage;
