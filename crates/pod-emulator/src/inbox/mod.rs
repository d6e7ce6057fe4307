//! The inbox of the demo: where codes arrive that no network carries.

pub(crate) mod http;
mod text;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use pod_core::ports::{Clock, Courier, DeliverError, Delivery};
use pod_core::{Code, Contact};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::watch;

/// How many messages are kept; older ones are gone.
const CAPACITY: usize = 1000;

/// Takes messages for every contact there is, and shows them to whoever asks.
///
/// It writes English whatever the language, and takes a message at once
/// whatever the deadline. Clones are the same inbox.
#[derive(Clone)]
pub struct Inbox {
    inner: Arc<Inner>,
}

struct Inner {
    shop: String,
    host: String,
    clock: Arc<dyn Clock>,
    messages: Mutex<VecDeque<Message>>,
    /// The number of the newest message; none has the number 0.
    newest: watch::Sender<u64>,
}

/// One message, with its code in it.
#[derive(Clone)]
pub struct Message {
    number: u64,
    at: Timestamp,
    contact: Contact,
    text: SecretString,
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("newest", &*self.inner.newest.borrow())
            .finish_non_exhaustive()
    }
}

/// Without the text, which has the code.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("number", &self.number)
            .field("at", &self.at)
            .field("contact", &self.contact)
            .finish_non_exhaustive()
    }
}

impl Message {
    /// Gives its number: messages are counted from 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Gives when it came.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Gives whom it is for.
    #[must_use]
    pub fn contact(&self) -> &Contact {
        &self.contact
    }

    /// Gives the text, code and all, for the eyes of whom it is for.
    #[must_use]
    pub fn expose_text(&self) -> &str {
        self.text.expose_secret()
    }

    /// Finds the code as a telephone does: in the last line, after the `#`;
    /// where there is none, in the last number that could be a code.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        code_in(self.expose_text())
    }
}

/// Finds the code in the text of a message, as [`Message::code`] does.
#[must_use]
pub fn code_in(text: &str) -> Option<Code> {
    match text.lines().last()?.rsplit_once('#') {
        Some((_, code)) => Code::parse(code).ok(),
        None => text
            .rsplit(|c: char| !c.is_ascii_digit())
            .find_map(|digits| Code::parse(digits).ok()),
    }
}

impl Inbox {
    /// Opens an inbox for messages of a shop, whose web pages are at `host`.
    #[must_use]
    pub fn new(shop: impl Into<String>, host: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        let messages = Mutex::default();
        Self {
            inner: Arc::new(Inner {
                shop: shop.into(),
                host: host.into(),
                clock,
                messages,
                newest: watch::Sender::new(0),
            }),
        }
    }

    /// Gives the number of the newest message, 0 when there is none.
    #[must_use]
    pub fn newest(&self) -> u64 {
        *self.inner.newest.borrow()
    }

    /// Gives the newest message for a contact.
    #[must_use]
    pub fn latest_for(&self, contact: &Contact) -> Option<Message> {
        self.kept()
            .iter()
            .rev()
            .find(|message| message.contact == *contact)
            .cloned()
    }

    /// Gives the messages with higher numbers than `after`, oldest first.
    #[must_use]
    pub fn after(&self, after: u64) -> Vec<Message> {
        self.kept()
            .iter()
            .filter(|message| message.number > after)
            .cloned()
            .collect()
    }

    /// Waits for the first message for a contact that has a higher number than
    /// `after`. It waits for ever: the caller knows how long is too long.
    pub async fn wait_for_next(&self, contact: &Contact, after: u64) -> Message {
        let first = || {
            self.kept()
                .iter()
                .find(|message| message.number > after && message.contact == *contact)
                .cloned()
        };
        self.wait(first).await
    }

    /// Takes a message that somebody else has written.
    pub(crate) fn take(&self, contact: Contact, text: String) {
        let mut messages = self.kept();
        let number = self.newest() + 1;
        if messages.len() == CAPACITY {
            messages.pop_front();
        }
        messages.push_back(Message {
            number,
            at: self.inner.clock.now(),
            contact,
            text: text.into(),
        });
        self.inner.newest.send_replace(number);
    }

    async fn wait<T>(&self, look: impl Fn() -> Option<T>) -> T {
        let mut newest = self.inner.newest.subscribe();
        loop {
            newest.mark_unchanged();
            if let Some(found) = look() {
                return found;
            }
            if newest.changed().await.is_err() {
                // The sender lives as long as this inbox does.
                std::future::pending::<()>().await;
            }
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, VecDeque<Message>> {
        self.inner
            .messages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Courier for Inbox {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let text = text::message(&self.inner.shop, &self.inner.host, delivery);
        self.take(delivery.contact.clone(), text);
        Ok(())
    }
}
