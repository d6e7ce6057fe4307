//! A certificate host on loopback, behind a proxy, with TLS and bad manners.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pod_alexa::verify::HttpsHost;
use pod_http::{Http, Route};
use rcgen::KeyPair;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::authority::{Authority, dns, for_names};

/// What is said to whoever asks.
#[derive(Clone)]
pub(crate) enum Manners {
    /// These bytes, then the end.
    Says(Vec<u8>),
    /// These bytes, then nothing any more.
    FallsSilent(Vec<u8>),
    /// These bytes, then one more every few milliseconds, for ever.
    Trickles(Vec<u8>),
    /// These bytes, then more and more as fast as they are taken.
    Pours(Vec<u8>),
    /// Nothing: the connection is closed at once.
    HangsUp,
}

/// A running host, and how to reach it.
pub(crate) struct Amazon {
    pub(crate) route: Route,
    asked: Arc<AtomicUsize>,
}

impl Amazon {
    /// A host of the right name.
    pub(crate) async fn with(manners: Manners) -> Self {
        Self::named("s3.amazonaws.com", manners).await
    }

    /// A host whose TLS certificate is for this name.
    pub(crate) async fn named(name: &str, manners: Manners) -> Self {
        let authority = Authority::root("Web");
        let acceptor = acceptor(&authority, name);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        tokio::spawn({
            let asked = Arc::clone(&asked);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(
                        stream,
                        acceptor.clone(),
                        manners.clone(),
                        Arc::clone(&asked),
                    ));
                }
            }
        });
        let route = Route {
            proxy: Some(proxy),
            authorities: Some(authority.pem().into_bytes()),
        };
        Self { route, asked }
    }

    pub(crate) fn host(&self) -> HttpsHost {
        HttpsHost::new(self.http())
    }

    /// The way to it.
    pub(crate) fn http(&self) -> Http {
        Http::new(&self.route).unwrap()
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// An answer with this status and body.
pub(crate) fn answer(status: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn acceptor(authority: &Authority, name: &str) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let certificate = authority.issue(&for_names(vec![dns(name)]), &key);
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    Arc::new(config.with_single_cert(vec![certificate], key).unwrap()).into()
}

/// Plays the proxy, then the host; whatever goes wrong ends the connection.
async fn serve(
    mut stream: TcpStream,
    tls: TlsAcceptor,
    manners: Manners,
    asked: Arc<AtomicUsize>,
) -> Option<()> {
    let opening = head(&mut stream).await?;
    assert!(
        opening.starts_with("CONNECT s3.amazonaws.com:443 "),
        "{opening}"
    );
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
    let mut stream = tls.accept(stream).await.ok()?;
    head(&mut stream).await?;
    asked.fetch_add(1, Ordering::SeqCst);
    act(&mut stream, manners).await
}

async fn act(stream: &mut (impl AsyncWrite + Unpin), manners: Manners) -> Option<()> {
    match manners {
        Manners::HangsUp => Some(()),
        Manners::Says(bytes) => {
            stream.write_all(&bytes).await.ok()?;
            stream.shutdown().await.ok()
        }
        Manners::FallsSilent(bytes) => {
            stream.write_all(&bytes).await.ok()?;
            stream.flush().await.ok()?;
            std::future::pending().await
        }
        Manners::Trickles(bytes) => {
            stream.write_all(&bytes).await.ok()?;
            let mut ticks = tokio::time::interval(Duration::from_millis(5));
            loop {
                ticks.tick().await;
                stream.write_all(b"-").await.ok()?;
                stream.flush().await.ok()?;
            }
        }
        Manners::Pours(bytes) => {
            stream.write_all(&bytes).await.ok()?;
            loop {
                stream.write_all(&[b'-'; 1_024]).await.ok()?;
            }
        }
    }
}

async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}
