//! Whether anything is in progress on one connection.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

/// What is in progress on one connection. Requests and pieces of answers
/// count, bytes do not: nobody stays by sending pings.
#[derive(Debug, Clone)]
pub(super) struct Activity(watch::Sender<State>);

#[derive(Debug, Clone, Copy)]
struct State {
    asked: bool,
    /// Requests that the other end waits for us to answer, or to go on
    /// answering.
    ours: usize,
    /// When a request last began, went on or ended.
    last: Instant,
}

/// One request, from the end of its header to the end of its answer.
#[derive(Debug)]
pub(super) struct InProgress {
    activity: Activity,
    is_ours: bool,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(State {
            asked: false,
            ours: 0,
            last: Instant::now(),
        }))
    }

    /// Begins a request.
    pub(super) fn begin(&self) -> InProgress {
        self.go_on(|state| state.ours += 1);
        InProgress {
            activity: self.clone(),
            is_ours: true,
        }
    }

    /// Wakes whoever waits for the first request, and nobody else: a
    /// connection that is woken asks its answers again.
    fn go_on(&self, how: impl FnOnce(&mut State)) {
        self.0.send_if_modified(|state| {
            how(state);
            state.last = Instant::now();
            !std::mem::replace(&mut state.asked, true)
        });
    }

    /// Whether a first request comes in time.
    pub(super) async fn is_asked_within(&self, patience: Duration) -> bool {
        let mut states = self.0.subscribe();
        let asked = states.wait_for(|state| state.asked);
        matches!(timeout(patience, asked).await, Ok(Ok(_)))
    }

    /// Waits until the other end has neither waited for us nor taken anything
    /// of an answer for so long, from now on.
    pub(super) async fn rests_for(&self, patience: Duration) {
        let mut since = Instant::now();
        loop {
            sleep_until(since + patience).await;
            let State { ours, last, .. } = *self.0.borrow();
            let busy_until = if ours > 0 { Instant::now() } else { last };
            if busy_until <= since {
                return;
            }
            since = busy_until;
        }
    }
}

impl InProgress {
    /// There is something for the other end to take.
    pub(super) fn offers(&mut self) {
        let was_ours = std::mem::replace(&mut self.is_ours, false);
        self.activity
            .go_on(|state| state.ours -= usize::from(was_ours));
    }

    /// There is nothing yet that the other end could take.
    pub(super) fn works(&mut self) {
        let was_ours = std::mem::replace(&mut self.is_ours, true);
        self.activity
            .go_on(|state| state.ours += usize::from(!was_ours));
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.offers();
    }
}
