//! Amazon's side: what is signed verifies under what the host serves.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use pod_core::ports::Clock as _;
use pod_emulator::{Amazon, CERTIFICATE_URL, Emulator, Keys, KeysError, SignedRequest};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use webpki::{EndEntityCert, anchor_from_trusted_cert};

use crate::support::{StandingClock, amazon, config};

/// Verifies as a skill does: chain, time, usage, name, and the body.
fn verify(
    chain: &str,
    root: &str,
    seconds: i64,
    signed: &SignedRequest,
) -> Result<(), webpki::Error> {
    let root = CertificateDer::from_pem_slice(root.as_bytes()).unwrap();
    let anchors = [anchor_from_trusted_cert(&root).unwrap()];
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain.as_bytes())
        .collect::<Result<_, _>>()
        .unwrap();
    let leaf = EndEntityCert::try_from(&chain[0]).unwrap();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds.try_into().unwrap()));
    let usage = webpki::KeyUsage::server_auth();
    leaf.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &anchors,
        &chain[1..],
        at,
        usage,
        None,
        None,
    )?;
    leaf.verify_is_valid_for_subject_name(&ServerName::try_from("echo-api.amazon.com").unwrap())?;
    let signature = STANDARD.decode(&signed.signature).unwrap();
    leaf.verify_signature(
        webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA256,
        &signed.body,
        &signature,
    )
}

/// Opens a tunnel and gives the stream, or the proxy's first line.
async fn tunnel(proxy: SocketAddr, to: &str) -> Result<TcpStream, String> {
    let mut stream = TcpStream::connect(proxy).await.unwrap();
    stream
        .write_all(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    if head.starts_with("HTTP/1.1 200 ") {
        Ok(stream)
    } else {
        Err(head.lines().next().unwrap().to_owned())
    }
}

/// Fetches a file of the certificate host, trusting one root only.
async fn fetch(proxy: SocketAddr, root: &str, path: &str) -> std::io::Result<(StatusCode, String)> {
    let stream = tunnel(proxy, "s3.amazonaws.com:443").await.unwrap();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(root.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("s3.amazonaws.com").unwrap();
    let stream = TlsConnector::from(Arc::new(client))
        .connect(name, stream)
        .await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = Request::get(path)
        .header("host", "s3.amazonaws.com")
        .body(Empty::<Bytes>::new())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Ok((status, String::from_utf8(body.to_vec()).unwrap()))
}

#[tokio::test]
async fn a_signed_request_verifies_under_the_chain_that_the_host_serves() {
    let emulator = Emulator::start(config("http://127.0.0.1:1/"))
        .await
        .unwrap();
    let root = emulator.amazon().root();
    let path = CERTIFICATE_URL
        .strip_prefix("https://s3.amazonaws.com")
        .unwrap();

    let (status, chain) = fetch(emulator.proxy(), root, path).await.unwrap();
    let signed = emulator
        .amazon()
        .sign("{\"name\": \"Pok\u{e9}mon\"}")
        .unwrap();

    let now = StandingClock.now().as_second();
    assert_eq!(status, StatusCode::OK);
    assert_eq!(chain.matches("BEGIN CERTIFICATE").count(), 3);
    assert_eq!(signed.certificate_url, CERTIFICATE_URL);
    assert_eq!(verify(&chain, root, now, &signed), Ok(()));
    assert_eq!(verify(&chain, root, now + 29 * 86_400 - 1, &signed), Ok(()));
    emulator.shutdown().await;
}

#[tokio::test]
async fn a_changed_body_a_late_clock_and_another_root_are_refused() {
    let amazon = amazon();
    let other = Amazon::new(&Keys::generate().await.unwrap(), StandingClock.now()).unwrap();
    let signed = amazon.sign("order one pizza").unwrap();
    let changed = SignedRequest {
        body: "order two pizza".into(),
        ..signed.clone()
    };
    let now = StandingClock.now().as_second();
    let verify = |root: &str, at, signed| verify(amazon.certificates(), root, at, signed);

    assert_eq!(verify(amazon.root(), now, &signed), Ok(()));
    assert_eq!(
        verify(amazon.root(), now, &changed),
        Err(webpki::Error::InvalidSignatureForPublicKey)
    );
    assert!(matches!(
        verify(amazon.root(), now + 30 * 86_400, &signed),
        Err(webpki::Error::CertExpired { .. })
    ));
    assert!(matches!(
        verify(amazon.root(), now - 2 * 86_400, &signed),
        Err(webpki::Error::CertNotValidYet { .. })
    ));
    assert!(verify(other.root(), now, &signed).is_err());
}

#[tokio::test]
async fn the_proxy_leads_to_the_certificate_host_only() {
    let emulator = Emulator::start(config("http://127.0.0.1:1/"))
        .await
        .unwrap();

    for elsewhere in [
        "example.com:443",
        "s3.amazonaws.com:80",
        "127.0.0.1:22",
        "s3.amazonaws.com.example.com:443",
    ] {
        assert_eq!(
            tunnel(emulator.proxy(), elsewhere).await.unwrap_err(),
            "HTTP/1.1 403 Forbidden",
            "{elsewhere}"
        );
    }
    assert!(
        tunnel(emulator.proxy(), "S3.AmazonAWS.com:443")
            .await
            .is_ok()
    );
    let other = fetch(
        emulator.proxy(),
        emulator.amazon().root(),
        "/echo.api/other.pem",
    )
    .await
    .unwrap();
    assert_eq!(other.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_client_that_trusts_other_roots_gets_nothing() {
    let emulator = Emulator::start(config("http://127.0.0.1:1/"))
        .await
        .unwrap();
    let mut config = config("http://127.0.0.1:1/");
    config.keys = None;
    let other = Emulator::start(config).await.unwrap();

    let refused = fetch(
        emulator.proxy(),
        other.amazon().root(),
        "/echo.api/echo-api-cert.pem",
    )
    .await;

    assert!(refused.is_err());
}

#[tokio::test]
async fn only_the_root_is_written_and_no_key() {
    let directory = tempfile::tempdir().unwrap();
    let amazon = amazon();

    let file = amazon.write_root(&directory.path().join("new")).unwrap();

    let written = std::fs::read_to_string(file).unwrap();
    assert_eq!(written, amazon.root());
    assert!(!written.contains("PRIVATE"));
}

#[test]
fn four_keys_are_needed() {
    let all = include_str!("../keys.pem");
    let (three, _) = all.rsplit_once("-----BEGIN PRIVATE KEY").unwrap();

    assert!(Keys::from_pem(all).is_ok());
    assert!(matches!(Keys::from_pem(three), Err(KeysError::Pem)));
}
