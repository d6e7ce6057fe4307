//! Contacts that pod keeps alone, as a whole pod keeps them.

use std::time::{Duration, Instant};

use pod_core::{Contact, CustomerId, Deadline, EmailAddress, PhoneNumber};
use pod_testkit::Fakes;

use super::*;

/// Without any contact, the next one would need no approval.
#[tokio::test(flavor = "multi_thread")]
async fn of_contacts_that_are_removed_at_once_one_stays() {
    let directory = tempfile::tempdir().unwrap();
    let settings = config(&directory);
    let house = open(directory, settings, nothing_outside()).await;
    let assembled = house.running.assembled();
    let ada = CustomerId::parse("auth0|ada").unwrap();
    let both = [
        Contact::Phone(PhoneNumber::parse("+14155550142").unwrap()),
        Contact::Email(EmailAddress::parse("ada@example.com").unwrap()),
    ];
    let deadline = || Deadline::at(Instant::now() + Duration::from_secs(10));

    for _ in 0..50 {
        for contact in &both {
            assembled.store.add_contact(&ada, contact).await.unwrap();
        }
        let known = assembled.pod.contacts(&ada, deadline()).await.unwrap();
        assert_eq!(known.len(), 2);
        assert!(known.iter().all(|known| known.removable));
        let removals = known.into_iter().map(|known| {
            let (pod, ada) = (assembled.pod.clone(), ada.clone());
            tokio::spawn(async move { pod.remove_contact(&ada, &known.name, deadline()).await })
        });
        let removals: Vec<_> = removals.collect();
        let mut removed = 0;
        for removal in removals {
            removed += u32::from(removal.await.unwrap().is_ok());
        }

        assert_eq!(removed, 1);
        let left = assembled.pod.contacts(&ada, deadline()).await.unwrap();
        assert_eq!(left.len(), 1);
        assert!(!left[0].removable);
    }
    house.running.stop().await;
}

/// The tenant's client that looks customers up, and has codes sent.
const BACK_END: [(&str, &str); 2] = [("APP_CLIENT_ID", "backend"), ("APP_CLIENT_SECRET", "hush")];

/// A code that is not pod's own does not say what it is for.
#[tokio::test]
async fn contacts_are_enrolled_where_somebody_carries_codes_of_pods_own() {
    let texts = [
        ("TWILIO_ACCOUNT_SID", "AC0123456789abcdef0123456789abcdef"),
        ("TWILIO_AUTH_TOKEN", "hush-token"),
        ("TWILIO_FROM", "+15005550006"),
        ("POD_PUBLIC_URL", "https://pod.example.com"),
    ];
    let by_auth0 = [("POD_CHALLENGER", "auth0"), BACK_END[0], BACK_END[1]];
    let given = || Outside {
        couriers: Suppliers::Given(Fakes::new().courier),
        ..nothing_outside()
    };

    for (more, outside, enrols) in [
        (&[][..], nothing_outside(), false),
        (&texts, nothing_outside(), true),
        (&by_auth0, nothing_outside(), false),
        (&[], given(), true),
        (&by_auth0, given(), false),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let assembled = assemble(&config_with(&directory, more), outside).await;
        assert_eq!(assembled.unwrap().pod.enrols(), enrols, "{more:?}");
    }
}

/// Contacts that cannot be looked up are not taken for none: the next one would
/// need no approval.
#[tokio::test]
async fn a_tenant_that_is_away_has_not_said_that_a_customer_has_no_contacts() {
    let ada = CustomerId::parse("auth0|ada").unwrap();

    for (more, is_asked) in [(&[][..], false), (&BACK_END, true)] {
        let directory = tempfile::tempdir().unwrap();
        let settings = config_with(&directory, more);
        let assembled = assemble(&settings, nothing_outside()).await.unwrap();
        let deadline = Deadline::at(Instant::now() + Duration::from_secs(10));

        let known = assembled.pod.contacts(&ada, deadline).await;

        assert_eq!(known.is_err(), is_asked, "{known:?}");
    }
}
