//! Requests are verified: every case of Amazon's rules and of those who broke
//! them before us. The letters and numbers in the comments name the case.

mod address;
mod attack;
mod cache;
mod chain;
mod contents;
mod corruption;
mod endpoint;
mod https;
mod moment;
mod signature;
mod support;
mod waiting;
