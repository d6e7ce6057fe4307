//! A connection that is a pipe, so that time can stand still.

use std::sync::Arc;

use axum::Router;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use super::super::connection::Connection;
use super::super::{Limits, Stopper, hardened};

/// What is served, to as many pipes as there are callers.
pub(super) struct House {
    connection: Connection,
    stopper: Arc<Stopper>,
}

impl House {
    pub(super) fn new(router: Router, limits: Limits) -> Self {
        let (stopper, stop) = Stopper::new();
        Self {
            connection: Connection::new(hardened(router), None, limits, stop),
            stopper: Arc::new(stopper),
        }
    }

    /// A connection whose network holds so many bytes.
    pub(super) fn call(&self, bytes: usize) -> DuplexStream {
        let (ours, theirs) = duplex(bytes);
        let connection = self.connection.clone();
        let open = self.stopper.clone();
        tokio::spawn(async move {
            connection.serve(theirs, None).await;
            drop(open);
        });
        ours
    }
}

/// Reads until text has come, and gives all that came.
pub(super) async fn read_until(stream: &mut DuplexStream, end: &str) -> String {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        let byte = stream.read_u8().await.expect("more to come");
        read.push(byte);
    }
    String::from_utf8(read).unwrap()
}

/// Sends text for as long as it is taken.
pub(super) async fn send_for_ever(mut stream: DuplexStream, text: Arc<str>) {
    while stream.write_all(text.as_bytes()).await.is_ok() {}
}
