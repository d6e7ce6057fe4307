//! What the tenant holds and does as Auth0 does it: users and their
//! identities, and codes, of which the newest to a contact is the right one.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

/// A status and a body.
pub(crate) type Reply = (u16, Value);

/// How often a code may be guessed.
const TRIES: u32 = 3;

#[derive(Default)]
pub(crate) struct Records {
    pub(crate) users: Vec<Value>,
    /// By connection and contact, or by session.
    codes: HashMap<(String, String), Sent>,
    /// What arrived, and where.
    pub(crate) inbox: Vec<(String, String)>,
    pub(crate) unreachable: HashSet<String>,
    count: u32,
}

struct Sent {
    code: String,
    wrong: u32,
    /// Who signs in by it, if that is settled.
    user: Option<String>,
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

/// The contact in a body, and the field it is in.
fn contact(body: &Value) -> (&'static str, &str) {
    match text(body, "phone_number") {
        "" => ("email", text(body, "email")),
        number => ("phone_number", number),
    }
}

/// Whether one of the user's identities is of a connection and has a contact.
fn signs_in_with(user: &Value, connection: &str, contact: &str) -> bool {
    let identities = user["identities"].as_array().expect("identities");
    identities.iter().enumerate().any(|(place, identity)| {
        let known = if place == 0 {
            user
        } else {
            &identity["profileData"]
        };
        identity["connection"] == connection
            && ["phone_number", "email"]
                .iter()
                .any(|field| known[field] == contact)
    })
}

fn problem(status: u16, code: &str) -> Reply {
    (
        status,
        json!({ "statusCode": status, "error": "Something", "message": "+14155550142", "errorCode": code }),
    )
}

fn refusal(status: u16, error: &str, words: &str) -> Reply {
    (
        status,
        json!({ "error": error, "error_description": words }),
    )
}

impl Records {
    fn next(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.users.iter().position(|user| user["user_id"] == id)
    }

    /// Puts a user there, in place of the one before.
    pub(crate) fn put(&mut self, user: Value) {
        self.users
            .retain(|known| known["user_id"] != user["user_id"]);
        self.users.push(user);
    }

    pub(crate) fn read(&self, id: &str, fields: &str) -> Reply {
        let Some(place) = self.place(id) else {
            return problem(404, "inexistent_user");
        };
        let mut user = self.users[place].clone();
        let shown = user.as_object_mut().expect("a user");
        shown.retain(|field, _| fields.split(',').any(|wanted| wanted == field));
        (200, user)
    }

    pub(crate) fn search(&self, query: &str) -> Reply {
        let fits = |user: &Value| {
            query.split(" AND ").all(|term| {
                let (field, value) = term.split_once(':').expect("a term");
                let value = value.trim_matches('"');
                match field.split_once('.') {
                    None => user[field] == value,
                    Some((_, field)) => {
                        let mut identities = user["identities"].as_array().expect("some").iter();
                        identities.any(|identity| identity[field] == value)
                    }
                }
            })
        };
        (
            200,
            self.users
                .iter()
                .filter(|user| fits(user))
                .cloned()
                .collect(),
        )
    }

    pub(crate) fn by_email(&self, email: &str) -> Reply {
        let fits = |user: &&Value| user["email"] == email;
        (200, self.users.iter().filter(fits).cloned().collect())
    }

    pub(crate) fn create(&mut self, body: &Value) -> Reply {
        let (connection, (field, contact)) = (text(body, "connection"), contact(body));
        if self
            .users
            .iter()
            .any(|user| signs_in_with(user, connection, contact))
        {
            return problem(409, "auth0_idp_error");
        }
        let provider = if field == "email" { "email" } else { "sms" };
        let name = format!("{:024x}", self.next());
        let mut user = body.clone();
        user["user_id"] = format!("{provider}|{name}").into();
        user["identities"] =
            json!([{ "connection": connection, "provider": provider, "user_id": name }]);
        self.users.push(user.clone());
        (201, user)
    }

