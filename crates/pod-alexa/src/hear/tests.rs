//! Conversations on fakes: every wish, and everything that can come of it.
//!
//! What each of them checks besides: that no answer holds a code, a token, or
//! a whole telephone number or address (see `talk`).

mod cancelling;
mod confirming;
mod events;
mod identity;
mod ordering;
mod resending;
mod session;
mod status;
mod talk;
