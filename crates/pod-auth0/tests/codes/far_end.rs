//! What the tenant does with a request: it writes it down, checks who asks, and
//! answers as it should or as it was told.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use url::form_urlencoded;
use wiremock::{Request, ResponseTemplate};

use crate::auth0::{CLIENT, SECRET, good};
use crate::records::{Records, Reply};
use crate::tenant::first;

/// A request that the tenant got.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Its method and path.
    pub(crate) what: String,
    pub(crate) query: HashMap<String, String>,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) form: HashMap<String, String>,
    pub(crate) json: Value,
}

/// Makes an ID token of claims, well or badly.
type Mint = Arc<dyn Fn(&Value) -> String + Send + Sync>;

pub(crate) struct State {
    pub(crate) records: Records,
    pub(crate) asked: Vec<Asked>,
    /// What is answered once, and what is answered always, by what was asked.
    pub(crate) once: Vec<(String, ResponseTemplate)>,
    pub(crate) always: HashMap<String, ResponseTemplate>,
    /// What is done, and not answered as it should be.
    pub(crate) done_but: HashMap<String, ResponseTemplate>,
    pub(crate) tokens: u32,
    /// Tokens up to this one are no good any more.
    pub(crate) revoked: u32,
    pub(crate) delay: Duration,
    pub(crate) mint: Mint,
}

impl Default for State {
    fn default() -> Self {
        Self {
            records: Records::default(),
            asked: Vec::new(),
            once: Vec::new(),
            always: HashMap::new(),
            done_but: HashMap::new(),
            tokens: 0,
            revoked: 0,
            delay: Duration::ZERO,
            mint: Arc::new(good),
        }
    }
}

impl State {
    pub(crate) fn respond(
        &mut self,
        request: &Request,
        issuer: &str,
        now: i64,
    ) -> ResponseTemplate {
        let path = decoded(request.url.path());
        let asked = Asked {
            what: format!("{} {path}", request.method),
            query: request.url.query_pairs().into_owned().collect(),
            headers: request
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()))
                .collect(),
            form: form_urlencoded::parse(&request.body).into_owned().collect(),
            json: serde_json::from_slice(&request.body).unwrap_or_default(),
        };
        self.asked.push(asked.clone());
        let answer = if let Some(place) = self.once.iter().position(|(it, _)| *it == asked.what) {
            self.once.remove(place).1
        } else if let Some(answer) = self.always.get(&asked.what) {
            answer.clone()
        } else {
            let (status, body) = self.reply(&asked, issuer, now);
            let answer = ResponseTemplate::new(status).set_body_json(body);
            self.done_but.get(&asked.what).cloned().unwrap_or(answer)
        };
        answer.set_delay(self.delay)
    }

    fn reply(&mut self, asked: &Asked, issuer: &str, now: i64) -> Reply {
        let users = asked
            .what
            .split_once(" /api/v2/users/")
            .map(|(_, rest)| rest);
        if asked.what.contains("/api/v2/") {
            let token = asked
                .headers
                .get("authorization")
                .map_or("", String::as_str);
            let number = token
                .strip_prefix("Bearer management-")
                .map(str::parse::<u32>);
            if !matches!(number, Some(Ok(number)) if number > self.revoked) {
                return (
                    401,
                    json!({ "statusCode": 401, "message": "Expired token received" }),
                );
            }
        }
        let query = |name: &str| asked.query.get(name).cloned().unwrap_or_default();
        let records = &mut self.records;
        match (&*asked.what, users) {
            ("GET /.well-known/jwks.json", _) => (200, json!({ "keys": [first().jwk()] })),
            ("POST /oauth/token", _) => self.grant(&asked.form, issuer, now),
            ("POST /passwordless/start", _) => records.start(&asked.json),
            ("POST /otp/challenge", _) => records.begin(&asked.json),
            ("POST /api/v2/users", _) => records.create(&asked.json),
            ("GET /api/v2/users", _) => records.search(&query("q")),
            ("GET /api/v2/users-by-email", _) => records.by_email(&query("email")),
            (_, Some(rest)) => match rest.strip_suffix("/identities") {
                Some(id) => records.link(id, &asked.json),
                None => records.read(rest, &query("fields")),
            },
            _ => (404, json!({})),
        }
    }

    fn grant(&mut self, form: &HashMap<String, String>, issuer: &str, now: i64) -> Reply {
        if form["client_id"] != CLIENT || form["client_secret"] != SECRET {
            let body = json!({ "error": "access_denied", "error_description": "Unauthorized" });
            return (401, body);
        }
        if form["grant_type"] == "client_credentials" {
            self.tokens += 1;
            let token = format!("management-{}", self.tokens);
            return (200, json!({ "access_token": token, "expires_in": 86_400 }));
        }
        match self.records.judge(form) {
            Err(refusal) => refusal,
            Ok(sub) => {
                let claims = json!({
                    "iss": issuer, "sub": sub, "aud": CLIENT, "iat": now, "exp": now + 36_000,
                });
                let id_token = (self.mint)(&claims);
                (
                    200,
                    json!({ "access_token": "opaque", "id_token": id_token, "expires_in": 86_400 }),
                )
            }
        }
    }
}

fn decoded(path: &str) -> String {
    let form = format!("path={}", path.replace('+', "%2B").replace('&', "%26"));
    let mut pairs = form_urlencoded::parse(form.as_bytes()).into_owned();
    pairs.next().expect("a path").1
}
