//! Certificates are kept, but not for ever.

use pod_alexa::verify::FetchError;

use crate::support::authority::{amazon_key, authority, leaf, stranger_key, valid};
use crate::support::crowd::{after_minutes, by_stranger};
use crate::support::letter::{Letter, URL};
use crate::support::shelf::Item;
use crate::support::stage::Stage;

#[tokio::test]
async fn a_host_that_fails_is_asked_again_at_once() {
    // C1; 1.4 e: others keep an error page for ever.
    let stage = Stage::new();
    let good = stage.pki.chain(&leaf());
    let failures = [
        FetchError::Status(400),
        FetchError::Status(403),
        FetchError::Status(404),
        FetchError::Status(500),
        FetchError::Status(503),
        FetchError::TooLarge,
        FetchError::TimedOut,
        FetchError::unreachable("connection refused"),
    ];

    for failure in failures.clone() {
        stage.shelf.put(URL, Item::Failure(failure));
        assert_eq!(stage.refusal(&Letter::new()).await, "certificate-fetch");
    }
    stage.shelf.put_file(URL, "<html>Forbidden</html>");
    assert_eq!(stage.refusal(&Letter::new()).await, "certificate-chain");
    stage.shelf.put_file(URL, good);

    assert!(stage.verify(&Letter::new()).await.is_ok());
    assert_eq!(stage.shelf.fetches(), failures.len() + 2);
}

#[tokio::test]
async fn a_host_that_breaks_leaves_nobody_waiting() {
    // C1
    let stage = Stage::new();
    let good = stage.pki.chain(&leaf());

    stage.shelf.put(URL, Item::Panic);
    let broken = stage.refusal(&Letter::new()).await;
    stage.shelf.put_file(URL, good);

    assert_eq!(broken, "certificate-fetch");
    assert!(stage.verify(&Letter::new()).await.is_ok());
}

#[tokio::test]
async fn a_second_request_does_not_fetch() {
    // C2
    let stage = Stage::new();

    for _ in 0..3 {
        assert!(stage.verify(&Letter::new()).await.is_ok());
    }

    assert_eq!(stage.shelf.fetches(), 1);
}

#[tokio::test]
async fn a_kept_certificate_is_refused_once_it_has_expired() {
    // C3; 1.4 d: others never look at the dates again.
    let stage = Stage::new();
    let short = valid(leaf(), after_minutes(-10), after_minutes(10));
    stage.shelf.put_file(URL, stage.pki.chain(&short));
    assert!(stage.verify(&Letter::new()).await.is_ok());

    let expired = after_minutes(11);
    let too_early = after_minutes(-11);

    assert!(
        stage
            .verify_at(&Letter::at(after_minutes(9)), after_minutes(9))
            .await
            .is_ok()
    );
    assert_eq!(
        stage.refusal_at(&Letter::at(expired), expired).await,
        "certificate-dates"
    );
    assert_eq!(
        stage.refusal_at(&Letter::at(too_early), too_early).await,
        "certificate-dates"
    );
}

#[tokio::test]
async fn an_authority_that_expires_ends_the_certificate_below_it() {
    // C3
    let stage = Stage::new();
    let short = valid(authority("Short"), after_minutes(-10), after_minutes(10));
    let middle = stage.pki.root.sign(short);
    stage
        .shelf
        .put_file(URL, middle.issue(&leaf(), amazon_key()) + &middle.pem());
    assert!(stage.verify(&Letter::new()).await.is_ok());

    assert_eq!(
        stage
            .refusal_at(&Letter::at(after_minutes(11)), after_minutes(11))
            .await,
        "certificate-dates"
    );
}

#[tokio::test]
async fn an_expired_certificate_makes_room_for_its_successor() {
    // C3: Amazon changes what is at an address without notice.
    let stage = Stage::new();
    let short = valid(leaf(), after_minutes(-10), after_minutes(10));
    stage.shelf.put_file(URL, stage.pki.chain(&short));
    assert!(stage.verify(&Letter::new()).await.is_ok());

    stage.shelf.put_file(URL, stage.pki.chain(&leaf()));

    assert!(
        stage
            .verify_at(&Letter::at(after_minutes(11)), after_minutes(11))
            .await
            .is_ok()
    );
    assert_eq!(stage.shelf.fetches(), 2);
}

