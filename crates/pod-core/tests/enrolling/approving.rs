//! What a known contact's code costs and proves, and where it is sent.

use pod_core::ports::{ChallengeError, CheckError, ContactChange, ContactEntries};
use pod_core::{CodeAccepted, Confirmation, EnrolmentAttempt, SentCode};
use pod_testkit::MockConversions;
use pod_testkit::fixtures::at;

use super::*;

/// The fakes' ports, where no codes are texted to a country for an hour.
fn paused(fakes: &Fakes, country: &'static str) -> Ports {
    let mut conversions = MockConversions::new();
    conversions
        .expect_paused_until()
        .returning(move |asked, _, now| Ok((asked.as_str() == country).then(|| now + HOUR)));
    Ports {
        conversions: Arc::new(conversions),
        ..fakes.ports()
    }
}

#[tokio::test]
async fn nothing_is_sent_for_a_contact_whose_country_is_paused() {
    let fakes = Fakes::with_zoe();
    let pod = fakes.pod_on(paused(&fakes, "SE"));

    let enrolled = pod.enrol_contact(enrol_command(&zoe(), &bjorn_phone()));
    let error = enrolled.await.unwrap_err();

    assert!(
        matches!(error, EnrolContactError::Paused { .. }),
        "{error:?}"
    );
    assert_eq!(fakes.courier.deliveries().len(), 0);
}

#[tokio::test]
async fn the_next_contact_approves_where_the_firsts_country_is_paused() {
    let fakes = zoe_with(vec![bjorn_phone(), zoe_email()]);
    let pod = fakes.pod_on(paused(&fakes, "SE"));

    let enrolled = pod.enrol_contact(enrol_command(&zoe(), &zoe_phone()));
    let approval = enrolled.await.expect("sent").approval;

    let approver = approval.map(|sent| sent.challenge.sent_to);
    assert_eq!(approver, Some(zoe_email().masked()));
    assert_eq!(fakes.courier.codes_to(&bjorn_phone()).len(), 0);
}

/// Whoever is signed in could have texts sent to the customer all day.
#[tokio::test]
async fn a_code_that_approves_counts_as_one_sent_to_the_customer() {
    let fakes = zoe_under(Policy {
        sends_per_customer: vec![Window::new(2, HOUR)],
        ..Policy::default()
    });
    enrol(&fakes, &zoe(), &zoe_email()).await.expect("sent");
    place(&fakes, &zoe()).await.expect("sent");

    let error = enrol(&fakes, &zoe(), &bjorn_phone()).await.unwrap_err();

    assert!(
        matches!(error, EnrolContactError::TooManySends { .. }),
        "{error:?}"
    );
    assert_eq!(fakes.courier.codes_to(&zoe_phone()).len(), 2);
    assert_eq!(fakes.courier.codes_to(&bjorn_phone()).len(), 0);
}

#[tokio::test]
async fn all_that_could_approve_but_the_last_leave_time_for_the_next() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    let mut challenger = MockChallenger::new();
    challenger
        .expect_challenge()
        .times(2)
        .returning(|challenge| {
            assert_eq!(challenge.others_left, *challenge.contact == zoe_phone());
            Err(ChallengeError::Undeliverable)
        });
    let pod = fakes.pod_on(Ports {
        enrolment_challenger: Some(Arc::new(challenger)),
        ..fakes.ports()
    });

    let enrolled = pod.enrol_contact(enrol_command(&zoe(), &bjorn_phone()));
    let error = enrolled.await.unwrap_err();

    assert!(
        matches!(error, EnrolContactError::NotApprovable),
        "{error:?}"
    );
}

/// How long an answer takes would tell which of the two is wrong.
#[tokio::test]
async fn both_codes_are_judged_even_if_the_first_is_wrong() {
    let fakes = Fakes::with_zoe();
    enrol(&fakes, &zoe(), &zoe_email()).await.expect("sent");
    let mut challenger = MockChallenger::new();
    challenger
        .expect_check()
        .times(2)
        .returning(|_, _, _| Err(CheckError::Refused));
    let pod = fakes.pod_on(Ports {
        enrolment_challenger: Some(Arc::new(challenger)),
        ..fakes.ports()
    });

    let command = ProveContact {
        customer: zoe(),
        contact: zoe_email(),
        code: code_to(&fakes, &zoe_email()),
        approval: Some(code_to(&fakes, &zoe_phone())),
        deadline: deadline(),
    };
    is_wrong(&pod.prove_contact(command).await, 2);
}

#[tokio::test]
async fn a_contact_is_enrolled_by_the_proofs_of_its_own_codes_only() {
    let fakes = Fakes::with_zoe();
    let counted = |enrolment| EnrolmentAttempt::counted(enrolment, 2, at(1), None);
    let approved = enrol(&fakes, &zoe(), &zoe_email()).await.expect("sent");
    let approved = counted(approved);
    let unapproved = enrol(&fakes, &bjorn(), &bjorn_phone()).await;
    let unapproved = counted(unapproved.expect("sent"));
    let proof = |attempt: &EnrolmentAttempt, sent: &SentCode| -> Confirmation {
        let attempt = attempt.at(sent).expect("an enrolment of ours");
        let proof = CodeAccepted::assertion(&attempt);
        attempt.confirm(proof, at(2)).expect("its own proof")
    };
    let of_new = || proof(&approved, &approved.enrolment().proof);
    let known = approved.enrolment().approval.as_ref().expect("approved");
    let of_known = || proof(&approved, known);
    let of_other = || proof(&unapproved, &unapproved.enrolment().proof);

    for (of_contact, approval) in [
        (of_new(), None),
        (of_new(), Some(of_new())),
        (of_new(), Some(of_other())),
        (of_known(), Some(of_known())),
        (of_known(), Some(of_new())),
    ] {
        let mismatch = approved.clone().enrol(of_contact, approval);
        mismatch.expect_err("not its own proofs");
    }
    let mismatch = unapproved.clone().enrol(of_other(), Some(of_known()));
    mismatch.expect_err("nobody was to approve");
    let enrolled = approved.clone().enrol(of_new(), Some(of_known()));
    enrolled.expect("its own proofs");
    unapproved.clone().enrol(of_other(), None).expect("its own");
}

/// Another one could be removed at the same time.
#[tokio::test]
async fn the_last_one_kept_stays_where_elsewhere_is_none_that_gets_codes() {
    let policy = Policy {
        email_fallback: false,
        ..Policy::default()
    };
    let fakes = zoe_under(policy);
    fakes.customers.know(&zoe(), vec![zoe_email()]);
    let mut book = MockContactBook::new();
    book.expect_entries().returning(|_| {
        Ok(ContactEntries {
            kept: vec![zoe_phone(), bjorn_phone()],
            preferred: None,
        })
    });
    let even_last = |change: &ContactChange| {
        let ContactChange::Remove { even_last, .. } = change else {
            return false;
        };
        *even_last
    };
    book.expect_change()
        .times(1)
        .withf(move |_, change| !even_last(change))
        .returning(|_, _| Ok(true));
    let pod = fakes.pod_on(Ports {
        contact_book: Arc::new(book),
        ..fakes.ports()
    });

    let name = fakes.keys.pepper().name(&bjorn_phone());
    let removed = pod.remove_contact(&zoe(), &name, deadline()).await;

    removed.expect("removed");
}
