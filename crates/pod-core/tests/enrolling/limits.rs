//! Who may approve a contact, and how many there may be.

use super::*;

#[tokio::test]
async fn where_nobody_can_approve_nothing_is_sent_to_the_new_contact() {
    let fakes = Fakes::with_zoe();
    fakes.courier.lose(&zoe_phone());

    let error = enrol(&fakes, &zoe(), &zoe_email()).await.unwrap_err();

    assert!(
        matches!(error, EnrolContactError::NotApprovable),
        "{error:?}"
    );
    assert_eq!(fakes.courier.codes_to(&zoe_email()).len(), 0);
    assert_eq!(pending(&fakes, &zoe_email()).await, None);
}

#[tokio::test]
async fn the_next_contact_approves_where_the_first_cannot_be_reached() {
    let fakes = zoe_with(vec![zoe_phone(), zoe_email()]);
    fakes.courier.lose(&zoe_phone());

    enrolled(&fakes, &zoe(), &bjorn_phone(), &zoe_email()).await;

    assert_eq!(
        contacts(&fakes, &zoe()).await,
        [zoe_phone(), zoe_email(), bjorn_phone()]
    );
}

#[tokio::test]
async fn a_contact_that_no_code_may_be_sent_to_does_not_get_around_approval() {
    let policy = Policy {
        email_fallback: false,
        ..Policy::default()
    };
    let fakes = zoe_under(policy);
    fakes.customers.know(&zoe(), vec![zoe_email()]);

    let error = enrol(&fakes, &zoe(), &bjorn_phone()).await.unwrap_err();

    assert!(
        matches!(error, EnrolContactError::NotApprovable),
        "{error:?}"
    );
    assert_eq!(fakes.courier.deliveries().len(), 0);
}

#[tokio::test]
async fn what_cannot_be_enrolled_costs_nothing() {
    let policy = Policy {
        sms_countries: Some(vec![Country::parse("US").expect("a country")]),
        ..Policy::default()
    };
    let fakes = zoe_under(policy);
    let mut pods = Vec::new();
    pods.push((fakes.pod(), zoe_phone(), "the contact is known already"));
    let abroad = "no code may be sent to the contact";
    pods.push((fakes.pod(), bjorn_phone(), abroad));
    let elsewhere = Ports {
        enrolment_challenger: None,
        ..fakes.ports()
    };
    let not_here = "contacts are enrolled elsewhere";
    pods.push((fakes.pod_on(elsewhere), zoe_email(), not_here));

    for (pod, contact, why) in pods {
        for _ in 0..20 {
            let command = enrol_command(&zoe(), &contact);
            let error = pod.enrol_contact(command).await.unwrap_err();
            assert_eq!(error.to_string(), why);
        }
    }
    for _ in 0..20 {
        let command = EnrolContact {
            summary: "two\nlines".to_owned(),
            ..enrol_command(&zoe(), &zoe_email())
        };
        let error = fakes.pod().enrol_contact(command).await.unwrap_err();
        assert!(matches!(error, EnrolContactError::Summary(_)), "{error:?}");
    }

    assert_eq!(fakes.courier.deliveries().len(), 0);
    enrolled(&fakes, &zoe(), &zoe_email(), &zoe_phone()).await;
}

#[tokio::test]
async fn a_customer_has_no_more_contacts_than_may_be() {
    let many = |n| email(&format!("zoe{n}@example.com"));
    let fakes = zoe_with((0..8).map(many).collect());

    let error = enrol(&fakes, &zoe(), &zoe_phone()).await.unwrap_err();

    assert!(matches!(error, EnrolContactError::TooMany), "{error:?}");
}

/// Whoever is signed in could have texts sent to the whole world.
#[tokio::test]
async fn nobody_enrols_more_often_than_the_quotas_allow() {
    let fakes = Fakes::with_zoe();
    let abroad = |n: u32| phone(&format!("+467017406{n:02}"));

    for n in 0..4 {
        enrol(&fakes, &zoe(), &abroad(n)).await.expect("sent");
    }
    let error = enrol(&fakes, &zoe(), &abroad(4)).await.unwrap_err();

    assert!(
        matches!(error, EnrolContactError::TooManySends { .. }),
        "{error:?}"
    );
    assert_eq!(fakes.courier.codes_to(&abroad(4)).len(), 0);
    for n in 5..9 {
        fakes.clock.advance(HOUR);
        enrol(&fakes, &zoe(), &abroad(n)).await.expect("sent");
    }
    fakes.clock.advance(HOUR);
    let error = enrol(&fakes, &zoe(), &abroad(9)).await.unwrap_err();
    assert!(
        matches!(error, EnrolContactError::TooManySends { .. }),
        "{error:?}"
    );
    fakes.clock.advance(DAY);
    enrol(&fakes, &zoe(), &abroad(9)).await.expect("sent");
}

/// Whoever is signed in could name somebody else's telephone.
#[tokio::test]
async fn nobody_keeps_a_customer_from_ordering_by_enrolling_the_customers_telephone() {
    let fakes = Fakes::with_zoe();
    for n in 0..5 {
        let customer = customer(&format!("auth0|{n}"));
        let outcome = enrol(&fakes, &customer, &zoe_phone()).await;
        let too_many = matches!(outcome, Err(EnrolContactError::TooManySends { .. }));
        assert_eq!(too_many, n >= 3, "{outcome:?}");
    }

    for _ in 0..5 {
        place(&fakes, &zoe()).await.expect("she orders");
    }
}

/// Accounts without contacts are to be had for nothing.
#[tokio::test]
async fn nobody_pauses_a_country_by_enrolling_its_telephones() {
    let policy = Policy {
        enrolments_per_country: vec![Window::new(60, HOUR)],
        ..Policy::default()
    };
    let fakes = zoe_under(policy);
    let mut refused = 0;
    for n in 0..80 {
        let customer = customer(&format!("auth0|{n}"));
        let contact = phone(&format!("+141555502{n:02}"));
        if enrol(&fakes, &customer, &contact).await.is_err() {
            refused += 1;
        }
    }

    assert_eq!(refused, 20);
    place(&fakes, &zoe()).await.expect("she orders");
    fakes.clock.advance(HOUR);
    let contact = phone("+14155550300");
    enrol(&fakes, &bjorn(), &contact).await.expect("sent");
}
