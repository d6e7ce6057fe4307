//! The fake that keeps what was announced.

use std::sync::Mutex;

use async_trait::async_trait;
use pod_core::ports::{Announcer, Event};
use pod_core::{OrderId, Stage};

use super::lock;

/// Keeps what was announced.
#[derive(Debug, Default)]
pub struct InMemoryAnnouncer(Mutex<Vec<Event>>);

impl InMemoryAnnouncer {
    /// What was announced, the first first.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        lock(&self.0).clone()
    }

    /// What one order was announced to have become, the first first.
    #[must_use]
    pub fn stages(&self, order: OrderId) -> Vec<Stage> {
        lock(&self.0)
            .iter()
            .filter(|event| event.order == order)
            .map(|event| event.stage)
            .collect()
    }
}

#[async_trait]
impl Announcer for InMemoryAnnouncer {
    async fn announce(&self, event: &Event) {
        lock(&self.0).push(event.clone());
    }
}
