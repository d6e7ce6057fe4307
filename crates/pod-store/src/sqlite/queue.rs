//! A queue between the callers and the threads that work for them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A queue that several threads can take from, several at a time.
///
/// It has no bound of its own: everybody who adds to it waits for an answer,
/// so that there is never more in it than there are callers. A thread is woken
/// only if it sleeps: while it works, adding costs no system call.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
}

struct State<T> {
    waiting: VecDeque<T>,
    sleepers: usize,
    closed: bool,
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                sleepers: 0,
                closed: false,
            }),
            filled: Condvar::new(),
        }
    }

    /// Adds `item`, or drops it if the queue is closed.
    pub(super) fn add(&self, item: T) {
        let mut state = self.lock();
        if state.closed {
            return;
        }
        state.waiting.push_back(item);
        let wake = state.sleepers > 0;
        drop(state);
        if wake {
            self.filled.notify_one();
        }
    }

    /// Waits until there is something, and moves at most `most` of it to
    /// `taken`. Returns whether there may be more: not once the queue is
    /// closed and empty.
    pub(super) fn take(&self, taken: &mut Vec<T>, most: usize) -> bool {
        let mut state = self.lock();
        while state.waiting.is_empty() {
            if state.closed {
                return false;
            }
            state.sleepers += 1;
            state = self
                .filled
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.sleepers -= 1;
        }
        let count = state.waiting.len().min(most);
        taken.extend(state.waiting.drain(..count));
        true
    }

    /// Moves at most `most` of what there is to `taken`, and waits for nothing.
    pub(super) fn take_more(&self, taken: &mut Vec<T>, most: usize) {
        let mut state = self.lock();
        let count = state.waiting.len().min(most);
        taken.extend(state.waiting.drain(..count));
    }

    /// Takes nothing more on; what waits is still worked off.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    /// Takes nothing more on, and drops what waits.
    pub(super) fn abandon(&self) {
        self.close();
        let waiting = std::mem::take(&mut self.lock().waiting);
        drop(waiting);
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing above panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_taken_in_order_and_in_portions() {
        let queue = Queue::new();
        (0..5).for_each(|n| queue.add(n));
        queue.close();
        queue.add(5);

        let mut portions = Vec::new();
        let mut taken = Vec::new();
        while queue.take(&mut taken, 2) {
            portions.push(std::mem::take(&mut taken));
        }

        assert_eq!(portions, [vec![0, 1], vec![2, 3], vec![4]]);
    }

    #[test]
    fn what_has_come_meanwhile_is_taken_without_waiting() {
        let queue = Queue::new();
        (0..3).for_each(|n| queue.add(n));
        let mut taken = Vec::new();

        queue.take_more(&mut taken, 2);
        queue.take_more(&mut taken, 2);
        queue.take_more(&mut taken, 2);

        assert_eq!(taken, [0, 1, 2]);
    }

    #[test]
    fn an_abandoned_queue_is_empty() {
        let queue = Queue::new();
        queue.add(1);

        queue.abandon();

        assert!(!queue.take(&mut Vec::new(), 1));
    }
}
