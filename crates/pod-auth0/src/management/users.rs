//! Users, as the Management API reads, makes, finds and links them.

use std::sync::Arc;

use pod_core::{Contact, CustomerId, Deadline};
use pod_http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use super::{Call, Management};
use crate::connection::ConnectionName;
use crate::error::TenantError;
use crate::flight::Outcome;
use crate::profile::{Identity, Profile, provider};

/// What is asked of a user; the customer's own metadata only if it is wanted.
const FIELDS: &str =
    "user_id,email,email_verified,phone_number,phone_verified,identities,app_metadata";

/// What came of making a user.
pub(crate) enum Created {
    /// There is one, with this name at its provider.
    Now(Box<str>),
    /// There was one already.
    Before,
}

/// What came of linking a user to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linked {
    /// They are one.
    Now,
    /// The user is linked, or gone: somebody was faster.
    Before,
}

#[derive(Deserialize)]
struct Made {
    user_id: Box<str>,
}

impl Management {
    /// Reads a user's profile; `None` if there is no such user.
    pub(crate) async fn profile(
        &self,
        customer: &CustomerId,
        with_user_metadata: bool,
        deadline: Deadline,
    ) -> Outcome<Option<Profile>> {
        let Some(user) = encoded(customer.as_str()) else {
            return Ok(None);
        };
        let mut url = self.at(&format!("users/{user}"));
        let more = if with_user_metadata {
            ",user_metadata"
        } else {
            ""
        };
        url.query_pairs_mut()
            .append_pair("fields", &format!("{FIELDS}{more}"))
            .append_pair("include_fields", "true");
        let call = Call {
            place: "GET /api/v2/users/{id}",
            method: Method::GET,
            url,
            body: None,
        };
        let answer = self.make(&call, deadline).await?;
        match answer.status {
            StatusCode::OK => {
                let user: Value =
                    serde_json::from_slice(&answer.body).map_err(|_| call.not_understood())?;
                let profile = Profile::read(&user).ok_or_else(|| call.not_understood())?;
                // Whatever became of the name on the way, nobody gets another
                // customer's contacts.
                if *profile.user != *customer.as_str() {
                    return Err(Arc::new(TenantError::OtherCustomer));
                }
                Ok(Some(profile))
            }
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(Arc::new(call.unexpected(&answer))),
        }
    }

    /// Makes a user of a passwordless connection who has a contact.
    pub(crate) async fn create(
        &self,
        connection: &ConnectionName,
        contact: &Contact,
        verified: bool,
        deadline: Deadline,
    ) -> Outcome<Created> {
        let connection = connection.as_str();
        let body = match contact {
            Contact::Phone(number) => json!({
                "connection": connection,
                "phone_number": number.expose(),
                "phone_verified": verified,
            }),
            Contact::Email(address) => json!({
                "connection": connection,
                "email": address.expose().to_lowercase(),
                "email_verified": verified,
                "verify_email": false,
            }),
        };
        let call = Call {
            place: "POST /api/v2/users",
            method: Method::POST,
            url: self.at("users"),
            body: Some(body),
        };
        let answer = self.make(&call, deadline).await?;
        match answer.status {
            StatusCode::CREATED => {
                let made: Made =
                    serde_json::from_slice(&answer.body).map_err(|_| call.not_understood())?;
                let (by, name) = made
                    .user_id
                    .split_once('|')
                    .ok_or_else(|| call.not_understood())?;
                if by != provider(contact) {
                    return Err(call.not_understood());
                }
                Ok(Created::Now(name.into()))
            }
            StatusCode::CONFLICT => Ok(Created::Before),
            _ => Err(Arc::new(call.unexpected(&answer))),
        }
    }

    /// Finds the user of a passwordless connection who has a contact and
    /// nothing else: not linked to anybody, and nobody linked to it.
    pub(crate) async fn find_alone(
        &self,
        connection: &ConnectionName,
        contact: &Contact,
        deadline: Deadline,
    ) -> Outcome<Option<Identity>> {
        let mut url = self.at(match contact {
            Contact::Phone(_) => "users",
            Contact::Email(_) => "users-by-email",
        });
        match contact {
            Contact::Phone(number) => {
                let connection = connection.as_str();
                let search = format!(
                    r#"phone_number:"{}" AND identities.connection:"{connection}""#,
                    number.expose()
                );
                url.query_pairs_mut()
                    .append_pair("q", &search)
                    .append_pair("search_engine", "v3");
            }
            Contact::Email(address) => {
                url.query_pairs_mut()
                    .append_pair("email", &address.expose().to_lowercase());
            }
        }
        let call = Call {
            place: "GET /api/v2/users",
            method: Method::GET,
            url,
            body: None,
        };
        let answer = self.make(&call, deadline).await?;
        if answer.status != StatusCode::OK {
            return Err(Arc::new(call.unexpected(&answer)));
        }
        let users: Vec<Value> =
            serde_json::from_slice(&answer.body).map_err(|_| call.not_understood())?;
        let mut profiles = users.iter().filter_map(Profile::read);
        Ok(profiles.find_map(|profile| {
            let [identity] = &*profile.identities else {
                return None;
            };
            identity.is(connection, contact).then(|| identity.clone())
        }))
    }

    /// Makes another user an identity of the customer's.
    pub(crate) async fn link(
        &self,
        customer: &CustomerId,
        contact: &Contact,
        name: &str,
        deadline: Deadline,
    ) -> Outcome<Linked> {
        let Some(user) = encoded(customer.as_str()) else {
            return Ok(Linked::Before);
        };
        let call = Call {
            place: "POST /api/v2/users/{id}/identities",
            method: Method::POST,
            url: self.at(&format!("users/{user}/identities")),
            body: Some(json!({ "provider": provider(contact), "user_id": name })),
        };
        let answer = self.make(&call, deadline).await?;
        match answer.status {
            StatusCode::CREATED => Ok(Linked::Now),
            StatusCode::CONFLICT | StatusCode::NOT_FOUND => Ok(Linked::Before),
            _ => Err(Arc::new(call.unexpected(&answer))),
        }
    }
}

/// A user's name as one part of a path; `None` for the two that mean a place
/// in a path, however they are written. No user has such a name.
fn encoded(user: &str) -> Option<String> {
    let encoded: String = byte_serialize(user.as_bytes()).collect();
    (user != "." && user != "..").then(|| encoded.replace('+', "%20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_name_is_one_part_of_a_path() {
        for (user, part) in [
            ("auth0|5a1", "auth0%7C5a1"),
            ("a b+c/d?e#f%g", "a%20b%2Bc%2Fd%3Fe%23f%25g"),
            ("../users", "..%2Fusers"),
            ("é", "%C3%A9"),
        ] {
            assert_eq!(encoded(user).unwrap(), part);
        }
        for place in [".", ".."] {
            assert_eq!(encoded(place), None);
        }
    }
}
