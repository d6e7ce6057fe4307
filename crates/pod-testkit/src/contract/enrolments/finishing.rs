//! What [`Enrolments`](pod_core::ports::Enrolments) promises of a contact that
//! was proved.

use pod_core::ports::FinishEnrolmentError;

use super::super::at_once;
use super::{Enrolling, begin, enrol, enrolment, limits, name, proved};
use crate::fixtures::{at, bjorn, zoe, zoe_email, zoe_phone};

/// A contact that was proved is kept, and cannot be proved again. A first one
/// needs no approval, whatever others have.
pub async fn a_proved_contact_is_kept_and_its_enrolment_ends(enrolling: Enrolling) {
    enrol(&enrolling, &bjorn(), &zoe_email()).await;
    for (contact, approved) in [(zoe_phone(), false), (zoe_email(), true)] {
        let begun = enrolment(&zoe(), &contact, approved);
        enrolling.enrolments.keep(&begun).await.expect("kept");
        let attempt = begin(&enrolling, &zoe(), &contact, at(1)).await;
        let enrolled = proved(attempt.expect("counted"));

        let finished = enrolling.enrolments.finish(&enrolled, &contact, at(2));
        finished.await.expect("kept");

        let again = enrolling
            .enrolments
            .finish(&enrolled, &contact, at(2))
            .await;
        assert!(
            matches!(again, Err(FinishEnrolmentError::NotPending)),
            "{again:?}"
        );
        let found = enrolling.enrolments.find(&zoe(), at(2)).await;
        assert_eq!(found.expect("looked up"), None);
    }
    let entries = enrolling.book.entries(&zoe()).await.expect("looked up");
    assert_eq!(entries.kept, [zoe_phone(), zoe_email()]);
}

/// Of any number of proofs of one enrolment at the same time, one succeeds.
pub async fn of_64_proofs_at_once_one_succeeds(enrolling: Enrolling) {
    let begun = enrolment(&zoe(), &zoe_phone(), true);
    enrolling.enrolments.keep(&begun).await.expect("kept");
    let attempt = begin(&enrolling, &zoe(), &zoe_phone(), at(1)).await;
    let attempt = attempt.expect("counted");

    let outcomes = at_once(64, |_| {
        let (enrolments, enrolled) = (enrolling.enrolments.clone(), proved(attempt.clone()));
        async move { enrolments.finish(&enrolled, &zoe_phone(), at(2)).await }
    })
    .await;

    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let entries = enrolling.book.entries(&zoe()).await.expect("looked up");
    assert_eq!(entries.kept, [zoe_phone()]);
}

/// An enrolment that a newer one has ended, or whose time is up, keeps no
/// contact.
pub async fn what_has_ended_is_not_proved(enrolling: Enrolling) {
    let enrolments = &enrolling.enrolments;
    let older = enrolment(&zoe(), &zoe_phone(), false);
    enrolments.keep(&older).await.expect("kept");
    let attempt = begin(&enrolling, &zoe(), &zoe_phone(), at(1)).await;
    let of_older = proved(attempt.expect("counted"));
    // The same contact, and other codes.
    let newer = enrolment(&zoe(), &zoe_phone(), true);
    enrolments.keep(&newer).await.expect("kept");
    let attempt = begin(&enrolling, &zoe(), &zoe_phone(), at(1)).await;
    let of_newer = proved(attempt.expect("counted"));

    for (enrolled, now) in [(&of_older, 2), (&of_newer, 290)] {
        let refused = enrolments.finish(enrolled, &zoe_phone(), at(now)).await;
        assert!(
            matches!(refused, Err(FinishEnrolmentError::NotPending)),
            "{refused:?}"
        );
    }
    let entries = enrolling.book.entries(&zoe()).await.expect("looked up");
    assert_eq!(entries.kept, []);
    let finished = enrolments.finish(&of_newer, &zoe_phone(), at(289)).await;
    finished.expect("kept");
}

/// An enrolment that nobody had to approve keeps no contact once one is kept,
/// however that came about.
pub async fn what_nobody_approved_is_proved_only_as_the_first_contact(enrolling: Enrolling) {
    let enrolments = &enrolling.enrolments;
    let begun = enrolment(&zoe(), &zoe_phone(), false);
    enrolments.keep(&begun).await.expect("kept");
    let attempt = begin(&enrolling, &zoe(), &zoe_phone(), at(1)).await;
    let unapproved = proved(attempt.expect("counted"));
    enrol(&enrolling, &zoe(), &zoe_email()).await;
    enrol(&enrolling, &bjorn(), &zoe_email()).await;
    enrolments.keep(&begun).await.expect("kept");

    let refused = enrolments.finish(&unapproved, &zoe_phone(), at(2)).await;

    assert!(
        matches!(refused, Err(FinishEnrolmentError::NotPending)),
        "{refused:?}"
    );
    let entries = enrolling.book.entries(&zoe()).await.expect("looked up");
    assert_eq!(entries.kept, [zoe_email()]);
}

/// The attempt that succeeded is no failure, and takes its lock along; others
/// stay failures.
pub async fn a_proof_takes_its_failure_back(enrolling: Enrolling) {
    let limits = limits(5, 3);
    let name = name(&zoe_phone());
    let begun = enrolment(&zoe(), &zoe_phone(), true);
    enrolling.enrolments.keep(&begun).await.expect("kept");
    let begin = async |now| {
        let enrolments = &enrolling.enrolments;
        enrolments.begin(&zoe(), &name, at(now), &limits).await
    };
    for now in [1, 2] {
        assert_eq!(begin(now).await.expect("counted").lock(), None);
    }
    let attempt = begin(3).await.expect("counted");
    assert!(attempt.lock().is_some());

    let enrolled = proved(attempt);
    let contact = zoe_phone();
    let finished = enrolling.enrolments.finish(&enrolled, &contact, at(4));
    finished.await.expect("kept");

    enrolling.enrolments.keep(&begun).await.expect("kept");
    let next = begin(5).await.expect("the lock is lifted");
    assert!(next.lock().is_some(), "two failures stayed");
}
