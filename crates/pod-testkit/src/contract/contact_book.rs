//! What [`ContactBook`](pod_core::ports::ContactBook) promises.

use pod_core::ports::{ContactChange, ContactEntries};
use pod_core::{Contact, CustomerId};

use super::at_once;
use super::enrolments::{Enrolling, enrol, enrolment};
use crate::fixtures::{at, bjorn, bjorn_phone, email, unusual_texts, zoe, zoe_email, zoe_phone};

/// Stamps one test for each promise of
/// [`ContactBook`](pod_core::ports::ContactBook), on the [`Enrolling`] that an
/// expression makes.
#[macro_export]
macro_rules! contact_book_contract {
    ($enrolling:expr) => {
        $crate::__stamp!(
            contact_book,
            $enrolling,
            [
                of_an_unknown_customer_nothing_is_kept,
                proved_contacts_come_oldest_first,
                the_latest_preference_holds,
                a_contact_that_is_removed_is_gone_with_its_preference,
                the_last_contact_stays_unless_it_may_go,
                of_64_contacts_removed_at_once_one_stays,
                a_forgotten_customer_has_nothing_left_and_others_everything,
            ]
        );
    };
}

async fn entries(enrolling: &Enrolling, customer: &CustomerId) -> ContactEntries {
    let entries = enrolling.book.entries(customer).await;
    entries.expect("looked up")
}

/// Keeps a decision, and tells whether that made a difference.
async fn change(enrolling: &Enrolling, customer: &CustomerId, change: ContactChange) -> bool {
    let kept = enrolling.book.change(customer, &change).await;
    kept.expect("kept")
}

fn remove(contact: Contact, even_last: bool) -> ContactChange {
    ContactChange::Remove { contact, even_last }
}

/// A customer who is unknown has neither contacts nor a preference.
pub async fn of_an_unknown_customer_nothing_is_kept(enrolling: Enrolling) {
    enrol(&enrolling, &zoe(), &zoe_phone()).await;

    assert_eq!(
        entries(&enrolling, &bjorn()).await,
        ContactEntries::default()
    );
}

/// Contacts come back whole, in the order in which they were proved, each
/// once, to their own customers.
pub async fn proved_contacts_come_oldest_first(enrolling: Enrolling) {
    let customers: Vec<_> = unusual_texts()
        .into_iter()
        .filter_map(|text| CustomerId::parse(&text).ok())
        .collect();
    for customer in &customers {
        for contact in [zoe_phone(), zoe_email(), zoe_phone()] {
            enrol(&enrolling, customer, &contact).await;
        }
    }

    for customer in &customers {
        let kept = entries(&enrolling, customer).await.kept;
        assert_eq!(kept, [zoe_phone(), zoe_email()], "{customer:?}");
    }
}

/// Of any number of preferences, the latest holds, and for a contact that is
/// not kept here as well.
pub async fn the_latest_preference_holds(enrolling: Enrolling) {
    enrol(&enrolling, &zoe(), &zoe_phone()).await;
    for preferred in [zoe_phone(), bjorn_phone(), zoe_email()] {
        for is_other in [true, false] {
            let prefer = ContactChange::Prefer(preferred.clone());
            assert_eq!(change(&enrolling, &zoe(), prefer).await, is_other);
        }

        let entries = entries(&enrolling, &zoe()).await;
        assert_eq!(entries.preferred, Some(preferred));
        assert_eq!(entries.kept, [zoe_phone()]);
    }
    assert_eq!(entries(&enrolling, &bjorn()).await.preferred, None);
}

