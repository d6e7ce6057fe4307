//! Where codes arrive: datagrams of `pod-load serve`, or an inbox over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use pod_core::BoxError;
use serde::Deserialize;
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::address::LocalUrl;
use crate::line::Line;
use crate::orders::{Wanted, recognise};

/// The longest message.
const LONGEST: usize = 2048;

/// How long the inbox is asked to wait for a message, in seconds.
const WAIT: u64 = 20;

/// Where codes come from.
#[derive(Debug, Clone)]
pub(crate) enum CodesFrom {
    /// Datagrams that arrive at this address.
    Datagrams(SocketAddr),
    /// The inbox at this URL, as the emulator has one.
    Inbox(LocalUrl),
}

/// Sorts codes by the pizza they are for.
pub(crate) struct Codes {
    sorting: JoinHandle<()>,
    /// One for each pizza, in their order.
    pub(crate) boxes: Vec<UnboundedReceiver<String>>,
}

impl Codes {
    /// Begins to sort; messages from before are left alone.
    pub(crate) async fn sort(from: &CodesFrom, wanted: Arc<[Wanted]>) -> Result<Self, BoxError> {
        let (slots, boxes) = wanted.iter().map(|_| unbounded_channel()).unzip();
        let sorter = Sorter { wanted, slots };
        let sorting = match from {
            CodesFrom::Datagrams(address) => {
                let socket = UdpSocket::bind(address).await.map_err(|error| {
                    format!("{address} cannot be listened on ({error}): choose another --codes")
                })?;
                tokio::spawn(sorter.receive(socket))
            }
            CodesFrom::Inbox(url) => {
                let mut line = Line::open(url).await?;
                let newest = newest(&messages(&mut line, url, 0, 0).await?).unwrap_or(0);
                tokio::spawn(sorter.read(line, url.clone(), newest))
            }
        };
        Ok(Self { sorting, boxes })
    }
}

impl Drop for Codes {
    fn drop(&mut self) {
        self.sorting.abort();
    }
}

struct Sorter {
    wanted: Arc<[Wanted]>,
    slots: Vec<UnboundedSender<String>>,
}

impl Sorter {
    async fn receive(self, socket: UdpSocket) {
        let mut message = vec![0; LONGEST];
        while let Ok(length) = socket.recv(&mut message).await {
            self.put(&String::from_utf8_lossy(&message[..length]));
        }
    }

    async fn read(self, mut line: Line, url: LocalUrl, mut after: u64) {
        loop {
            match messages(&mut line, &url, after, WAIT).await {
                Ok(messages) => {
                    after = newest(&messages).unwrap_or(after);
                    for message in &messages {
                        self.put(&message.text);
                    }
                }
                Err(error) => {
                    eprintln!("pod-load: the inbox cannot be read any more: {error}");
                    return;
                }
            }
        }
    }

    fn put(&self, text: &str) {
        if let Some((place, code)) = recognise(text, &self.wanted) {
            // Whoever waited for it may have given up.
            let _ = self.slots[place].send(code.to_owned());
        }
    }
}

/// A message of the inbox, as far as it matters.
#[derive(Deserialize)]
struct Message {
    number: u64,
    text: String,
}

async fn messages(
    line: &mut Line,
    url: &LocalUrl,
    after: u64,
    wait: u64,
) -> Result<Vec<Message>, BoxError> {
    let path = format!("{}?after={after}&wait={wait}", url.path());
    let patience = Duration::from_secs(wait + 5);
    let answer = line.get(&path, patience).await?;
    if !answer.status.is_success() {
        return Err(format!("the inbox answers {}", answer.status).into());
    }
    Ok(serde_json::from_slice(&answer.body)?)
}

fn newest(messages: &[Message]) -> Option<u64> {
    messages.iter().map(|message| message.number).max()
}
