//! Requests as anybody can send them: any headers, any bytes.

use pod_emulator::{CERTIFICATE_URL_HEADER, SIGNATURE_HEADER, SignedRequest};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

/// A request, with all that can be changed about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    /// The body; `null` if it is not JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// What a device would say; nothing if there are no words.
    pub(crate) fn speech(&self) -> String {
        let json = self.json();
        let speech = &json["response"]["outputSpeech"];
        let speech = speech["ssml"].as_str().or(speech["text"].as_str());
        let words = speech.unwrap_or_default().split(['<', '>']).step_by(2);
        words.collect()
    }
}

impl Letter {
    /// A request without a signature.
    pub(crate) fn unsigned(body: impl Into<Vec<u8>>) -> Self {
        Self {
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// The same request with one header more, or in place of another.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same request with the signature of this one.
    pub(crate) fn signed_as(self, other: &SignedRequest) -> Self {
        self.with(SIGNATURE_HEADER, &other.signature)
            .with(CERTIFICATE_URL_HEADER, &other.certificate_url)
    }

    /// Sends it, and waits for the answer.
    pub(crate) async fn post(&self, to: &Url) -> Answer {
        let host = format!(
            "{}:{}",
            to.host_str().expect("a host"),
            to.port().expect("a port")
        );
        let mut head = vec![
            format!("POST {} HTTP/1.1", to.path()),
            "Connection: close".to_owned(),
            "Content-Type: application/json; charset=utf-8".to_owned(),
            format!("Content-Length: {}", self.body.len()),
        ];
        if !self.headers.iter().any(|(name, _)| name == "Host") {
            head.push(format!("Host: {host}"));
        }
        let others = self.headers.iter();
        head.extend(others.map(|(name, value)| format!("{name}: {value}")));
        let head = head.join("\r\n") + "\r\n\r\n";

        let mut stream = TcpStream::connect(host).await.expect("a pod");
        stream.write_all(head.as_bytes()).await.expect("sent");
        stream.write_all(&self.body).await.expect("sent");
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer).await;
        read.expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Answer {
            status: status.expect("a status"),
            body: body.to_owned(),
        }
    }
}

impl From<&SignedRequest> for Letter {
    fn from(signed: &SignedRequest) -> Self {
        Self::unsigned(signed.body.to_vec()).signed_as(signed)
    }
}
