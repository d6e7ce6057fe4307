//! The announcer and its channels, against a server of Pusher's protocol that
//! stands in for the real one.

mod checking;
mod contract;
mod failing;
mod far_end;
mod listening;
mod posting;
