//! The lists of records: clients, connections, APIs, grants and providers of
//! text messages. They differ in names, ids, and what has to be unique.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::caller::{Caller, object, query};
use super::paging::{page, shown};
use super::problem::Problem;
use crate::auth0::Tenant;
use crate::auth0::parameters::Parameters;
use crate::auth0::record::Record;
use crate::auth0::state::{Kind, State as Held};

/// What one list is like.
#[derive(Clone, Copy)]
struct List {
    kind: Kind,
    path: &'static str,
    /// The key of the list in a page.
    key: &'static str,
    /// The last word of the scopes.
    scope: &'static str,
    id: &'static str,
    prefix: &'static str,
    needed: &'static [&'static str],
    /// The fields that no two records have alike.
    unique: &'static [&'static str],
    /// What a patch may not name.
    fixed: &'static [&'static str],
    /// What a list can be narrowed by.
    filters: &'static [&'static str],
}

const LISTS: [List; 5] = [
    List {
        kind: Kind::Clients,
        path: "clients",
        key: "clients",
        scope: "clients",
        id: "client_id",
        prefix: "",
        needed: &["name"],
        unique: &[],
        fixed: &["client_id", "global", "tenant"],
        filters: &["app_type"],
    },
    List {
        kind: Kind::Connections,
        path: "connections",
        key: "connections",
        scope: "connections",
        id: "id",
        prefix: "con_",
        needed: &["name", "strategy"],
        unique: &["name"],
        fixed: &["id", "name", "strategy"],
        filters: &["name", "strategy"],
    },
    List {
        kind: Kind::ResourceServers,
        path: "resource-servers",
        key: "resource_servers",
        scope: "resource_servers",
        id: "id",
        prefix: "",
        needed: &["identifier"],
        unique: &["identifier"],
        fixed: &["id", "identifier", "is_system"],
        filters: &["identifiers"],
    },
    List {
        kind: Kind::ClientGrants,
        path: "client-grants",
        key: "client_grants",
        scope: "client_grants",
        id: "id",
        prefix: "cgr_",
        needed: &["client_id", "audience"],
        unique: &["client_id", "audience"],
        fixed: &["id", "client_id", "audience"],
        filters: &["client_id", "audience"],
    },
    List {
        kind: Kind::PhoneProviders,
        path: "branding/phone/providers",
        key: "providers",
        scope: "phone_providers",
        id: "id",
        prefix: "pro_",
        needed: &["name"],
        unique: &["name"],
        fixed: &["id", "tenant", "channel"],
        filters: &[],
    },
];

pub(super) fn routes(mut router: Router<Tenant>) -> Router<Tenant> {
    for list in LISTS {
        let all = move |State(tenant): State<Tenant>,
                        caller: Caller,
                        RawQuery(wanted): RawQuery| async move {
            list.all(&tenant, &caller, &query(wanted)?)
        };
        let create = move |State(tenant): State<Tenant>, caller: Caller, body: Bytes| async move {
            list.create(&tenant, &caller, &body)
        };
        let read = move |State(tenant): State<Tenant>,
                         caller: Caller,
                         Path(id): Path<String>,
                         RawQuery(wanted): RawQuery| async move {
            list.read(&tenant, &caller, &id, &query(wanted)?)
        };
        let update =
            move |State(tenant): State<Tenant>,
                  caller: Caller,
                  Path(id): Path<String>,
                  body: Bytes| async move { list.update(&tenant, &caller, &id, &body) };
        let delete = move |State(tenant): State<Tenant>, caller: Caller, Path(id): Path<String>| async move {
            list.delete(&tenant, &caller, &id)
        };
        router = router
            .route(&format!("/api/v2/{}", list.path), get(all).post(create))
            .route(
                &format!("/api/v2/{}/{{id}}", list.path),
                get(read).patch(update).delete(delete),
            );
    }
    router
}

impl List {
    fn may(&self, caller: &Caller, verb: &str) -> Result<(), Problem> {
        caller.may(&[&format!("{verb}:{}", self.scope)])
    }

    fn all(
        &self,
        tenant: &Tenant,
        caller: &Caller,
        query: &Parameters,
    ) -> Result<Json<Value>, Problem> {
        self.may(caller, "read")?;
        let state = tenant.state();
        let found = state
            .list(self.kind)
            .iter()
            .filter(|record| self.fits(record, query))
            .map(|record| shown(&self.public(record, caller), query))
            .collect();
        Ok(Json(match page(self.key, found, query) {
            Value::Array(found) if self.kind == Kind::PhoneProviders => {
                json!({ self.key: found })
            }
            page => page,
        }))
    }

