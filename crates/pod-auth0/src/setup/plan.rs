//! What has to be done in a tenant, in which order: found out without doing
//! any of it.

use std::fmt;

use serde_json::{Map, Value, json};

use super::blueprint::{BACK_END_SCOPES, Blueprint, Role, Wanted, Way};
use super::compare::{differences, patch};
use super::survey::Survey;

/// What has to be done in a tenant.
pub struct Plan {
    pub(super) steps: Vec<Step>,
}

/// One thing to do.
pub struct Step {
    what: String,
    pub(super) action: Action,
}

/// How it is done.
pub(super) enum Action {
    /// Makes a record, and remembers its id.
    Create {
        place: &'static str,
        body: Map<String, Value>,
        made: Option<Made>,
    },
    /// Changes fields of a record.
    Change {
        path: String,
        body: Map<String, Value>,
    },
    /// Lets the applications use a connection, and no longer use it.
    Enable {
        way: Way,
        clients: Vec<(Role, bool)>,
    },
    /// Lets the back end use the Management API.
    Grant { scopes: [&'static str; 3] },
}

/// What a record is that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    Client(Role),
    Connection(Way),
}

impl Plan {
    /// What is to be done, a sentence each, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter()
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub(super) fn of(wanted: &Blueprint, survey: &Survey) -> Self {
        let mut plan = Self { steps: Vec::new() };
        plan.api(wanted, survey);
        for role in Role::ALL {
            plan.client(wanted, survey, role);
        }
        for way in Way::ALL {
            plan.connection(wanted, survey, way);
            plan.enable(wanted, survey, way);
        }
        plan.grant(wanted, survey);
        plan.phone_provider(wanted, survey);
        plan.mail_provider(wanted, survey);
        for (name, protection) in Blueprint::protections() {
            let found = survey.protections.get(name).unwrap_or(&Value::Null);
            let path = format!("attack-protection/{name}");
            plan.mend(&format!("the protection {name}"), path, &protection, found);
        }
        if let (Some(body), Some(user)) = (wanted.user(), &wanted.test_user)
            && !survey.has_user
        {
            let what = format!("create the test user {}", masked(&user.email));
            plan.create(what, "users", body, None);
        }
        plan
    }

    fn api(&mut self, wanted: &Blueprint, survey: &Survey) {
        let name = format!("the API {}", wanted.audience.as_str());
        let api = wanted.api();
        match &survey.api {
            None => {
                let what = format!(
                    "create {name}: tokens by RS256, offline access, scope {}",
                    wanted.scope
                );
                self.create(what, "resource-servers", api.new_record(), None);
            }
            Some(found) => {
                let path = format!("resource-servers/{}", id(found, "id"));
                self.mend(&name, path, &api, found);
            }
        }
    }

    fn client(&mut self, wanted: &Blueprint, survey: &Survey, role: Role) {
        let name = format!("the application {:?}", wanted.client_name(role));
        let client = wanted.client(role);
        match survey.clients.get(&role) {
            None => {
                let what = format!("create {name}: {}", purpose(role));
                let made = Some(Made::Client(role));
                self.create(what, "clients", client.new_record(), made);
            }
            Some(found) => {
                let path = format!("clients/{}", id(found, "client_id"));
                self.mend(&name, path, &client, found);
            }
        }
    }

    fn connection(&mut self, wanted: &Blueprint, survey: &Survey, way: Way) {
        let name = format!("the connection {}", wanted.connection_name(way));
        let connection = wanted.connection(way);
        match survey.connections.get(&way) {
            None => {
                let what = match way {
                    Way::Database => format!("create {name}: customers with passwords"),
                    Way::Sms | Way::Email => format!(
                        "create {name}: codes of {} digits, good for {} seconds",
                        wanted.digits,
                        wanted.lifetime.as_secs()
                    ),
                };
                let made = Some(Made::Connection(way));
                self.create(what, "connections", connection.new_record(), made);
            }
            Some(found) => {
                let path = format!("connections/{}", id(&found.record, "id"));
                self.mend(&name, path, &connection, &found.record);
            }
        }
    }

