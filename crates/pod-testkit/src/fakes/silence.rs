//! A far end that does not answer.

use std::sync::atomic::{AtomicBool, Ordering};

use pod_core::{Deadline, Fault};

/// Whether the far end of a fake answers.
#[derive(Debug, Default)]
pub(super) struct Silence(AtomicBool);

impl Silence {
    pub(super) fn begin(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(super) fn end(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    /// Waits for an answer until the deadline, if there will be none.
    pub(super) async fn wait(
        &self,
        adapter: &'static str,
        deadline: Deadline,
    ) -> Result<(), Fault> {
        if !self.0.load(Ordering::SeqCst) {
            return Ok(());
        }
        tokio::time::sleep_until(deadline.instant().into()).await;
        Err(Fault::unavailable(adapter, "no answer in time"))
    }
}
