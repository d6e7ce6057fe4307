//! Enrolling contacts, by the codes that prove them.

mod approving;
mod choosing;
mod limits;

use std::sync::Arc;

use pod_core::ports::Ports;
use pod_core::{
    ChangeContactError, Code, ConfirmOrderError, Contact, Country, CustomerId, EnrolContact,
    EnrolContactError, Enrolment, KnownContact, Policy, ProveContact, ProveContactError, Window,
};
use pod_testkit::fixtures::{
    bjorn, bjorn_phone, customer, deadline, email, language, phone, wrong_code, zoe, zoe_email,
    zoe_phone,
};
use pod_testkit::{Fakes, MockChallenger, MockContactBook};

use crate::outages::every_outage;
use crate::stage::{
    DAY, HOUR, MINUTE, SECOND, guess_wrong, last_code, order_and_code, outage, place, resend, say,
    zoe_under, zoe_with,
};

fn enrol_command(customer: &CustomerId, contact: &Contact) -> EnrolContact {
    EnrolContact {
        customer: customer.clone(),
        contact: contact.clone(),
        summary: format!("sending codes to {}", contact.masked().masked()),
        language: language(),
        deadline: deadline(),
    }
}

/// Has a customer enrol a contact, a second after whatever was before.
async fn enrol(
    fakes: &Fakes,
    customer: &CustomerId,
    contact: &Contact,
) -> Result<Enrolment, EnrolContactError> {
    fakes.clock.advance(SECOND);
    let command = enrol_command(customer, contact);
    fakes.pod().enrol_contact(command).await
}

async fn prove(
    fakes: &Fakes,
    customer: &CustomerId,
    contact: &Contact,
    code: &Code,
    approval: Option<&Code>,
) -> Result<(), ProveContactError> {
    let command = ProveContact {
        customer: customer.clone(),
        contact: contact.clone(),
        code: code.clone(),
        approval: approval.cloned(),
        deadline: deadline(),
    };
    fakes.pod().prove_contact(command).await
}

/// The last code that went to a contact.
fn code_to(fakes: &Fakes, contact: &Contact) -> Code {
    let codes = fakes.courier.codes_to(contact);
    codes.last().expect("a code was sent there").clone()
}

/// What Zoë has yet to prove of a contact.
async fn pending(fakes: &Fakes, contact: &Contact) -> Option<(Enrolment, u32)> {
    let pending = fakes.pod().enrolment(&zoe(), contact, deadline()).await;
    pending.expect("looked up")
}

async fn known(fakes: &Fakes, customer: &CustomerId) -> Vec<KnownContact> {
    let known = fakes.pod().contacts(customer, deadline()).await;
    known.expect("looked up")
}

async fn contacts(fakes: &Fakes, customer: &CustomerId) -> Vec<Contact> {
    let known = known(fakes, customer).await.into_iter();
    known.map(|known| known.contact).collect()
}

async fn name(fakes: &Fakes, customer: &CustomerId, contact: &Contact) -> String {
    let known = known(fakes, customer).await.into_iter();
    let mut named = known.filter(|known| known.contact == *contact);
    named.next().expect("it is known").name
}

/// Enrols a contact from beginning to end, approved by another one.
async fn enrolled(fakes: &Fakes, customer: &CustomerId, contact: &Contact, approver: &Contact) {
    let enrolment = enrol(fakes, customer, contact).await.expect("sent");
    let approval = enrolment.approval.map(|_| code_to(fakes, approver));
    let code = code_to(fakes, contact);
    let proved = prove(fakes, customer, contact, &code, approval.as_ref()).await;
    proved.expect("proved");
}

