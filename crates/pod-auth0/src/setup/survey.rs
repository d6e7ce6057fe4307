//! What a tenant has, read before anything is planned.

use std::collections::BTreeMap;

use serde_json::Value;

use super::SetupError;
use super::blueprint::{Blueprint, Role, Way};
use super::office::Office;

/// What a tenant has of what pod wants.
#[derive(Default)]
pub(super) struct Survey {
    pub(super) api: Option<Value>,
    pub(super) clients: BTreeMap<Role, Value>,
    pub(super) connections: BTreeMap<Way, Connection>,
    pub(super) grant: Option<Value>,
    pub(super) phone_provider: Option<Value>,
    pub(super) mail_provider: Option<Value>,
    pub(super) protections: BTreeMap<&'static str, Value>,
    pub(super) has_user: bool,
}

/// A connection, and the ids of the applications that may use it.
pub(super) struct Connection {
    pub(super) record: Value,
    pub(super) clients: Vec<String>,
}

impl Survey {
    pub(super) async fn of(office: &Office, wanted: &Blueprint) -> Result<Self, SetupError> {
        let mut survey = Self {
            api: api(office, wanted).await?,
            clients: clients(office, wanted).await?,
            connections: connections(office, wanted).await?,
            ..Self::default()
        };
        if let Some(client) = survey.client_id(Role::BackEnd) {
            let mut url = office.at("client-grants");
            url.query_pairs_mut()
                .append_pair("client_id", client)
                .append_pair("audience", office.at("").as_str());
            let grants = office.list(url, "client_grants").await;
            survey.grant = reading(grants, "the grants")?.into_iter().next();
        }
        if wanted.twilio.is_some() {
            let url = office.at("branding/phone/providers");
            let providers = office.list(url, "providers").await;
            survey.phone_provider = reading(providers, "the phone provider")?.into_iter().next();
        }
        if wanted.smtp.is_some() {
            let provider = office.read(office.at("emails/provider")).await;
            survey.mail_provider = reading(provider, "the e-mail provider")?;
        }
        for (name, _) in Blueprint::protections() {
            let url = office.at(&format!("attack-protection/{name}"));
            let protection = reading(office.read(url).await, "the attack protection")?;
            survey
                .protections
                .insert(name, protection.unwrap_or_default());
        }
        if let Some(user) = &wanted.test_user {
            let mut url = office.at("users-by-email");
            url.query_pairs_mut()
                .append_pair("email", &user.email.to_lowercase());
            let users = reading(office.read(url).await, "the users")?.unwrap_or_default();
            survey.has_user = users.as_array().is_some_and(|users| {
                users
                    .iter()
                    .any(|user| has_connection(user, wanted.database.as_str()))
            });
        }
        Ok(survey)
    }

    pub(super) fn client_id(&self, role: Role) -> Option<&str> {
        self.clients.get(&role)?["client_id"].as_str()
    }
}

fn has_connection(user: &Value, connection: &str) -> bool {
    user["identities"].as_array().is_some_and(|identities| {
        identities
            .iter()
            .any(|identity| identity["connection"] == connection)
    })
}

async fn api(office: &Office, wanted: &Blueprint) -> Result<Option<Value>, SetupError> {
    let url = office.at("resource-servers");
    let apis = reading(office.list(url, "resource_servers").await, "the APIs")?;
    let identifier = wanted.audience.as_str();
    Ok(apis.into_iter().find(|api| api["identifier"] == identifier))
}

async fn clients(office: &Office, wanted: &Blueprint) -> Result<BTreeMap<Role, Value>, SetupError> {
    let mut url = office.at("clients");
    url.query_pairs_mut().append_pair("is_global", "false");
    let known = reading(office.list(url, "clients").await, "the applications")?;
    let mut found = BTreeMap::new();
    for role in Role::ALL {
        let name = wanted.client_name(role);
        let mut same = known
            .iter()
            .filter(|client| client["name"] == name.as_str());
        if let Some(client) = same.next() {
            if same.next().is_some() {
                return Err(SetupError::Ambiguous { name });
            }
            found.insert(role, client.clone());
        }
    }
    Ok(found)
}

async fn connections(
    office: &Office,
    wanted: &Blueprint,
) -> Result<BTreeMap<Way, Connection>, SetupError> {
    let mut found = BTreeMap::new();
    for way in Way::ALL {
        let name = wanted.connection_name(way);
        let mut url = office.at("connections");
        url.query_pairs_mut().append_pair("name", name);
        let known = reading(office.list(url, "connections").await, "the connections")?;
        let Some(record) = known.into_iter().find(|known| known["name"] == name) else {
            continue;
        };
        let id = record["id"].as_str().unwrap_or_default();
        let clients = clients_of(office, id).await;
        let clients = reading(clients, "the applications of a connection")?;
        found.insert(way, Connection { record, clients });
    }
    Ok(found)
}

async fn clients_of(
    office: &Office,
    connection: &str,
) -> Result<Vec<String>, super::office::OfficeError> {
    let mut clients = Vec::new();
    let mut from = None::<String>;
    loop {
        let mut url = office.at(&format!("connections/{connection}/clients"));
        url.query_pairs_mut().append_pair("take", "100");
        if let Some(from) = &from {
            url.query_pairs_mut().append_pair("from", from);
        }
        let page = office.read(url).await?.unwrap_or_default();
        let ids = page["clients"].as_array().into_iter().flatten();
        clients.extend(ids.filter_map(|client| client["client_id"].as_str().map(str::to_owned)));
        match page["next"].as_str() {
            Some(next) => from = Some(next.to_owned()),
            None => return Ok(clients),
        }
    }
}

fn reading<T>(
    read: Result<T, super::office::OfficeError>,
    what: &'static str,
) -> Result<T, SetupError> {
    read.map_err(|error| SetupError::Reading {
        what,
        why: error.to_string(),
    })
}
