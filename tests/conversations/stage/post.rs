//! The way of a code to its customer, which may be blocked.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use pod_core::Fault;
use pod_core::ports::{Courier, DeliverError, Delivery};
use pod_emulator::Inbox;
use tokio::sync::Notify;

/// What is wrong with the post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It does not take messages at the moment.
    Down,
    /// It takes them for nobody known.
    Unknown,
    /// It takes them, and never says that it did.
    Mute,
    /// It neither takes them nor says no.
    Stuck,
}

/// Puts messages into the inbox, unless there is trouble.
pub(crate) struct Post {
    pub(crate) inbox: Inbox,
    trouble: Mutex<Option<Trouble>>,
    stuck: Notify,
}

impl Post {
    pub(crate) fn new(inbox: Inbox) -> Self {
        Self {
            inbox,
            trouble: Mutex::default(),
            stuck: Notify::new(),
        }
    }

    pub(crate) fn set(&self, trouble: Option<Trouble>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Waits until a message is stuck.
    pub(crate) async fn is_stuck(&self) {
        self.stuck.notified().await;
    }

    fn trouble(&self) -> Option<Trouble> {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Courier for Post {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let fault = |why| Err(Fault::unavailable("post", why).into());
        match self.trouble() {
            None => self.inbox.deliver(delivery).await,
            Some(Trouble::Down) => fault("closed for today"),
            Some(Trouble::Unknown) => Err(DeliverError::Undeliverable),
            Some(Trouble::Mute) => {
                self.inbox.deliver(delivery).await?;
                fault("no answer")
            }
            Some(Trouble::Stuck) => {
                self.stuck.notify_one();
                std::future::pending().await
            }
        }
    }
}