#[tokio::test]
async fn an_expired_certificate_is_not_asked_for_by_every_request() {
    // C3
    let stage = Stage::new();
    let short = valid(leaf(), after_minutes(-10), after_minutes(10));
    stage.shelf.put_file(URL, stage.pki.chain(&short));
    assert!(stage.verify(&Letter::new()).await.is_ok());
    stage.shelf.put(URL, Item::Failure(FetchError::Status(503)));

    for _ in 0..10 {
        assert!(
            stage
                .verify_at(&Letter::at(after_minutes(11)), after_minutes(11))
                .await
                .is_err()
        );
    }

    assert_eq!(stage.shelf.fetches(), 2);
}

#[tokio::test]
async fn a_certificate_is_asked_for_again_after_an_hour() {
    // C2, C4: until then it does not matter what the host says.
    let stage = Stage::new();
    assert!(stage.verify(&Letter::new()).await.is_ok());
    stage.shelf.put_file(URL, "garbage");

    let before = stage
        .verify_at(&Letter::at(after_minutes(59)), after_minutes(59))
        .await;
    let after = stage
        .refusal_at(&Letter::at(after_minutes(60)), after_minutes(60))
        .await;

    assert!(before.is_ok());
    assert_eq!(after, "certificate-chain");
    assert_eq!(stage.shelf.fetches(), 2);
}

#[tokio::test]
async fn a_certificate_that_turned_bad_is_forgotten_until_it_is_good_again() {
    // C4
    let stage = Stage::new();
    let good = stage.pki.chain(&leaf());
    assert!(stage.verify(&Letter::new()).await.is_ok());
    stage.shelf.put_file(URL, "garbage");
    let later = after_minutes(61);
    let letter = Letter::at(later);

    let reasons = [
        stage.refusal_at(&letter, later).await,
        stage.refusal_at(&letter, later).await,
    ];
    stage.shelf.put_file(URL, good);

    assert_eq!(reasons, ["certificate-chain"; 2]);
    assert!(stage.verify_at(&letter, later).await.is_ok());
}

#[tokio::test]
async fn an_outage_of_the_host_is_outlived_for_a_day() {
    // C1, and design, invariant 7
    let stage = Stage::new();
    let long = valid(leaf(), after_minutes(-60), after_minutes(60 * 48));
    stage.shelf.put_file(URL, stage.pki.chain(&long));
    assert!(stage.verify(&Letter::new()).await.is_ok());
    stage.shelf.put(URL, Item::Failure(FetchError::Status(503)));

    for minutes in [61, 61, 61, 120, 60 * 24 - 1] {
        let later = after_minutes(minutes);
        assert!(
            stage.verify_at(&Letter::at(later), later).await.is_ok(),
            "{minutes}"
        );
    }
    let too_late = after_minutes(60 * 24);

    assert_eq!(
        stage.refusal_at(&Letter::at(too_late), too_late).await,
        "certificate-fetch"
    );
    assert_eq!(
        stage.refusal_at(&Letter::at(too_late), too_late).await,
        "too-many-fetches"
    );
    // Once at the start, then once in a minute at most.
    assert_eq!(stage.shelf.fetches(), 1 + 4);
}

#[tokio::test]
async fn a_new_key_in_the_same_place_is_found() {
    // Reference 1.2: URL and content rotate without notice.
    let stage = Stage::new();
    assert!(stage.verify(&Letter::new()).await.is_ok());
    stage
        .shelf
        .put_file(URL, stage.pki.chain_for(&leaf(), stranger_key()));
    let later = after_minutes(2);

    let by_the_new_key = stage.verify_at(&by_stranger(later), later).await;
    let by_the_old_key = stage.refusal_at(&Letter::at(later), later).await;

    assert!(by_the_new_key.is_ok());
    assert_eq!(by_the_old_key, "signature");
    assert_eq!(stage.shelf.fetches(), 2);
}
