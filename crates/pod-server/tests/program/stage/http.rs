//! One HTTP request after another, each on a connection of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    /// The body, read as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }
}

/// Gets what is at an address such as `http://127.0.0.1:7101/metrics`.
pub(crate) fn get(url: &str) -> Answer {
    ask("GET", url, &[], "")
}

/// Gets what is at an address, with an access token.
pub(crate) fn get_as(token: &str, url: &str) -> Answer {
    let bearer = ("authorization".to_owned(), format!("Bearer {token}"));
    ask("GET", url, &[bearer], "")
}

/// Deletes what is at an address.
pub(crate) fn delete(url: &str) -> Answer {
    ask("DELETE", url, &[], "")
}

/// Changes what is at an address, with an access token.
pub(crate) fn patch_json_as(token: &str, url: &str, body: &Value) -> Answer {
    let bearer = ("authorization".to_owned(), format!("Bearer {token}"));
    ask("PATCH", url, &[bearer], &body.to_string())
}

/// Posts JSON.
pub(crate) fn post_json(url: &str, body: &Value) -> Answer {
    post(url, &[], &body.to_string())
}

/// Posts a body with these headers.
pub(crate) fn post(url: &str, headers: &[(String, String)], body: &str) -> Answer {
    ask("POST", url, headers, body)
}

fn ask(method: &str, url: &str, headers: &[(String, String)], body: &str) -> Answer {
    let (authority, path) = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .expect("an address in the clear, with a path");
    let mut stream = TcpStream::connect(authority).expect("somebody listens there");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let headers = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers: String = headers.collect();
    let length = body.len();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    stream
        .write_all(request.as_bytes())
        .expect("somebody reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");

    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Answer {
        status: status.unwrap_or_else(|| panic!("no status: {head}")),
        body: body.to_owned(),
    }
}
