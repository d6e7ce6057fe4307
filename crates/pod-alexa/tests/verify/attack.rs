//! What bad requests can do to the certificates that are kept: little.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use crate::support::authority::leaf;
use crate::support::crowd::{
    Outcomes, after_minutes, at_address, badly_signed, everybody_waits, reasons, send,
};
use crate::support::letter::{Letter, URL, now};
use crate::support::stage::{Stage, in_five_seconds};

#[tokio::test]
async fn bad_signatures_cannot_make_us_fetch_as_often_as_they_come() {
    let stage = Stage::new();
    assert!(stage.verify(&Letter::new()).await.is_ok());

    for seconds in (0..180).step_by(3) {
        let time = now() + SignedDuration::from_secs(seconds);
        assert_eq!(
            stage.refusal_at(&badly_signed(time), time).await,
            "signature"
        );
        assert!(stage.verify_at(&Letter::at(time), time).await.is_ok());
    }

    // Once at the start, then once in a minute.
    assert_eq!(stage.shelf.fetches(), 3);
}

#[tokio::test]
async fn a_good_request_does_not_wait_for_a_fetch_that_a_bad_one_began() {
    let stage = Stage::shared();
    assert!(stage.verify(&Letter::new()).await.is_ok());
    let later = after_minutes(2);
    let mut bad = Outcomes::new();
    stage.shelf.close();
    let (other, letter) = (Arc::clone(&stage), badly_signed(later));
    bad.spawn(async move { other.verify_at(&letter, later).await });
    everybody_waits().await;

    let good = stage.verify_at(&Letter::at(later), later).await;

    assert_eq!(stage.shelf.fetches(), 2);
    assert!(good.is_ok());
}

#[tokio::test]
async fn sixteen_certificates_are_kept_and_the_proved_ones_longest() {
    let stage = Stage::new();
    assert!(stage.verify(&Letter::new()).await.is_ok());
    // Good certificates, each at an address of its own, and nobody who can
    // sign: what an attacker could do with old files of Amazon's.
    for number in 0..40 {
        stage
            .shelf
            .put_file(&at_address(number), stage.pki.chain(&leaf()));
        let time = now() + SignedDuration::from_secs(1 + i64::try_from(number).unwrap());
        let letter = badly_signed(time).found_at(&at_address(number));
        assert_eq!(stage.refusal_at(&letter, time).await, "signature");
    }
    let later = after_minutes(1);
    let before = stage.shelf.fetches();

    let hot = stage.verify_at(&Letter::at(later), later).await;
    let after_hot = stage.shelf.fetches();
    let newest = stage
        .verify_at(&Letter::at(later).found_at(&at_address(39)), later)
        .await;
    let after_newest = stage.shelf.fetches();
    let oldest = stage
        .verify_at(&Letter::at(later).found_at(&at_address(0)), later)
        .await;

    assert!(hot.is_ok() && newest.is_ok() && oldest.is_ok());
    assert_eq!((before, after_hot, after_newest), (41, 41, 41));
    assert_eq!(stage.shelf.fetches(), 42);
}

#[tokio::test]
async fn addresses_without_a_certificate_push_nothing_out() {
    let stage = Stage::new();
    assert!(stage.verify(&Letter::new()).await.is_ok());

    for number in 0..100 {
        assert_eq!(
            stage
                .refusal(&Letter::new().found_at(&at_address(number)))
                .await,
            "certificate-fetch"
        );
    }

    assert!(stage.verify(&Letter::new()).await.is_ok());
    assert_eq!(stage.shelf.fetches(), 101);
}

#[tokio::test]
async fn a_crowd_of_unknown_addresses_is_fetched_a_few_at_a_time() {
    let stage = Stage::shared();
    assert!(stage.verify(&Letter::new()).await.is_ok());
    let mut outcomes = Outcomes::new();
    stage.shelf.close();

    for number in 0..100 {
        send(
            &stage,
            Letter::new().found_at(&at_address(number)),
            &mut outcomes,
        );
    }
    everybody_waits().await;
    let hot = stage.verify(&Letter::new()).await;
    stage.shelf.open();
    let mut outcomes = reasons(outcomes.join_all().await);
    outcomes.sort_unstable();

    assert!(hot.is_ok());
    assert_eq!(outcomes[..64], ["certificate-fetch"; 64]);
    assert_eq!(outcomes[64..], ["too-many-fetches"; 36]);
    assert_eq!(stage.shelf.most_at_a_time(), 4);
    assert_eq!(stage.shelf.fetches(), 65);
}

#[tokio::test]
async fn a_known_address_is_renewed_beside_a_crowd_of_unknown_ones() {
    let stage = Stage::shared();
    assert!(stage.verify(&Letter::new()).await.is_ok());
    let later = after_minutes(61);
    let mut crowd = Outcomes::new();
    stage.shelf.close();
    for number in 0..100 {
        let letter = Letter::at(later).found_at(&at_address(number));
        let stage = Arc::clone(&stage);
        crowd.spawn(async move { stage.verify_at(&letter, later).await });
    }
    everybody_waits().await;

    let renewing = tokio::spawn({
        let stage = Arc::clone(&stage);
        async move { stage.verify_at(&Letter::at(later), later).await }
    });
    everybody_waits().await;

    assert_eq!(
        stage.shelf.asked().iter().filter(|url| *url == URL).count(),
        2
    );
    stage.shelf.open();
    assert!(renewing.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn after_a_crowd_that_hung_the_way_is_free_again() {
    let stage = Stage::shared();
    let mut crowd = Outcomes::new();
    stage.shelf.close();
    for number in 0..100 {
        send(
            &stage,
            Letter::new().found_at(&at_address(number)),
            &mut crowd,
        );
    }
    crowd.join_all().await;
    stage.shelf.open();

    let letter = Letter::new();
    let outcome = stage
        .verifier
        .verify(&letter.headers, &letter.body, now(), in_five_seconds())
        .await;

    assert!(outcome.is_ok(), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_crowd_keeps_others_out_for_two_seconds_and_never_once_one_got_in() {
    let stage = Stage::shared();
    let crowd_of_unknown = |outcomes: &mut Outcomes| {
        for number in 0..64 {
            let letter = Letter::new().found_at(&at_address(number));
            send(&stage, letter, outcomes);
        }
    };
    let mut crowd = Outcomes::new();
    let began = tokio::time::Instant::now();
    stage.shelf.close();
    crowd_of_unknown(&mut crowd);
    everybody_waits().await;
    let kept_out = stage.refusal(&Letter::new()).await;
    crowd.join_all().await;
    let took = began.elapsed();
    stage.shelf.open();
    let let_in = stage.verify(&Letter::new()).await;

    let mut crowd = Outcomes::new();
    stage.shelf.close();
    crowd_of_unknown(&mut crowd);
    everybody_waits().await;
    let still_let_in = stage.verify(&Letter::new()).await;

    assert_eq!(kept_out, "too-many-fetches");
    assert!(took < Duration::from_millis(2_010), "{took:?}");
    assert!(let_in.is_ok() && still_let_in.is_ok());
}