/// A contact that is removed takes a preference for it along, and no other
/// one; one that is not there changes nothing.
pub async fn a_contact_that_is_removed_is_gone_with_its_preference(enrolling: Enrolling) {
    for customer in [zoe(), bjorn()] {
        for contact in [zoe_phone(), zoe_email()] {
            enrol(&enrolling, &customer, &contact).await;
        }
        let prefer = ContactChange::Prefer(zoe_email());
        change(&enrolling, &customer, prefer).await;
    }

    for (contact, is_there) in [(bjorn_phone(), false), (zoe_phone(), true)] {
        let removed = change(&enrolling, &zoe(), remove(contact, false)).await;
        assert_eq!(removed, is_there);
    }
    let of_zoe = entries(&enrolling, &zoe()).await;
    assert_eq!(of_zoe.kept, [zoe_email()]);
    assert_eq!(of_zoe.preferred, Some(zoe_email()));

    enrol(&enrolling, &zoe(), &zoe_phone()).await;
    change(&enrolling, &zoe(), remove(zoe_email(), false)).await;
    let of_zoe = entries(&enrolling, &zoe()).await;
    assert_eq!(of_zoe.kept, [zoe_phone()]);
    assert_eq!(of_zoe.preferred, None);

    // One that is known elsewhere is still preferred.
    let elsewhere = ContactChange::Prefer(bjorn_phone());
    assert!(change(&enrolling, &zoe(), elsewhere).await);
    assert!(!change(&enrolling, &zoe(), remove(bjorn_phone(), true)).await);
    let of_zoe = entries(&enrolling, &zoe()).await;
    assert_eq!(of_zoe.preferred, Some(bjorn_phone()));

    let of_bjorn = entries(&enrolling, &bjorn()).await;
    assert_eq!(of_bjorn.kept, [zoe_phone(), zoe_email()]);
    assert_eq!(of_bjorn.preferred, Some(zoe_email()));
}

/// The last contact stays with its preference, unless it may be the last,
/// whatever others have.
pub async fn the_last_contact_stays_unless_it_may_go(enrolling: Enrolling) {
    enrol(&enrolling, &bjorn(), &bjorn_phone()).await;
    enrol(&enrolling, &zoe(), &zoe_phone()).await;
    change(&enrolling, &zoe(), ContactChange::Prefer(zoe_phone())).await;

    assert!(!change(&enrolling, &zoe(), remove(zoe_phone(), false)).await);
    let stayed = entries(&enrolling, &zoe()).await;
    assert_eq!(stayed.kept, [zoe_phone()]);
    assert_eq!(stayed.preferred, Some(zoe_phone()));

    assert!(change(&enrolling, &zoe(), remove(zoe_phone(), true)).await);
    assert_eq!(entries(&enrolling, &zoe()).await, ContactEntries::default());
}

/// Of any number of contacts that are removed at the same time, one stays:
/// otherwise whoever has got into an account could remove them all, and enrol
/// a contact that nobody has to approve.
pub async fn of_64_contacts_removed_at_once_one_stays(enrolling: Enrolling) {
    let contacts: Vec<_> = (0..64)
        .map(|n| email(&format!("zoe{n}@example.com")))
        .collect();
    for contact in &contacts {
        enrol(&enrolling, &zoe(), contact).await;
    }

    let removed = at_once(64, |n| {
        let (book, remove) = (enrolling.book.clone(), remove(contacts[n].clone(), false));
        async move { book.change(&zoe(), &remove).await.expect("kept") }
    })
    .await;

    assert_eq!(removed.iter().filter(|removed| **removed).count(), 63);
    assert_eq!(entries(&enrolling, &zoe()).await.kept.len(), 1);
}

/// Of a customer who is forgotten neither contact, preference nor enrolment is
/// left, of others everything is.
pub async fn a_forgotten_customer_has_nothing_left_and_others_everything(enrolling: Enrolling) {
    for customer in [zoe(), bjorn()] {
        enrol(&enrolling, &customer, &zoe_phone()).await;
        let prefer = ContactChange::Prefer(zoe_phone());
        change(&enrolling, &customer, prefer).await;
        let pending = enrolment(&customer, &zoe_email(), true);
        enrolling.enrolments.keep(&pending).await.expect("kept");
    }

    for _ in 0..2 {
        let forgotten = enrolling.book.forget(&zoe()).await;
        forgotten.expect("forgotten");
        assert_eq!(entries(&enrolling, &zoe()).await, ContactEntries::default());
        let pending = enrolling.enrolments.find(&zoe(), at(1)).await;
        assert_eq!(pending.expect("looked up"), None);
    }
    let of_bjorn = entries(&enrolling, &bjorn()).await;
    assert_eq!(of_bjorn.kept, [zoe_phone()]);
    assert_eq!(of_bjorn.preferred, Some(zoe_phone()));
    let pending = enrolling.enrolments.find(&bjorn(), at(1)).await;
    assert!(pending.expect("looked up").is_some());
}