    fn enable(&mut self, wanted: &Blueprint, survey: &Survey, way: Way) {
        let found = survey.connections.get(&way);
        let uses = |role| {
            let client = survey.client_id(role);
            found
                .zip(client)
                .is_some_and(|(found, client)| found.clients.iter().any(|known| known == client))
        };
        let clients: Vec<(Role, bool)> = Role::ALL
            .into_iter()
            .map(|role| (role, way.serves(role)))
            .filter(|(role, serves)| uses(*role) != *serves)
            .collect();
        if clients.is_empty() {
            return;
        }
        let names = |wish: bool| {
            let of = clients.iter().filter(|(_, serves)| *serves == wish);
            let names: Vec<String> = of
                .map(|(role, _)| format!("{:?}", wanted.client_name(*role)))
                .collect();
            names.join(" and ")
        };
        let name = wanted.connection_name(way);
        let what = match (names(true).as_str(), names(false).as_str()) {
            (on, "") => format!("let {on} use the connection {name}"),
            ("", off) => format!("no longer let {off} use the connection {name}"),
            (on, off) => format!("let {on} use the connection {name}, and no longer {off}"),
        };
        self.add(what, Action::Enable { way, clients });
    }

    fn grant(&mut self, wanted: &Blueprint, survey: &Survey) {
        let scopes = BACK_END_SCOPES.join(", ");
        let name = wanted.client_name(Role::BackEnd);
        match &survey.grant {
            None => self.add(
                format!("let {name:?} use the Management API, for {scopes} and nothing else"),
                Action::Grant {
                    scopes: BACK_END_SCOPES,
                },
            ),
            Some(found) => {
                let path = format!("client-grants/{}", id(found, "id"));
                let grant = scope_only();
                let subject = format!("what {name:?} may do by the Management API");
                self.mend(&subject, path, &grant, found);
            }
        }
    }

    fn phone_provider(&mut self, wanted: &Blueprint, survey: &Survey) {
        let Some(provider) = wanted.phone_provider() else {
            return;
        };
        match &survey.phone_provider {
            None => {
                let what = "have Twilio carry text messages".to_owned();
                self.create(
                    what,
                    "branding/phone/providers",
                    provider.new_record(),
                    None,
                );
            }
            Some(found) => {
                let path = format!("branding/phone/providers/{}", id(found, "id"));
                self.mend_whole("the phone provider", path, &provider, found);
            }
        }
    }

    fn mail_provider(&mut self, wanted: &Blueprint, survey: &Survey) {
        let Some(provider) = wanted.mail_provider() else {
            return;
        };
        match &survey.mail_provider {
            None => {
                let what = "have the SMTP server carry e-mail".to_owned();
                self.create(what, "emails/provider", provider.new_record(), None);
            }
            Some(found) => {
                let path = "emails/provider".to_owned();
                self.mend_whole("the e-mail provider", path, &provider, found);
            }
        }
    }

    /// Mends what differs.
    fn mend(&mut self, name: &str, path: String, wanted: &Wanted, found: &Value) {
        let fields = differences(&wanted.fields, found);
        if !fields.is_empty() {
            let body = patch(&wanted.fields, found, &fields);
            let what = format!("change {name}: {}", fields.join(", "));
            self.add(what, Action::Change { path, body });
        }
    }

    /// Sends all of a record if anything differs: what is secret in it is
    /// never told, and goes with the rest.
    fn mend_whole(&mut self, name: &str, path: String, wanted: &Wanted, found: &Value) {
        let fields = differences(&wanted.fields, found);
        if !fields.is_empty() {
            let what = format!("change {name}: {}", fields.join(", "));
            let body = wanted.new_record();
            self.add(what, Action::Change { path, body });
        }
    }

    fn create(
        &mut self,
        what: String,
        place: &'static str,
        body: Map<String, Value>,
        made: Option<Made>,
    ) {
        self.add(what, Action::Create { place, body, made });
    }

    fn add(&mut self, what: String, action: Action) {
        self.steps.push(Step { what, action });
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

/// Nothing of what is sent: there are secrets in it.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Step").field(&self.what).finish()
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.steps).finish()
    }
}

fn scope_only() -> Wanted {
    let mut fields = Map::new();
    fields.insert("scope".to_owned(), json!(BACK_END_SCOPES));
    Wanted {
        fields,
        at_first: Map::new(),
    }
}

fn purpose(role: Role) -> &'static str {
    match role {
        Role::Alexa => "customers link their accounts by it",
        Role::Web => "customers sign in to the web page by it",
        Role::BackEnd => "pod has codes sent and looks customers up by it",
    }
}

fn id<'v>(record: &'v Value, field: &str) -> &'v str {
    record[field].as_str().unwrap_or_default()
}

/// An address with its name hidden.
fn masked(email: &str) -> String {
    let (name, host) = email.split_once('@').unwrap_or((email, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}…@{host}")
}
