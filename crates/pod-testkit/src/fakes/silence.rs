//! A far end that does not answer.

use pod_core::{Deadline, Fault};
use tokio::sync::watch;
use tokio::time::timeout_at;

/// Whether the far end of a fake is silent.
#[derive(Debug, Default)]
pub(super) struct Silence(watch::Sender<bool>);

impl Silence {
    pub(super) fn begin(&self) {
        self.0.send_replace(true);
    }

    pub(super) fn end(&self) {
        self.0.send_replace(false);
    }

    /// Waits for the end of the silence, until the deadline.
    pub(super) async fn wait(
        &self,
        adapter: &'static str,
        deadline: Deadline,
    ) -> Result<(), Fault> {
        let mut silent = self.0.subscribe();
        let spoken = silent.wait_for(|silent| !silent);
        match timeout_at(deadline.instant().into(), spoken).await {
            Ok(_) => Ok(()),
            Err(_) => Err(Fault::unavailable(adapter, "no answer in time")),
        }
    }
}
