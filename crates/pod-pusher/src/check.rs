//! Whether a server knows an app, found out without posting anything.

use pod_core::{Deadline, Fault};

use crate::announcer::{LARGEST, PostError, PusherPosts};

/// A channel that nobody has.
const NOBODYS: &str = "private-nobody-for-pod-to-check";

impl PusherPosts {
    /// Asks the server whether anybody listens to a channel that nobody has:
    /// it answers whoever has the app's key and secret. Nothing is posted.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the server does not answer by the deadline, or does not
    /// know the app; its source is a sentence that says what to do.
    pub async fn check(&self, deadline: Deadline) -> Result<(), Fault> {
        let request = self.poster.asking(NOBODYS);
        let answer = request.ask(deadline.instant(), LARGEST).await;
        let answer = answer.map_err(PostError::from)?;
        Ok(PostError::judge(&answer)?)
    }
}
