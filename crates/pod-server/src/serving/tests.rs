//! Tests of the serving loop: over real sockets here, and where time matters
//! over pipes, with time standing still.

mod crowds;
mod events;
mod http2;
mod pipe;
mod resting;

use std::net::Ipv4Addr;
use std::time::Instant;

use axum::routing::get;
use rustls_pki_types::{PrivateKeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::*;

const PATIENCE: Duration = Duration::from_secs(10);

struct Running {
    address: SocketAddr,
    stopper: Stopper,
    task: JoinHandle<()>,
}

fn short() -> Limits {
    Limits {
        handshake: Duration::from_millis(100),
        header: Duration::from_millis(100),
        ..Limits::default()
    }
}

async fn start(router: Router, tls: Option<Arc<ServerConfig>>, limits: Limits) -> Running {
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = Server::bind(anywhere, tls, limits).await.unwrap();
    let address = server.address().unwrap();
    let (stopper, stop) = Stopper::new();
    let task = tokio::spawn(server.run(hardened(router), stop));
    Running {
        address,
        stopper,
        task,
    }
}

fn hello() -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/panic", get(async || -> &'static str { panic!("a bug") }))
}

/// Sends text, and gives everything that comes back until the end.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, text: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    to_the_end(stream).await
}

async fn to_the_end(mut stream: impl AsyncRead + Unpin) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer));
    // A connection that is cut off ends as well.
    let _cut_off = read.await.expect("the connection ends");
    String::from_utf8(answer).unwrap()
}

async fn connect(running: &Running) -> TcpStream {
    TcpStream::connect(running.address).await.unwrap()
}

const GET: &str = "GET / HTTP/1.1\r\nhost: pod\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_request_is_answered() {
    let running = start(hello(), None, Limits::default()).await;

    let answer = exchange(connect(&running).await, GET).await;

    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn a_request_is_answered_over_tls() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let running = start(hello(), Some(Arc::new(server)), Limits::default()).await;

    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(client));
    let stream = connector
        .connect(name, connect(&running).await)
        .await
        .unwrap();
    let answer = exchange(stream, GET).await;

    assert!(answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn whoever_sends_no_request_is_cut_off() {
    let running = start(hello(), None, short()).await;

    // Nothing at all; half of HTTP/2's greeting; half of a header.
    for beginning in ["", "PRI * HTTP/2", "GET / HTTP/1.1\r\nhost: p"] {
        let began = Instant::now();
        let answer = exchange(connect(&running).await, beginning).await;

        assert!(!answer.contains("200"), "{beginning:?}: {answer}");
        assert!(
            began.elapsed() >= Duration::from_millis(90),
            "{beginning:?}"
        );
    }
}

#[tokio::test]
async fn a_handshake_that_never_comes_is_cut_off() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let running = start(hello(), Some(Arc::new(server)), short()).await;

    assert_eq!(to_the_end(connect(&running).await).await, "");
}

#[tokio::test]
async fn a_full_house_lets_the_next_one_in_when_somebody_leaves() {
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let running = start(hello(), None, limits).await;
    let first = connect(&running).await;
    let second = tokio::spawn(exchange(connect(&running).await, GET));

    drop(first);

    assert!(second.await.unwrap().ends_with("hello"));
}

#[tokio::test]
async fn a_panic_is_answered_and_harms_nobody_else() {
    let running = start(hello(), None, Limits::default()).await;

    let panic = GET.replace("GET /", "GET /panic");
    let answer = exchange(connect(&running).await, &panic).await;
    let next = exchange(connect(&running).await, GET).await;

    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    assert!(next.ends_with("hello"), "{next}");
}

/// A route that says when a request has come, and answers when it is let.
fn slow() -> (Router, oneshot::Receiver<()>, Arc<Notify>) {
    let (came, coming) = oneshot::channel();
    let came = Arc::new(std::sync::Mutex::new(Some(came)));
    let go = Arc::new(Notify::new());
    let wait = go.clone();
    let answer = async move || {
        if let Some(came) = came.lock().unwrap().take() {
            came.send(()).unwrap();
        }
        wait.notified().await;
        "late"
    };
    (Router::new().route("/", get(answer)), coming, go)
}

#[tokio::test]
async fn a_stop_waits_for_the_answer_and_lets_nobody_in() {
    let (router, came, go) = slow();
    let running = start(router, None, Limits::default()).await;
    let kept = connect(&running).await;
    let asked = tokio::spawn(exchange(kept, "GET / HTTP/1.1\r\nhost: pod\r\n\r\n"));
    came.await.unwrap();

    running.stopper.stop();
    while TcpStream::connect(running.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!running.task.is_finished());
    go.notify_one();

    assert!(asked.await.unwrap().ends_with("late"));
    running.task.await.unwrap();
}

#[tokio::test]
async fn a_request_on_its_way_at_the_stop_is_answered() {
    let running = start(hello(), None, Limits::default()).await;
    let connected = connect(&running).await;

    running.stopper.stop();
    let answer = exchange(connected, GET).await;

    assert!(answer.ends_with("hello"), "{answer}");
    running.task.await.unwrap();
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let (router, came, _never) = slow();
    let limits = Limits {
        grace: Duration::from_millis(50),
        ..Limits::default()
    };
    let running = start(router, None, limits).await;
    let asked = tokio::spawn(exchange(connect(&running).await, GET));
    came.await.unwrap();

    running.stopper.stop();

    tokio::time::timeout(PATIENCE, running.task)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(asked.await.unwrap(), "");
}
