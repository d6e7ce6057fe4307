//! The real fetch, over TCP and TLS, from a host of our own.

use std::time::{Duration, Instant};

use pod_alexa::verify::{
    CertificateHost, CertificateUrl, FetchError, HttpsHost, Verifier, VerifierConfig,
};
use pod_http::{Http, Route};

use crate::support::amazon::{Amazon, Manners, answer};
use crate::support::authority::{Authority, Pki, leaf};
use crate::support::letter::{Letter, URL, now};
use crate::support::stage::{for_our_skill, in_five_seconds};

async fn fetch(amazon: &Amazon, budget: Duration) -> Result<Vec<u8>, FetchError> {
    let url = CertificateUrl::parse(URL).unwrap();
    amazon.host().fetch(&url, Instant::now() + budget).await
}

async fn fetch_in_time(amazon: &Amazon) -> Result<Vec<u8>, FetchError> {
    fetch(amazon, Duration::from_secs(20)).await
}

#[tokio::test]
async fn a_request_is_verified_with_a_certificate_from_the_wire() {
    // B1, C2
    let pki = Pki::new();
    let amazon = Amazon::with(Manners::Says(answer(
        "200 OK",
        pki.chain(&leaf()).as_bytes(),
    )))
    .await;
    let trust_anchors = Some(pki.root.pem().into_bytes());
    let config = VerifierConfig {
        trust_anchors,
        ..for_our_skill()
    };
    let verifier = Verifier::new(config, amazon.http()).unwrap();
    let letter = Letter::new();

    for _ in 0..2 {
        let outcome = verifier
            .verify(&letter.headers, &letter.body, now(), in_five_seconds())
            .await;

        assert!(outcome.is_ok(), "{outcome:?}");
    }

    assert_eq!(amazon.requests(), 1);
}

#[tokio::test]
async fn every_status_but_200_is_a_failure() {
    // C1
    for status in [201, 204, 206, 400, 403, 404, 500, 503] {
        let amazon = Amazon::with(Manners::Says(answer(&format!("{status} Whatever"), b""))).await;

        let outcome = fetch_in_time(&amazon).await;

        assert!(
            matches!(outcome, Err(FetchError::Status(told)) if told == status),
            "{outcome:?}"
        );
        assert_eq!(amazon.requests(), 1);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    // C13
    for status in [301, 302, 303, 307, 308] {
        let head = format!(
            "HTTP/1.1 {status} Moved\r\nlocation: {URL}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let amazon = Amazon::with(Manners::Says(head.into_bytes())).await;

        let outcome = fetch_in_time(&amazon).await;

        assert!(
            matches!(outcome, Err(FetchError::Status(told)) if told == status),
            "{outcome:?}"
        );
        assert_eq!(amazon.requests(), 1);
    }
}

#[tokio::test]
async fn a_file_of_64_kilobytes_is_taken_and_no_byte_more() {
    // C13
    let limit = 64 * 1_024;
    let full = Amazon::with(Manners::Says(answer("200 OK", &vec![b'-'; limit]))).await;
    let above = Amazon::with(Manners::Says(answer("200 OK", &vec![b'-'; limit + 1]))).await;

    assert_eq!(fetch_in_time(&full).await.unwrap().len(), limit);
    assert!(matches!(
        fetch_in_time(&above).await,
        Err(FetchError::TooLarge)
    ));
}

#[tokio::test]
async fn a_file_without_an_end_is_given_up_at_64_kilobytes() {
    // C13: nobody has to say how long it will be.
    let head = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
    let amazon = Amazon::with(Manners::Pours(head)).await;

    let outcome = fetch_in_time(&amazon).await;

    assert!(matches!(outcome, Err(FetchError::TooLarge)), "{outcome:?}");
}

#[tokio::test]
async fn a_host_that_falls_silent_or_trickles_is_given_up_at_the_deadline() {
    // C13
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n".to_vec();
    for manners in [
        Manners::FallsSilent(Vec::new()),
        Manners::FallsSilent(b"HTTP/1.1 200 OK\r\n".to_vec()),
        Manners::FallsSilent(head.clone()),
        Manners::Trickles(head),
    ] {
        let amazon = Amazon::with(manners).await;
        let start = Instant::now();

        let outcome = fetch(&amazon, Duration::from_millis(250)).await;

        assert!(matches!(outcome, Err(FetchError::TimedOut)), "{outcome:?}");
        assert!(start.elapsed() < Duration::from_secs(2));
    }
}

#[tokio::test]
async fn a_host_that_breaks_off_is_a_failure() {
    // C1
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n-----BEGIN".to_vec();
    for manners in [
        Manners::HangsUp,
        Manners::Says(half),
        Manners::Says(b"nonsense\r\n\r\n".to_vec()),
    ] {
        let amazon = Amazon::with(manners).await;

        let outcome = fetch_in_time(&amazon).await;

        assert!(
            matches!(outcome, Err(FetchError::Unreachable(_))),
            "{outcome:?}"
        );
        assert_eq!(amazon.requests(), 1);
    }
}

#[tokio::test]
async fn a_host_that_nobody_vouches_for_is_not_believed() {
    // C1
    let answer = Manners::Says(answer("200 OK", b"file"));
    let impostor = Amazon::named("evil.example", answer.clone()).await;
    let mut stranger = Amazon::with(answer).await;
    stranger.route.authorities = Some(Authority::root("Web").pem().into_bytes());

    for amazon in [impostor, stranger] {
        let outcome = fetch_in_time(&amazon).await;

        assert!(
            matches!(outcome, Err(FetchError::Unreachable(_))),
            "{outcome:?}"
        );
        assert_eq!(amazon.requests(), 0);
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_is_a_failure() {
    // C1
    let route = Route {
        proxy: Some("http://127.0.0.1:9".to_owned()),
        authorities: Some(Authority::root("Web").pem().into()),
    };
    let url = CertificateUrl::parse(URL).unwrap();

    let outcome = HttpsHost::new(Http::new(&route).unwrap())
        .fetch(&url, in_five_seconds())
        .await;

    assert!(
        matches!(outcome, Err(FetchError::Unreachable(_))),
        "{outcome:?}"
    );
}
