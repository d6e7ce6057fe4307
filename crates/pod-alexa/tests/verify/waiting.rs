//! Several requests that wait for one certificate.

use std::sync::Arc;
use std::time::Duration;

use pod_alexa::verify::{FetchError, Rejection};

use crate::support::authority::{leaf, stranger_key};
use crate::support::crowd::{Outcomes, after_minutes, by_stranger, everybody_waits, reasons, send};
use crate::support::letter::{Letter, URL, now};
use crate::support::shelf::Item;
use crate::support::stage::Stage;

#[tokio::test]
async fn simultaneous_first_requests_fetch_once() {
    // C2
    let stage = Stage::shared();
    let mut outcomes = Outcomes::new();
    stage.shelf.close();

    for _ in 0..64 {
        send(&stage, Letter::new(), &mut outcomes);
    }
    everybody_waits().await;
    stage.shelf.open();
    let outcomes = reasons(outcomes.join_all().await);

    assert_eq!(outcomes, ["let in"; 64]);
    assert_eq!(stage.shelf.fetches(), 1);
}

#[tokio::test]
async fn simultaneous_requests_fail_together_with_one_fetch() {
    // C1
    let stage = Stage::shared();
    let mut outcomes = Outcomes::new();
    stage.shelf.put(URL, Item::Failure(FetchError::Status(503)));
    stage.shelf.close();

    for _ in 0..64 {
        send(&stage, Letter::new(), &mut outcomes);
    }
    everybody_waits().await;
    stage.shelf.open();
    let outcomes = reasons(outcomes.join_all().await);

    assert_eq!(outcomes, ["certificate-fetch"; 64]);
    assert_eq!(stage.shelf.fetches(), 1);
}

#[tokio::test]
async fn a_caller_who_gives_up_takes_nobody_with_him() {
    // C2
    let stage = Stage::shared();
    let (mut first, mut second) = (Outcomes::new(), Outcomes::new());
    stage.shelf.close();
    send(&stage, Letter::new(), &mut first);
    everybody_waits().await;
    send(&stage, Letter::new(), &mut second);
    everybody_waits().await;

    first.shutdown().await;
    stage.shelf.open();

    assert_eq!(reasons(second.join_all().await), ["let in"]);
    assert_eq!(stage.shelf.fetches(), 1);
}

#[tokio::test]
async fn a_new_key_is_found_by_all_who_ask_at_the_same_time_with_one_fetch() {
    let stage = Stage::shared();
    assert!(stage.verify(&Letter::new()).await.is_ok());
    stage
        .shelf
        .put_file(URL, stage.pki.chain_for(&leaf(), stranger_key()));
    let later = after_minutes(2);
    let mut outcomes = Outcomes::new();
    stage.shelf.close();

    for _ in 0..16 {
        let (stage, letter) = (Arc::clone(&stage), by_stranger(later));
        outcomes.spawn(async move { stage.verify_at(&letter, later).await });
    }
    everybody_waits().await;
    stage.shelf.open();

    assert_eq!(reasons(outcomes.join_all().await), ["let in"; 16]);
    assert_eq!(stage.shelf.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_beyond_his_deadline() {
    // C1
    let stage = Stage::new();
    stage.shelf.close();
    let letter = Letter::new();
    let start = tokio::time::Instant::now();
    let deadline = (start + Duration::from_millis(300)).into_std();

    let outcome = stage
        .verifier
        .verify(&letter.headers, &letter.body, now(), deadline)
        .await;

    assert!(matches!(outcome, Err(Rejection::Deadline)), "{outcome:?}");
    assert!(start.elapsed() < Duration::from_millis(310));
}

#[tokio::test(start_paused = true)]
async fn a_host_that_dawdles_is_given_up_after_two_seconds() {
    // C1
    let stage = Stage::new();
    stage.shelf.close();
    let start = tokio::time::Instant::now();

    let outcome = stage.verify(&Letter::new()).await;

    assert!(
        matches!(
            outcome,
            Err(Rejection::CertificateFetch(FetchError::TimedOut))
        ),
        "{outcome:?}"
    );
    assert!(start.elapsed() < Duration::from_millis(2_010));
}
