//! What [`Enrolments`] promises.

mod finishing;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use pod_core::ports::{
    Attempts, BeginAttemptError, BeginEnrolmentError, ContactBook, Enrolments, Orders,
};
use pod_core::{
    AttemptLimits, AttemptsPerOrder, Challenge, ChallengeId, CodeAccepted, Confirmation, Contact,
    CustomerId, Enrolled, Enrolment, EnrolmentAttempt, FailureLimits, Handle, Nonce, Seed,
    SentCode, Timestamp,
};

pub use finishing::*;

use super::{Subject, at_once};
use crate::fixtures::{at, bjorn, challenge, order, unusual_texts, zoe, zoe_email, zoe_phone};

/// The ports that look at the same contacts and the same failures.
#[derive(Clone)]
pub struct Enrolling {
    /// Keeps contacts.
    pub book: Arc<dyn ContactBook>,
    /// Keeps what is to be proved.
    pub enrolments: Arc<dyn Enrolments>,
    /// Keeps orders.
    pub orders: Arc<dyn Orders>,
    /// Counts attempts at orders.
    pub attempts: Arc<dyn Attempts>,
}

impl Enrolling {
    /// Takes one adapter that is all of them.
    #[must_use]
    pub fn of<A>(adapter: Arc<A>) -> Self
    where
        A: ContactBook + Enrolments + Orders + Attempts + 'static,
    {
        Self {
            book: adapter.clone(),
            enrolments: adapter.clone(),
            orders: adapter.clone(),
            attempts: adapter,
        }
    }
}

impl fmt::Debug for Enrolling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrolling { .. }")
    }
}

impl Subject for Enrolling {
    type Adapter = Self;
    type Guard = ();

    fn split(self) -> (Self, ()) {
        (self, ())
    }
}

impl<G> Subject for (Enrolling, G) {
    type Adapter = Enrolling;
    type Guard = G;

    fn split(self) -> Self {
        self
    }
}

/// Stamps one test for each promise of
/// [`Enrolments`], on the [`Enrolling`] that an
/// expression makes.
#[macro_export]
macro_rules! enrolments_contract {
    ($enrolling:expr) => {
        $crate::__stamp!(
            enrolments,
            $enrolling,
            [
                an_enrolment_is_found_as_it_was_kept_until_its_time_is_up,
                a_newer_enrolment_ends_the_one_before,
                attempts_are_counted_until_none_is_left,
                of_64_attempts_at_once_the_limit_succeeds,
                another_contact_is_not_being_enrolled,
                an_enrolment_whose_time_is_up_has_no_attempts,
                failures_count_with_those_at_orders,
                a_refused_attempt_counts_nothing,
                a_proved_contact_is_kept_and_its_enrolment_ends,
                of_64_proofs_at_once_one_succeeds,
                what_has_ended_is_not_proved,
                what_nobody_approved_is_proved_only_as_the_first_contact,
                a_proof_takes_its_failure_back,
            ]
        );
    };
}

/// An enrolment that was begun at the fixtures' start, whose codes live for
/// five minutes; the one of an approval ends first.
pub(super) fn enrolment(customer: &CustomerId, contact: &Contact, approved: bool) -> Enrolment {
    let code = |n: u8, to: &Contact, lifetime: u64| SentCode {
        seed: Seed {
            challenge: ChallengeId::from_bytes([n; 16]),
            nonce: Nonce::from_bytes([n ^ 0xFF; 16]),
        },
        challenge: Challenge {
            handle: Handle::parse(&format!("6.clé-{n}'\"")).expect("a handle"),
            sent_to: to.masked(),
            instead_of: None,
            sent_at: at(0),
            expires_at: at(0) + Duration::from_secs(lifetime),
        },
    };
    Enrolment {
        customer: customer.clone(),
        contact: name(contact).into(),
        summary: "sending codes to Zoë's \"other\" phone".into(),
        begun_at: at(0),
        proof: code(if approved { 1 } else { 3 }, contact, 300),
        approval: approved.then(|| code(2, &zoe_email(), 290)),
    }
}

/// A name for a contact.
fn name(contact: &Contact) -> String {
    crate::fixtures::code_keys().pepper().name(contact)
}

fn limits(per_order: u32, most: u32) -> AttemptLimits {
    AttemptLimits {
        per_order: AttemptsPerOrder::new(per_order).expect("a number of attempts"),
        failures: FailureLimits {
            most,
            ..FailureLimits::default()
        },
    }
}

async fn begin(
    enrolling: &Enrolling,
    customer: &CustomerId,
    contact: &Contact,
    now: Timestamp,
) -> Result<EnrolmentAttempt, BeginEnrolmentError> {
    let limits = limits(3, 100);
    let enrolments = &enrolling.enrolments;
    enrolments
        .begin(customer, &name(contact), now, &limits)
        .await
}

