//! The store's threads: one that writes, and those that read.

use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;

use super::config::{Place, SqliteConfig};
use super::open::{self, OpenError};
use super::queue::Queue;
use super::reading::{Reading, Request};
use super::writer::{Work, Writing};

/// The threads, and the queues that they work off.
pub(super) struct Threads {
    writes: Arc<Queue<Box<dyn Work>>>,
    reads: Option<Arc<Queue<Request>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    readers: Mutex<Vec<JoinHandle<()>>>,
}

impl Threads {
    /// Starts them, and returns once each has prepared its statements.
    pub(super) fn start(db: Connection, config: &SqliteConfig) -> Result<Self, OpenError> {
        let writes = Arc::new(Queue::new());
        let reads = config.path().map(|_| Arc::new(Queue::<Request>::new()));
        let (queue, others) = (Arc::clone(&writes), reads.clone());
        #[cfg(feature = "slow-disk")]
        let delay = config.commit_delay;
        let writer = start("pod-sqlite-write", db, move |db, ready| {
            let mut writing = Writing::prepare(db)?;
            #[cfg(feature = "slow-disk")]
            writing.delay_commits(delay);
            ready();
            // It ends after those that read, unless it panics: then nobody is
            // served any more.
            let _guards = (others.as_deref().map(Abandon), Abandon(&queue));
            writing.work(&queue);
            Ok(())
        })?;
        // From here on, dropping it stops what was started.
        let mut threads = Self {
            writes,
            reads,
            writer: Mutex::new(Some(writer)),
            readers: Mutex::new(Vec::new()),
        };
        if let (Place::File(path), Some(reads)) = (&config.place, threads.reads.clone()) {
            for _ in 0..config.readers.get() {
                let queue = Arc::clone(&reads);
                let db = open::reading(path, config)?;
                let reader = start("pod-sqlite-read", db, move |db, ready| {
                    let mut reading = Reading::prepare(db)?;
                    ready();
                    let _guard = Abandon(&queue);
                    reading.work(&queue);
                    Ok(())
                })?;
                let readers = threads.readers.get_mut();
                readers.unwrap_or_else(PoisonError::into_inner).push(reader);
            }
        }
        Ok(threads)
    }

    pub(super) fn write(&self, job: Box<dyn Work>) {
        self.writes.add(job);
    }

    pub(super) fn has_readers(&self) -> bool {
        self.reads.is_some()
    }

    /// Has a reader take a request; without readers it is dropped.
    pub(super) fn read(&self, request: Request) {
        if let Some(reads) = &self.reads {
            reads.add(request);
        }
    }

    /// Finishes what waits, and waits for the threads. The one that writes
    /// goes last, and closes the file tidily.
    pub(super) fn stop(&self) {
        if let Some(reads) = &self.reads {
            reads.close();
        }
        let readers =
            std::mem::take(&mut *self.readers.lock().unwrap_or_else(PoisonError::into_inner));
        // A thread that has panicked has said so on its way.
        for reader in readers {
            let _ = reader.join();
        }
        self.writes.close();
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(writer) = writer {
            let _ = writer.join();
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Drops whoever waits in a queue when its thread ends, however it ends: they
/// get a fault then, and do not wait for ever.
struct Abandon<'a, T>(&'a Queue<T>);

impl<T> Drop for Abandon<'_, T> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// Starts a thread that owns a connection, and waits until it is ready.
fn start(
    name: &str,
    db: Connection,
    work: impl FnOnce(&Connection, &dyn Fn()) -> rusqlite::Result<()> + Send + 'static,
) -> Result<JoinHandle<()>, OpenError> {
    let (tell, told) = mpsc::channel();
    let thread = Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let ready = || drop(tell.send(Ok(())));
            if let Err(error) = work(&db, &ready) {
                let _ = tell.send(Err(error));
            }
        })
        .map_err(OpenError::NoThread)?;
    match told.recv() {
        Ok(Ok(())) => Ok(thread),
        Ok(Err(error)) => Err(error.into()),
        Err(gone) => Err(OpenError::Engine(gone.into())),
    }
}