    fn create(
        &self,
        tenant: &Tenant,
        caller: &Caller,
        body: &[u8],
    ) -> Result<(StatusCode, Json<Value>), Problem> {
        self.may(caller, "create")?;
        let mut record = Record::of(Value::Object(object(body)?));
        for field in self.needed {
            if record.text(field).is_empty() {
                return Err(Problem::payload(&format!(
                    "Missing required property: {field}"
                )));
            }
        }
        super::defaults::complete(self.kind, &mut record, tenant.random())?;
        let id = match self.kind {
            Kind::Clients => tenant.random().letters(32)?,
            Kind::ResourceServers => tenant.random().hex(24)?,
            _ => format!("{}{}", self.prefix, tenant.random().hex(16)?),
        };
        record.set(self.id, id);
        let mut state = tenant.state();
        self.check(&state, &record)?;
        let answer = record.to_value();
        state.list_mut(self.kind).push(record);
        Ok((StatusCode::CREATED, Json(answer)))
    }

    fn read(
        &self,
        tenant: &Tenant,
        caller: &Caller,
        id: &str,
        query: &Parameters,
    ) -> Result<Json<Value>, Problem> {
        self.may(caller, "read")?;
        let state = tenant.state();
        let record = state
            .list(self.kind)
            .iter()
            .find(|record| self.is(record, id))
            .ok_or_else(|| self.missing())?;
        Ok(Json(shown(&self.public(record, caller), query)))
    }

    fn update(
        &self,
        tenant: &Tenant,
        caller: &Caller,
        id: &str,
        body: &[u8],
    ) -> Result<Json<Value>, Problem> {
        self.may(caller, "update")?;
        let patch = object(body)?;
        let fixed = patch
            .keys()
            .find(|field| self.fixed.contains(&field.as_str()));
        if let Some(fixed) = fixed {
            return Err(Problem::payload(&format!(
                "Additional properties not allowed: {fixed}"
            )));
        }
        let mut state = tenant.state();
        let record = state
            .list_mut(self.kind)
            .iter_mut()
            .find(|record| self.is(record, id))
            .ok_or_else(|| self.missing())?;
        record.patch(
            patch,
            &["jwt_configuration", "refresh_token", "client_metadata"],
        );
        Ok(Json(self.public(record, caller).to_value()))
    }

    fn delete(&self, tenant: &Tenant, caller: &Caller, id: &str) -> Result<StatusCode, Problem> {
        self.may(caller, "delete")?;
        let mut state = tenant.state();
        state
            .list_mut(self.kind)
            .retain(|record| !self.is(record, id) || record.flag("is_system"));
        if self.kind == Kind::Clients {
            let grants = state.list_mut(Kind::ClientGrants);
            grants.retain(|grant| grant.text("client_id") != id);
        }
        Ok(StatusCode::NO_CONTENT)
    }

    /// Whether a record has this id; an API is also known by its identifier.
    fn is(&self, record: &Record, id: &str) -> bool {
        record.text(self.id) == id
            || (self.kind == Kind::ResourceServers && record.text("identifier") == id)
    }

    fn fits(&self, record: &Record, query: &Parameters) -> bool {
        let global = query
            .get("is_global")
            .is_none_or(|wanted| wanted == record.flag("global").to_string());
        global
            && self.filters.iter().all(|filter| {
                let field = filter
                    .strip_suffix('s')
                    .filter(|_| *filter == "identifiers");
                query
                    .get(filter)
                    .is_none_or(|wanted| record.text(field.unwrap_or(filter)) == wanted)
            })
    }

    /// Whether a new record may stand beside those that are there.
    fn check(&self, state: &Held, record: &Record) -> Result<(), Problem> {
        let alike = |known: &Record| {
            !self.unique.is_empty()
                && self
                    .unique
                    .iter()
                    .all(|field| known.text(field) == record.text(field))
        };
        if state.list(self.kind).iter().any(alike) {
            let fields = self.unique.join(" and ");
            return Err(Problem::conflict(
                "conflict",
                format!("There is one with the same {fields} already."),
            ));
        }
        if self.kind == Kind::ClientGrants {
            if state.client(record.text("client_id")).is_none() {
                return Err(Problem::missing(
                    "inexistent_client",
                    "The client does not exist",
                ));
            }
            if state.api(record.text("audience")).is_none() {
                return Err(Problem::missing(
                    "inexistent_resource_server",
                    "The resource server does not exist",
                ));
            }
        }
        Ok(())
    }

    /// A record as this caller may see it.
    fn public(&self, record: &Record, caller: &Caller) -> Record {
        let mut record = record.clone();
        match self.kind {
            Kind::Clients if !caller.has("read:client_keys") => {
                record.remove("client_secret");
            }
            Kind::PhoneProviders => {
                record.remove("credentials");
            }
            _ => {}
        }
        record
    }

    fn missing(&self) -> Problem {
        let (code, message) = match self.kind {
            Kind::Clients => ("inexistent_client", "The client does not exist"),
            Kind::Connections => ("inexistent_connection", "The connection does not exist"),
            Kind::ResourceServers => (
                "inexistent_resource_server",
                "The resource server does not exist",
            ),
            Kind::ClientGrants => ("inexistent_client_grant", "The client grant does not exist"),
            Kind::PhoneProviders => ("inexistent_provider", "The provider does not exist"),
        };
        Problem::missing(code, message)
    }
}
