//! A certificate host in memory that counts, fails and dawdles on demand.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use async_trait::async_trait;
use pod_alexa::verify::{CertificateHost, CertificateUrl, FetchError};
use tokio::sync::Semaphore;

/// What is to be had at an address.
#[derive(Clone)]
pub(crate) enum Item {
    File(Vec<u8>),
    Failure(FetchError),
    Panic,
}

/// Hands out what was put on it.
pub(crate) struct Shelf {
    items: Mutex<HashMap<String, Item>>,
    asked: Mutex<Vec<String>>,
    door: Semaphore,
    inside: AtomicUsize,
    most_inside: AtomicUsize,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        Self {
            items: Mutex::default(),
            asked: Mutex::default(),
            door: Semaphore::new(Semaphore::MAX_PERMITS),
            inside: AtomicUsize::new(0),
            most_inside: AtomicUsize::new(0),
        }
    }

    pub(crate) fn put(&self, url: &str, item: Item) {
        self.items.lock().unwrap().insert(url.to_owned(), item);
    }

    pub(crate) fn put_file(&self, url: &str, file: impl Into<Vec<u8>>) {
        self.put(url, Item::File(file.into()));
    }

    /// Every address that was asked for, in order.
    pub(crate) fn asked(&self) -> MutexGuard<'_, Vec<String>> {
        self.asked.lock().unwrap()
    }

    pub(crate) fn fetches(&self) -> usize {
        self.asked().len()
    }

    /// How many were served at the same time, at most.
    pub(crate) fn most_at_a_time(&self) -> usize {
        self.most_inside.load(Ordering::SeqCst)
    }

    /// Lets nobody finish until it is opened.
    pub(crate) fn close(&self) {
        self.door.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn open(&self) {
        self.door.add_permits(1_000);
    }
}

#[async_trait]
impl CertificateHost for Shelf {
    async fn fetch(&self, url: &CertificateUrl, _: Instant) -> Result<Vec<u8>, FetchError> {
        self.asked().push(url.to_string());
        let inside = self.inside.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_inside.fetch_max(inside, Ordering::SeqCst);
        let _entered = self.door.acquire().await.unwrap();
        self.inside.fetch_sub(1, Ordering::SeqCst);

        let item = self.items.lock().unwrap().get(url.as_str()).cloned();
        match item {
            Some(Item::File(file)) => Ok(file),
            Some(Item::Failure(error)) => Err(error),
            Some(Item::Panic) => panic!("the host is broken on purpose"),
            None => Err(FetchError::Status(403)),
        }
    }
}
