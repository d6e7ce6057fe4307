//! Work that is the same for all who ask for it at the same time: it is done
//! once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pod_core::Deadline;
use tokio::sync::watch;
use tokio::time::timeout_at;

use crate::error::TenantError;

/// What comes of something that several wait for.
pub(crate) type Outcome<T> = Result<T, Arc<TenantError>>;

type Flight<T> = watch::Receiver<Option<Outcome<T>>>;

/// The work that is being done, by what it is for.
pub(crate) struct Flights<K, T>(Arc<Mutex<HashMap<K, Flight<T>>>>);

impl<K, T> Flights<K, T>
where
    K: Eq + Hash + Clone + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// Waits for the work on `key` that is being done, or has `work` done. It
    /// goes on when whoever began it gives up.
    pub(crate) async fn join<W>(
        &self,
        key: K,
        deadline: Deadline,
        work: impl FnOnce() -> W,
    ) -> Outcome<T>
    where
        W: Future<Output = Outcome<T>> + Send + 'static,
    {
        let mut flight = self.board(key, work);
        match timeout_at(deadline.instant().into(), flight.wait_for(Option::is_some)).await {
            Ok(Ok(outcome)) => outcome
                .clone()
                .unwrap_or_else(|| Err(Arc::new(TenantError::Interrupted))),
            Ok(Err(_)) => Err(Arc::new(TenantError::Interrupted)),
            Err(_) => Err(Arc::new(TenantError::TooSlow)),
        }
    }

    fn board<W>(&self, key: K, work: impl FnOnce() -> W) -> Flight<T>
    where
        W: Future<Output = Outcome<T>> + Send + 'static,
    {
        let mut running = lock(&self.0);
        // A flight whose sender is gone was lost with its runtime.
        let known = running.get(&key);
        if let Some(flight) = known.filter(|flight| flight.has_changed().is_ok()) {
            return flight.clone();
        }
        let (landed, flight) = watch::channel(None);
        running.insert(key.clone(), flight.clone());
        let (running, work) = (self.0.clone(), work());
        tokio::spawn(async move {
            let outcome = work.await;
            lock(&running).remove(&key);
            landed.send_replace(Some(outcome));
        });
        flight
    }
}

impl<K, T> Default for Flights<K, T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
