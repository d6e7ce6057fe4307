//! All that a tenant holds, in memory and under one lock.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::limits::Limits;
use super::logins::Logins;
use super::otp::OneTimeCodes;
use super::record::Record;
use super::refresh::Families;
use super::user::User;

/// The name of the strategy of connections with passwords.
pub(super) const DATABASE: &str = "auth0";

/// The lists of records that the administrator keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Clients,
    Connections,
    ResourceServers,
    ClientGrants,
    PhoneProviders,
}

/// The state of a tenant.
pub(super) struct State {
    pub(super) users: Vec<User>,
    pub(super) records: BTreeMap<Kind, Vec<Record>>,
    /// Records of which there is one: by the path after `/api/v2/`.
    pub(super) singles: BTreeMap<String, Record>,
    /// What is kept and means nothing here, by the same.
    pub(super) others: BTreeMap<String, Value>,
    pub(super) codes: OneTimeCodes,
    pub(super) logins: Logins,
    pub(super) families: Families,
    pub(super) limits: Limits,
    /// Failed logins in a row, by who was tried and from where.
    pub(super) failures: BTreeMap<(String, String), u64>,
}

impl State {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            users: Vec::new(),
            records: BTreeMap::new(),
            singles: BTreeMap::new(),
            others: BTreeMap::new(),
            codes: OneTimeCodes::default(),
            logins: Logins::default(),
            families: Families::default(),
            limits,
            failures: BTreeMap::new(),
        }
    }

    pub(super) fn list(&self, kind: Kind) -> &[Record] {
        self.records.get(&kind).map_or(&[], Vec::as_slice)
    }

    pub(super) fn list_mut(&mut self, kind: Kind) -> &mut Vec<Record> {
        self.records.entry(kind).or_default()
    }

    /// The first record of a list that has this text in a field.
    pub(super) fn find(&self, kind: Kind, field: &str, text: &str) -> Option<&Record> {
        self.list(kind)
            .iter()
            .find(|record| !text.is_empty() && record.text(field) == text)
    }

    pub(super) fn client(&self, id: &str) -> Option<&Record> {
        self.find(Kind::Clients, "client_id", id)
    }

    pub(super) fn connection(&self, name: &str) -> Option<&Record> {
        self.find(Kind::Connections, "name", name)
    }

    pub(super) fn api(&self, identifier: &str) -> Option<&Record> {
        self.find(Kind::ResourceServers, "identifier", identifier)
    }

    /// The grant of a client for an API.
    pub(super) fn grant(&self, client: &str, audience: &str) -> Option<&Record> {
        self.list(Kind::ClientGrants)
            .iter()
            .find(|grant| grant.text("client_id") == client && grant.text("audience") == audience)
    }

    /// The database that a client signs its users in with.
    pub(super) fn database_of(&self, client: &str, named: Option<&str>) -> Option<&Record> {
        self.list(Kind::Connections).iter().find(|connection| {
            connection.text("strategy") == DATABASE
                && is_enabled(connection, client)
                && named.is_none_or(|name| connection.text("name") == name)
        })
    }

    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(super) fn user_mut(&mut self, id: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.id == id)
    }

    /// Who is known by this value in a connection, linked accounts included.
    pub(super) fn known_as(&self, connection: &str, field: &str, value: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.is_known_as(connection, field, value))
    }

    /// One setting of a single record, by its path.
    pub(super) fn setting(&self, single: &str, path: &str) -> &Value {
        self.singles
            .get(single)
            .map_or(&Value::Null, |record| record.at(path))
    }

    /// Whether so many logins have failed that the next are refused.
    pub(super) fn is_locked_out(&self, identifier: &str, ip: &str) -> bool {
        let protection = "attack-protection/brute-force-protection";
        let most = self
            .setting(protection, "max_attempts")
            .as_u64()
            .unwrap_or(10);
        let on = self.setting(protection, "enabled") != &Value::Bool(false);
        let key = (identifier.to_owned(), ip.to_owned());
        on && self.failures.get(&key).is_some_and(|count| *count >= most)
    }

    /// Counts a failed login; one that succeeds begins anew.
    pub(super) fn count_login(&mut self, identifier: &str, ip: &str, failed: bool) {
        let key = (identifier.to_owned(), ip.to_owned());
        if failed {
            *self.failures.entry(key).or_default() += 1;
        } else {
            self.failures.remove(&key);
        }
    }

    /// Notes a login on the user.
    pub(super) fn note_login(&mut self, id: &str, ip: &str, now: Timestamp) {
        if let Some(user) = self.user_mut(id) {
            let count = user.profile.get("logins_count").as_u64().unwrap_or(0);
            user.profile.set("logins_count", count + 1);
            user.profile.set("last_login", time(now));
            user.profile.set("last_ip", ip);
        }
    }
}

/// Whether a client may use a connection.
pub(super) fn is_enabled(connection: &Record, client: &str) -> bool {
    connection
        .texts("enabled_clients")
        .any(|enabled| enabled == client)
}

/// A time as the Management API writes it, with milliseconds.
pub(super) fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}
