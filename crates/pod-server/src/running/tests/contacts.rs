//! Contacts that pod keeps alone, as a whole pod keeps them.

use std::time::{Duration, Instant};

use pod_core::{Contact, CustomerId, Deadline, EmailAddress, PhoneNumber};

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
