//! An Amazon of one's own: authorities, certificates, requests, and a host.

pub(crate) mod amazon;
pub(crate) mod authority;
pub(crate) mod crowd;
pub(crate) mod letter;
pub(crate) mod shelf;
pub(crate) mod stage;
