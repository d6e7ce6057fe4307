//! Logins on their way: what was asked for, the codes that came of it, and
//! the browsers that are signed in.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// The logins of a tenant.
#[derive(Default)]
pub(super) struct Logins {
    /// What waits for a password, by the `state` of the login page.
    pub(super) waiting: BTreeMap<String, Asked>,
    /// Authorization codes.
    pub(super) codes: BTreeMap<String, Authorized>,
    /// Browsers that are signed in, by the cookie.
    pub(super) browsers: BTreeMap<String, Browser>,
}

/// A request to `/authorize` that was found good.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) client: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) challenge: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) scope: String,
    pub(super) connection: String,
    pub(super) login_hint: Option<String>,
    pub(super) at: Timestamp,
}

/// An authorization code.
#[derive(Debug, Clone)]
pub(super) struct Authorized {
    pub(super) asked: Asked,
    pub(super) user: String,
    pub(super) auth_time: i64,
    pub(super) session: String,
    pub(super) at: Timestamp,
    /// The family of its tokens, once it was used.
    pub(super) used: Option<u64>,
}

/// A browser in which a user has signed in.
#[derive(Debug, Clone)]
pub(super) struct Browser {
    pub(super) user: String,
    pub(super) connection: String,
    pub(super) auth_time: i64,
    pub(super) session: String,
}
