//! Which contact gets codes, and removing one.

use super::*;

#[tokio::test]
async fn codes_go_to_the_preferred_contact_first() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    enrolled(&fakes, &zoe(), &bjorn_phone(), &zoe_phone()).await;

    for preferred in [bjorn_phone(), zoe_email()] {
        fakes.clock.advance(HOUR);
        let named = name(&fakes, &zoe(), &preferred).await;
        let pod = fakes.pod();
        let prefer = pod.prefer_contact(&zoe(), &named, deadline()).await;
        prefer.expect("kept");

        let sent = place(&fakes, &zoe()).await.expect("sent");
        assert_eq!(sent.challenge.sent_to, preferred.masked());
        assert_eq!(contacts(&fakes, &zoe()).await[0], preferred);
    }
    // The others keep their order, and a code sent again goes where it went.
    assert_eq!(
        contacts(&fakes, &zoe()).await,
        [zoe_email(), zoe_phone(), bjorn_phone()]
    );
    fakes.clock.advance(MINUTE);
    let sent = resend(&fakes, &zoe()).await.expect("sent again");
    assert_eq!(sent.challenge.sent_to, zoe_email().masked());
    // One that is not hers any more is preferred in vain.
    fakes.customers.know(&zoe(), vec![zoe_phone()]);
    assert_eq!(contacts(&fakes, &zoe()).await, [zoe_phone(), bjorn_phone()]);
}

#[tokio::test]
async fn nobody_prefers_or_removes_what_is_somebody_elses_or_not_permitted() {
    let policy = Policy {
        email_fallback: false,
        ..Policy::default()
    };
    let fakes = zoe_under(policy);
    fakes.customers.know(&zoe(), vec![zoe_phone(), zoe_email()]);
    fakes.customers.know(&bjorn(), vec![bjorn_phone()]);
    let pod = fakes.pod();
    let of_bjorn = name(&fakes, &bjorn(), &bjorn_phone()).await;
    let mail = name(&fakes, &zoe(), &zoe_email()).await;

    for named in [&of_bjorn, &mail, "", "…42"] {
        let error = pod.prefer_contact(&zoe(), named, deadline()).await;
        assert!(
            matches!(error, Err(ChangeContactError::NotKnown)),
            "{named}"
        );
    }
    let error = pod.remove_contact(&zoe(), &of_bjorn, deadline()).await;
    assert!(
        matches!(error, Err(ChangeContactError::NotKnown)),
        "{error:?}"
    );
    assert_eq!(contacts(&fakes, &zoe()).await, [zoe_phone(), zoe_email()]);
}

#[tokio::test]
async fn a_contact_that_was_enrolled_can_be_removed() {
    let fakes = Fakes::with_zoe();
    enrolled(&fakes, &zoe(), &zoe_email(), &zoe_phone()).await;
    let pod = fakes.pod();
    let (phone, mail) = (
        name(&fakes, &zoe(), &zoe_phone()).await,
        name(&fakes, &zoe(), &zoe_email()).await,
    );

    let elsewhere = pod.remove_contact(&zoe(), &phone, deadline()).await;
    assert!(
        matches!(elsewhere, Err(ChangeContactError::NotRemovable)),
        "{elsewhere:?}"
    );
    let removed = pod.remove_contact(&zoe(), &mail, deadline()).await;
    removed.expect("removed");
    assert_eq!(contacts(&fakes, &zoe()).await, [zoe_phone()]);
}

/// Without it, the next contact would need no approval.
#[tokio::test]
async fn the_last_contact_stays() {
    let fakes = Fakes::new();
    enrolled(&fakes, &zoe(), &zoe_phone(), &zoe_phone()).await;
    enrolled(&fakes, &zoe(), &zoe_email(), &zoe_phone()).await;
    let removable = |known: &KnownContact| known.removable;
    assert!(known(&fakes, &zoe()).await.iter().all(removable));
    let pod = fakes.pod();

    let phone = name(&fakes, &zoe(), &zoe_phone()).await;
    let removed = pod.remove_contact(&zoe(), &phone, deadline()).await;
    removed.expect("removed");

    assert!(!known(&fakes, &zoe()).await.iter().any(removable));
    let mail = name(&fakes, &zoe(), &zoe_email()).await;
    let last = pod.remove_contact(&zoe(), &mail, deadline()).await;
    assert!(
        matches!(last, Err(ChangeContactError::NotRemovable)),
        "{last:?}"
    );
    let enrolment = enrol(&fakes, &zoe(), &bjorn_phone()).await.expect("sent");
    assert!(enrolment.approval.is_some());
}