/// Spends the proofs that a challenger would give.
fn proved(attempt: EnrolmentAttempt) -> Enrolled {
    let confirmed = |code: &SentCode| -> Confirmation {
        let attempt = attempt.at(code).expect("an enrolment of ours");
        let proof = CodeAccepted::assertion(&attempt);
        attempt.confirm(proof, at(2)).expect("its own proof")
    };
    let proof = confirmed(&attempt.enrolment().proof);
    let approval = attempt.enrolment().approval.as_ref().map(confirmed);
    attempt.enrol(proof, approval).expect("its own proofs")
}

/// Enrols a contact from beginning to end.
pub(super) async fn enrol(enrolling: &Enrolling, customer: &CustomerId, contact: &Contact) {
    let kept = enrolling
        .enrolments
        .keep(&enrolment(customer, contact, true))
        .await;
    kept.expect("kept");
    let attempt = begin(enrolling, customer, contact, at(1)).await;
    let enrolled = proved(attempt.expect("counted"));
    let finished = enrolling.enrolments.finish(&enrolled, contact, at(2)).await;
    finished.expect("kept");
}

/// An enrolment is found, equal in every field, with the attempts counted,
/// until the first of its codes has expired.
pub async fn an_enrolment_is_found_as_it_was_kept_until_its_time_is_up(enrolling: Enrolling) {
    let enrolments = &enrolling.enrolments;
    for text in unusual_texts() {
        let Ok(customer) = CustomerId::parse(&text) else {
            continue;
        };
        for approved in [true, false] {
            let begun = enrolment(&customer, &zoe_phone(), approved);
            enrolments.keep(&begun).await.expect("kept");

            let found = enrolments.find(&customer, at(289)).await;
            assert_eq!(found.expect("looked up"), Some((begun, 0)));
        }
    }
    for (approved, end) in [(true, 290), (false, 300)] {
        let begun = enrolment(&zoe(), &zoe_phone(), approved);
        enrolments.keep(&begun).await.expect("kept");
        begin(&enrolling, &zoe(), &zoe_phone(), at(1))
            .await
            .expect("counted");

        let found = enrolments.find(&zoe(), at(end - 1)).await;
        assert_eq!(found.expect("looked up"), Some((begun, 1)));
        let gone = enrolments.find(&zoe(), at(end)).await;
        assert_eq!(gone.expect("looked up"), None);
    }
    let never = enrolments.find(&bjorn(), at(1)).await;
    assert_eq!(never.expect("looked up"), None);
}

/// A newer enrolment takes the place of the one before, with all its attempts;
/// another customer's stays.
pub async fn a_newer_enrolment_ends_the_one_before(enrolling: Enrolling) {
    let enrolments = &enrolling.enrolments;
    for (customer, contact) in [(zoe(), zoe_phone()), (bjorn(), zoe_phone())] {
        let begun = enrolment(&customer, &contact, true);
        enrolments.keep(&begun).await.expect("kept");
    }
    begin(&enrolling, &zoe(), &zoe_phone(), at(1))
        .await
        .expect("counted");

    let newer = enrolment(&zoe(), &zoe_email(), false);
    enrolments.keep(&newer).await.expect("kept");

    let error = begin(&enrolling, &zoe(), &zoe_phone(), at(2)).await;
    assert!(
        matches!(error, Err(BeginEnrolmentError::NotPending)),
        "{error:?}"
    );
    let attempt = begin(&enrolling, &zoe(), &zoe_email(), at(2)).await;
    let attempt = attempt.expect("counted");
    assert_eq!((attempt.enrolment(), attempt.left()), (&newer, 2));
    begin(&enrolling, &bjorn(), &zoe_phone(), at(2))
        .await
        .expect("counted");
}

/// Each attempt is counted, up to the limit, and says how many are left.
pub async fn attempts_are_counted_until_none_is_left(enrolling: Enrolling) {
    let begun = enrolment(&zoe(), &zoe_phone(), true);
    enrolling.enrolments.keep(&begun).await.expect("kept");

    for left in [2, 1, 0] {
        let attempt = begin(&enrolling, &zoe(), &zoe_phone(), at(3 - i64::from(left))).await;
        let attempt = attempt.expect("counted");
        assert_eq!((attempt.enrolment(), attempt.left()), (&begun, left));
        assert_eq!(attempt.begun_at(), at(3 - i64::from(left)));
    }
    for _ in 0..2 {
        let error = begin(&enrolling, &zoe(), &zoe_phone(), at(4)).await;
        assert!(
            matches!(error, Err(BeginEnrolmentError::Refused)),
            "{error:?}"
        );
    }
}

