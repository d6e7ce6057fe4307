//! A world that is running elsewhere on this machine, over HTTP.

use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use pod_core::BoxError;
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpStream;
use url::Url;

use super::talk::{Letter, Said};

/// Longer than any skill may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// More than any conversation needs.
const LONGEST: usize = 4 * 1024 * 1024;

/// A world that is running elsewhere on this machine.
pub(super) struct Remote {
    authority: String,
    skill_url: Option<Url>,
}

#[derive(Deserialize)]
struct Heard {
    speech: String,
    card: Option<Card>,
}

#[derive(Deserialize)]
struct Card {
    #[serde(rename = "type")]
    kind: String,
    title: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    number: u64,
    channel: String,
    to: String,
    text: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Remote {
    /// Looks for a world at an address such as `http://127.0.0.1:7102`.
    ///
    /// # Errors
    ///
    /// A sentence if that is no such address.
    pub(super) fn new(url: &Url, skill_url: Option<Url>) -> Result<Self, BoxError> {
        match (url.scheme(), url.host_str(), url.port_or_known_default()) {
            ("http", Some(host), Some(port)) => Ok(Self {
                authority: format!("{host}:{port}"),
                skill_url,
            }),
            _ => Err("a world answers at an address such as http://127.0.0.1:7102".into()),
        }
    }

    /// Says something to a device; to the first one, if none is named.
    ///
    /// # Errors
    ///
    /// A sentence of the world's, or one about not reaching it.
    pub(super) async fn say(&self, device: &str, utterance: &str) -> Result<Said, BoxError> {
        let mut said = json!({"utterance": utterance});
        if !device.is_empty() {
            said["device"] = device.into();
        }
        if let Some(url) = &self.skill_url {
            said["skill_url"] = url.as_str().into();
        }
        let body = said.to_string().into();
        let heard: Heard = self.ask(Method::POST, "/echo", body).await?;
        Ok(Said {
            speech: heard.speech,
            card: heard.card.map(|card| card.title.unwrap_or(card.kind)),
        })
    }

    /// The messages with higher numbers than `after`, with their numbers.
    ///
    /// # Errors
    ///
    /// A sentence about not reaching the world.
    pub(super) async fn messages(&self, after: u64) -> Result<Vec<(u64, Letter)>, BoxError> {
        let path = format!("/inbox?after={after}");
        let messages: Vec<Message> = self.ask(Method::GET, &path, Bytes::new()).await?;
        let letter = |message: Message| {
            let Message {
                number,
                channel,
                to,
                text,
            } = message;
            (number, Letter { channel, to, text })
        };
        Ok(messages.into_iter().map(letter).collect())
    }

    async fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<T, BoxError> {
        let asked = tokio::time::timeout(PATIENCE, self.exchange(method, path, body));
        let (status, answer) = asked
            .await
            .map_err(|_| format!("http://{} does not answer", self.authority))??;
        if status == StatusCode::OK {
            return Ok(serde_json::from_slice(&answer)?);
        }
        match serde_json::from_slice::<Refusal>(&answer) {
            Ok(refusal) => Err(refusal.error.into()),
            Err(_) => Err(format!("http://{}{path} answered {status}", self.authority).into()),
        }
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), BoxError> {
        let stream = TcpStream::connect(&self.authority).await.map_err(|error| {
            format!(
                "nobody answers at http://{} ({error}): start `pod-server demo` or `pod-server \
                 emulate`, or give its address with --url",
                self.authority
            )
        })?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // It ends when the sender is dropped; what goes wrong is heard below.
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body))?;
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, LONGEST).collect().await?.to_bytes();
        Ok((head.status, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_answers_is_read_with_any_card_or_none() {
        for card in [
            None,
            Some(("Simple", Some("Pizza on Demand"))),
            Some(("LinkAccount", None)),
        ] {
            let card = card.map(|(kind, title)| pod_emulator::Card {
                kind: kind.to_owned(),
                title: title.map(str::to_owned),
                text: None,
            });
            let answer = serde_json::json!({"speech": "Hello.", "card": card});

            let heard: Heard = serde_json::from_value(answer).unwrap();

            let kind = heard.card.map(|card| card.kind);
            assert_eq!(kind, card.map(|card| card.kind));
        }
    }
}