#[tokio::test]
async fn contacts_that_cannot_be_looked_up_send_no_code() {
    let fakes = Fakes::with_zoe();
    let mut book = MockContactBook::new();
    book.expect_entries().returning(|_| Err(outage()));
    let pod = fakes.pod_on(Ports {
        contact_book: Arc::new(book),
        ..fakes.ports()
    });

    let placed = pod
        .place_order(pod_testkit::fixtures::place_order(&zoe()))
        .await;
    let enrolled = pod.enrol_contact(enrol_command(&zoe(), &zoe_email())).await;

    assert!(placed.is_err() && enrolled.is_err());
    assert_eq!(fakes.courier.deliveries().len(), 0);
}

#[tokio::test]
async fn a_forgotten_customer_has_no_contacts_left_to_approve() {
    let fakes = Fakes::new();
    enrolled(&fakes, &zoe(), &zoe_phone(), &zoe_phone()).await;
    enrol(&fakes, &zoe(), &zoe_email()).await.expect("sent");

    fakes
        .pod()
        .forget_customer(&zoe())
        .await
        .expect("forgotten");

    assert_eq!(contacts(&fakes, &zoe()).await, []);
    assert_eq!(pending(&fakes, &zoe_email()).await, None);
}

/// Somebody who has got into an account begins while it has no contact.
#[tokio::test]
async fn what_was_begun_without_a_contact_is_over_once_there_is_one() {
    for kept in [false, true] {
        let fakes = Fakes::new();
        enrol(&fakes, &zoe(), &bjorn_phone()).await.expect("sent");
        let thiefs = code_to(&fakes, &bjorn_phone());
        if kept {
            let begun = fakes.contact_book.clone();
            let other = Fakes {
                contact_book: begun,
                ..Fakes::new()
            };
            enrolled(&other, &zoe(), &zoe_phone(), &zoe_phone()).await;
        } else {
            fakes.customers.know(&zoe(), vec![zoe_phone()]);
        }

        let outcome = prove(&fakes, &zoe(), &bjorn_phone(), &thiefs, None).await;

        assert!(
            matches!(outcome, Err(ProveContactError::NotPending)),
            "{outcome:?}"
        );
        assert_eq!(contacts(&fakes, &zoe()).await, [zoe_phone()]);
    }
}

#[tokio::test]
async fn what_cannot_be_removed_does_not_say_so() {
    let policy = Policy {
        email_fallback: false,
        ..Policy::default()
    };
    let fakes = Fakes {
        policy,
        ..Fakes::new()
    };
    let lax = Fakes {
        policy: Policy::default(),
        ..fakes.clone()
    };
    enrolled(&lax, &zoe(), &zoe_email(), &zoe_email()).await;

    // The only one, although no code may be sent there any more.
    assert!(!known(&fakes, &zoe()).await[0].removable);
    let mail = name(&fakes, &zoe(), &zoe_email()).await;
    let pod = fakes.pod();
    let stays = pod.remove_contact(&zoe(), &mail, deadline()).await;
    assert!(
        matches!(stays, Err(ChangeContactError::NotRemovable)),
        "{stays:?}"
    );
    // One that the directory has as well would be there afterwards.
    fakes.customers.know(&zoe(), vec![zoe_phone(), zoe_email()]);
    assert!(!known(&fakes, &zoe()).await[1].removable);
    assert_eq!(contacts(&fakes, &zoe()).await, [zoe_phone(), zoe_email()]);
    let stays = pod.remove_contact(&zoe(), &mail, deadline()).await;
    assert!(
        matches!(stays, Err(ChangeContactError::NotRemovable)),
        "{stays:?}"
    );
    // Where another one gets codes, it goes.
    fakes.customers.know(&zoe(), vec![zoe_phone()]);
    let removed = pod.remove_contact(&zoe(), &mail, deadline()).await;
    removed.expect("removed");
    assert_eq!(contacts(&fakes, &zoe()).await, [zoe_phone()]);
}