/// Of any number of attempts at the same time, no more than the limit succeed.
pub async fn of_64_attempts_at_once_the_limit_succeeds(enrolling: Enrolling) {
    let begun = enrolment(&zoe(), &zoe_phone(), true);
    enrolling.enrolments.keep(&begun).await.expect("kept");

    let outcomes = at_once(64, |_| {
        let enrolling = enrolling.clone();
        async move { begin(&enrolling, &zoe(), &zoe_phone(), at(1)).await }
    })
    .await;

    let mut left: Vec<_> = outcomes
        .iter()
        .flatten()
        .map(EnrolmentAttempt::left)
        .collect();
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2]);
}

/// A contact of another name, or another customer's, is not being enrolled,
/// and nothing is counted.
pub async fn another_contact_is_not_being_enrolled(enrolling: Enrolling) {
    let begun = enrolment(&zoe(), &zoe_phone(), true);
    enrolling.enrolments.keep(&begun).await.expect("kept");

    for (customer, contact) in [(zoe(), zoe_email()), (bjorn(), zoe_phone())] {
        let error = begin(&enrolling, &customer, &contact, at(1)).await;
        assert!(
            matches!(error, Err(BeginEnrolmentError::NotPending)),
            "{error:?}"
        );
    }
    let found = enrolling.enrolments.find(&zoe(), at(1)).await;
    assert_eq!(found.expect("looked up"), Some((begun, 0)));
}

/// When the first of its codes has expired, no attempt is counted any more.
pub async fn an_enrolment_whose_time_is_up_has_no_attempts(enrolling: Enrolling) {
    for (approved, end) in [(true, 290), (false, 300)] {
        let begun = enrolment(&zoe(), &zoe_phone(), approved);
        enrolling.enrolments.keep(&begun).await.expect("kept");
        begin(&enrolling, &zoe(), &zoe_phone(), at(end - 1))
            .await
            .expect("counted");

        let error = begin(&enrolling, &zoe(), &zoe_phone(), at(end)).await;
        assert!(
            matches!(error, Err(BeginEnrolmentError::NotPending)),
            "{error:?}"
        );
    }
}

/// Attempts at orders and at contacts count together: whoever is locked out of
/// the one is locked out of the other.
pub async fn failures_count_with_those_at_orders(enrolling: Enrolling) {
    let placed = order(1, &zoe());
    enrolling
        .orders
        .place(&placed, &[], None)
        .await
        .expect("kept");
    let sent = challenge(&placed);
    enrolling
        .orders
        .activate(&placed, &sent)
        .await
        .expect("sent");
    let begun = enrolment(&zoe(), &zoe_phone(), true);
    enrolling.enrolments.keep(&begun).await.expect("kept");
    let (limits, now) = (limits(5, 2), at(3));
    let name = name(&zoe_phone());

    let attempts = &enrolling.attempts;
    let first = attempts.begin(&zoe(), None, now, &limits, None).await;
    assert_eq!(first.expect("counted").lock(), None);
    let second = enrolling
        .enrolments
        .begin(&zoe(), &name, now, &limits)
        .await;
    assert!(second.expect("counted").lock().is_some());

    let third = attempts.begin(&zoe(), None, now, &limits, None).await;
    assert!(
        matches!(third, Err(BeginAttemptError::Locked(_))),
        "{third:?}"
    );
    let third = enrolling
        .enrolments
        .begin(&zoe(), &name, now, &limits)
        .await;
    assert!(
        matches!(third, Err(BeginEnrolmentError::Locked(_))),
        "{third:?}"
    );

    attempts.unlock(&zoe()).await.expect("unlocked");
    let fourth = enrolling
        .enrolments
        .begin(&zoe(), &name, now, &limits)
        .await;
    assert_eq!(fourth.expect("counted").left(), 3);
}

/// What is refused counts for nobody: not at the enrolment, and not as a
/// customer's failure.
pub async fn a_refused_attempt_counts_nothing(enrolling: Enrolling) {
    let limits = limits(1, 3);
    let name = name(&zoe_phone());
    let begin = async || {
        let enrolments = &enrolling.enrolments;
        enrolments.begin(&zoe(), &name, at(1), &limits).await
    };

    for _ in 0..8 {
        let error = begin().await;
        assert!(
            matches!(error, Err(BeginEnrolmentError::NotPending)),
            "{error:?}"
        );
    }
    let begun = enrolment(&zoe(), &zoe_phone(), true);
    enrolling.enrolments.keep(&begun).await.expect("kept");
    assert_eq!(begin().await.expect("counted").lock(), None);
    for _ in 0..8 {
        let error = begin().await;
        assert!(
            matches!(error, Err(BeginEnrolmentError::Refused)),
            "{error:?}"
        );
    }
    enrolling.enrolments.keep(&begun).await.expect("kept");
    assert_eq!(begin().await.expect("counted").lock(), None);
}