fn is_wrong(outcome: &Result<(), ProveContactError>, left: u32) {
    assert!(
        matches!(outcome, Err(ProveContactError::WrongCode { attempts_left }) if *attempts_left == left),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_first_contact_is_proved_by_its_own_code() {
    let fakes = Fakes::new();

    let enrolment = enrol(&fakes, &zoe(), &zoe_phone()).await.expect("sent");

    assert_eq!(enrolment.approval, None);
    assert_eq!(enrolment.proof.challenge.sent_to, zoe_phone().masked());
    assert_eq!(contacts(&fakes, &zoe()).await, []);
    assert_eq!(pending(&fakes, &zoe_phone()).await, Some((enrolment, 3)));
    let code = code_to(&fakes, &zoe_phone());
    let proved = prove(&fakes, &zoe(), &zoe_phone(), &code, None).await;
    proved.expect("proved");
    assert_eq!(contacts(&fakes, &zoe()).await, [zoe_phone()]);
    assert_eq!(pending(&fakes, &zoe_phone()).await, None);
    let sent = place(&fakes, &zoe()).await.expect("it can be ordered");
    assert_eq!(sent.challenge.sent_to, zoe_phone().masked());
}

#[tokio::test]
async fn the_message_says_what_the_code_is_for() {
    let fakes = Fakes::with_zoe();

    enrol(&fakes, &zoe(), &zoe_email()).await.expect("sent");

    let deliveries = fakes.courier.deliveries();
    let to: Vec<_> = deliveries.iter().map(|sent| sent.contact.clone()).collect();
    assert_eq!(to, [zoe_phone(), zoe_email()], "approval first");
    for sent in deliveries {
        assert_eq!(sent.item.kind(), Enrolment::KIND);
        assert_eq!(sent.item.summary(), "sending codes to z…@…example");
        assert_eq!(sent.item.amount(), None);
        assert_eq!(sent.language, language());
        assert_eq!(sent.lifetime, 5 * MINUTE);
        assert!(!sent.item.details().contains("münchen"));
    }
}

/// Somebody who has got into an account has a telephone, and wants codes.
#[tokio::test]
async fn a_contact_is_enrolled_by_whoever_has_one_known_before_only() {
    let fakes = Fakes::with_zoe();
    let thiefs = bjorn_phone();
    enrol(&fakes, &zoe(), &thiefs).await.expect("sent");
    let (proof, approval) = (code_to(&fakes, &thiefs), code_to(&fakes, &zoe_phone()));

    let unapproved = prove(&fakes, &zoe(), &thiefs, &proof, None).await;
    assert!(
        matches!(unapproved, Err(ProveContactError::NotApproved)),
        "{unapproved:?}"
    );
    for (n, left) in [(0, 2), (1, 1)] {
        let guessed = wrong_code(&approval, n);
        let outcome = prove(&fakes, &zoe(), &thiefs, &proof, Some(&guessed)).await;
        is_wrong(&outcome, left);
    }
    let guessed = wrong_code(&approval, 7);
    let last = prove(&fakes, &zoe(), &thiefs, &proof, Some(&guessed)).await;
    assert!(matches!(last, Err(ProveContactError::Refused)), "{last:?}");
    let right = prove(&fakes, &zoe(), &thiefs, &proof, Some(&approval)).await;
    assert!(
        matches!(right, Err(ProveContactError::Refused)),
        "{right:?}"
    );
    assert_eq!(pending(&fakes, &thiefs).await, None);

    assert_eq!(contacts(&fakes, &zoe()).await, [zoe_phone()]);
}

#[tokio::test]
async fn both_codes_enrol_a_contact_behind_the_others() {
    let fakes = Fakes::with_zoe();
    enrol(&fakes, &zoe(), &zoe_email()).await.expect("sent");
    let (proof, approval) = (code_to(&fakes, &zoe_email()), code_to(&fakes, &zoe_phone()));
    let wrong = wrong_code(&proof, 3);

    is_wrong(
        &prove(&fakes, &zoe(), &zoe_email(), &wrong, Some(&approval)).await,
        2,
    );
    is_wrong(
        &prove(&fakes, &zoe(), &zoe_email(), &approval, Some(&proof)).await,
        1,
    );
    let proved = prove(&fakes, &zoe(), &zoe_email(), &proof, Some(&approval)).await;
    proved.expect("proved");

    assert_eq!(contacts(&fakes, &zoe()).await, [zoe_phone(), zoe_email()]);
    let again = prove(&fakes, &zoe(), &zoe_email(), &proof, Some(&approval)).await;
    assert!(
        matches!(again, Err(ProveContactError::NotPending)),
        "{again:?}"
    );
}

#[tokio::test]
async fn a_code_for_a_contact_confirms_no_order_and_an_orders_code_no_contact() {
    let fakes = Fakes::with_zoe();
    let (_, for_order) = order_and_code(&fakes, &zoe()).await;
    enrol(&fakes, &zoe(), &zoe_email()).await.expect("sent");
    let (proof, approval) = (code_to(&fakes, &zoe_email()), code_to(&fakes, &zoe_phone()));

    for code in [&proof, &approval] {
        let error = say(&fakes, &zoe(), code).await;
        assert!(
            matches!(error, Err(ConfirmOrderError::WrongCode { .. })),
            "{error:?}"
        );
    }
    is_wrong(
        &prove(&fakes, &zoe(), &zoe_email(), &for_order, Some(&approval)).await,
        2,
    );
    is_wrong(
        &prove(&fakes, &zoe(), &zoe_email(), &proof, Some(&for_order)).await,
        1,
    );

    say(&fakes, &zoe(), &for_order).await.expect("confirmed");
    let proved = prove(&fakes, &zoe(), &zoe_email(), &proof, Some(&approval)).await;
    proved.expect("proved");
}

#[tokio::test]
async fn codes_prove_the_contact_they_were_sent_for_only() {
    let fakes = Fakes::new();
    enrol(&fakes, &zoe(), &zoe_phone()).await.expect("sent");
    let first = code_to(&fakes, &zoe_phone());

    // Another contact than the one that is being enrolled.
    let other = prove(&fakes, &zoe(), &bjorn_phone(), &first, None).await;
    assert!(
        matches!(other, Err(ProveContactError::NotPending)),
        "{other:?}"
    );
    // Another customer who enrols the same one.
    enrol(&fakes, &bjorn(), &zoe_phone()).await.expect("sent");
    is_wrong(
        &prove(&fakes, &bjorn(), &zoe_phone(), &first, None).await,
        2,
    );
    // The same one, begun anew.
    enrol(&fakes, &zoe(), &zoe_phone()).await.expect("sent");
    is_wrong(&prove(&fakes, &zoe(), &zoe_phone(), &first, None).await, 2);

    let second = code_to(&fakes, &zoe_phone());
    let proved = prove(&fakes, &zoe(), &zoe_phone(), &second, None).await;
    proved.expect("proved");
    assert_eq!(contacts(&fakes, &bjorn()).await, []);
}

#[tokio::test]
async fn codes_that_come_too_late_prove_nothing() {
    let fakes = Fakes::new();
    enrol(&fakes, &zoe(), &zoe_phone()).await.expect("sent");
    let code = code_to(&fakes, &zoe_phone());

    fakes.clock.advance(5 * MINUTE);

    let late = prove(&fakes, &zoe(), &zoe_phone(), &code, None).await;
    assert!(
        matches!(late, Err(ProveContactError::NotPending)),
        "{late:?}"
    );
    assert_eq!(pending(&fakes, &zoe_phone()).await, None);
    assert_eq!(contacts(&fakes, &zoe()).await, []);
}

#[tokio::test]
async fn guesses_at_contacts_and_at_orders_lock_together() {
    let fakes = Fakes::with_zoe();
    guess_wrong(&fakes, &zoe(), 9).await;
    enrol(&fakes, &zoe(), &zoe_email()).await.expect("sent");
    let (proof, approval) = (code_to(&fakes, &zoe_email()), code_to(&fakes, &zoe_phone()));

    let wrong = wrong_code(&proof, 0);
    let tenth = prove(&fakes, &zoe(), &zoe_email(), &wrong, Some(&approval)).await;
    assert!(
        matches!(tenth, Err(ProveContactError::Locked { .. })),
        "{tenth:?}"
    );
    let right = prove(&fakes, &zoe(), &zoe_email(), &proof, Some(&approval)).await;
    assert!(
        matches!(right, Err(ProveContactError::Locked { .. })),
        "{right:?}"
    );
    let (_, code) = order_and_code(&fakes, &zoe()).await;
    let error = say(&fakes, &zoe(), &code).await;
    assert!(
        matches!(error, Err(ConfirmOrderError::Locked { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_challenger_that_accepts_another_order_is_broken() {
    let fakes = Fakes::new();
    enrol(&fakes, &zoe(), &zoe_phone()).await.expect("sent");
    fakes.customers.know(&bjorn(), vec![bjorn_phone()]);
    let (other, _) = order_and_code(&fakes, &bjorn()).await;
    let mut challenger = MockChallenger::new();
    challenger.expect_check().returning(move |_, _, _| {
        let order = other.clone();
        let challenge = pod_testkit::fixtures::challenge(&order);
        let attempt = pod_core::Attempt::counted(order, challenge, 2, pod_testkit::fixtures::at(0));
        Ok(pod_core::CodeAccepted::assertion(&attempt))
    });
    let pod = fakes.pod_on(Ports {
        enrolment_challenger: Some(Arc::new(challenger)),
        ..fakes.ports()
    });

    let command = ProveContact {
        customer: zoe(),
        contact: zoe_phone(),
        code: last_code(&fakes),
        approval: None,
        deadline: deadline(),
    };
    let error = pod.prove_contact(command).await.unwrap_err();

    assert!(
        matches!(&error, ProveContactError::Fault(fault) if !fault.is_temporary()),
        "{error:?}"
    );
    assert_eq!(contacts(&fakes, &zoe()).await, []);
}

/// Whatever call is lost, or the process ends at: a contact is enrolled by the
/// right codes or not at all, and trying again enrols it.
#[tokio::test]
async fn whatever_an_outage_strikes_a_contact_is_proved_or_it_is_not() {
    for outage in every_outage() {
        let fakes = Fakes::with_zoe();
        let pod = fakes.pod_on(outage.ports(fakes.ports()));
        let use_case = async {
            pod.enrol_contact(enrol_command(&zoe(), &zoe_email()))
                .await
                .ok()?;
            let command = ProveContact {
                customer: zoe(),
                contact: zoe_email(),
                code: code_to(&fakes, &zoe_email()),
                approval: Some(code_to(&fakes, &zoe_phone())),
                deadline: deadline(),
            };
            pod.prove_contact(command).await.ok()
        };

        let proved = outage.survive(use_case).await.flatten();

        let after = contacts(&fakes, &zoe()).await;
        if proved.is_some() {
            assert_eq!(after, [zoe_phone(), zoe_email()], "{outage:?}");
        }
        if after.len() == 1 {
            fakes.clock.advance(HOUR);
            enrolled(&fakes, &zoe(), &zoe_email(), &zoe_phone()).await;
        }
        assert_eq!(contacts(&fakes, &zoe()).await.len(), 2, "{outage:?}");
    }
}