    pub(crate) fn link(&mut self, id: &str, body: &Value) -> Reply {
        let (provider, name) = (text(body, "provider"), text(body, "user_id"));
        let linked = self.users.iter().any(|user| {
            let mut others = user["identities"].as_array().expect("some").iter().skip(1);
            others.any(|it| it["provider"] == provider && it["user_id"] == name)
        });
        if linked {
            return problem(409, "identity_conflict");
        }
        let (Some(_), Some(second)) = (self.place(id), self.place(&format!("{provider}|{name}")))
        else {
            return problem(404, "inexistent_user");
        };
        let second = self.users.remove(second);
        let mut identity = second["identities"][0].clone();
        identity["profileData"] = json!({
            "phone_number": second["phone_number"], "phone_verified": second["phone_verified"],
            "email": second["email"], "email_verified": second["email_verified"],
        });
        let place = self.place(id).expect("the primary");
        let identities = self.users[place]["identities"]
            .as_array_mut()
            .expect("some");
        identities.push(identity);
        (201, identities.clone().into())
    }

    fn send(&mut self, key: (String, String), to: &str, user: Option<String>) {
        let code = (100_000 + self.next() * 7_919 % 900_000).to_string();
        self.inbox.push((to.to_owned(), code.clone()));
        let sent = Sent {
            code,
            wrong: 0,
            user,
        };
        self.codes.insert(key, sent);
    }

    pub(crate) fn start(&mut self, body: &Value) -> Reply {
        let (connection, (field, contact)) = (text(body, "connection"), contact(body));
        if self.unreachable.contains(contact) {
            let words = format!("{contact} is not a mobile number (Code: 21614)");
            return refusal(400, "sms_provider_error", &words);
        }
        self.send((connection.to_owned(), contact.to_owned()), contact, None);
        (200, json!({ "_id": "5a1", field: contact }))
    }

    pub(crate) fn begin(&mut self, body: &Value) -> Reply {
        let (connection, (field, contact)) = (text(body, "connection"), contact(body));
        if self.unreachable.contains(contact) {
            let wrong = json!([{ "field": field, "message": "it is wrong" }]);
            return (
                400,
                json!({ "error": "invalid_request", "validation_errors": wrong }),
            );
        }
        let session = format!("session-{:040x}", self.next());
        let known = self.users.iter().find(|user| {
            user["identities"][0]["connection"] == connection && user[field] == contact
        });
        if let Some(user) = known {
            let user = text(user, "user_id").to_owned();
            self.send((String::new(), session.clone()), contact, Some(user));
        }
        (200, json!({ "auth_session": session }))
    }

    /// Who signs in by a code.
    pub(crate) fn judge(&mut self, form: &HashMap<String, String>) -> Result<String, Reply> {
        let get = |name: &str| form.get(name).cloned().unwrap_or_default();
        let (key, wrong) = match form.get("auth_session") {
            Some(session) => (
                (String::new(), session.clone()),
                refusal(400, "invalid_request", "Invalid or expired OTP."),
            ),
            None => (
                (get("realm"), get("username")),
                refusal(
                    403,
                    "invalid_grant",
                    "Wrong phone number or verification code.",
                ),
            ),
        };
        let sent = self.codes.get_mut(&key).ok_or(wrong.clone())?;
        if sent.wrong >= TRIES {
            let words = "You've reached the maximum number of attempts. Please try to login again.";
            return Err(refusal(403, "invalid_grant", words));
        }
        if sent.code != get("otp") {
            sent.wrong += 1;
            return Err(wrong);
        }
        let sent = self.codes.remove(&key).expect("it is there");
        let (connection, contact) = key;
        let mut users = self.users.iter();
        let owner = users.find(|user| signs_in_with(user, &connection, &contact));
        let owner = owner.map(|user| text(user, "user_id").to_owned());
        Ok(sent
            .user
            .or(owner)
            .unwrap_or_else(|| "sms|somebody-new".into()))
    }
}
