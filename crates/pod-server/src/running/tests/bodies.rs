//! Bodies that are not worth reading: whoever sends them is told so, counted,
//! and logged once.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tracing_subscriber::filter::LevelFilter;

use super::*;

/// The longest body that is read.
const MOST: usize = 128 * 1024;

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn refusals(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let refusals = text
            .lines()
            .filter(|line| line.contains("a request was refused"));
        refusals.map(str::to_owned).collect()
    }
}

/// Sends a header and a body, and holds that they are refused, for a reason
/// that is counted and logged.
async fn is_refused(header: &str, body: &[u8], status: u16, reason: &str) {
    let directory = tempfile::tempdir().unwrap();
    let config = config(&directory);
    let house = open(directory, config, nothing_outside()).await;
    let log = Log::default();
    let writer = log.clone();
    let logger = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // Whatever answers runs on the thread of the test.
    let _logging = tracing::subscriber::set_default(logger);

    let mut stream = TcpStream::connect(house.skill).await.unwrap();
    let head = format!("POST /pod/alexa HTTP/1.1\r\nhost: pod\r\n{header}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();

    assert_eq!(
        String::from_utf8_lossy(&answer),
        format!("HTTP/1.1 {status}")
    );
    let metrics = house.running.assembled().metrics.text();
    let counted = format!(r#"pod_verification_failures_total{{reason="{reason}"}} 1"#);
    assert!(metrics.contains(&counted), "{metrics}");
    let refusals = log.refusals();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert!(refusals[0].contains(reason), "{refusals:?}");
    house.running.stop().await;
}

const CHUNKED: &str = "transfer-encoding: chunked";

fn declared(length: usize) -> String {
    format!("content-length: {length}")
}

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_refused_unread() {
    is_refused(&declared(MOST + 1), b"", 413, "too-large").await;
}

#[tokio::test]
async fn a_body_that_turns_out_too_large_is_refused() {
    let size = MOST + 1;
    let mut body = format!("{size:x}\r\n").into_bytes();
    body.resize(body.len() + size, b' ');

    is_refused(CHUNKED, &body, 413, "too-large").await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_refused_in_time() {
    let began = Instant::now();

    is_refused(&declared(100), b"{", 408, "too-slow").await;

    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_body_whose_chunks_stop_coming_is_refused() {
    is_refused(CHUNKED, b"1\r\n{\r\n", 408, "too-slow").await;
}

#[tokio::test]
async fn a_body_that_is_garbled_is_refused() {
    is_refused(CHUNKED, b"no length\r\n", 400, "broken-off").await;
}

#[tokio::test]
async fn a_body_that_just_fits_is_read() {
    let body = vec![b' '; MOST];

    is_refused(&declared(MOST), &body, 400, "missing-certificate-url").await;
}
